#!/bin/sh
# The figures of the README, measured here and now. Name a file with incidents of the page in
# CCWATCH_CAPTURES to have the expectations judged by them as well.
set -eu
cd "$(dirname "$0")/.."
cargo bench --bench status
cargo bench --bench expectation
