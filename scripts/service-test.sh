#!/bin/bash
# The service on a real systemd user manager, from install to uninstall.
#
#   scripts/service-test.sh [--install] [BINARY]
#
# Run it as root on a Linux machine or container; systemd need not have been booted. It makes a
# user of its own and, in namespaces of its own, a journal, a user manager, a session bus, a
# recording notification server and a fake status page; all of it is gone afterwards. Packages
# that are missing are only installed with --install (Debian, Ubuntu).
#
# One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
# BINARY is target/release/ccwatch or else target/debug/ccwatch, unless it is named.
set -u
SELF=$(readlink -f "$0")
PROJECT=$(dirname "$(dirname "$SELF")")
# A user of this run alone, so that nothing of another one is in its way.
TESTER=ccwatch-test-$$
UNIT=ccwatch.service
RESTART_SEC=5
. "$PROJECT/scripts/checks.sh"
skip_all() { skip "all of service-test.sh: $*"; exit 0; }
# check NAME CONDITION...: ok or FAIL by the exit code of the condition.
check() {
    local name=$1; shift
    if "$@" >/dev/null 2>&1; then ok "$name"; else fail "$name (tried: $*)"; fi
}

# ---- Inside the namespaces: mounts, the journal, then the user manager itself -----------------
if [ "${1:-}" = --inner ]; then
    WORK=$2 TESTER=$3
    set -e
    ID=$(id -u $TESTER) GROUP=$(id -g $TESTER) HOUSE=$(getent passwd $TESTER | cut -d: -f6)
    mount --make-rprivate /
    umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
    mount -t tmpfs -o mode=0755 tmpfs /run
    # systemd takes a machine for booted by this directory.
    mkdir -p /run/systemd/system /run/systemd/unit-root /run/systemd/journal /run/log/journal \
        /run/dbus /run/lock "/run/user/$ID"
    mount -t tmpfs -o "mode=0700,uid=$ID,gid=$GROUP" tmpfs "/run/user/$ID"
    # A journal that is kept, or else users have none of their own.
    mount -t tmpfs tmpfs /var/log
    mkdir -p /var/log/journal
    chgrp systemd-journal /var/log/journal && chmod 2755 /var/log/journal
    touch /run/systemd/journal/flushed
    JOURNALD=/sys/fs/cgroup/system.slice/systemd-journald.service
    mkdir -p $JOURNALD
    (echo $BASHPID >$JOURNALD/cgroup.procs && exec /lib/systemd/systemd-journald) \
        >"$WORK/journald.log" 2>&1 &
    echo $! >"$WORK/journald.pid"
    until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
    # The place where journalctl looks for a user's units.
    SLICE=/sys/fs/cgroup/user.slice/user-$ID.slice/user@$ID.service
    mkdir -p "$SLICE"
    echo $$ >"$SLICE/cgroup.procs"
    chown -R "$ID:$GROUP" "$SLICE"
    echo $$ >"$WORK/manager.pid"
    exec setpriv --reuid "$ID" --regid "$GROUP" --init-groups env -i HOME="$HOUSE" \
        USER=$TESTER LOGNAME=$TESTER SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin \
        XDG_RUNTIME_DIR="/run/user/$ID" SYSTEMD_LOG_TARGET=journal /lib/systemd/systemd --user
fi

# ---- What it takes ----------------------------------------------------------------------------
INSTALL=no
if [ "${1:-}" = --install ]; then INSTALL=yes; shift; fi
BINARY=${1:-}
for candidate in "$PROJECT/target/release/ccwatch" "$PROJECT/target/debug/ccwatch"; do
    [ -n "$BINARY" ] || { [ -x "$candidate" ] && BINARY=$candidate; }
done
[ "$(uname -s)" = Linux ] || skip_all "this is not Linux"
[ "$(id -u)" = 0 ] || skip_all "only root can make the namespaces of a session"
[ -x "$BINARY" ] || skip_all "there is no program to test; build it, or name it"
BINARY=$(readlink -f "$BINARY")

