"""The story: what ccwatch has to say in a few outages, and whether it can be read on the screen."""
import shutil
import time
from dataclasses import dataclass

from desk import end, kill, until
from page import EVERY
from screen import Broken, has

# How long a message may take from the change of the page to the screen.
PATIENCE = 12
# How long another program's notice may take.
AT_ONCE = 3
# How long a critical bubble is looked after.
STAYS = 30
# When nothing may be left of an outage any more.
AFTERWARDS = 5

# What must be read at each step, and what must not stand beside it. Small letters, any order.
WORDS = {
    "degraded": (["degraded", "claude code"], ["back"]),
    "outage": (["outage", "claude code"], ["back"]),
    "worse": (["major outage", "claude code"], ["back"]),
    "partial": (["partial outage", "claude code"], ["back"]),
    "fix out": (["fix", "claude code"], ["leave your settings"]),
    "back": (["back", "claude code"], ["outage", "degraded"]),
    "three": (["outage"], ["back"]),
    "three back": (["back"], ["outage"]),
    "joined": (["major outage", "claude ai", "degraded"], ["back"]),
    "one back": (["back", "still down", "claude code"], ["leave your settings"]),
    "maintenance": (["maintenance", "claude code"], []),
    "maintenance over": (["maintenance over", "claude code"], ["under maintenance"]),
}
NAMES = ("claude code", "claude api", "claude ai")
GONE = ("outage", "degraded")

CONFIG = """# Everything as it is by default, but faster, and without the sandbox: to start a browser out of
# it takes a portal or systemd, which this desk has not.
sandbox = false
[page]
url = "{url}"
fallback = ""
[poll]
interval = "1s"
during_outage = "1s"
[notify]
settle = "2s"
"""


# Where a step's words were found at last.
SEEN, IN_LIST, NOT_SEEN = "seen", "in the list only", "not seen"


@dataclass
class Cell:
    """What came of a step, and why it's not simply seen."""

    state: str
    why: str = ""


