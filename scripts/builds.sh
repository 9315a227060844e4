#!/bin/bash
# Builds side by side: the size of each, how long it takes to start and to answer, and its memory.
#   scripts/builds.sh BINARY...      prints a table in Markdown
# Linux, python3. Figures are printed, never asserted: they depend on the machine.
set -euo pipefail
[ $# -gt 0 ] || { sed -n 's/^# \{0,1\}//; 2,4p' "$0" >&2; exit 64; }
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
echo green >"$work/mode"
python3 "$here/fake-page.py" "$work/mode" "$work/port" &
until [ -s "$work/port" ]; do sleep 0.05; done
printf '[page]\nurl = "http://127.0.0.1:%s"\nfallback = ""\n[notify]\ndesktop = false\n[sessions]\nresume = true\n' "$(cat "$work/port")" >"$work/config.toml"
export HOME=$work XDG_RUNTIME_DIR=$work

memory() { awk '/^VmRSS/ {all = $2} /^RssAnon/ {own = $2} END {printf "%.1f MB (%.1f)", all / 1024, own / 1024}' "/proc/$1/status"; }
# The fastest of 200 calls: what others do on the machine at the time is left out.
fastest() {
  python3 - "$@" <<'PY'
import subprocess, sys, time
took = []
for _ in range(200):
    start = time.perf_counter()
    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took.append(time.perf_counter() - start)
print(f"{min(took) * 1000:.1f} ms")
PY
}

echo "| build | file | \`--version\` | \`status\`, beside a daemon | \`run\`: resident (its own) | a hook that waits |"
echo "|---|---|---|---|---|---|"
for binary; do
  binary=$(readlink -f "$binary")
  from=("$binary" --config "$work/config.toml" --state-dir "$work/state-$(basename "$binary")")
  "${from[@]}" run 2>"$work/log" & daemon=$!
  until "${from[@]}" status 2>/dev/null | grep -q "The daemon runs"; do
    kill -0 "$daemon" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  status=$(fastest "${from[@]}" status)
  # A session that stopped: its hook waits as soon as `ccwatch sessions` knows it.
  echo '{"hook_event_name": "StopFailure", "session_id": "2395766c-3d17-4c5f-b9e7-73916e978b85", "cwd": "/tmp", "error": "server_error", "last_assistant_message": "API Error: 500 Internal server error."}' |
    CLAUDE_PID=$$ "${from[@]}" hook --wait 2>/dev/null & hook=$!
  until "${from[@]}" sessions --json | grep -q '"waiting"'; do
    kill -0 "$hook" 2>/dev/null || { echo "the hook of $binary doesn't wait" >&2; exit 1; }
    sleep 0.1
  done
  waiting=$(memory $hook)
  echo "| $(basename "$binary") | $(awk -v b="$(stat -Lc %s "$binary")" 'BEGIN {printf "%.1f MB", b / 1e6}') | $(fastest "$binary" --version) | $status | $(memory $daemon) | $waiting |"
  kill "$hook" "$daemon"
done