missing() {
    local needed=""
    [ -x /lib/systemd/systemd ] || needed+=" systemd"
    [ -e /usr/lib/systemd/user/dbus.socket ] || needed+=" dbus-user-session"
    command -v nsenter >/dev/null || needed+=" util-linux"
    /usr/bin/python3 -c 'import dbus, dbusmock, gi' 2>/dev/null || needed+=" python3-dbusmock"
    echo "$needed"
}
if [ -n "$(missing)" ] && [ $INSTALL = yes ]; then
    # shellcheck disable=SC2046 # one word a package
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $(missing) >/dev/null
fi
[ -z "$(missing)" ] || skip_all "these packages are missing:$(missing) (or use --install)"

WORK=$(mktemp -d /var/tmp/ccwatch-service-test.XXXXXX)
chmod 755 "$WORK"
CGROUPS=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -z "$CGROUPS" ]; then
    mkdir "$WORK/cgroups"
    mount -t cgroup2 none "$WORK/cgroups" 2>/dev/null ||
        { rm -rf "$WORK"; skip_all "there is no cgroup2 hierarchy, and none can be mounted"; }
    CGROUPS=$WORK/cgroups
fi
CGROUP=$CGROUPS/ccwatch-service-test-$$
mkdir "$CGROUP" 2>/dev/null ||
    { umount "$CGROUPS" 2>/dev/null; rm -rf "$WORK"; skip_all "$CGROUPS can't be written"; }
useradd --create-home --shell /bin/bash $TESTER
HOUSE=$(getent passwd $TESTER | cut -d: -f6)
chmod 755 "$HOUSE"
ID=$(id -u $TESTER)
UNITS=$HOUSE/.config/systemd/user
PROGRAM=$HOUSE/.local/bin/ccwatch

# ---- The session ------------------------------------------------------------------------------
as_root() { nsenter --target "$(cat "$WORK/manager.pid")" --mount --cgroup "$@"; }
as_user() {
    as_root setpriv --reuid $TESTER --regid $TESTER --init-groups env -i HOME="$HOUSE" \
        USER=$TESTER LOGNAME=$TESTER SHELL=/bin/bash TERM=dumb LANG=C.UTF-8 \
        PATH="$HOUSE/.local/bin:/usr/local/bin:/usr/bin:/bin" XDG_RUNTIME_DIR="/run/user/$ID" "$@"
}
systemctl_user() { as_user systemctl --user "$@"; }
manager_answers() { systemctl_user show-environment; }
start_session() {
    rm -f "$WORK/manager.pid"
    (echo $BASHPID >"$CGROUP/cgroup.procs" &&
        exec setsid unshare --mount --cgroup -- "$SELF" --inner "$WORK" $TESTER) \
        </dev/null >"$WORK/manager.log" 2>&1 &
    within 20 test -s "$WORK/manager.pid" && within 20 manager_answers
}
stop_session() {
    local manager journald
    manager=$(cat "$WORK/manager.pid" 2>/dev/null) || return 0
    journald=$(cat "$WORK/journald.pid" 2>/dev/null)
    [ -d "/proc/$manager" ] || return 0
    systemctl_user exit >/dev/null 2>&1
    within 10 test ! -d "/proc/$manager" || kill -9 "$manager" 2>/dev/null
    [ -n "$journald" ] && kill "$journald" 2>/dev/null
    return 0
}
clean_up() {
    trap - EXIT INT TERM
    stop_session
    [ -f "$WORK/page.pid" ] && kill "$(cat "$WORK/page.pid")" 2>/dev/null
    if [ -d "$CGROUP" ]; then
        # What is left of the session, such as the server that recorded.
        find "$CGROUP" -name cgroup.procs -exec cat {} + | sort -u | xargs -r kill -9 2>/dev/null
        within 5 sh -c "find '$CGROUP' -depth -type d -exec rmdir {} + 2>/dev/null; test ! -d '$CGROUP'"
    fi
    [ -d "$WORK/cgroups" ] && umount "$WORK/cgroups"
    within 5 userdel --remove $TESTER || echo "the user $TESTER could not be removed" >&2
    rm -rf "$WORK"
}
trap 'clean_up; exit 130' INT TERM
trap clean_up EXIT

