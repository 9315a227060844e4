"""What went over the session bus, read from dbus-monitor's text."""
import re
from dataclasses import dataclass, field

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
MESSAGE = re.compile(r"^(method call|method return|signal|error) (time=.*)$", re.M)
STRING = re.compile(r'^   string "(.*?)"$', re.M | re.S)
NUMBER = re.compile(r"^   u?int32 (-?\d+)$", re.M)


@dataclass
class Notice:
    """A call of Notify and what became of it."""

    at: float
    sender: str
    program: str
    title: str
    body: str
    # The server's number for the bubble, once it answered, or why it refused.
    id: int = 0
    error: str = ""
    # Closed for this reason: 1 expired, 2 dismissed, 3 by a call. Or 0: as far as we know it's up.
    closed: int = 0


@dataclass
class Log:
    """The notices in their order, and the times of the clicks on them."""

    notices: list = field(default_factory=list)
    clicks: list = field(default_factory=list)

    def ours(self):
        """Those that ccwatch sent."""
        return [notice for notice in self.notices if notice.program == "ccwatch"]

    def open(self, since):
        """What should be up on a server that was started at `since`: a bubble's newest notice."""
        bubbles = {notice.id: notice for notice in self.notices if notice.id and notice.at > since}
        return [notice for notice in bubbles.values() if not notice.closed]


def read(text):
    """The log in dbus-monitor's text so far."""
    log, calls, servers = Log(), {}, set()
    heads = list(MESSAGE.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends):
        line = dict(re.findall(r"(\w+)=([^\s;]+)", head[2]))
        rest = text[head.end():end]
        numbers = [int(number) for number in NUMBER.findall(rest)]
        strings = STRING.findall(rest)
        member = line.get("member")
        answered = calls.get((line.get("destination"), line.get("reply_serial")))
        if head[1] == "method call" and member == "Notify" and len(strings) > 3 and numbers:
            notice = Notice(float(line["time"]), line["sender"], strings[0], strings[2], strings[3])
            calls[line["sender"], line["serial"]] = notice
        elif head[1] == "error" and answered:
            answered.error = " ".join(strings) or line["error_name"]
        elif head[1] == "method return" and answered and numbers:
            answered.id = numbers[0]
            servers.add(line["sender"])
        elif head[1] == "signal" and member == "NotificationClosed" and len(numbers) == 2:
            close([call for call in calls.values() if call.sender not in servers], *numbers)
        elif head[1] == "signal" and member == "ActionInvoked" and numbers:
            log.clicks.append(float(line["time"]))
    # GNOME's server passes each call on inside the shell: what a server sends is no notice.
    log.notices = [notice for notice in calls.values() if notice.sender not in servers]
    return log


def close(notices, number, reason):
    """Closes the bubble `number`: its newest notice, for a restarted server counts anew."""
    for notice in reversed([notice for notice in notices if notice.id == number]):
        notice.closed = notice.closed or reason
        return
