#!/usr/bin/env python3
"""Every screen of the table in docs/commands.md, as a terminal shows it: 80 and 45 columns wide.

  scripts/screens.py [--program PATH] [--out DIR] [--pictures]

It plays an outage on a page of its own on loopback, under clocks of the past so that there is a
history, and writes what each command shows to DIR/NAME-80.txt and DIR/NAME-45.txt, to be looked
at. With --pictures it also draws docs/status.png and docs/watch.png; that takes Pillow (pip
install pillow, or python3-pil) and the font DejaVu Sans Mono. Linux, with tmux and a C compiler.
Nothing is read or written outside of a directory of its own, DIR and docs.
"""
import argparse
import datetime
import http.server
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTHS = {80: 40, 45: 70}
NAMES = [("rwppv331jlwc", "claude.ai"), ("k8w3r06qmzrp", "Claude API (api.anthropic.com)"),
         ("yyzkbfz2thpt", "Claude Code"), ("bpp5gb3hpjcl", "Claude Cowork")]
CODE, API = "Claude Code", "Claude API (api.anthropic.com)"

# Minutes ago, and what is not operational from then on.
STORY = [
    (9 * 1440, {}), (6 * 1440 + 200, {CODE: "degraded_performance"}), (6 * 1440 + 140, {}),
    (6 * 1440 + 138, {}), (2 * 1440 + 75, {CODE: "major_outage", API: "partial_outage"}),
    (2 * 1440 + 20, {CODE: "partial_outage"}), (2 * 1440 + 2, {}), (2 * 1440, {}),
    (13, {}), (12, {CODE: "partial_outage"}), (7, {CODE: "partial_outage"}),
]

# Name, and the words behind ccwatch. What must be seen before the picture is taken, for those that
# don't end by themselves.
SCREENS = [
    ("status", "status"), ("status-all", "status --all"), ("status-at", "status --at '1h ago'"),
    ("history", "history"), ("history-notices", "history --notices"),
    ("history-transitions", "history --transitions"), ("history-incidents", "history --incidents"),
    ("history-decisions", "history --decisions"), ("uptime", "uptime --days 30"),
    ("diagnose", "diagnose 'API Error: 529 Overloaded'"), ("evidence", "evidence 'API Error: 529 Overloaded'"),
    ("route", "route"), ("doctor", "doctor"), ("wait", "wait --timeout 0s"), ("mute", "mute"),
    ("config-show", "config show"), ("config-check", "config check"), ("config-check-live", "config check --live"), ("config-init", "config init"),
    ("service-status", "service status"), ("service-install", "service install --dry-run"),
    ("replay", "replay recording.jsonl"), ("notify-test", "notify-test"), ("help", "--help"),
    ("help-wait", "wait --help"), ("tmux", "status --format tmux"), ("usage", "wait claude -p hi"),
    ("run", "run --state-dir new-{width}", "new_outage"), ("watch", "watch", "q leaves"),
]


def ago(minutes):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def send_json(request, body):
    """Answers a request with JSON."""
    body = json.dumps(body).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


