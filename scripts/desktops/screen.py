"""What is on the screen: pictures, where they differ from the empty screen, the words on them."""
import difflib
import re
import subprocess
import time

import framebuffer
from camera import Camera


class Broken(Exception):
    """The desk itself doesn't do what it should."""


# What differs by less than this is the same colour.
FUZZ = "6%"
# How a picture is made ready for reading: dark on light, light on dark, and faint on anything.
READINGS = ([], ["-negate"], ["-threshold", "60%", "-negate"])
# Between two looks that are to agree; longer than a shell takes from one picture to the next.
FRAME = 0.05
# A shell takes a user for absent who hasn't moved for a second.
RESTLESS = 0.5
# A shell needs some time before it shows anything, and a loaded machine has more shells than one.
FIRST_NOTICE = 90


class Screen:
    """The desk's screen."""

    def __init__(self, desk, size):
        self.desk, self.size = desk, size
        self.width, self.height = (int(number) for number in size.split("x"))
        self.empty = self.raw = self.last = None
        self.read, self.words, self.known = None, "", {}
        self.moved, self.moved_at, self.holding = 0, 0.0, False
        self.blind = 0.0

    # ---- Pictures ----------------------------------------------------------------------------

    def picture(self):
        """The screen as it is, without its panels, as PPM."""
        if self.desk.server.wayland:
            return self.pipe(["grim", "-t", "ppm", "-"])
        raw = framebuffer.read(self.desk.dir / "Xvfb_screen0", *self.desk.server.panels)
        if raw != self.raw:
            self.raw, self.last = raw, framebuffer.ppm(raw, self.width)
        return self.last

    def settled(self):
        """A picture that two looks agree on, or the fourth one: some animations never end."""
        before = self.picture()
        for _ in range(3):
            time.sleep(FRAME)
            now = self.picture()
            if now == before:
                break
            before = now
        return before

    def save(self, name, picture, words):
        """Keeps a picture among the shots, and beside it what was read on it."""
        self.pipe(["convert", "ppm:-", self.desk.shots / f"{name}.png"], picture)
        (self.desk.shots / f"{name}.txt").write_text(words)

    def box(self, picture):
        """Where a picture differs from the empty screen: x, y, width, height; or None."""
        if picture == self.empty:
            return None
        empty = self.desk.dir / "empty.ppm"
        empty.write_bytes(self.empty)
        found = self.pipe(["convert", empty, "ppm:-", "-compose", "difference", "-composite", "-colorspace", "Gray",
                           "-threshold", FUZZ, "-format", "%@ %[fx:maxima]", "info:"], picture).decode()
        numbers = re.match(r"(\d+)x(\d+)\+(\d+)\+(\d+) 1$", found)
        if not numbers:
            return None
        width, height, x, y = (int(number) for number in numbers.groups())
        return x, y, width, height

    def place_on_bubble(self, place):
        """A point on the bubble that is up: its middle, or so far from its right edge, and from its
        upper edge or, if negative, from its lower one."""
        x, y, width, height = self.box(self.settled()) or (0, 0, self.width, 0)
        top = y + self.desk.server.panels[0]
        if place == "middle":
            return x + width // 2, top + height // 2
        right, down = place
        return x + width - right, top + down if down > 0 else top + height + down

    def pipe(self, command, given=b""):
        """What a program makes of a picture."""
        return subprocess.run([str(word) for word in command], env=self.desk.env, input=given,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout

    # ---- Words -------------------------------------------------------------------------------

    def look(self):
        """A picture of the screen, with the user at it."""
        self.wake()
        picture = self.settled()
        if self.holding and (box := self.box(picture)):
            self.hold(box)
        return picture

    def text(self, picture):
        """The words on a picture that aren't on the empty screen."""
        if picture not in self.known:
            box = self.box(picture)
            self.known[picture] = self.recognise(picture, box) if box else ""
        return self.known[picture]

    def recognise(self, picture, box):
        """Reads the box in the ways that may give something; all that they gave."""
        x, y, width, height = box
        margin = 8
        crop = f"{width + 2 * margin}x{height + 2 * margin}+{max(0, x - margin)}+{max(0, y - margin)}"
        texts = []
        for reading in READINGS:
            large = ["-crop", crop, "+repage", "-colorspace", "Gray", "-resize", "300%", *reading, "-depth", "8"]
            ready = self.pipe(["convert", "ppm:-", *large, "pgm:-"], picture)
            texts.append(self.pipe(["tesseract", "-", "-", "--psm", "11"], ready).decode(errors="replace"))
        return "\n".join(texts)

    def sees(self, wanted, seconds, unwanted=(), name=None, hold=False):
        """Whether all wanted words come up, and no unwanted ones beside them, before the time is up.

        The picture that showed it is kept, or else the last one that had any words. To hold the
        bubble is to put the mouse on it, which keeps it up where time would take it down. `blind`
        tells afterwards for how long at most nobody looked.
        """
        self.holding, self.known = hold, {}
        newest, seen = 0, False
        with Camera(self.look, seconds) as camera:
            for number, picture in camera.pictures():
                text = self.text(picture)
                seen = all(has(text, word) for word in wanted) and not any(has(text, word) for word in unwanted)
                if seen or number > newest and (text.strip() or not newest):
                    newest, self.read, self.words = number, picture, text
                if seen:
                    break
        self.blind = camera.blind
        if name:
            self.save(name, self.read, self.words)
        return seen

    # ---- The user ----------------------------------------------------------------------------

    def wake(self):
        """Moves the mouse away from everything: shells show banners only to an active user."""
        if self.desk.server.shell and not self.holding and time.monotonic() > self.moved_at + RESTLESS:
            self.moved, self.moved_at = self.moved + 1, time.monotonic()
            self.desk.run("xdotool", "mousemove", 100 + self.moved % 2 * 40, self.height - 200)

    def hold(self, box):
        """Puts the mouse on the bubble."""
        x, y, width, height = box
        if not self.desk.server.wayland:
            self.desk.run("xdotool", "mousemove", x + width // 2, self.desk.server.panels[0] + y + height // 2)

    def let_go(self):
        """Takes the mouse off the bubble."""
        self.holding = False
        if not self.desk.server.wayland:
            self.desk.run("xdotool", "mousemove", 100, self.height - 200)

    def open_list(self):
        """Opens the list of past notices, or closes it."""
        if self.desk.server.tray == "clock":
            self.desk.run("xdotool", "mousemove", self.width // 2 - 5, 14, "sleep", "0.2",
                          "mousemove", self.width // 2, 14, "sleep", "0.3", "click", "1")

    # ---- Beginning and end -------------------------------------------------------------------

    def wait_until_it_shows(self):
        """Waits until a notice of another program can be read, then takes it down."""
        end = time.monotonic() + FIRST_NOTICE
        ready = False
        while not ready:
            if time.monotonic() > end:
                self.save("no-first-notice", self.read, self.words)
                raise Broken(f"{self.desk.server.name} shows nothing at all")
            self.wake()
            self.empty = self.settled()
            self.desk.another_program("Anybody there", "The desk is being made ready")
            ready = self.sees(["anybody there"], 8)
            self.desk.close_all()
            self.sees([], 8, ["anybody there"])
        self.empty = self.settled()

    def is_empty_soon(self):
        """Whether the screen gets as it was before any bubble."""
        self.let_go()
        end = time.monotonic() + 15
        while self.box(self.settled()):
            if time.monotonic() > end:
                return False
            self.wake()
        return True


def has(text, phrase):
    """Whether a phrase is in a text that a machine read, give or take a letter in long words."""
    words = split(text)
    wanted = split(phrase)
    spans = (words[start:start + len(wanted)] for start in range(len(words) - len(wanted) + 1))
    return any(all(same(one, other) for one, other in zip(span, wanted)) for span in spans)


def split(text):
    """The words of a text, in small letters."""
    return re.findall(r"[a-z0-9]+", text.lower())


def same(read, meant):
    """Whether a word was meant."""
    if len(meant) < 5:
        return read == meant
    return difflib.SequenceMatcher(None, read, meant).ratio() >= 0.8