# ---- A page and a notification server -----------------------------------------------------------
page_shows() { echo "$1" >"$WORK/mode"; }
page_shows green
/usr/bin/python3 "$PROJECT/scripts/fake-page.py" "$WORK/mode" "$WORK/port" >"$WORK/page.log" 2>&1 &
echo $! >"$WORK/page.pid"
within 10 test -s "$WORK/port" || { fail "the fake page starts"; exit 1; }

# The server of python-dbusmock; it writes down every call.
mkdir "$WORK/calls" && chown $TESTER: "$WORK/calls"
CALLS=$WORK/calls/log
start_server() {
    : >"$CALLS"; chown $TESTER: "$CALLS"
    as_user /usr/bin/python3 -m dbusmock --session --logfile "$CALLS" \
        --template notification_daemon >"$WORK/server.log" 2>&1 &
    within 10 has_server
}
has_server() {
    as_user busctl --user call org.freedesktop.DBus / org.freedesktop.DBus NameHasOwner s \
        org.freedesktop.Notifications | grep -q true
}
stop_server() {
    as_root pkill -u $TESTER -f 'dbusmock --session' 2>/dev/null
    within 5 sh -c "! pgrep -u $TESTER -f 'dbusmock --session'"
}
was_shown() { grep -q "Notify .*$1" "$CALLS"; }

# ---- The service --------------------------------------------------------------------------------
configure() {
    mkdir -p "$HOUSE/.config/ccwatch"
    cat >"$HOUSE/.config/ccwatch/config.toml" <<TOML
[page]
url = "http://127.0.0.1:$(cat "$WORK/port")"
fallback = ""
[poll]
interval = "${1:-500ms}"
during_outage = "${1:-500ms}"
[notify]
settle = "1s"
TOML
    chown -R $TESTER: "$HOUSE/.config"
}
property() { systemctl_user show --property="$1" --value $UNIT; }
is() { [ "$(property "$1")" = "$2" ]; }
is_active() { is ActiveState active; }
status_says() { property StatusText | grep -q "$1"; }
is_another_process() { is_active && ! is MainPID "$1" && ! is MainPID 0; }
log() { as_user journalctl --user-unit $UNIT --no-pager -q "$@"; }
restart() { systemctl_user reset-failed $UNIT 2>/dev/null; systemctl_user restart $UNIT; }
# A service that is down has the pid 0, which kill takes for everybody.
signal() { [ "${2:-0}" -gt 1 ] && as_root kill "$1" "$2"; }
# timed COMMAND...: runs it, and leaves the milliseconds that it took in TOOK.
timed() {
    local from; from=$(milliseconds)
    "$@" >/dev/null 2>&1; local code=$?
    TOOK=$(($(milliseconds) - from))
    return $code
}

echo "# $($BINARY --version), $(/lib/systemd/systemd --version | head -1), $(uname -r)"

# The unit files, without a manager.
mkdir -p "$WORK/verify/$UNIT.d" "$WORK/runtime"
sed "s|/usr/bin/ccwatch|$BINARY|" "$PROJECT/systemd/$UNIT" >"$WORK/verify/$UNIT"
verify() { XDG_RUNTIME_DIR=$WORK/runtime systemd-analyze --user --man=no verify "$WORK/verify/$UNIT" 2>&1; }
said=$(verify) && [ -z "$said" ] && ok "systemd-analyze verify: unit" || fail "verify, unit: $said"
cp "$PROJECT/systemd/strict.conf" "$WORK/verify/$UNIT.d/"
said=$(verify) && [ -z "$said" ] && ok "systemd-analyze verify: unit and drop-in" ||
    fail "verify, unit and drop-in: $said"
