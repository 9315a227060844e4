"""The notification servers that the story is run on: what each needs and how a user handles it."""
import glob
import shutil
import subprocess
from dataclasses import dataclass, field

# What every desk needs: screen, mouse, pictures, reading of pictures, bus, another program's notices.
COMMON = "xvfb xdotool imagemagick tesseract-ocr dbus libnotify-bin openssl fonts-dejavu-core"


@dataclass(frozen=True)
class Server:
    """One notification server."""

    name: str
    packages: str
    # Where its program may be: names in PATH, or patterns of paths.
    program: tuple
    # How a user clicks a bubble, and takes it down: (place, button). The places are those of desk.py.
    click: tuple = ("middle", 1)
    dismiss: tuple = ((16, 16), 1)
    arguments: tuple = ()
    wayland: bool = False
    # A whole shell: a large screen, services of its own, and time to come up.
    shell: str = ""
    # How the list of past notices is opened and closed; empty: it has none on the screen.
    tray: str = ""
    # How much of the screen its panels take, above and below.
    panels: tuple = (0, 0)
    # What a user should know, a line each.
    quirks: tuple = ()
    # Steps that this server itself keeps from being seen, and why. Anything else unseen is our fault.
    to_blame: dict = field(default_factory=dict)

    def find(self):
        """The path of its program, or None."""
        for place in self.program:
            found = shutil.which(place) or next(iter(sorted(glob.glob(place))), None)
            if found:
                return found
        return None

    def version(self):
        """What the package manager says that is installed."""
        package = self.packages.split()[0]
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
        return asked.stdout.strip() or "of unknown version"


QUIET = "a quiet notice gets no banner on GNOME; it goes straight to the list under the clock"

SERVERS = {
    server.name: server
    for server in [
        Server(
            "gnome", "gnome-shell gjs python3-dbusmock", ("gnome-shell",),
            arguments=("--x11", "--unsafe-mode"), shell="gnome", tray="clock", panels=(32, 0),
            quirks=(
                "A banner goes to the list under the clock after 4 s, a critical one stays until it is closed "
                "and keeps the banners of all programs waiting. Nothing is shown to a user who doesn't move.",
                "A text is replaced only for the connection that sent it, and isn't shown over a critical one that "
                "it is milder than, nor over a banner that just leaves: ccwatch closes that first.",
                "A banner that still slides in is taken away by the next notice: ccwatch leaves half a second between "
                "two of its own. That of another program, within a fifth of a second, sends ours to the list.",
                "A banner shows one line of the title and one of the body until the mouse is on it.",
            ),
            to_blame={("Maintenance", "it begins"): QUIET, ("Maintenance", "it is over"): QUIET},
        ),
        Server(
            "plasma", "plasma-workspace plasma-desktop kwin-x11", ("plasmashell",),
            arguments=("--no-respawn",), shell="plasma", panels=(0, 50),
            quirks=("Three bubbles at most are up at a time, the others wait.",),
        ),
        Server(
            "xfce4-notifyd", "xfce4-notifyd", ("/usr/lib/*/xfce4/notifyd/xfce4-notifyd",),
            # The default action is a button here, and a click beside it dismisses.
            click=((50, -25), 1),
            quirks=(
                "The page is opened by the button; a click beside it dismisses.",
                "A long title is cut at its end.",
            ),
        ),
        Server(
            "mate", "mate-notification-daemon",
            ("/usr/lib/mate-notification-daemon/mate-notification-daemon",
             "/usr/libexec/mate-notification-daemon"),
            quirks=(
                "A critical bubble stays only since ccwatch asks for no end of it.",
                "It ends by itself when it has nothing to show; the bus starts it again.",
            ),
        ),
        Server(
            "lxqt", "lxqt-notificationd", ("lxqt-notificationd",),
            quirks=(
                "A click doesn't close the bubble: ccwatch does.",
                "A critical bubble stays only since ccwatch asks for no end of it.",
            ),
        ),
        Server(
            "notification-daemon", "notification-daemon",
            ("/usr/lib/notification-daemon/notification-daemon", "/usr/libexec/notification-daemon"),
        ),
        Server(
            "dunst", "dunst", ("dunst",), click=("middle", 2), dismiss=("middle", 1),
            quirks=("The middle button opens the page, the left one dismisses.",),
        ),
        Server(
            "mako", "mako-notifier sway grim", ("mako",), wayland=True,
            quirks=(
                "`makoctl invoke` doesn't close the bubble: ccwatch does.",
                "The body is cut at 300 characters.",
            ),
        ),
    ]
}
