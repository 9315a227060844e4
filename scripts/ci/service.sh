#!/bin/bash
# The service's files, the service on a real user manager, and the packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

if command -v python3 >/dev/null; then
    python3 - launchd/*.plist <<'PYTHON'
import plistlib, sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        agent = plistlib.load(file)
    assert name.endswith("/" + agent["Label"] + ".plist"), name
    print("ok       plistlib reads", name)
PYTHON
else
    echo "SKIPPED: plistlib: python3 is missing"
fi

cargo build --locked
scripts/service-test.sh --install "${CARGO_TARGET_DIR:-target}/debug/ccwatch"
scripts/deb-test.sh release