exposure() {
    XDG_RUNTIME_DIR=$WORK/runtime systemd-analyze --user --no-pager --offline=true security "$1" |
        sed -n 's/.*exposure level for [^:]*: \([0-9.]*\) \([A-Z]*\).*/\1 \2/p'
}
both=$WORK/verify/both.service
cat "$PROJECT/systemd/$UNIT" "$PROJECT/systemd/strict.conf" >"$both"
rm -rf "$WORK/verify/$UNIT.d"
levels="$(exposure "$WORK/verify/$UNIT") unit, $(exposure "$both") unit and drop-in"
grep -qE '^[0-9.]+ [A-Z]+ unit, [0-9.]+ [A-Z]+ unit' <<<"$levels" &&
    ok "systemd-analyze security, exposure: $levels" || fail "exposure: $levels"

install -D --owner $TESTER --group $TESTER "$BINARY" "$PROGRAM"
configure
chown -R $TESTER: "$HOUSE"
if ! start_session; then
    skip "everything on a manager: none starts here: $(tail -1 "$WORK/manager.log")"
    exit $FAILED
fi

# Install.
before=$(as_user find "$HOUSE" \( -type f -o -type l \) | sort)
check "install --dry-run changes nothing" as_user ccwatch service install --dry-run
[ "$before" = "$(as_user find "$HOUSE" \( -type f -o -type l \) | sort)" ] ||
    fail "install --dry-run changed files"
said=$(as_user ccwatch service install 2>&1) && ok "install" || { fail "install: $said"; exit 1; }
check "active (running)" eval 'is_active && is SubState running'
check "starts at login" is UnitFileState enabled
check "Status line: $(within 5 status_says CLEAR; property StatusText)" status_says CLEAR
check "service status says so" eval 'as_user ccwatch service status | grep "active (running)"'
check "ccwatch status finds the daemon" eval 'as_user ccwatch status | grep "The daemon runs"'
inode=$(stat -c %i "$UNITS/$UNIT")
check "a second install is fine, and rewrites nothing" \
    eval 'as_user ccwatch service install && [ "$(stat -c %i "$UNITS/$UNIT")" = "$inode" ] && is_active'
sed -i 's/^# ccwatch-unit: .*/# ccwatch-unit: 0/; s/^WatchdogSec=.*//' "$UNITS/$UNIT"
check "an older unit is upgraded" \
    eval 'as_user ccwatch service install && grep -q "^WatchdogSec=" "$UNITS/$UNIT" && is_active'
sed -i '/^# ccwatch-unit/d' "$UNITS/$UNIT"
check "somebody else's unit is refused" eval '! as_user ccwatch service install'
check "and replaced with --force" as_user ccwatch service install --force

check "the service keeps its state where this shell says" eval \
    'as_user env XDG_STATE_HOME="$HOUSE/else where/100%" ccwatch service install &&
     test -s "$HOUSE/else where/100%/ccwatch/ccwatch.db"'
check "and again where it was" eval \
    'as_user ccwatch service install && ! grep -q "else where" "$UNITS/$UNIT"'

# Readiness, reload, stop.
page_shows silent
timed restart && [ "$TOOK" -lt 2000 ] && is_active &&
    ok "a page that never answers: active and ready after $TOOK ms" ||
    fail "a page that never answers: $(property ActiveState) after $TOOK ms"
timed as_user ccwatch service stop && [ "$TOOK" -lt 2000 ] && is ActiveState inactive &&
    is Result success && ok "stop while the page does not answer: $TOOK ms" ||
    fail "stop: $TOOK ms, $(property ActiveState), $(property Result)"
