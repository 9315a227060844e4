#!/bin/bash
# What a new user does, on a Debian that has never seen Rust: installs ccwatch from the archive of a
# release, and then from the Debian package; looks at the demo; lets it run as a service, under a real
# user manager of systemd; and takes all of it away again. The seconds of each are printed.
#
#   scripts/fresh-debian.sh BINARY DEB [SUITE | ROOT]
#
# BINARY is the static binary (scripts/static-build.sh), DEB what `scripts/package.sh deb` made; SUITE is
# Debian's, bookworm unless it is named; ROOT is what debootstrap made of one, to be copied. Run it as
# root on Linux with debootstrap and a way to Debian's packages (one minute, 400 MB, gone afterwards).
# With `dist` on the PATH the archive is installed by its installer, from a server of this script's,
# else by untarring it.
#
# One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
set -u
SELF=$(readlink -f "$0")
PROJECT=$(dirname "$(dirname "$SELF")")
USER_ID=1000
. "$PROJECT/scripts/checks.sh"
skip_all() { skip "all of fresh-debian.sh: $*"; exit 0; }
# check NAME CONDITION...: ok or FAIL by the exit code of the condition.
check() {
    local name=$1 said; shift
    if said=$("$@" 2>&1); then ok "$name"; else fail "$name: $said"; fi
}
# timed NAME COMMAND...: a check that says how long it took.
timed() {
    local name=$1 from said; shift
    from=$(milliseconds)
    if said=$("$@" 2>&1); then
        ok "$(awk -v t=$(($(milliseconds) - from)) 'BEGIN { printf "%5.1f s", t / 1000 }')  $name"
    else
        fail "$name: $said"
    fi
}

# ---- Inside the namespaces: the mounts of the fresh system, then its user manager -----------------
if [ "${1:-}" = --inner ]; then
    WORK=$2 ROOT=$2/root
    set -e
    mount --make-rprivate /
    mount -t proc proc "$ROOT/proc"
    mount --rbind /dev "$ROOT/dev"
    mount -t sysfs sysfs "$ROOT/sys"
    mount -t cgroup2 none "$ROOT/sys/fs/cgroup"
    mount -t tmpfs -o mode=0755 tmpfs "$ROOT/run"
    # systemd takes a machine for booted by this directory.
    mkdir -p "$ROOT/run/systemd/system" "$ROOT/run/lock" "$ROOT/run/user/$USER_ID"
    mount -t tmpfs -o "mode=0700,uid=$USER_ID,gid=$USER_ID" tmpfs "$ROOT/run/user/$USER_ID"
    SLICE=$ROOT/sys/fs/cgroup/user@$USER_ID.service
    mkdir "$SLICE"
    echo $$ >"$SLICE/cgroup.procs"
    chown -R "$USER_ID:$USER_ID" "$SLICE"
    echo $$ >"$WORK/manager.pid"
    exec chroot "$ROOT" setpriv --reuid $USER_ID --regid $USER_ID --init-groups env -i HOME=/home/newcomer \
        USER=newcomer LOGNAME=newcomer SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin \
        XDG_RUNTIME_DIR=/run/user/$USER_ID /lib/systemd/systemd --user
fi

# ---- What it takes --------------------------------------------------------------------------------
BINARY=${1:-} DEB=${2:-} SUITE=${3:-bookworm}
[ -f "$BINARY" ] && [ -f "$DEB" ] || { sed -n 's/^# \{0,1\}//; 2,15p' "$SELF" >&2; exit 64; }
[ "$(uname -s)" = Linux ] || skip_all "this is not Linux"
[ "$(id -u)" = 0 ] || skip_all "only root can make a fresh system"
for tool in debootstrap python3 nsenter xz; do
    command -v $tool >/dev/null || skip_all "$tool is missing"
