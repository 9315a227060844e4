#!/bin/bash
# The crates as they would be published: packed, unpacked elsewhere, and tested there.
#   scripts/ci/crate.sh [--all]
# All tests are compiled; the quick ones run, with --all every one.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
# A fixed place, so that what was compiled there once is found again.
unpacked=$target/unpacked
quick=(--skip properties:: --skip simulation:: --skip corpus:: --skip nth::)
program=(filters:: forms:: json:: names:: plugin:: screens:: status::)
if [ "${1:-}" = --all ]; then
  quick=() program=()
else
  echo "SKIPPED: from the unpacked crates, what takes minutes (scripts/ci/crate.sh --all); the same tests ran in the repository"
fi

said=$(cargo package --locked --no-verify --allow-dirty --workspace --target-dir "$unpacked" 2>&1) ||
  { printf '%s\n' "$said"; exit 1; }
printf '%s\n' "$said"
# The rules of the house stay with the repository.
if grep '^warning' <<<"$said" | grep -v 'ignoring test .house.'; then
  echo "a warning that whoever publishes would see"; exit 1
fi
rm -rf "$unpacked"/ccwatch*
# Files in a .crate have one time, whatever is in them: without that of now, what was compiled of other ones
# would be taken for theirs.
for crate in "$unpacked"/package/*.crate; do tar -xzmf "$crate" -C "$unpacked"; done

CCWATCH_PAGES=$(echo "$unpacked"/ccwatch-[0-9]*) cargo test --locked -q --test house no_link_is_dead
export CARGO_TARGET_DIR=$target
cd "$unpacked"/ccwatch-core-*
cargo test --offline -q -- "${quick[@]}"
core=$PWD
cd "$unpacked"/ccwatch-[0-9]*
# Until it is published, the core comes from beside it.
published=(--offline -q --config "patch.crates-io.ccwatch-core.path=\"$core\"")
cargo test "${published[@]}" --lib --bins -- "${quick[@]}"
cargo test "${published[@]}" --test it -- "${program[@]}"
