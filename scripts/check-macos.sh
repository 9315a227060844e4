#!/bin/bash
# Type-checks and lints the macOS code on Linux: no SDK, no linking, no running.
#   scripts/check-macos.sh [TARGET...]     default: aarch64-apple-darwin
# Needs Debian's rustc-web, cargo-web, rust-web-src and rust-web-clippy: a toolchain with the
# sources of std, which is built for the target as far as type-checking goes.
set -euo pipefail
cd "$(dirname "$0")/.."
minimum=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
version=$(/usr/bin/rustc --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
if [ -z "$version" ] || [ ! -x /usr/bin/cargo-clippy ]; then
  echo "SKIPPED: Debian's rustc-web packages are not installed"; exit 0
fi
if [ "$(printf '%s\n' "$minimum" "$version" | sort -V | head -1)" != "$minimum" ]; then
  echo "SKIPPED: Debian's rustc-web is $version, older than the stated minimum $minimum"; exit 0
fi
work=target/macos; mkdir -p "$work/sdk"; work=$(readlink -f "$work")
# C and Objective-C are not compiled: nothing is linked, so empty objects do.
cat >"$work/cc" <<'X'
#!/bin/sh
out=""; before=""
for word in "$@"; do [ "$before" = "-o" ] && out=$word; before=$word; done
case "$*" in *-E*|*--version*|*-v*) echo "Apple clang version 16.0.0"; echo "__clang__"; exit 0;; esac
[ -z "$out" ] || { mkdir -p "$(dirname "$out")"; : >"$out"; }
X
cat >"$work/ar" <<'X'
#!/bin/sh
for word in "$@"; do case "$word" in *.a) printf '!<arch>\n' >"$word"; exit 0;; esac; done
X
chmod +x "$work/cc" "$work/ar"
export SDKROOT=$work/sdk MACOSX_DEPLOYMENT_TARGET=11.0 RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
export CARGO=/usr/bin/cargo CARGO_TARGET_DIR=$work/target PATH=/usr/bin:/bin
unset RUSTDOCFLAGS RUSTUP_TOOLCHAIN
for target in "${@:-aarch64-apple-darwin}"; do
  name=${target//-/_}
  export "CC_$name=$work/cc" "CXX_$name=$work/cc" "AR_$name=$work/ar"
  /usr/bin/cargo-clippy clippy --locked -Z build-std=std,panic_unwind --target "$target" -- -D warnings
  echo "ok: $target type-checks"
done
