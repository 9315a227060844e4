#!/bin/bash
# A team behind nginx, its metrics and its alert rules, in half a minute; all of it takes four.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --locked
scripts/team-test --quick --install --program "${CARGO_TARGET_DIR:-target}/debug/ccwatch"
