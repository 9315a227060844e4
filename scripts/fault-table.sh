#!/bin/bash
# Injects faults and writes docs/faults.md from what came of them. Takes some minutes.
#   scripts/fault-table.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp); trap 'rm -f "$out"' EXIT
CCWATCH_KILLS=${1:-300} cargo test --locked --test it kill_at -- --nocapture | tee -a "$out"
cargo test --locked --lib daemon::tests:: -- --nocapture 2>/dev/null | tee -a "$out"
cargo test --locked --test it catalogue:: | tee -a "$out"
python3 - "$out" >docs/faults.md <<'PY'
import re, sys
text = open(sys.argv[1]).read()
print("# Faults injected, and what came of them\n")
print("Made by `scripts/fault-table.sh` from a run; not typed. A loss, an invention, or a repeat that")
print("the promise doesn't allow makes the run fail. Allowed is one repeat of a message for a kill")
print("inside its delivery, for a call that was not answered, or for a hook that failed.\n")
print("| fault | times | lost | repeated | invented | again with |")
print("|---|---|---|---|---|---|")
kill = re.search(r"kills: (\d+), notices: (\d+), repeats: (\d+) .*lost: (\d+), invented: (\d+)", text)
assert kill and "0 failed" in text and not re.search(r"[1-9]\d* failed", text), "the run failed"
seed = re.search(r"CCWATCH_SEED=(\d+)", text).group(1)
print(f"| kill -9 of the real daemon, {kill[2]} messages | {kill[1]} | {kill[4]} | {kill[3]} | {kill[5]} "
      f"| `scripts/ci/kill-test.sh {kill[1]} {seed}` |")
words = {"Read": "reading the page", "Write": "a transaction", "Send": "a call of the screen",
         "Hook": "a run of the hook",
         "Error": "fails", "KilledBefore": "killed right before", "KilledAfter": "killed right after"}
for what, how, times, repeats in re.findall(r"^(\w+) (\w+): (\d+) times, (\d+) repeats", text, re.M):
    print(f"| {words[what]}: {words[how]}, for each one in turn | {times} | 0 | {repeats} | 0 | `cargo test --lib nth` |")
for seed, counts in re.findall(r"^seed (\d+): (.*)$", text, re.M):
    n = lambda key: re.search(key + r": (\d+)", counts)[1]
    print(f"| 30 days, seed {seed}: {n('failed')} failed reads, {n('kills')} kills, {n('unwritten')} failed writes, "
          f"{n('notices')} messages | {sum(int(n(k)) for k in ('failed', 'kills', 'unwritten'))} | 0 | {n('repeats')} | 0 "
          f"| `CCWATCH_SEED={seed} cargo test --lib simulation` |")
print("\n## The catalogue\n\n| line | held |\n|---|---|")
for name, held in sorted(re.findall(r"catalogue::(fault_\d+\w*) \.\.\. (\w+)", text)):
    number, words = name.removeprefix("fault_").split("_", 1)
    print(f"| {int(number)}. {words.replace('_', ' ')} | {held} |")
PY
cat docs/faults.md