done
WORK=$(mktemp -d /var/tmp/ccwatch-fresh.XXXXXX)
chmod 755 "$WORK"
ROOT=$WORK/root
CGROUPS=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
CGROUP=${CGROUPS:-/none}/ccwatch-fresh-$$
mkdir "$CGROUP" 2>/dev/null || { rm -rf "$WORK"; skip_all "there is no cgroup2 hierarchy that can be written"; }
clean_up() {
    trap - EXIT INT TERM
    # shellcheck disable=SC2046 # one word a process
    kill $(jobs -p) 2>/dev/null
    find "$CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u | xargs -r kill -9 2>/dev/null
    within 5 sh -c "find '$CGROUP' -depth -type d -exec rmdir {} + 2>/dev/null; test ! -d '$CGROUP'"
    rm -rf --one-file-system "$WORK"
}
trap 'clean_up; exit 130' INT TERM
trap clean_up EXIT

from=$(milliseconds)
packages=systemd,libpam-systemd,dbus,dbus-user-session,ca-certificates,curl,xz-utils
if [ -d "$SUITE" ]; then
    cp -a "$SUITE" "$ROOT"
else
    debootstrap --variant=minbase --include=$packages "$SUITE" "$ROOT" >"$WORK/debootstrap.log" 2>&1
fi || skip_all "debootstrap failed: $(tail -1 "$WORK/debootstrap.log")"
echo "# Debian $(cat "$ROOT/etc/debian_version"), made in $((($(milliseconds) - from) / 1000)) s; $(uname -r)"
chroot "$ROOT" useradd --uid $USER_ID --create-home --shell /bin/bash newcomer
bare() { ! ls "$ROOT"/usr/bin/{cc,gcc,cargo,rustc} 2>/dev/null; }
check "no Rust, and no compiler" bare

(echo $BASHPID >"$CGROUP/cgroup.procs" && exec setsid unshare --mount --cgroup -- "$SELF" --inner "$WORK") \
    </dev/null >"$WORK/manager.log" 2>&1 &
in_root() { nsenter --target "$(cat "$WORK/manager.pid")" --mount --cgroup --root env --chdir=/ "$@"; }
# A login shell, as a new user has one: it reads what an installer wrote into ~/.profile.
as_user() {
    in_root setpriv --reuid $USER_ID --regid $USER_ID --init-groups env -i HOME=/home/newcomer USER=newcomer \
        LOGNAME=newcomer SHELL=/bin/bash TERM=dumb LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin \
        XDG_RUNTIME_DIR=/run/user/$USER_ID bash --login -c "cd && $*"
}
within 20 test -s "$WORK/manager.pid" && within 20 as_user systemctl --user show-environment ||
    { fail "no user manager starts: $(tail -3 "$WORK/manager.log")"; exit 1; }
ok "a user manager: $(in_root /lib/systemd/systemd --version | head -1)"

# ---- The page, and the archive of a release -------------------------------------------------------
page_shows() { echo "$1" >"$WORK/mode"; }
page_shows green
python3 "$PROJECT/scripts/fake-page.py" "$WORK/mode" "$WORK/page.port" &
target=$(uname -m)-unknown-linux-musl
RELEASE=$WORK/release
"$PROJECT/scripts/local-release.sh" "$BINARY" "$RELEASE" || { fail "a release can't be made"; exit 1; }
cd "$PROJECT" || exit 1
ok "an archive of $(stat -c %s "$RELEASE/ccwatch-$target.tar.xz") bytes"
python3 -u -m http.server --bind 127.0.0.1 --directory "$RELEASE" 0 >"$WORK/release.log" 2>&1 &
within 10 test -s "$WORK/page.port" && within 10 grep -q 'port [0-9]' "$WORK/release.log"
FROM=http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$WORK/release.log")

by_installer() {
    as_user "curl -LsSf $FROM/ccwatch-installer.sh >/tmp/installer.sh && CCWATCH_DOWNLOAD_URL=$FROM CCWATCH_NO_MODIFY_PATH=1 sh /tmp/installer.sh"
}
by_hand() {
    as_user "mkdir -p .local/bin && curl -LsSf $FROM/ccwatch-$target.tar.xz | tar -xJ -C /tmp &&
        install /tmp/ccwatch-$target/ccwatch .local/bin"
}

