#!/bin/bash
# Prints what following Claude Code's transcripts costs: the start beside a year of them (2 GB), 10,000
# appended lines a second, one call of the hook, and `diagnose` over all of it.
#   scripts/bench-local.sh [SECONDS]    how long lines are appended (default 20)
# Linux, python3, 3 GB of temporary space. BIN measures another build. Figures are printed, never asserted.
set -euo pipefail
seconds=${1:-20}
cd "$(dirname "$0")/.."
if [ -z "${BIN:-}" ]; then
    cargo build --profile dist --locked -q
    BIN=${CARGO_TARGET_DIR:-target}/dist/ccwatch
fi
work=$(mktemp -d); pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
export HOME=$work XDG_RUNTIME_DIR=$work
unset CLAUDE_CONFIG_DIR DBUS_SESSION_BUS_ADDRESS

cat >"$work/config.toml" <<TOML
[page]
url = "http://127.0.0.1:9"
fallback = ""
[notify]
desktop = false
[local]
transcripts = true
TOML

cat >"$work/make.py" <<'PY'
import json, os, sys
home, sessions, each = sys.argv[1], 2000, 1_000_000
def row(n, kind):
    text = ("the quick brown fox " * 40)
    if kind == 0:
        return {"type": "user", "sessionId": "s", "message": {"role": "user", "content": [{"type": "tool_result", "content": text + '\"isApiErrorMessage\":true'}]}}
    return {"type": "assistant", "sessionId": "s", "timestamp": "2026-05-01T00:00:00Z", "requestId": "req_%d" % n, "message": {"model": "claude-x", "content": [{"type": "text", "text": text}]}}
lines = "".join(json.dumps(row(n, n % 2)) + "\n" for n in range(each // 1000)).encode()
for n in range(sessions):
    folder = "%s/.claude/projects/-project-%d" % (home, n % 100)
    os.makedirs(folder, exist_ok=True)
    with open("%s/session-%d.jsonl" % (folder, n), "wb") as f:
        f.write(lines)
PY
cat >"$work/append.py" <<'PY'
import json, sys, time
path, seconds = sys.argv[1], int(sys.argv[2])
text = "the quick brown fox " * 10
one = json.dumps({"type": "assistant", "sessionId": "s", "timestamp": "2026-05-01T00:00:00Z", "message": {"model": "claude-x", "content": [{"type": "text", "text": text}]}}) + "\n"
two = json.dumps({"type": "user", "sessionId": "s", "message": {"role": "user", "content": text}}) + "\n"
batch = (one + two) * 50
start = time.monotonic()
with open(path, "a") as f:
    for n in range(seconds * 100):
        f.write(batch); f.flush()
        time.sleep(max(0, start + (n + 1) / 100 - time.monotonic()))
PY
python3 "$work/make.py" "$work"
echo "transcripts: $(find "$work/.claude" -name '*.jsonl' | wc -l) files, $(du -sm "$work/.claude" | cut -f1) MB"

ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
begin=$(date +%s%N)
"$BIN" --config "$work/config.toml" --state-dir "$work/state" run 2>"$work/log" & pid=$!; pids+=("$pid")
until grep -q "transcripts are followed" "$work/log"; do sleep 0.01; done
echo "start to following: $((($(date +%s%N) - begin) / 1000000)) ms, $(($(ticks "$pid") * 10)) ms of CPU, $(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MB"
before=$(ticks "$pid")
sleep 5
echo "nothing written for 5 s: $((($(ticks "$pid") - before) * 10)) ms of CPU"
before=$(ticks "$pid")
python3 "$work/append.py" "$work/.claude/projects/-project-1/session-1.jsonl" "$seconds"
used=$((($(ticks "$pid") - before) * 10))
echo "10,000 lines a second for $seconds s: $used ms of CPU, $(python3 -c "print(f'{$used / $seconds / 10:.1f}')") % of a core, $(awk '/VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MB"

event='{"session_id":"s","hook_event_name":"StopFailure","error":"server_error","last_assistant_message":"API Error: 529 Overloaded"}'
begin=$(date +%s%N)
for _ in $(seq 20); do "$BIN" --config "$work/config.toml" --state-dir "$work/state" hook <<<"$event"; done
echo "hook: $((($(date +%s%N) - begin) / 20000000)) ms each"
begin=$(date +%s%N)
"$BIN" --config "$work/config.toml" --state-dir "$work/state" diagnose >/dev/null 2>&1 || true
echo "diagnose over all of it, without an error in it: $((($(date +%s%N) - begin) / 1000000)) ms"
