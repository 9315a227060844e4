#!/bin/bash
# Replays months of the real page and checks what ccwatch tells against what the page showed.
#   scripts/replay-history.sh TIMELINE ARCHIVE [FROM TO]
# TIMELINE: a program that rebuilds the page's past out of ARCHIVE; called as
#   TIMELINE ARCHIVE series FROM TO --every 60   -> a recording for `ccwatch replay`
#   TIMELINE ARCHIVE truth FROM TO               -> component episodes as JSON lines
set -euo pipefail
[ $# -ge 2 ] || { sed -n 2,6p "$0" >&2; exit 64; }
timeline=$1 archive=$2 from=${3:-2025-09-01T00:00:00Z} to=${4:-2026-03-31T23:59:00Z}
cd "$(dirname "$0")/.."
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 "$timeline" "$archive" series "$from" "$to" --every 60 >"$work/recording.jsonl"
python3 "$timeline" "$archive" truth "$from" "$to" >"$work/truth.jsonl"
CCWATCH_RECORDING=$work/recording.jsonl CCWATCH_TRUTH=$work/truth.jsonl \
  cargo test --locked --test it -- --exact history::months_of_the_real_page_are_told_completely_once_and_truly --nocapture