# ---- What a user does -----------------------------------------------------------------------------
# Folders that every desktop has may stay; files may not.
files() { find "$ROOT" -xdev \( -path "$ROOT/tmp/*" -o -path "$ROOT/var/cache/*" -o -path "$ROOT/var/log/*" \
    -o -path "$ROOT/var/lib/dpkg/*" \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum --zero | tr '\0' '\n'; }
status_is() { as_user ccwatch status | grep -q "^$1"; }
running() { as_user systemctl --user show --property=MainPID --value ccwatch.service; }
# try INSTALL...: what a user does; INSTALL is how this ccwatch came, to do it over the one that runs.
try() {
    local pid
    check "ccwatch --version, found on the PATH of a new login" as_user ccwatch --version
    timed "ccwatch demo" as_user ccwatch demo
    as_user "mkdir -p .config/ccwatch && printf '[page]\nurl = \"http://127.0.0.1:%s\"\nfallback = \"\"\n[poll]\ninterval = \"500ms\"\n' \
        $(cat "$WORK/page.port") >.config/ccwatch/config.toml"
    page_shows green
    timed "ccwatch service install" as_user ccwatch service install
    check "it runs" as_user systemctl --user is-active ccwatch.service
    pid=$(running)
    timed "installed again, over the one that runs" "$@"
    check "it runs on meanwhile" eval '[ "$(running)" = $pid ] && as_user systemctl --user is-active ccwatch.service'
    timed "ccwatch service install: the new one runs" as_user ccwatch service install
    check "from the file that is there now" eval '[ "$(running)" != $pid ] && ! in_root readlink /proc/$(running)/exe | grep deleted'
    timed "status: CLEAR, from the daemon" \
        within 20 eval 'status_is CLEAR && as_user ccwatch status | grep "The daemon runs"'
    page_shows outage
    timed "the page goes red: WAIT" within 20 status_is WAIT
}
# The commands of a section of docs/install.md, word by word.
documented() { sed -n "/^## $1/,/^## /p" docs/install.md | sed -n '/^```sh$/,/^```$/p' | grep -v '^```'; }
removal=$(documented "Away with it")
nothing_left() {
    files >"$WORK/after"
    diff "$WORK/before" "$WORK/after"
}

in_root true && files >"$WORK/before"
echo "# from the archive of a release"
if [ -f "$RELEASE/ccwatch-installer.sh" ]; then way=by_installer; else way=by_hand; fi
timed "installed, $way" $way
try $way
timed "removed, as docs/install.md says" as_user "set -e; $removal"
check "no process is left" eval '! pgrep -u $USER_ID -x ccwatch'
check "no file is left, and none is changed" nothing_left

echo "# from the Debian package"
cp "$DEB" "$ROOT/tmp/ccwatch.deb"
debian() { in_root env PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg "$@"; }
timed "dpkg --install" debian --install /tmp/ccwatch.deb
try debian --install /tmp/ccwatch.deb
timed "the user's part, as docs/install.md says" as_user "set -e; $(grep -v 'local/bin' <<<"$removal")"
timed "dpkg --purge" debian --purge ccwatch
check "no process is left" eval '! pgrep -u $USER_ID -x ccwatch'
check "no file is left, and none is changed" nothing_left

echo "# by a link into a folder for each version, as Homebrew has it"
linked() {
    install -D "$BINARY" "$ROOT/opt/cellar/ccwatch/$1/bin/ccwatch" &&
        ln -sfn "/opt/cellar/ccwatch/$1/bin/ccwatch" "$ROOT/usr/local/bin/ccwatch"
}
runs_from() { [ "$(in_root readlink "/proc/$(running)/exe")" = "/opt/cellar/ccwatch/$1/bin/ccwatch" ]; }
linked 0.2.0
timed "ccwatch service install" as_user ccwatch service install
check "the service names the link" as_user "grep -x ExecStart=/usr/local/bin/ccwatch\ run .config/systemd/user/ccwatch.service"
linked 0.2.1 && rm -r "$ROOT/opt/cellar/ccwatch/0.2.0"
timed "a newer one in the old one's place: ccwatch service restart" as_user ccwatch service restart
check "the newer one runs" within 5 runs_from 0.2.1
timed "removed" as_user "set -e; $(grep -v 'local/bin' <<<"$removal")"
rm -r "$ROOT/opt/cellar" "$ROOT/usr/local/bin/ccwatch"
check "no process is left" eval '! pgrep -u $USER_ID -x ccwatch'
check "no file is left, and none is changed" nothing_left
exit $FAILED
