#!/bin/bash
# Builds the Debian package, installs it into a clean root, and runs ccwatch from there; builds the
# RPM package and looks into it.
#
#   scripts/deb-test.sh [--install] [PROFILE]
#
# PROFILE is Cargo's, `dist` unless it is named. The clean root is a fresh Debian made by
# debootstrap where that is possible (as root; a minute, 300 MB, network), else a directory that
# the package is unpacked into. With --install, what is missing is installed: cargo-deb,
# cargo-generate-rpm and, as root with apt, debootstrap and rpm.
#
# One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
INSTALL=no
if [ "${1:-}" = --install ]; then INSTALL=yes; shift; fi
PROFILE=${1:-dist}
. scripts/checks.sh
have() { command -v "$1" >/dev/null 2>&1; }
apt_install() {
    [ $INSTALL = yes ] && [ "$(id -u)" = 0 ] && have apt-get &&
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}
cargo_tool() { have "$1" || { [ $INSTALL = yes ] && cargo install --locked "$1"; }; }

WORK=$(mktemp -d /var/tmp/ccwatch-deb-test.XXXXXX)
chmod 755 "$WORK"
clean_up() {
    [ -n "${PAGE:-}" ] && kill "$PAGE" 2>/dev/null
    rm -rf "$WORK"
}
trap clean_up EXIT

# ---- The Debian package ---------------------------------------------------------------------------
have dpkg-deb || { skip "all of deb-test.sh: dpkg-deb is missing"; exit 0; }
cargo_tool cargo-deb || { skip "all of deb-test.sh: cargo-deb is missing (or use --install)"; exit 0; }
DEB=$WORK/ccwatch.deb
said=$(scripts/package.sh deb "$PROFILE" "$DEB" 2>&1) && [ -s "$DEB" ] &&
    ok "package.sh deb: $(dpkg-deb --field "$DEB" Package Version Architecture | xargs)" ||
    { fail "package.sh deb: $said"; exit 1; }
depends=$(dpkg-deb --field "$DEB" Depends)
grep -q 'libc6' <<<"$depends" && grep -q 'ca-certificates' <<<"$depends" &&
    ok "depends on: $depends" || fail "depends on: $depends"
listed=$(dpkg-deb --contents "$DEB" | awk '{ print $1, $2, $6 }')
for wanted in \
    '-rwxr-xr-x 0/0 ./usr/bin/ccwatch' \
    '-rw-r--r-- 0/0 ./usr/lib/systemd/user/ccwatch.service' \
    '-rw-r--r-- 0/0 ./usr/share/icons/hicolor/scalable/apps/ccwatch.svg' \
    '-rw-r--r-- 0/0 ./usr/share/icons/hicolor/scalable/apps/ccwatch-outage.svg' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/README.md' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/changelog.gz' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/THIRD-PARTY-LICENSES.txt' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/config.example.toml' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/docs/commands.md' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/contrib/wsl/ccwatch-toast' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/contrib/prometheus/ccwatch-metrics.timer' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/claude-code/ccwatch/hooks/hooks.json' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/claude-code/.claude-plugin/marketplace.json' \
    '-rw-r--r-- 0/0 ./usr/share/bash-completion/completions/ccwatch' \
    '-rw-r--r-- 0/0 ./usr/share/zsh/vendor-completions/_ccwatch' \
    '-rw-r--r-- 0/0 ./usr/share/fish/vendor_completions.d/ccwatch.fish' \
    '-rw-r--r-- 0/0 ./usr/share/man/man1/ccwatch.1.gz' \
    '-rw-r--r-- 0/0 ./usr/share/man/man1/ccwatch-service-install.1.gz' \
    '-rw-r--r-- 0/0 ./usr/share/doc/ccwatch/copyright'; do
    grep -qxF -e "$wanted" <<<"$listed" && ok "has $wanted" || fail "has no $wanted"
done

mkdir "$WORK/unpacked" && dpkg-deb --extract "$DEB" "$WORK/unpacked"
said=$(CCWATCH_PAGES=$WORK/unpacked/usr/share/doc/ccwatch cargo test --locked -q --test house no_link_is_dead 2>&1) &&
    ok "its pages have no dead link" || fail "links: $said"
# Nor has the archive of a release, which has more of them.
if said=$(scripts/local-release.sh "$WORK/unpacked/usr/bin/ccwatch" "$WORK/release" 2>&1); then
    tar -xJf "$WORK"/release/*.tar.xz -C "$WORK/release"
    said=$(CCWATCH_PAGES=$(echo "$WORK"/release/ccwatch-*/) cargo test --locked -q --test house no_link_is_dead 2>&1) &&
        ok "nor have those in the archive of a release" || fail "links of the archive: $said"
else
    fail "the archive of a release: $said"
