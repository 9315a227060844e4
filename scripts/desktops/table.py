"""The table of what was seen, docs/desktops.md, and whether ccwatch is to blame for a gap in it."""
import re
from dataclasses import dataclass, field

from story import IN_LIST, SEEN

ABOUT = """# What is seen on real desktops

Made by `scripts/desktops/run --write` from a run; not typed. The built ccwatch watches a page that
goes through outages, on a screen, a session bus and a notification server that are real (the screen
is one that nobody sits at), one server after another. *Seen* means that the words of the step were
read on a screenshot by a machine (tesseract), with nothing beside them that contradicts them. A
click is a click of the mouse (mako: `makoctl`); which bubbles are up is counted on the bus, too.

A number leads to the reason below the table. Where the server itself is to blame it says so; for
anything else the run fails.
"""


@dataclass
class Column:
    """What came of the story on one server."""

    server: object
    says: str = ""
    cells: dict = field(default_factory=dict)
    skipped: str = ""
    broken: str = ""

    def gaps(self):
        """The steps that were not simply seen: (step, cell, the server's part in it or nothing)."""
        return [(step, cell, self.blame(step)) for step, cell in self.cells.items() if cell.state != SEEN]

    def blame(self, step):
        """The server's part in it. Where it has a list, the words must stand there at least."""
        if self.server.tray and self.cells[step].state != IN_LIST:
            return ""
        return self.server.to_blame.get(step, "")


def report(columns, file, write):
    """Prints or writes the table; the exit code."""
    ours = 0
    for column in columns:
        name = column.server.name
        for (chapter, step), cell, blame in column.gaps():
            ours += not blame
            print(f"{name}: {chapter}: {step}: {cell.state}: {cell.why}: {blame or 'OUR FAULT'}")
        for chapter, step in column.server.to_blame:
            if (cell := column.cells.get((chapter, step))) and cell.state == SEEN:
                print(f"{name}: {chapter}: {step}: seen, though the table of servers excuses it")
    broken = [column.server.name for column in columns if column.broken]
    text = document(columns)
    if write and not broken:
        file.write_text(text)
    else:
        compare(text, file)
    total = sum(len(column.cells) for column in columns)
    skipped = sum(bool(column.skipped) for column in columns)
    ran = len(columns) - skipped - len(broken)
    print(f"{total} steps on {ran} servers: {ours} not seen for a fault of ours; {skipped} servers SKIPPED")
    if broken:
        print(f"the desk itself failed for {', '.join(broken)}")
    return 1 if ours or broken else 0


def document(columns):
    """The text of docs/desktops.md."""
    ran = [column for column in columns if column.cells]
    lines = [ABOUT]
    reasons = []
    steps = list(dict.fromkeys(step for column in ran for step in column.cells))
    lines.append("| | " + " | ".join(column.server.name for column in ran) + " |")
    lines.append("|---" * (len(ran) + 1) + "|")
    before = ""
    for chapter, step in steps:
        if chapter != before:
            lines.append(f"| **{chapter}** |" + " |" * len(ran))
            before = chapter
        cells = [show(column, (chapter, step), reasons) for column in ran]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    lines.append("")
    lines += [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    lines.append("\n## The servers, and what to know of them\n")
    for column in columns:
        server = column.server
        said = f"SKIPPED: {column.skipped}" if column.skipped else f"{column.says}, package {server.version()}"
        lines.append(f"**{server.name}** ({said})\n")
        lines += [f"- {quirk}" for quirk in server.quirks]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def show(column, step, reasons):
    """A cell of the table, with the number of its reason."""
    cell = column.cells.get(step)
    if not cell:
        return "n.a."
    if cell.state == SEEN:
        return SEEN
    blame = column.blame(step)
    reason = f"{column.server.name} is to blame: {blame}" if blame else f"ccwatch is to blame: {cell.why}"
    if reason not in reasons:
        reasons.append(reason)
    return f"{cell.state} ({reasons.index(reason) + 1})"


def read(text):
    """The cells of a document: (chapter, step, server) to what stands there, without numbers."""
    cells, names, chapter = {}, [], ""
    for line in text.splitlines():
        row = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(row) > 1 and not row[0]:
            names = row[1:]
        elif row and row[0].startswith("**"):
            chapter = row[0].strip("*")
        elif row and names and not row[0].startswith("---"):
            for name, cell in zip(names, row[1:]):
                cells[chapter, row[0], name] = re.sub(r" \(\d+\)$", "", cell)
    return cells


def compare(text, file):
    """Says what differs from the document that is there."""
    there = read(file.read_text()) if file.exists() else {}
    for key, cell in read(text).items():
        if there.get(key, cell) != cell:
            print(f"docs/desktops.md says otherwise: {': '.join(key)}: {there[key]}, now {cell}")
