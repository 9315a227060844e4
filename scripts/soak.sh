#!/bin/bash
# The daemon for an hour at a poll a second, with random faults: prints the drift of memory,
# descriptors and write-ahead log, and what was missed or repeated.
#   scripts/soak.sh [SECONDS [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
export CCWATCH_SOAK_POLLS=${1:-3600} CCWATCH_SOAK_MS=1000 CCWATCH_SEED=${2:-$RANDOM}
cargo test --locked -q --test it a_long_run -- --nocapture