class Page(http.server.BaseHTTPRequestHandler):
    """The page at the moment of the story that it is set to."""
    step = 0

    def do_GET(self):
        incidents = self.incidents()
        body = {"page": {"id": "tymt9n04zgry", "name": "Claude"}, "scheduled_maintenances": []}
        if "incidents.json" in self.path:
            body["incidents"] = incidents
        else:
            body["incidents"] = [one for one in incidents if one["resolved_at"] is None]
            body["components"] = [self.component(*one) for one in NAMES]
        send_json(self, body)

    def component(self, key, name):
        now = STORY[Page.step][1].get(name)
        changed = next(STORY[n][0] for n in range(Page.step, -1, -1)
                       if n == 0 or STORY[n - 1][1].get(name) != now)
        return {"id": key, "name": name, "status": now or "operational", "updated_at": ago(changed)}

    def incidents(self):
        told = [(12, None, [(7, "identified", "We have identified the cause and are working on a fix."),
                            (12, "investigating", "We are looking into it.")],
                 "tmyn1ydxm0n6", "Elevated errors on Claude Code", [CODE]),
                (2 * 1440 + 75, 2 * 1440 + 2, [(2 * 1440 + 2, "resolved", "This is resolved.")],
                 "q0c4n5r9w2k1", "Claude Code and the API are unavailable", [CODE, API])]
        minutes = STORY[Page.step][0]
        return [self.incident(*one, minutes) for one in told if one[0] >= minutes]

    def incident(self, began, ended, updates, key, name, names, minutes):
        shown = [one for one in updates if one[0] >= minutes] or updates[-1:]
        over = ended is not None and ended >= minutes
        rows = [{"id": one, "name": n} for one, n in NAMES if n in names]
        updates = [{"id": f"{key}{at}", "status": phase, "body": body, "created_at": ago(at),
                    "updated_at": ago(at), "display_at": ago(at), "affected_components": []}
                   for at, phase, body in shown]
        return {"id": key, "name": name, "status": "resolved" if over else updates[0]["status"],
                "impact": "major", "created_at": ago(began), "started_at": ago(began),
                "updated_at": updates[0]["created_at"], "resolved_at": ago(ended) if over else None,
                "components": rows, "incident_updates": updates}

    def log_message(self, *_):
        pass


class Desk:
    """A user with a configuration, a past, and a terminal."""

    def __init__(self, program, page=Page, more=""):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ccwatch-screens-"))
        self.program = str(pathlib.Path(program).resolve())
        self.shown = 0
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = self.dir / ".config/ccwatch/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'[page]\nurl = "http://127.0.0.1:{server.server_port}"\nfallback = ""\n'
                          f"[notify]\ndesktop = false\n{more}")
        self.env = {"HOME": str(self.dir), "PATH": os.environ["PATH"], "TERM": "xterm-256color",
                    "LANG": "C.UTF-8", "TZ": os.environ.get("TZ", "")}
        if not self.env["TZ"]:
            del self.env["TZ"]

    def live(self):
        """The past by single looks under a clock that is set back, then a daemon of now."""
        shim, library = self.dir / "shim", self.dir / "shim.so"
        shim.mkdir()
        source = ROOT / "tests/it/shim.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        for name in ("disk", "names", "watches"):
            (shim / name).write_text("")
        bent = {**self.env, "LD_PRELOAD": str(library), "CCWATCH_SHIM": str(shim)}
        # A look a minute before each change makes it one that was seen when it was.
        looks = [(minutes + early, step - early) for step, (minutes, _) in enumerate(STORY)
                 for early in ((1, 0) if step else (0,))]
        for minutes, Page.step in looks:
            (shim / "clock").write_text(str(-minutes * 60))
            subprocess.run([self.program, "run", "--once", "--record", "recording.jsonl"],
                           env=bent, cwd=self.dir, capture_output=True, check=False)
        self.run_daemon()

    def run_daemon(self):
        log = open(self.dir / "log", "w", encoding="utf-8")
        self.daemon = subprocess.Popen([self.program, "run"], env=self.env, cwd=self.dir, stderr=log)
        self.until(lambda: "the page says now" in (self.dir / "log").read_text())

    @staticmethod
    def until(done):
        for _ in range(600):
            if done():
                return
            time.sleep(0.05)
        raise SystemExit("it did not come to that within half a minute")

    def tmux(self, *words):
        # A server that was told to end takes a moment: each screen has its own.
        command = ["tmux", "-S", str(self.dir / f"tmux-{self.shown}"), "-f", "/dev/null", *words]
        return subprocess.run(command, env=self.env, cwd=self.dir, capture_output=True, text=True)

    def screen(self, words, width, height, seen=None):
        """What the terminal shows, with its colours as escape sequences."""
        self.shown += 1
        done = self.dir / "done"
        done.unlink(missing_ok=True)
        line = f"{shlex.quote(self.program)} {words}; touch {done}; exec sleep 60"
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), f"trap : INT; clear; {line}")
        shown = lambda: self.tmux("capture-pane", "-e", "-p").stdout
        self.until(lambda: seen in shown() if seen else done.exists())
        # tmux draws a moment after it was written to.
        time.sleep(0.3)
        text = shown()
        if seen:
            # A terminal that goes away is no end for a daemon: it reads its configuration again.
            self.tmux("send-keys", "C-c")
            self.until(done.exists)
        self.tmux("kill-server")
        return text.rstrip("\n")

    def close(self):
        self.tmux("kill-server")
        self.daemon.terminate()
        self.daemon.wait()
        shutil.rmtree(self.dir)


