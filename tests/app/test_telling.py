"""What analyzers found leaves as events, whatever one of them is."""

from __future__ import annotations

from collections.abc import Sequence

from spyglass.app.telling import Telling
from spyglass.model.errors import Refused
from spyglass.model.finding import Finding
from spyglass.model.told import Event


def finding(title: str, project: str = "a", severity: str = "warning") -> Finding:
    return Finding("one", "1.0.0", "one.x", project, 1, title, severity=severity)  # type: ignore[arg-type]


def test_one_that_is_no_event_harms_no_other() -> None:
    """Those before it and after it are told, by project."""
    told: list[tuple[str, list[object]]] = []
    telling = Telling(lambda project, events: told.append((project, [one.body for one in events])))
    telling.now([finding("1"), finding("2", severity="high"), finding("3", "b"), finding("4")])
    assert told == [("a", ["1", "4"]), ("b", ["3"])]


def test_a_full_road_is_waited_for_until_the_end() -> None:
    """Then nobody waits any more."""
    tries: list[int] = []

    def announce(project: str, events: Sequence[Event]) -> None:
        tries.append(len(events))
        if len(tries) == 2:
            telling.end()
        if len(tries) != 1:
            raise Refused("the road is full")

    telling = Telling(announce)
    telling.patiently([finding("1"), finding("2", "b")])
    assert tries == [1, 1]
