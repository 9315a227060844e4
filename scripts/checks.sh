# shellcheck shell=bash
# What the scripts that check something have in common; they read it by `.`. One line a check: ok,
# FAIL, or SKIPPED: and the reason, which .ci/run says again at its end; a script ends with `exit $FAILED`.
FAILED=0
ok() { echo "ok       $*"; }
fail() { echo "FAIL     $*"; FAILED=1; }
skip() { echo "SKIPPED: $*"; }

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
# within SECONDS CONDITION...: asks again and again; succeeds as soon as the condition does.
within() {
    local end=$(($(milliseconds) + $1 * 1000)); shift
    until "$@" >/dev/null 2>&1; do
        [ "$(milliseconds)" -lt "$end" ] || return 1
        sleep 0.1
    done
}