page_shows green
restart; within 5 status_says CLEAR
check "reload" eval 'systemctl_user reload $UNIT && is_active &&
    within 5 eval "log | grep \"configuration was read again\""'

# Failures.
pid=$(property MainPID); from=$(milliseconds)
signal -KILL "$pid"
within $((RESTART_SEC + 3)) is_another_process "$pid" &&
    ok "kill -9: back after $(($(milliseconds) - from)) ms (RestartSec=${RESTART_SEC}s)" ||
    fail "kill -9: $(property ActiveState)"
mkdir -p "$UNITS/$UNIT.d"
printf '[Service]\nWatchdogSec=2s\nRestartSec=100ms\n' >"$UNITS/$UNIT.d/test.conf"
chown -R $TESTER: "$UNITS"
systemctl_user daemon-reload; restart
pid=$(property MainPID)
sleep 5
is MainPID "$pid" && is NRestarts 0 && ok "WatchdogSec=2s: fed for 5 s" ||
    fail "WatchdogSec=2s: restarted though all is well"
from=$(milliseconds)
signal -STOP "$pid"
within 10 is_another_process "$pid" &&
    within 5 eval 'log | grep "Watchdog timeout"' &&
    ok "SIGSTOP: restarted by the watchdog after $(($(milliseconds) - from)) ms" ||
    fail "SIGSTOP: $(property ActiveState), $(log | tail -3)"
rm -r "$UNITS/$UNIT.d"
systemctl_user daemon-reload
cp "$HOUSE/.config/ccwatch/config.toml" "$WORK/good.toml"
echo '[poll]
intervall = "1s"' >"$HOUSE/.config/ccwatch/config.toml"
restart 2>/dev/null
sleep $((RESTART_SEC + 1))
is ActiveState failed && is NRestarts 0 && is ExecMainStatus 78 &&
    ok "a wrong configuration: failed once with 78, not tried again in $((RESTART_SEC + 1)) s" ||
    fail "a wrong configuration: $(property ActiveState), $(property NRestarts) restarts"
check "and its reason is an error in the log" eval 'log -p err | grep intervall'
check "service status says so" eval 'as_user ccwatch service status | grep "exit code 78"'
as_user ccwatch service install >/dev/null 2>&1
[ $? = 78 ] && ok "install refuses a wrong configuration with 78" || fail "install, wrong configuration"
cp "$WORK/good.toml" "$HOUSE/.config/ccwatch/config.toml"

# Pop-ups.
# pops_up NAME: an outage, its recovery, and what the server heard. What was before is forgotten:
# a component that is down again and again is told of only once.
pops_up() {
    systemctl_user stop $UNIT
    rm -f "$HOUSE/.local/state/ccwatch/"ccwatch.db*
    systemctl_user start $UNIT
    within 5 status_says CLEAR
    page_shows outage
    if within 10 was_shown 'Partial outage: Claude Code'; then ok "a pop-up arrives: $1"; else
        fail "a pop-up arrives: $1: $(property StatusText); $(log | tail -2)"
    fi
    page_shows green
    within 10 was_shown 'Back: Claude Code' || fail "the recovery is told: $1"
}
systemctl_user reset-failed $UNIT
start_server || fail "the notification server starts"
pops_up "under the shipped hardening"
stop_server; start_server
pops_up "after the server was restarted"
stop_server
page_shows worse
within 10 status_says 'pop-ups wait'
start_server
within 10 was_shown 'Major outage' && ok "a pop-up arrives: late, once there is a server" ||
    fail "a late server: $(property StatusText)"
page_shows green; within 10 was_shown 'Back: '
systemctl_user unset-environment DBUS_SESSION_BUS_ADDRESS
restart; stop_server; start_server
check "DBUS_SESSION_BUS_ADDRESS is not set" \
    eval 'is_active && ! as_root grep -qz DBUS_SESSION_BUS_ADDRESS /proc/$(property MainPID)/environ'
