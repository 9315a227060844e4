"""A desk: a screen that nobody sees, a session bus of its own, one notification server, and hands."""
import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import bus
from screen import Broken, Screen

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<servicedir>%s</servicedir><policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""
# What the shells have the bus start: files whose names begin so. No rival server is among them.
SERVICES = {"gnome": ("ca.desrt.dconf", "org.gnome."), "plasma": ("org.kde.k", "org.kde.Activ")}
# What GNOME's shell is to do so that it moves things as it does on a machine with a graphics card.
ANIMATIONS = "let s = imports.gi.St.Settings.get(); s.uninhibit_animations(); s.enable_animations"
NOBODY = 65534
STEP = 0.1


def until(condition, what, seconds=15):
    """Asks until the answer is yes, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Broken(f"waited {seconds} s for {what}")
        time.sleep(STEP)


class Desk:
    """Made ready by `with Desk(server, shots) as desk`; what it started ends with it."""

    # Those that are made ready, for whoever has to end them in a hurry.
    standing = []

    def __init__(self, server, shots):
        self.server, self.shots = server, Path(shots)
        self.children, self.process, self.started = [], None, 0.0

    def __enter__(self):
        self.dir = Path(tempfile.mkdtemp(prefix=f"ccwatch-{self.server.name}-"))
        Desk.standing.append(self)
        try:
            self.furnish()
            return self
        except BaseException:
            self.clear_away()
            raise

    def __exit__(self, *_):
        self.clear_away()

    def clear_away(self):
        """Ends all that was started here, and keeps the server's log beside the pictures."""
        if self not in Desk.standing:
            return
        Desk.standing.remove(self)
        for child in reversed(self.children):
            end(child)
        log = self.dir / "server.log"
        if log.exists():
            shutil.copy(log, self.shots / "server.log")
        # What the bus started ends with it, but may write until it notices.
        for _ in range(20):
            shutil.rmtree(self.dir, ignore_errors=True)
            if not self.dir.exists():
                break
            time.sleep(STEP)

    def furnish(self):
        """Screen, bus, monitor, programs, and at last the server."""
        self.dir.chmod(0o711)
        for name in ("run", "home", "bin", "services"):
            (self.dir / name).mkdir(mode=0o700)
        self.env = {
            "PATH": f"{self.dir}/bin:{os.environ['PATH']}", "HOME": f"{self.dir}/home",
            "XDG_RUNTIME_DIR": f"{self.dir}/run", "LANG": "C.UTF-8", "NO_AT_BRIDGE": "1",
            "GSETTINGS_BACKEND": "memory", "LIBGL_ALWAYS_SOFTWARE": "1", "OMP_THREAD_LIMIT": "1",
        }
        self.screen = Screen(self, "1280x800" if self.server.shell else "900x600")
        (self.start_sway if self.server.wayland else self.start_xvfb)()
        for file in glob.glob("/usr/share/dbus-1/services/*.service"):
            if Path(file).name.startswith(SERVICES.get(self.server.shell, ("none",))):
                shutil.copy(file, self.dir / "services")
        self.address = self.start_bus("session")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.address
        self.monitor()
        opener = self.dir / "bin" / "xdg-open"
        opener.write_text(f'#!/bin/sh\necho "$1" >>"{self.dir}/opened"\n')
        opener.chmod(0o755)
        self.start_server()
        self.screen.wait_until_it_shows()

    # ---- Processes ---------------------------------------------------------------------------

    def spawn(self, command, env=None, output=None, **how):
        """Starts a program that ends with the desk."""
        with open(self.dir / "server.log", "ab") as log:
            out = output or log
            child = subprocess.Popen(
                [str(word) for word in command], env=env or self.env, stdin=subprocess.DEVNULL,
                stdout=out, stderr=log, start_new_session=True, **how)
        self.children.append(child)
        return child

    def run(self, *command, timeout=30):
        """Runs a program to its end; what it printed."""
        done = subprocess.run(
            [str(word) for word in command], env=self.env, capture_output=True, text=True, timeout=timeout)
        return done.stdout

    # ---- The screen --------------------------------------------------------------------------

    def start_xvfb(self):
        """A screen for X11."""
        told, tells = os.pipe()
        self.spawn(["Xvfb", "-displayfd", tells, "-br", "-screen", "0", f"{self.screen.size}x24",
                    "-fbdir", self.dir, "-nocursor", "-nolisten", "tcp"], pass_fds=[tells])
        os.close(tells)
        with os.fdopen(told) as number:
            self.env["DISPLAY"] = ":" + number.readline().strip()
        self.env.update(XDG_SESSION_TYPE="x11", GDK_BACKEND="x11", QT_QPA_PLATFORM="xcb")

    def start_sway(self):
        """A screen for Wayland. Sway won't run as root: then it runs as nobody, for all of us."""
        config = self.dir / "sway.conf"
        config.write_text(f"output HEADLESS-1 resolution {self.screen.size} position 0 0\n"
                          "output * background #556677 solid_color\n")
        self.env.update(
            WLR_BACKENDS="headless", WLR_LIBINPUT_NO_DEVICES="1", WLR_RENDERER="pixman",
            XDG_SESSION_TYPE="wayland", XDG_CURRENT_DESKTOP="sway", GDK_BACKEND="wayland")
        command = ["sway", "-c", config]
        if os.getuid() == 0:
            for name in ("run", "home"):
                os.chown(self.dir / name, NOBODY, NOBODY)
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        self.spawn(command)
        sockets = self.dir / "run"
        socket = until(lambda: [s for s in sockets.glob("wayland-*") if s.suffix != ".lock"], "sway")
        self.env["WAYLAND_DISPLAY"] = socket[0].name

    # ---- The bus -----------------------------------------------------------------------------

    def start_bus(self, name):
        """A bus that starts nothing but what is in `services`; its address."""
        socket, config = self.dir / name, self.dir / f"{name}.conf"
        config.write_text(BUS % (socket, self.dir / "services"))
        self.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"])
        address = f"unix:path={socket}"
        # The socket is there before anybody listens on it.
        ask = ("dbus-send", f"--bus={address}", "--print-reply", "--dest=org.freedesktop.DBus", "/")
        until(lambda: "string" in self.run(*ask, "org.freedesktop.DBus.GetId"), f"the {name} bus")
        return address

    def monitor(self):
        """Has all that concerns notices written down."""
        self.seen_on_bus = self.dir / "bus.log"
        matches = (f"interface='{bus.NAME}'", "type=method_return", "type=error")
        with open(self.seen_on_bus, "wb") as file:
            self.spawn(["dbus-monitor", "--address", self.address, *matches], output=file)

        def is_there():
            self.run("dbus-send", f"--bus={self.address}", "/", f"{bus.NAME}.MonitorIsThere")
            return "MonitorIsThere" in self.seen_on_bus.read_text(errors="replace")
        until(is_there, "dbus-monitor")

    def log(self):
        """What was seen on the bus so far."""
        return bus.read(self.seen_on_bus.read_text(errors="replace"))

    def call(self, method, *arguments, target=bus.NAME, path=bus.PATH):
        """Calls a method on the session bus; the answer as dbus-send prints it."""
        return self.run("dbus-send", f"--bus={self.address}", "--print-reply", "--reply-timeout=5000",
                        f"--dest={target}", path, method, *arguments)

    def has_server(self):
        """Whether somebody owns the name of the notification server."""
        asked = "org.freedesktop.DBus.NameHasOwner"
        return "true" in self.call(asked, f"string:{bus.NAME}", target="org.freedesktop.DBus", path="/")

    def server_says(self):
        """What the server calls itself, with its version."""
        strings = re.findall(r'string "(.*?)"', self.call(f"{bus.NAME}.GetServerInformation"))
        return f"{strings[0]} {strings[2]}" if len(strings) > 2 else "no answer"

    # ---- The server --------------------------------------------------------------------------

    def start_server(self):
        """Starts it and waits until it has the name on the bus."""
        env = dict(self.env)
        if self.server.shell == "gnome":
            self.give_logind()
            env = {**self.env, "XDG_CURRENT_DESKTOP": "GNOME"}
        if self.server.shell == "plasma":
            env.update(XDG_CURRENT_DESKTOP="KDE", KDE_FULL_SESSION="true", KDE_SESSION_VERSION="5")
            if not self.process:
                self.spawn(["kwin_x11"], env=env)
        self.started = time.time()
        self.process = self.spawn([self.server.find(), *self.server.arguments], env=env)
        until(self.has_server, f"{self.server.name} on the bus", 60)
        if self.server.shell == "gnome":
            self.leave_overview()

    def leave_overview(self):
        """GNOME begins with an overview of all windows, some time after it has the name."""
        asked = ("string:org.gnome.Shell", "string:OverviewActive")
        shell = {"target": "org.gnome.Shell", "path": "/org/gnome/Shell"}
        is_there = lambda: "true" in self.call("org.freedesktop.DBus.Properties.Get", *asked, **shell)
        until(is_there, "GNOME's overview", 60)

        def has_left():
            self.call("org.freedesktop.DBus.Properties.Set", *asked, "variant:boolean:false", **shell)
            return not is_there()
        until(has_left, "the end of GNOME's overview", 30)
        # A shell that draws without a graphics card has no animations. Those of everybody else keep
        # a banner that slides in or out from showing what comes just then.
        moves = self.call("org.gnome.Shell.Eval", f"string:{ANIMATIONS}", **shell)
        if '"true"' not in moves:
            raise Broken(f"GNOME's animations can't be switched on: {moves}")

    def give_logind(self):
        """GNOME needs a system bus with a login manager on it."""
        if "DBUS_SYSTEM_BUS_ADDRESS" in self.env:
            return
        address = self.start_bus("system")
        self.env["DBUS_SYSTEM_BUS_ADDRESS"] = address
        self.spawn(["/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind"])
        owner = "org.freedesktop.DBus.NameHasOwner"
        until(lambda: "true" in self.run(
            "dbus-send", f"--bus={address}", "--print-reply", "--dest=org.freedesktop.DBus", "/",
            owner, "string:org.freedesktop.login1"), "the mock of logind")

    def restart_server(self):
        """Ends the server and starts it anew, as an update would."""
        end(self.process)
        until(lambda: not self.has_server(), f"the end of {self.server.name}")
        self.start_server()

    def keep_server(self):
        """Starts it again where it ended by itself, as some do that have nothing to show."""
        if self.process.poll() is not None:
            self.start_server()

    # ---- Hands -------------------------------------------------------------------------------

    def another_program(self, title, body):
        """Another program shows something."""
        self.run("notify-send", "-a", "another", title, body)

    def touch(self, what):
        """Clicks or dismisses the bubble on the screen as a user would."""
        if self.server.wayland:  # There's no mouse, and users have these on keys.
            self.run("makoctl", "invoke" if what == "click" else "dismiss")
            return
        place, button = self.server.click if what == "click" else self.server.dismiss
        x, y = self.screen.place_on_bubble(place)
        # A bubble may take a click only once it noticed the mouse.
        self.run("xdotool", "mousemove", x - 3, y, "sleep", "0.2", "mousemove", x, y, "sleep", "0.4",
                 "click", button)
        self.screen.let_go()

    def opened(self):
        """The links that were opened so far."""
        file = self.dir / "opened"
        return file.read_text().split() if file.exists() else []

    def close_all(self):
        """Takes everything down that is up, through the bus."""
        for notice in self.log().open(self.started):
            self.call(f"{bus.NAME}.CloseNotification", f"uint32:{notice.id}")


def end(child):
    """Ends a program, by force if it must be."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def kill(child):
    """Ends a program that gets no chance to do anything about it."""
    child.send_signal(signal.SIGKILL)
    child.wait()
