"""How much can be seen on this machine by this user, what is lost below that, and how to grant more: for `spyglass doctor` and the health of a watch."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from spyglass.collect.fallback.fanotify import Fanotify
from spyglass.collect.fallback.netlink import Connector
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.probe import requirements
from spyglass.model.errors import ConfigError

__all__ = ["LOST", "Check", "Level", "Survey", "survey"]

Level = Literal["full", "partial", "minimal"]

LOST: Final[dict[Level, tuple[str, ...]]] = {
    "full": (),
    "partial": (
        "what is said over connections and pipes, and so model calls and MCP messages that agents do not report themselves",
        "how many bytes were read and written, changes of mode, what failed, and where files of folders were that are renamed or deleted at once",
        "connections that last less than half a second, and names looked up",
        "arguments of programs that end within a millisecond",
    ),
    "minimal": (
        "what is said over connections and pipes, and so model calls and MCP messages that agents do not report themselves",
        "files",
        "connections that last less than half a second, and names looked up",
        "processes that live less than 0.1 s, where the process connector is not to be had either",
    ),
}
"""What is not seen at each level."""


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: whether it is met, and what to do when not."""

    name: str
    met: bool
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The best level here, with what led to it."""

    level: Level
    checks: tuple[Check, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """What is not seen."""
        return LOST[self.level]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is in the way, each with what to do."""
        return tuple(f"{check.name}: {check.found}; {check.advice}" for check in self.checks if not check.met)


def survey() -> Survey:
    """Look at what is possible here; takes some milliseconds, changes nothing, and tries what can be tried."""
    if sys.platform != "linux":
        return Survey("minimal", (Check("system", False, platform.system(), "only Linux can tell more"),))
    full = tuple(Check(one.name, one.met, one.found, one.remedy) for one in requirements.check() if one.needed)
    partial = (
        _tried("process connector", lambda: Connector().close(), "run as root, on the host itself"),
        _tried("fanotify", lambda: Fanotify(Tracked()).close(), "run as root"),
    )
    if all(check.met for check in full):
        return Survey("full", full + partial)
    return Survey("partial" if all(check.met for check in partial) else "minimal", full + partial)


def _tried(name: str, attempt: Callable[[], object], advice: str) -> Check:
    try:
        attempt()
    except ConfigError as error:
        return Check(name, False, error.message.removeprefix(f"{name}: "), advice)
    return Check(name, True, "works")
