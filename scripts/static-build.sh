#!/bin/bash
# Builds the static Linux binary of this machine's architecture, as releases have it.
#   scripts/static-build.sh [PROFILE]     default: dist; prints where the binary is
# With rustup's musl target where that is installed, else with Debian's rustc-web, which has the
# sources of std to build it from. Needs musl-gcc (Debian's musl-tools).
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-dist}
target=$(uname -m)-unknown-linux-musl
name=${target//-/_}
command -v musl-gcc >/dev/null || { echo "SKIPPED: musl-gcc is missing (Debian: musl-tools)" >&2; exit 0; }
export "CC_$name=musl-gcc"
work=${CARGO_TARGET_DIR:-target}/static
mkdir -p "$work"; work=$(readlink -f "$work")

if rustup target list --installed 2>/dev/null | grep -qx "$target"; then
  cargo build --locked --profile "$profile" --target "$target" --target-dir "$work" >&2
else
  minimum=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  version=$(/usr/bin/rustc --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
  if [ -z "$version" ] || [ "$(printf '%s\n' "$minimum" "$version" | sort -V | head -1)" != "$minimum" ] ||
    [ ! -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]; then
    echo "SKIPPED: no target $target (rustup target add $target), and no sources of std" >&2; exit 0
  fi
  # The unwinder is the C compiler's own, with what it lacks. Cargo doesn't see what is in a library: another
  # one has another place.
  lib=$work/unwinder-$(cksum <scripts/static-unwind.c | cut -d' ' -f1)
  mkdir -p "$lib"
  musl-gcc -O2 -c -o "$lib/find.o" scripts/static-unwind.c
  cp "$(cc -print-file-name=libgcc_eh.a)" "$lib/libunwind.a"
  ar r "$lib/libunwind.a" "$lib/find.o" 2>/dev/null
  upper=$(tr '[:lower:]' '[:upper:]' <<<"$name")
  export "CARGO_TARGET_${upper}_LINKER=musl-gcc"
  export "CARGO_TARGET_${upper}_RUSTFLAGS=-Clink-self-contained=no -Ctarget-feature=+crt-static -Clink-arg=-static -Lnative=$lib"
  unset RUSTUP_TOOLCHAIN RUSTFLAGS RUSTDOCFLAGS
  PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_unwind \
    /usr/bin/cargo build --locked --profile "$profile" --target "$target" --target-dir "$work" >&2
fi
echo "$work/$target/$([ "$profile" = dev ] && echo debug || echo "$profile")/ccwatch"