pops_up "without DBUS_SESSION_BUS_ADDRESS"
check "no new privileges, system calls are filtered" eval \
    'as_root grep -q "^NoNewPrivs:.1" /proc/$(property MainPID)/status &&
     as_root grep -q "^Seccomp:.2" /proc/$(property MainPID)/status'

# The version of Landlock's interface, which the kernel gives for nothing; -1 without.
LANDLOCK=$(/usr/bin/python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')
sandbox_is() { as_user ccwatch doctor | grep -E "^.{3}  sandbox +$1"; }
if [ "$LANDLOCK" -gt 0 ]; then
    check "the sandbox is on" sandbox_is "on .*$LANDLOCK"
    mkdir -p "$UNITS/$UNIT.d"
    printf '[Service]\nSystemCallFilter=\nSystemCallFilter=@system-service\n' \
        >"$UNITS/$UNIT.d/test.conf"
    systemctl_user daemon-reload; restart
    check "where its system calls are forbidden it is off, and ccwatch runs" \
        eval 'is_active && sandbox_is off:'
    rm -r "$UNITS/$UNIT.d"
    systemctl_user daemon-reload; restart
else
    skip "the sandbox: this kernel has no Landlock"
fi

if as_user unshare --user true 2>/dev/null; then
    said=$(as_user ccwatch service install --strict 2>&1) && is_active &&
        ok "install --strict: active" || fail "install --strict: $said; $(log | tail -2)"
    pid=$(property MainPID)
    inside() {
        as_root nsenter --target "$pid" --mount --user --setuid "$ID" --setgid "$(id -g $TESTER)" \
            "$@"
    }
    check "strict: its files can be written" inside touch "$HOUSE/.local/state/ccwatch/x"
    said=$(inside touch "$HOUSE/x" 2>&1)
    grep -q 'Read-only' <<<"$said" && ok "strict: the rest of the home can't be" ||
        fail "strict: the home can be written: $said"
    check "strict: no capabilities" as_root grep -q '^CapBnd:.0000000000000000$' "/proc/$pid/status"
    stop_server; start_server
    pops_up "under the strict drop-in"
else
    skip "the strict drop-in: users may not make user namespaces here"
fi
stop_server

# The log.
check "the log has no time twice" \
    eval '[ -n "$(log -o cat)" ] && ! log -o cat | grep -E "^(<[0-9]>)?[0-9]{4}-[0-9]{2}-"'
check "and no raw priority" eval '! log -o cat | grep -E "^<[0-9]>"'
check "INFO is priority 6, an error 3" eval 'log -o json | grep -F "watching http" | grep -q "\"PRIORITY\":\"6\"" &&
    log -o json | grep -F "error: " | grep -q "\"PRIORITY\":\"3\""'
check "service logs shows it" eval 'as_user ccwatch service logs -n 1000 | grep "watching http"'

# The next login.
stop_session
start_session && within 10 is_active && ok "runs again after a new login" ||
    fail "after a new login: $(property ActiveState)"

# Uninstall.
said=$(as_user ccwatch service uninstall 2>&1) && ok "uninstall" || fail "uninstall: $said"
check "the unit is gone" is LoadState not-found
check "no process is left" eval '! pgrep -u $TESTER -x ccwatch'
left=$(find "$HOUSE/.config/systemd" "$HOUSE/.local/share" "$HOUSE/.config/autostart" \
    \( -type f -o -type l \) 2>/dev/null)
[ -z "$left" ] && ok "uninstall leaves nothing" || fail "uninstall left: $left"
check "but the configuration and the database" test -s "$HOUSE/.config/ccwatch/config.toml" -a \
    -s "$HOUSE/.local/state/ccwatch/ccwatch.db"
check "a second uninstall is fine" as_user ccwatch service uninstall
exit $FAILED
