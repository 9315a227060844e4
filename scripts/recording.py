#!/usr/bin/env python3
"""Writes docs/recording.gif: an outage from WAIT to RETRY, as a terminal shows it.

  scripts/recording.py [--program PATH]

The program is the real one, with its daemon, in a terminal of tmux; the page is one on loopback,
which has an outage, puts a fix out, and is well again. What the terminal shows is drawn whenever it
has changed. Takes what `scripts/screens.py --pictures` takes: tmux, Pillow and DejaVu Sans Mono.
"""
import argparse
import http.server
import json
import time

import screens

WIDTH, HEIGHT = 80, 14
UPDATES = {"outage": ("investigating", "We are investigating elevated errors on Claude Code."),
           "fix": ("monitoring", "A fix is out, and we are monitoring the results.")}


class Page(http.server.BaseHTTPRequestHandler):
    """The page in one of its states: green, outage, or fix."""
    state = "green"
    began = None

    def do_GET(self):
        body = {"page": {"id": "tymt9n04zgry", "name": "Claude"}, "scheduled_maintenances": [],
                "incidents": [self.incident()] if Page.state in UPDATES else []}
        if "incidents.json" not in self.path:
            level = "partial_outage" if Page.state == "outage" else "operational"
            body["components"] = [{"id": key, "name": name, "updated_at": screens.ago(0),
                                   "status": level if name == screens.CODE else "operational"}
                                  for key, name in screens.NAMES]
        screens.send_json(self, body)

    def incident(self):
        phase, text = UPDATES[Page.state]
        update = {"id": f"u{Page.state}", "status": phase, "body": text, "created_at": Page.began,
                  "updated_at": Page.began, "display_at": Page.began, "affected_components": []}
        rows = [{"id": key, "name": name} for key, name in screens.NAMES if name == screens.CODE]
        return {"id": "tmyn1ydxm0n6", "name": "Elevated errors on Claude Code", "status": phase,
                "impact": "major", "created_at": Page.began, "started_at": Page.began,
                "updated_at": Page.began, "resolved_at": None, "components": rows,
                "incident_updates": [update]}

    def log_message(self, *_):
        pass


class Film:
    """A terminal, and the pictures taken of it with the milliseconds that each is shown."""

    def __init__(self, desk):
        self.desk, self.frames = desk, []
        desk.env["PATH"] = f"{desk.dir}/bin:{desk.env['PATH']}"
        desk.tmux("new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT),
                  "env PS1='$ ' bash --norc --noprofile")
        desk.until(lambda: self.shown().startswith("$"))

    def shown(self):
        return self.desk.tmux("capture-pane", "-e", "-p").stdout.rstrip("\n")

    def take(self, milliseconds):
        self.frames.append((self.shown(), milliseconds))

    def types(self, words):
        """A line is typed; its letters are seen to come."""
        for letter in words:
            before = self.shown()
            self.desk.tmux("send-keys", "-l", letter)
            if letter != " ":
                self.desk.until(lambda: self.shown() != before)
                self.take(45)
        self.take(500)
        self.desk.tmux("send-keys", "Enter")

    def sees(self, words, milliseconds):
        self.desk.until(lambda: words in self.shown())
        # A terminal draws a moment after it was written to.
        time.sleep(0.3)
        self.take(milliseconds)

    def write(self, path):
        images = [screens.image(screens.as_if_public(text) + "\n" * (HEIGHT - 1 - text.count("\n")),
                                WIDTH, None).quantize(64) for text, _ in self.frames]
        images[0].save(path, save_all=True, append_images=images[1:], loop=0, optimize=True,
                       duration=[shown for _, shown in self.frames])
        size = images[0].size
        print(f"{path.relative_to(screens.ROOT)}: {len(images)} pictures of {size[0]}x{size[1]}, "
              f"{path.stat().st_size} bytes")


def play(desk):
    (desk.dir / "bin").mkdir()
    (desk.dir / "bin/ccwatch").symlink_to(desk.program)
    desk.run_daemon()
    Page.began, Page.state = screens.ago(0), "outage"
    film = Film(desk)
    desk.until(lambda: "partial" in (desk.dir / "log").read_text().lower())
    film.types("ccwatch status")
    film.sees("WAIT", 5000)
    desk.tmux("send-keys", "C-l")
    film.types("ccwatch wait && echo 'on we go: claude --continue'")
    film.sees("aiting", 3000)
    Page.state = "fix"
    film.sees("on we go: claude --continue\n", 3500)
    desk.tmux("send-keys", "C-l")
    film.types("ccwatch status")
    film.sees("RETRY", 6000)
    film.write(screens.ROOT / "docs/recording.gif")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=screens.ROOT / "target/debug/ccwatch")
    desk = screens.Desk(parser.parse_args().program, Page, '[poll]\ninterval = "500ms"\nduring_outage = "500ms"\n')
    try:
        play(desk)
    finally:
        desk.close()


if __name__ == "__main__":
    main()
