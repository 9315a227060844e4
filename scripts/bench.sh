#!/bin/bash
# Prints what ccwatch costs: memory, CPU, bytes and wake-ups of the daemon, and the time of `status`.
#   scripts/bench.sh [SECONDS]      how long the daemon idles before its memory is read (default 600)
# Linux, python3. Figures are printed, never asserted: they depend on the machine.
set -euo pipefail
idle=${1:-600}
cd "$(dirname "$0")/.."
cargo build --profile dist --locked -q
bin=${CARGO_TARGET_DIR:-target}/dist/ccwatch
work=$(mktemp -d); pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

cat >"$work/page.py" <<'PY'
import hashlib, http.server, json, sys
names = [("rwppv331jlwc", "claude.ai"), ("0qbwn08sd68x", "Claude Console"), ("k8w3r06qmzrp", "Claude API"),
         ("yyzkbfz2thpt", "Claude Code"), ("bpp5gb3hpjcl", "Claude Cowork"), ("0scnb50nvy53", "Claude for Government")]
page = {"id": "tymt9n04zgry", "name": "Claude", "url": "https://status.claude.com", "time_zone": "Etc/UTC"}
summary = json.dumps({"page": page, "incidents": [], "scheduled_maintenances": [], "components": [
    {"id": i, "name": n, "status": "operational", "group": False, "group_id": None, "description": None,
     "updated_at": "2026-06-17T08:24:34.996Z", "created_at": "2023-07-11T17:52:24.275Z", "position": k,
     "showcase": True, "page_id": page["id"]} for k, (i, n) in enumerate(names)]}).encode()
history = json.dumps({"page": page, "incidents": []}).encode()
log = open(sys.argv[1], "w", buffering=1)
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = history if "incidents" in self.path else summary
        tag = 'W/"%s"' % hashlib.sha1(body).hexdigest()
        same = self.headers.get("If-None-Match") == tag
        sent = len(self.requestline) + 2 + sum(len(k) + len(v) + 4 for k, v in self.headers.items()) + 2
        self.send_response(304 if same else 200)
        self.send_header("ETag", tag)
        if not same:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        got = sum(map(len, self._headers_buffer)) + 2 + (0 if same else len(body))
        self.end_headers()
        if not same: self.wfile.write(body)
        self.close_connection = True
        log.write("%d %d %d\n" % (304 if same else 200, sent, got))
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(server.server_port, flush=True); server.serve_forever()
PY

serve() { python3 "$work/page.py" "$work/$1.log" >"$work/$1.port" & pids+=($!); while [ ! -s "$work/$1.port" ]; do sleep 0.05; done; }
configure() { # NAME INTERVAL
  printf '[page]\nurl = "http://127.0.0.1:%s"\nfallback = ""\n[poll]\ninterval = "%s"\nduring_outage = "%s"\n' \
    "$(cat "$work/$1.port")" "$2" "$2" >"$work/$1.toml"
}
start() { "$bin" run --config "$work/$1.toml" --state-dir "$work/$1" 2>/dev/null & daemon=$!; pids+=($daemon); }
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
switches() { cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt/ {n += $2} END {print n}'; }
memory() { awk '/^VmRSS|^RssAnon|^VmHWM/ {printf "%s %.1f MB  ", $1, $2 / 1024} END {print ""}' "/proc/$1/status"; }
lines() { wc -l <"$work/$1.log"; }

echo "ccwatch $("$bin" --version | cut -d' ' -f2), $(nproc) cores, $(uname -sr)"

serve idle; configure idle 60s; start idle; idler=$daemon
serve fast; configure fast 100ms; start fast; fast=$daemon
until [ "$(lines fast)" -gt 50 ]; do sleep 0.1; done
before=$(ticks "$fast") from=$(lines fast); sleep 60; polls=$(($(lines fast) - from))
hz=$(getconf CLK_TCK)
awk -v t=$(($(ticks "$fast") - before)) -v n=$polls -v hz="$hz" \
  'BEGIN {printf "CPU: %.2f ms a poll (%d polls in 60 s, one durable write each)\n", t * 1000 / hz / n, n}'
awk '$1 == 304 {n++; up += $2; down += $3} END {printf "bytes of an unchanged poll: %d sent, %d received (headers only)\n", up / n, down / n}' "$work/fast.log"
echo "memory while polling ten times a second: $(memory "$fast")"
kill "$fast"

echo "idling for $idle s at an interval of 60 s ..."
sleep 5; n=$(lines idle); until [ "$(lines idle)" -gt "$n" ]; do sleep 0.2; done; sleep 2
s=$(switches "$idler"); sleep 40; echo "wake-ups in 40 s between two polls: $(($(switches "$idler") - s))"
sleep "$((idle > 120 ? idle - 120 : 0))"
echo "memory after $idle s idle: $(memory "$idler") threads: $(ls "/proc/$idler/task" | wc -l)"

python3 - "$bin" "$work/idle.toml" "$work/idle" <<'PY'
import subprocess, sys, time
for args in (["status", "--json"], ["status", "-q"]):
    took = []
    for _ in range(100):
        t = time.perf_counter()
        subprocess.run([sys.argv[1], *args, "--config", sys.argv[2], "--state-dir", sys.argv[3]], stdout=subprocess.DEVNULL)
        took.append((time.perf_counter() - t) * 1000)
    took.sort()
    print("ccwatch %s, start to exit, 100 runs: median %.1f ms, p90 %.1f ms" % (" ".join(args), took[50], took[90]))
PY
ls -l "$bin" | awk '{printf "binary: %.1f MB\n", $5 / 1048576}'
echo "against a year of history:"
cargo bench --locked -q --bench status
echo "reading an error and taking out what is private:"
cargo bench --locked -q --bench errors
# With the page's incidents in CCWATCH_CAPTURES, one JSON a line: how often the expectations held.
cargo bench --locked -q --bench expectation