fi
if have lintian || apt_install lintian; then
    said=$(lintian --allow-root --fail-on error,warning "$DEB" 2>&1) && ok "lintian: no error, no warning" ||
        fail "lintian: $said"
else
    skip "lintian is missing"
fi

# ---- A clean root ---------------------------------------------------------------------------------
ROOT=$WORK/root
mkdir "$ROOT"
# This machine's own release: an older one may lack the libraries that were built against.
suite() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | grep . || echo stable; }
if [ "$(id -u)" = 0 ] && { have debootstrap || apt_install debootstrap; } &&
    debootstrap --variant=minbase --include=ca-certificates "$(suite)" "$ROOT" \
        >"$WORK/debootstrap.log" 2>&1; then
    said=$(cp "$DEB" "$ROOT/ccwatch.deb" && chroot "$ROOT" dpkg --install /ccwatch.deb 2>&1) &&
        ok "installed into a fresh Debian $(cat "$ROOT/etc/debian_version")" || fail "dpkg: $said"
    # With a /proc that only this command sees, so that nothing has to be unmounted.
    inside() {
        unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$ROOT" \
            env -i HOME=/root PATH=/usr/bin:/bin "$@"
    }
else
    skip "a fresh Debian: debootstrap is missing or failed; unpacking into a directory instead"
    dpkg-deb --extract "$DEB" "$ROOT"
    mkdir "$ROOT/root"
    inside() {
        local program=$1; shift
        env -i HOME="$ROOT/root" PATH=/usr/bin:/bin "$ROOT/usr/bin/$program" "$@"
    }
fi
cmp -s systemd/ccwatch.service "$ROOT/usr/lib/systemd/user/ccwatch.service" &&
    ok "the unit is the shipped one" || fail "the unit differs"

echo green >"$WORK/mode"
python3 scripts/fake-page.py "$WORK/mode" "$WORK/port" &
PAGE=$!
for _ in $(seq 100); do [ -s "$WORK/port" ] && break; sleep 0.1; done
mkdir -p "$ROOT/root/.config/ccwatch"
printf '[page]\nurl = "http://127.0.0.1:%s"\nfallback = ""\n' "$(cat "$WORK/port")" \
    >"$ROOT/root/.config/ccwatch/config.toml"
said=$(inside ccwatch status 2>&1)
[ $? = 0 ] && grep -q '^CLEAR' <<<"$said" && ok "ccwatch status, green page: $(head -1 <<<"$said")" ||
    fail "ccwatch status, green page: $said"
echo outage >"$WORK/mode"
said=$(inside ccwatch status 2>&1)
[ $? = 2 ] && grep -q '^WAIT' <<<"$said" && ok "ccwatch status, outage: $(head -1 <<<"$said")" ||
    fail "ccwatch status, outage: $said"
said=$(inside ccwatch plugin install --dry-run 2>&1)
grep -q 'hooks/hooks.json:' <<<"$said" && grep -q 'usr/bin/ccwatch hook' <<<"$said" &&
    ok "the plugin for Claude Code is in it, with the program's place" || fail "plugin install: $said"
if [ -d "$ROOT/etc" ]; then
    said=$(inside ccwatch service install --dry-run 2>&1)
    ! grep -q 'systemd/user' <<<"$said" && grep -q 'systemctl --user enable' <<<"$said" &&
        ok "ccwatch service install uses the package's unit" || fail "service install: $said"
    said=$(chroot "$ROOT" dpkg --purge ccwatch 2>&1)
    left=$(find "$ROOT/usr" -name '*ccwatch*')
    [ -z "$left" ] && ok "purged, nothing is left" || fail "purged, but left: $left ($said)"
fi

# ---- The RPM package ------------------------------------------------------------------------------
if ! cargo_tool cargo-generate-rpm; then
    skip "the RPM package: cargo-generate-rpm is missing (or use --install)"
    exit $FAILED
fi
said=$(scripts/package.sh rpm "$PROFILE" "$WORK/ccwatch.rpm" 2>&1) &&
    ok "package.sh rpm: $(stat -c %s "$WORK/ccwatch.rpm") bytes" || fail "package.sh rpm: $said"
if have rpm || apt_install rpm; then
    listed=$(rpm --query --package --list "$WORK/ccwatch.rpm" 2>/dev/null)
    for wanted in /usr/bin/ccwatch /usr/lib/systemd/user/ccwatch.service \
        /usr/share/man/man1/ccwatch.1.gz /usr/share/zsh/site-functions/_ccwatch \
        /usr/share/doc/ccwatch/docs/commands.md /usr/share/licenses/ccwatch/LICENSE-MIT \
        /usr/share/licenses/ccwatch/THIRD-PARTY-LICENSES.txt; do
        grep -qxF "$wanted" <<<"$listed" && ok "the RPM has $wanted" || fail "the RPM has no $wanted"
    done
else
    skip "a look into the RPM package: rpm is missing"
fi
exit $FAILED
