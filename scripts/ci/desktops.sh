#!/bin/bash
# The story of an outage on three real notification servers, read from their screens: GNOME Shell,
# dunst and MATE. Installs them, and what reads the screens, if it may (root, apt); SKIPPED if not.
#   scripts/ci/desktops.sh [SERVER...]
set -euo pipefail
cd "$(dirname "$0")/../.."
names=("${@:-gnome dunst mate}")
read -ra names <<<"${names[*]}"

command -v python3 >/dev/null || { echo "SKIPPED: desktops: python3 is missing"; exit 0; }
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    scripts/desktops/run install "${names[@]}"
else
    echo "nothing is installed: that takes root and apt-get"
fi
cargo build --locked
scripts/desktops/run --quick --jobs "${#names[@]}" \
    --binary "${CARGO_TARGET_DIR:-target}/debug/ccwatch" "${names[@]}"
