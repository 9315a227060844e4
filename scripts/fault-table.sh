#!/bin/bash
# Injects faults and writes docs/faults.md from what came of them: every row was printed by the
# test that injected the fault, with numbers that it counted. Takes some minutes.
#   scripts/fault-table.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp); trap 'rm -f "$out"' EXIT
{
    cargo test --locked -p ccwatch --lib -- daemon::tests:: store::tests:: sanitize:: --nocapture
    CCWATCH_KILLS=${1:-300} cargo test --locked -p ccwatch --test it -- fault_ kill_at corpus:: --nocapture
} 2>&1 | tee "$out" | grep -aE '^test |FAULT|SKIPPED'
python3 - "$out" >docs/faults.md <<'PY'
import json, re, sys
text = open(sys.argv[1], errors="replace").read()
assert text.count("test result: ok") == 2 and "FAILED" not in text, "the run failed"
rows = [json.loads(row) for row in re.findall(r"FAULT (\{.*\})", text)]
# The count of faults tests itself under this name.
rows = [row for row in rows if row["fault"] != "test"]
print("# Faults injected, and what came of them\n")
print("Made by `scripts/fault-table.sh` from a run; not typed. Each test compares the messages that the")
print("page gave reason for with those that a recording notification server got (a few: the log, the")
print("database, or the core in virtual time), and counts. A loss, an invention, or a repeat that the")
print("promise doesn't allow makes the run fail. Allowed is one repeat of a message for a kill inside its")
print("delivery, for a call that was not answered, for a hook that failed, or where the torn log had held that it was told.\n")
def table(rows, first):
    print(f"| {first} | times | messages | lost | repeated | invented | again with |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        label = row["fault"] if not row["line"] else f'{row["line"]}. {row["fault"]}'
        allowed = f' of {row["allowed"]} allowed' if row["allowed"] else ""
        print(f'| {label} | {row["times"]} | {row["messages"]} | {row["lost"]} | {row["repeated"]}{allowed} '
              f'| {row["invented"]} | `{row["again"]}` |')
print("## The catalogue\n")
table(sorted((r for r in rows if r["line"]), key=lambda r: (r["line"], r["fault"])), "line")
print("\n## Beyond it\n")
table(sorted((r for r in rows if not r["line"]), key=lambda r: r["fault"]), "fault")
for line in sorted(set(re.findall(r"SKIPPED: .*", text))):
    print(f"\n{line}")
PY
cat docs/faults.md
