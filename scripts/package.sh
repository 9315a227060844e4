#!/bin/bash
# Builds a package.
#
#   scripts/package.sh deb|rpm [PROFILE [FILE]]
#
# PROFILE is Cargo's, `dist` unless it is named, and not `dev`, which cargo-deb doesn't want. FILE is where
# the package goes, else where cargo-deb or cargo-generate-rpm puts it (below target). Their settings are
# in Cargo.toml.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
kind=${1:-} profile=${2:-dist} file=${3:-}
target=${CARGO_TARGET_DIR:-target}
built=$target/$profile

case $kind in
deb) tool=cargo-deb ;;
rpm) tool=cargo-generate-rpm ;;
*) sed -n 's/^# \{0,1\}//; 2,8p' "$0" >&2; exit 64 ;;
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

# The pages lie as they lie in the repository, so that their links lead somewhere.
doc=$built/package/doc
mkdir -p "$doc/docs"
cp README.md CHANGELOG.md SECURITY.md THIRD-PARTY-LICENSES.txt config.example.toml "$doc"
cp docs/*.* "$doc/docs"
mkdir "$doc/systemd" && cp systemd/strict.conf "$doc/systemd"
mkdir "$doc/contrib" && cp -r contrib/{nginx,prometheus,wsl} "$doc/contrib"
cp -r claude-code "$doc"

# A changelog in Debian's form, as packages there have one.
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)
day=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
printf 'ccwatch (%s) unstable; urgency=medium\n\n  * What changed is in CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$maintainer" "$(date -uRd "@$day")" | gzip -9n >"$built/package/changelog.gz"

case $kind in
deb) cargo deb --locked --no-build --profile "$profile" ${file:+--output "$file"} ;;
rpm) cargo generate-rpm --profile "$profile" --target-dir "$target" ${file:+--output "$file"} ;;
esac