class Story:
    """Plays it on one desk; `cells` has what came of it, by (chapter, step)."""

    def __init__(self, desk, page, binary, say, quick=False):
        self.desk, self.page, self.binary, self.say, self.quick = desk, page, binary, say, quick
        self.cells, self.chapter, self.daemon = {}, "", None

    def play(self, beginning=""):
        """The chapters that begin so, each with a new daemon and an empty screen."""
        for chapter, act in CHAPTERS.items():
            if not chapter.startswith(beginning):
                continue
            self.chapter = chapter
            self.page.clear()
            self.desk.keep_server()
            shutil.rmtree(self.desk.dir / "state", ignore_errors=True)
            self.start_daemon()
            try:
                act(self)
            finally:
                end(self.daemon)
            self.desk.close_all()
            # What a server can't be made to take down, as it forgot it, goes with the server.
            if not self.desk.screen.is_empty_soon():
                self.desk.restart_server()
                if not self.desk.screen.is_empty_soon():
                    raise Broken("the screen doesn't get empty")

    # ---- The daemon --------------------------------------------------------------------------

    def start_daemon(self):
        """Starts it and waits until it has read the page twice."""
        config = self.desk.dir / "config.toml"
        config.write_text(CONFIG.format(url=self.page.url))
        env = {**self.desk.env, "SSL_CERT_FILE": str(self.page.authority), "SSL_CERT_DIR": ""}
        self.daemon = self.desk.spawn(
            [self.binary, "run", "--config", config, "--state-dir", self.desk.dir / "state",
             "--log-file", self.desk.shots / "ccwatch.log"], env=env)
        before = self.page.requests
        until(lambda: self.page.requests >= before + 2, "ccwatch to read the page")

    # ---- What can be asked of the screen -----------------------------------------------------

    def note(self, step, state, why=""):
        """Puts a result down: a state, or whether it was seen."""
        if isinstance(state, bool):
            state = SEEN if state else NOT_SEEN
        cell = self.cells[self.chapter, step] = Cell(state, "" if state == SEEN else why)
        self.say(f"{state:9} {self.chapter}: {step}{f' ({cell.why})' if cell.why else ''}")

    def shot(self, step):
        """The name of this step's screenshot."""
        return f"{len(self.cells):02} {self.chapter}, {step}".replace(" ", "-").replace(",", "").replace("/", "-")

    def step(self, step, words, act, *arguments, hold=False):
        """Something happens, and the words come up, in one bubble."""
        wanted, unwanted = WORDS[words]
        before = len(self.desk.log().ours())
        act(*arguments)
        seen = self.desk.screen.sees(wanted, PATIENCE, unwanted, self.shot(step), hold)
        why = self.why(before, unwanted)
        if not seen and self.desk.server.tray and self.in_list(wanted[:1], unwanted, step):
            seen = IN_LIST
        self.note(step, seen, why)

    def in_list(self, wanted, unwanted, step):
        """Whether the words stand in the server's list of past notices, which may cut titles."""
        self.desk.screen.open_list()
        found = self.desk.screen.sees(wanted, 4, unwanted, self.shot(f"{step} in the list"))
        self.desk.screen.open_list()
        # What comes while the list is still on its way out counts as read in it.
        self.desk.screen.is_empty_soon()
        return found

    def why(self, before, unwanted):
        """What the bus and the screen know of a step that wasn't seen."""
        new = self.desk.log().ours()[before:]
        if not new:
            return "ccwatch sent nothing"
        if new[-1].error:
            return f"refused: {new[-1].error}"
        left = [word for word in unwanted if has(self.desk.screen.words, word)]
        if left:
            return f'"{left[0]}" still stands there'
        return (f'"{new[-1].title}" was accepted, but not shown; '
                f"there was no look at the screen for {self.desk.screen.blind:.1f} s at most")

    def one_bubble(self, step="one bubble at a time"):
        """By the bus, ccwatch has one bubble up at most."""
        up = [notice for notice in self.desk.log().open(self.desk.started) if notice.program == "ccwatch"]
        self.note(step, len(up) < 2, "up are " + ", ".join(f'"{notice.title}"' for notice in up))

    def afterwards(self):
        """Some seconds after the end, nothing says outage, and others have the screen."""
        last = self.desk.log().ours()[-1:]
        rest = (last[0].at if last else time.time()) + AFTERWARDS - time.time()
        time.sleep(max(0, rest))
        gone = self.desk.screen.sees([], 0, GONE, self.shot("5 s after back"))
        self.note("5 s after back, the screen says no outage", gone, "it does")
        if self.desk.server.tray:
            gone = self.in_list(["back"], GONE, "5 s after back")
            self.note("5 s after back, nor does the list", gone, "it does, or doesn't say back")
        self.desk.another_program("Tea is ready", "Says another program")
        seen = self.desk.screen.sees(["tea is ready"], AT_ONCE, (), self.shot("another program"))
        self.note("another program's notice shows at once", seen, "it doesn't")


# ---- The chapters ----------------------------------------------------------------------------

def normal(story):
    """An outage that stays below critical, from its start to its end."""
    happens = story.page.happens
    story.step("outage", "degraded", happens, "degraded_performance", "investigating", "We look into it.")
    story.step("worse", "partial", happens, "partial_outage", "identified", "The cause is known.")
    story.step("fix out", "fix out", happens, "partial_outage", "monitoring", "A fix is out.")
    story.step("back", "back", story.page.recovers)
    story.one_bubble()
    story.afterwards()


def critical(story):
    """A major outage, whose bubble is to stay until it's over."""
    happens = story.page.happens
    story.step("outage", "worse", happens, "major_outage", "investigating", "We look into it.")
    if not story.quick:
        time.sleep(STAYS)
        stays = story.desk.screen.sees(*WORDS["worse"][:1], 2, (), story.shot("stays"))
        story.note(f"it stays, {STAYS} s later", stays, "it went by itself")
    story.step("fix out", "fix out", happens, "major_outage", "monitoring", "A fix is out.")
    story.step("back", "back", story.page.recovers)
    story.one_bubble()
    story.afterwards()


