#!/bin/bash
# Kills the real daemon at random moments, 300 times or as often as asked for:
#   scripts/ci/kill-test.sh [KILLS [SEED]]
set -euo pipefail
cd "$(dirname "$0")/../.."
CCWATCH_KILLS=${1:-300} CCWATCH_SEED=${2:-$RANDOM} cargo test --locked -q --test it kill_at -- --nocapture
