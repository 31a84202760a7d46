"""The process in which Apprise runs, for one notice: JSON in at stdin, JSON out at stdout. `apprise.py` starts it, and ends it when it takes too long.

An audit hook, which cannot be taken off again, looks at each connection: it goes where channels may go, whatever a name means by then and wherever a redirect
leads. Programs, files that are written, and sockets of the machine are refused.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Final

from spyglass.alert.notify.reach import allowed

__all__ = ["guard", "main"]

_FORBIDDEN: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "ctypes.dlopen", "os.remove", "os.rename"}
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
_MOST_SAID: Final = 2_000
_NOWHERE: Final = "it is not on the public internet; the operator may allow its network with the setting alerts.allowed_networks"


def guard(networks: Sequence[str], problems: list[str]) -> None:
    """Refuse from now on, in this process, what a channel has no business with; `problems`: where connections were refused, and why."""

    def look(event: str, told: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg") and told[0].family not in _INTERNET:
            raise PermissionError("a socket of the machine itself")
        if event in ("socket.connect", "socket.sendto") and not allowed(ip_address(str(told[1][0]).partition("%")[0]), networks):
            problems.append(_NOWHERE)
            raise PermissionError(_NOWHERE)
        if event == "open" and isinstance(told[2], int) and told[2] & _WRITES and told[0] != os.devnull:
            raise PermissionError("a file that is written")
        if event in _FORBIDDEN:
            raise PermissionError(f"{event} is nothing that a channel does")

    sys.addaudithook(look)


class _Said(logging.Handler):
    """What Apprise has to say of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(record.getMessage())


def main() -> None:
    """Send one notice, and say what came of it: `sent`, `never` or `later`."""
    asked: dict[str, Any] = json.load(sys.stdin)
    sys.dont_write_bytecode = True
    import apprise  # noqa: PLC0415 - the extra; before the guard, as it looks for libraries

    said, problems = _Said(), list[str]()
    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [said], False
    asset = apprise.AppriseAsset(app_id="Spyglass", app_desc="Spyglass", app_url="", secure_logging=True, async_mode=False, plugin_paths=[])
    target = apprise.Apprise.instantiate(asked["url"], asset=asset, suppress_exceptions=True)
    if target is None:
        _tell("never", "Apprise does not know this URL")
        return
    socket.setdefaulttimeout(asked["timeout_s"])
    guard(asked["networks"], problems)
    sent = _send(target, asked, said)
    _tell("sent" if sent else "never" if problems else "later", "; ".join(problems[:1] or said.lines))


def _send(target: Any, asked: dict[str, Any], said: _Said) -> bool:
    try:
        return bool(target.notify(body=asked["body"], title=asked["title"], notify_type=asked["type"], body_format="text"))
    except Exception as error:  # of a service of whoever
        said.lines.append(type(error).__name__)
        return False


def _tell(outcome: str, text: str) -> None:
    sys.stdout.write(json.dumps({"outcome": outcome, "said": text[:_MOST_SAID]}))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Apprise may have left threads