def rising(story):
    """An outage that becomes critical on its way; some servers die of such changes."""
    happens = story.page.happens
    story.step("outage", "partial", happens, "partial_outage", "investigating", "We look into it.")
    story.step("worse, now critical", "worse", happens, "major_outage", "identified", "It is known.")
    story.step("fix out", "fix out", happens, "major_outage", "monitoring", "A fix is out.")
    story.step("back", "back", story.page.recovers)
    story.one_bubble()
    story.note("the server lives", story.desk.process.poll() is None, "it ended")


def dismissed(story):
    """The user takes the bubble down, and hears of the end all the same."""
    story.step("outage", "partial", story.page.happens, "partial_outage", "investigating", "We look into it.",
               hold=True)
    story.desk.touch("dismiss")
    gone = story.desk.screen.sees([], 5, ("outage",), story.shot("dismissed"))
    story.note("dismissed, it is gone", gone, "the bubble stays")
    story.step("back", "back", story.page.recovers)


def clicked(story):
    """The user clicks on it: the page opens, and what follows doesn't contradict what's there."""
    story.step("outage", "partial", story.page.happens, "partial_outage", "investigating", "We look into it.",
               hold=True)
    before = len(story.desk.opened())
    story.desk.touch("click")
    opened = lambda: story.desk.opened()[before:]
    end_of_wait = time.monotonic() + 6
    while not opened() and time.monotonic() < end_of_wait:
        time.sleep(0.1)
    told = "was" if len(story.desk.log().clicks) else "wasn't"
    story.note("the click opens the page", opened() == [story.page.link()],
               f"ccwatch {told} told of the click; opened: {opened() or 'nothing'}")
    story.step("fix out", "fix out", story.page.happens, "partial_outage", "monitoring", "A fix is out.")
    story.one_bubble("one bubble after fix out")
    story.step("back", "back", story.page.recovers)
    story.one_bubble("one bubble after back")


def restarted(story):
    """The outage becomes critical, the server restarts: it is shown again, once."""
    happens = story.page.happens
    story.step("outage", "partial", happens, "partial_outage", "investigating", "We look into it.")
    story.step("worse, now critical", "worse", happens, "major_outage", "identified", "It is known.")
    story.step("shown again by the new server", "worse", story.desk.restart_server)
    again = [notice for notice in story.desk.log().ours() if notice.at > story.desk.started]
    story.step("back", "back", story.page.recovers)
    again = [notice for notice in again if has(notice.title, "outage")]
    story.note("once", len(again) == 1, f"{len(again)} times")


def killed(story):
    """The daemon is killed in the middle and started again."""
    story.step("outage", "worse", story.page.happens, "major_outage", "investigating", "We look into it.")
    kill(story.daemon)
    story.start_daemon()
    story.step("back", "back", story.page.recovers)
    story.one_bubble()


def three(story):
    """Three components at once."""
    story.step("outage", "three", story.page.happens, "partial_outage", "investigating", "We look into it.", EVERY,
               hold=True)
    seen = story.desk.screen.sees(NAMES, 3, (), story.shot("all three named"), hold=True)
    story.note("all three are named, with the mouse on it", seen, "not all of them can be read")
    story.step("back", "three back", story.page.recovers)


def maintenance(story):
    """Announced work."""
    story.step("it begins", "maintenance", story.page.maintains)
    story.step("it is over", "maintenance over", story.page.recovers)


def joined(story):
    """A milder one joins a major outage and is back before it; then the server restarts."""
    happens = story.page.happens
    story.step("outage", "worse", happens, "major_outage", "investigating", "We look into it.")
    other = ("rwppv331jlwc",)
    story.step("a milder one joins", "joined", happens, "degraded_performance", "investigating", "More of it.", other)
    story.step("that one is back", "one back", happens, "operational", "investigating", "Less of it.", other)
    story.one_bubble()
    story.step("what goes on, by the new server", "worse", story.desk.restart_server)
    story.step("back", "back", story.page.recovers)
    story.one_bubble("one bubble after back")


CHAPTERS = {
    "A normal outage": normal,
    "A critical outage": critical,
    "An outage that becomes critical": rising,
    "Dismissed before the end": dismissed,
    "Clicked": clicked,
    "The server restarts": restarted,
    "kill -9 of ccwatch": killed,
    "Three components at once": three,
    "Maintenance": maintenance,
    "A milder one joins": joined,
}
