"""What analyzers found, as events on the road of all telemetry: findings in, of any thread; one that is no event harms no other."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from spyglass.model.errors import Refused
from spyglass.model.finding import Finding, event_of
from spyglass.model.told import Event
from spyglass.plugin.contracts import Announce
from spyglass.telemetry.metrics import DROPPED

__all__ = ["Telling"]

log = structlog.get_logger()

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0  # of telling, when too much waits already


class Telling:
    """Used by any thread."""

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._ending = threading.Event()

    def now(self, findings: Sequence[Finding]) -> None:
        """Tell them, or not at all.

        Raises:
            Refused: the road is full; those of some projects may have been told.
        """
        for project, events in _by_project(findings).items():
            self._announce(project, events)

    def patiently(self, findings: Sequence[Finding]) -> None:
        """Tell them when the road has room: they wait, and their analyzer with them."""
        for project, events in _by_project(findings).items():
            pause = _FIRST_PAUSE_S
            while not self._told(project, events):
                if self._ending.wait(pause):
                    DROPPED.labels("analyze", "stopped").inc(len(events))
                    break
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    def end(self) -> None:
        """Nobody waits any more."""
        self._ending.set()

    def _told(self, project: str, events: Sequence[Event]) -> bool:
        try:
            self._announce(project, events)
        except Refused:
            return False
        return True


def _by_project(findings: Sequence[Finding]) -> dict[str, list[Event]]:
    """Their events."""
    found: dict[str, list[Event]] = {}
    for finding in findings:
        try:
            found.setdefault(finding.project, []).append(event_of(finding))
        except Exception:  # a fault of who made it; the others go on
            log.exception("finding not told", analyzer=finding.analyzer, rule=finding.rule)
            DROPPED.labels("analyze", "no_event").inc()
    return found
