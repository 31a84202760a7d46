"""Where alerts are told: matchers, the tree, hours, shifts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.alert.hours import Hours, OnCall, on_call, within
from spyglass.alert.match import matches
from spyglass.alert.route import group_key, group_labels, place_of, places, read_routing
from spyglass.model.errors import InputError

TREE = {
    "route": {
        "channels": ["all"],
        "group_by": ["rule"],
        "routes": [
            {"match": ["team=pay*"], "channels": ["pay"], "routes": [{"match": ["severity=critical"], "channels": ["pager"], "group_by": ["agent"]}]},
            {"match": ["severity=critical"], "channels": ["lead"], "continue": True},
            {"match": ["env!=prod"], "channels": ["log"], "repeat_interval_s": 86400},
        ],
    }
}


def ns(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e9)


@pytest.mark.parametrize(
    ("labels", "channels"),
    [
        ({"team": "payments", "severity": "critical"}, [("0.0.0", "pager")]),
        ({"team": "payments"}, [("0.0", "pay")]),
        ({"severity": "critical", "env": "dev"}, [("0.1", "lead"), ("0.2", "log")]),
        ({"env": "prod"}, [("0", "all")]),
        ({}, [("0.2", "log")]),
    ],
)
def test_an_alert_goes_down_to_the_first_child_that_matches(labels: dict[str, str], channels: list[tuple[str, str]]) -> None:
    """And on where that says so; what a child does not say its parent says."""
    routing = read_routing(TREE)
    found = places(routing, labels)
    assert [(place.path, place.channels[0]) for place in found] == channels
    assert [place_of(routing, place.path) for place in found] == found


def test_groups_are_what_alerts_have_in_common() -> None:
    """The key is the same over restarts, and differs by project, place and labels."""
    (pager,) = places(read_routing(TREE), {"team": "pay", "severity": "critical"})
    assert group_labels(pager, {"agent": "a", "team": "pay"}) == {"agent": "a"}
    keys = {group_key(project, pager, {"agent": agent}) for project in ("p", "q") for agent in ("a", "b")}
    assert len(keys) == 4
    assert group_key("p", pager, {"agent": "a"}) in keys


@pytest.mark.parametrize(
    "wrong",
    [
        {"route": {"match": ["a=b"]}},
        {"route": {"routes": [{"match": ["nonsense"]}]}},
        {"route": {"mute": ["nights"]}},
        {"route": {"escalation": "duty"}},
        {"route": {"channels": ["Not A Name"]}},
        {"escalations": {"duty": {"levels": [{"after_s": 60, "channels": ["a"]}, {"after_s": 30, "channels": ["b"]}]}}},
        {"hours": {"nights": [{"from": "22:00", "timezone": "Mars/Base"}]}},
        {"unknown": 1},
    ],
)
def test_a_wrong_routing_says_where(wrong: dict[str, object]) -> None:
    """Before anything is told by it."""
    with pytest.raises(InputError, match="routing"):
        read_routing(wrong)


@settings(max_examples=50)
@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=8))
def test_stars_stand_for_any_text(pattern: str, text: str) -> None:
    """As `fnmatch` has them."""
    import re

    wanted = re.fullmatch(pattern.replace("*", ".*"), text) is not None
    assert matches((f"x={pattern}",), {"x": text}) == wanted
    assert matches((f"x!={pattern}",), {"x": text}) != wanted


def test_hours_are_wall_time() -> None:
    """Over midnight, and by the zone's summer time."""
    nights = (Hours.model_validate({"days": ["fri"], "from": "22:00", "to": "06:00", "timezone": "Europe/Berlin"}),)
    assert within(nights, ns("2026-01-09T21:30:00"))  # Friday 22:30 in winter
    assert within(nights, ns("2026-07-10T20:30:00"))  # Friday 22:30 in summer
    assert within(nights, ns("2026-01-10T04:59:00"))
    assert not within(nights, ns("2026-01-10T05:00:00"))
    assert not within(nights, ns("2026-01-10T21:30:00"))


def test_shifts_follow_each_other() -> None:
    """Also before the first one began."""
    week = OnCall.model_validate({"members": ["ana", "ben", "cem"], "starts": "2026-01-05T08:00:00Z"})
    moments = ["2026-01-05T07:59:00", "2026-01-05T08:00:00", "2026-01-12T08:00:00", "2026-01-26T08:00:00"]
    assert [on_call(week, ns(moment)) for moment in moments] == ["cem", "ana", "ben", "ana"]
