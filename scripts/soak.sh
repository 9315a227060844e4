#!/bin/bash
# The daemon for an hour at a poll a second, with random faults: prints the drift of memory,
# descriptors and write-ahead log, and what was missed or repeated.
#   scripts/soak.sh [SECONDS [SEED]]
#   scripts/soak.sh pages [SECONDS]   five pages in one daemon, of which one misbehaves in every way, beside
#                                     a daemon with one page: messages, memory, and CPU time for a poll
set -euo pipefail
cd "$(dirname "$0")/.."
export CCWATCH_SOAK_MS=1000
if [ "${1:-}" = pages ]; then
    export CCWATCH_PAGES_SECONDS=${2:-3600}
    exec cargo test --locked -q --test it three_pages_and_two_providers -- --nocapture
fi
export CCWATCH_SOAK_POLLS=${1:-3600} CCWATCH_SEED=${2:-$RANDOM}
cargo test --locked -q --test it a_long_run -- --nocapture
