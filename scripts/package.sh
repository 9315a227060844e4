#!/bin/bash
# Builds a package.
#
#   scripts/package.sh deb|rpm [PROFILE [FILE]]
#
# PROFILE is Cargo's, `dist` unless it is named; FILE is where the package goes, else where
# cargo-deb or cargo-generate-rpm puts it (below target). Their settings are in Cargo.toml.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
kind=${1:-} profile=${2:-dist} file=${3:-}
target=${CARGO_TARGET_DIR:-target}
built=$target/$([ "$profile" = dev ] && echo debug || echo "$profile")

case $kind in
deb) tool=cargo-deb ;;
rpm) tool=cargo-generate-rpm ;;
*) sed -n 's/^# \{0,1\}//; 2,7p' "$0" >&2; exit 64 ;;
esac
command -v $tool >/dev/null || { echo "$tool is missing: cargo install --locked $tool" >&2; exit 69; }

cargo build --locked --profile "$profile"
rm -rf "$built/package"
mkdir -p "$built/package"
for shell in bash zsh fish; do
    "$built/ccwatch" completions $shell >"$built/package/$shell"
done
"$built/ccwatch" man "$built/package/man"
gzip -9n "$built/package/man/"*.1

case $kind in
deb) cargo deb --locked --no-build --profile "$profile" ${file:+--output "$file"} ;;
rpm) cargo generate-rpm --profile "$profile" --target-dir "$target" ${file:+--output "$file"} ;;
esac
