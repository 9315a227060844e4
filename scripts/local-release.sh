#!/bin/bash
# A release on this machine, of a program that is built: the archive as dist makes it, its checksum,
# and, where `dist` is on the PATH, the installer and Homebrew's formula, which know the checksum.
#   scripts/local-release.sh PROGRAM FOLDER
# PROGRAM is the static binary (scripts/static-build.sh); all of it goes into FOLDER.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
[ -f "${1:-}" ] && [ -n "${2:-}" ] || { sed -n 's/^# \{0,1\}//; 2,5p' "$0" >&2; exit 64; }
target=$(uname -m)-unknown-linux-musl
name=ccwatch-$target
tag=v$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
program=$(readlink -f "$1")
mkdir -p "$2/$name"
into=$(readlink -f "$2")

# What dist puts into an archive: the program, what dist-workspace.toml lists, and what every project has.
include=$(python3 -c 'import re; print(*re.findall("\"(.*?)\"", re.search(r"include = \[(.*?)\]", open("dist-workspace.toml").read(), re.S)[1]))')
# shellcheck disable=SC2086 # one word a file
cp -r README.md CHANGELOG.md LICENSE-* $include "$into/$name"
install -m755 "$program" "$into/$name/ccwatch"
tar -C "$into" -cJf "$into/$name.tar.xz" "$name"
rm -rf "${into:?}/$name"
sum=$(sha256sum <"$into/$name.tar.xz" | cut -d' ' -f1)
echo "$sum *$name.tar.xz" >"$into/$name.tar.xz.sha256"

command -v dist >/dev/null || { echo "SKIPPED: the installer and the formula: dist is missing" >&2; exit 0; }
# In a release dist learns of the archives from the machines that made them, by a file of this kind.
distrib=${CARGO_TARGET_DIR:-target}/distrib
rm -rf "$distrib"
mkdir -p "$distrib"
printf '{"dist_version": "%s", "announcement_tag": "%s", "artifacts": {"%s": {"name": "%s", "kind": "executable-zip", "target_triples": ["%s"], "checksums": {"sha256": "%s"}}}}\n' \
    "$(dist --version | cut -d' ' -f2)" "$tag" "$name.tar.xz" "$name.tar.xz" "$target" "$sum" \
    >"$distrib/$target-dist-manifest.json"
dist build --artifacts=global --tag="$tag" >"$into/dist.log" 2>&1 || { tail -5 "$into/dist.log" >&2; exit 1; }
mv "$distrib/ccwatch-installer.sh" "$distrib/ccwatch.rb" "$into"
grep -q "_checksum_value=\"$sum\"" "$into/ccwatch-installer.sh" || { echo "the installer doesn't know the checksum" >&2; exit 1; }