# ---- Pictures --------------------------------------------------------------------------------

COLOURS = {30: "#21252b", 31: "#e06c75", 32: "#98c379", 33: "#e5c07b", 34: "#61afef",
           35: "#c678dd", 36: "#56b6c2", 37: "#abb2bf", 90: "#7f848e"}
BACK, FRONT, DIM = "#282c34", "#dcdfe4", "#8b919c"
FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
SIZE = 15


def pieces(line):
    """The pieces of a line: their text, colour and whether they are bold."""
    colour, bold = FRONT, False
    for at, piece in enumerate(re.split(r"\x1b\[([0-9;]*)m", line)):
        if at % 2 == 0:
            if piece:
                yield piece, colour, bold
            continue
        # The sixteen colours have two names: 31, and 38;5;1.
        piece = re.sub(r"38;5;([0-7])(?!\d)", r"3\1", piece)
        for code in (int(one or 0) for one in piece.split(";")):
            if code == 0:
                colour, bold = FRONT, False
            elif code == 1:
                bold = True
            elif code == 2:
                colour = DIM
            elif code in (22, 39):
                bold, colour = (False, colour) if code == 22 else (bold, FRONT)
            colour = COLOURS.get(code, colour)


def as_if_public(text):
    """The page of the story under the address of the real one; what stands behind stays in place."""
    real = "status.claude.com"
    text = re.sub(r"http://127\.0\.0\.1:\d+", f"https://{real}", text)
    return re.sub(r"127\.0\.0\.1:\d+ +", lambda m: real + " " * (len(m[0]) - len(real)), text)


def image(text, width, command):
    from PIL import Image, ImageDraw, ImageFont
    plain, strong = (ImageFont.truetype(FONTS.format(kind), SIZE) for kind in ("", "-Bold"))
    lines = ([f"\x1b[90m$\x1b[0m {command}"] if command else []) + text.split("\n")
    step, down, edge = plain.getlength("M"), SIZE + 5, 14
    size = (round(width * step) + 2 * edge, len(lines) * down + 2 * edge)
    drawn = Image.new("RGB", size, BACK)
    canvas = ImageDraw.Draw(drawn)
    for row, line in enumerate(lines):
        column = 0
        for piece, colour, bold in pieces(line):
            where = (edge + column * step, edge + row * down)
            canvas.text(where, piece, fill=colour, font=strong if bold else plain)
            column += len(piece)
    return drawn


def draw(text, width, command, path):
    drawn = image(text, width, command)
    # Few colours make a small file.
    drawn.quantize(64).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {drawn.width}x{drawn.height}, {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=ROOT / "target/debug/ccwatch")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target/screens")
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    desk = Desk(options.program)
    try:
        desk.live()
        for name, words, *seen in SCREENS:
            for width, height in WIDTHS.items():
                text = desk.screen(words.format(width=width), width, height, *seen)
                plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
                (options.out / f"{name}-{width}.txt").write_text(plain + "\n")
        print(f"{len(SCREENS) * len(WIDTHS)} screens in {options.out}")
        if options.pictures:
            text = desk.screen("status", 80, 24)
            draw(as_if_public(text), 80, "ccwatch status", ROOT / "docs/status.png")
            text = desk.screen("watch", 80, 24, "q leaves")
            draw(as_if_public(text), 80, None, ROOT / "docs/watch.png")
    finally:
        desk.close()


if __name__ == "__main__":
    main()
