"""Where alerts are told: matchers, the tree, hours, shifts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.alert.hours import Hours, OnCall, Shift, on_call, shift_of, within
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
    assert [on_call({"week": week}, "week", ns(moment)) for moment in moments] == ["cem", "ana", "ben", "ana"]


@pytest.mark.parametrize(
    ("starts", "moments", "people"),
    [
        # Weeks from Monday 09:00 in Berlin, over the end of March and the end of October: 09:00 stays 09:00.
        ("2026-03-23T08:00:00Z", ["2026-03-30T06:59:59", "2026-03-30T07:00:00"], ["ana", "ben"]),
        ("2026-10-19T07:00:00Z", ["2026-10-26T07:59:59", "2026-10-26T08:00:00"], ["ana", "ben"]),
        # At 02:30, which is not there on 29 March: handed over an hour later; and twice on 25 October: handed over once.
        ("2026-03-22T01:30:00Z", ["2026-03-29T01:29:59", "2026-03-29T01:30:00", "2026-04-05T00:30:00"], ["ana", "ben", "ana"]),
        ("2026-10-18T00:30:00Z", ["2026-10-25T00:29:59", "2026-10-25T00:30:00", "2026-10-25T01:00:00", "2026-10-25T01:29:59"], ["ana", "ben", "ben", "ben"]),
    ],
)
def test_shifts_are_handed_over_at_the_same_time_of_day(starts: str, moments: list[str], people: list[str]) -> None:
    """Also when clocks are changed; and nobody is on call again in the hour that is there twice."""
    week = OnCall.model_validate({"members": ["ana", "ben"], "starts": starts, "timezone": "Europe/Berlin"})
    assert [on_call({"week": week}, "week", ns(moment)) for moment in moments] == people


@settings(max_examples=50)
@given(
    st.integers(0, 400 * 24 * 4),
    st.sampled_from([3_600, 43_200, 86_400, 604_800]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_shifts_only_go_on(quarter: int, shift_s: int, zone: str) -> None:
    """Whatever clocks do: from one quarter of an hour to the next somebody stays, or hands over to the next."""
    people = [str(number) for number in range(100)]
    schedules = {"s": OnCall.model_validate({"members": people, "starts": "2026-01-01T01:30:00Z", "shift_s": shift_s, "timezone": zone})}
    at_ns = ns("2026-01-01T01:30:00") + quarter * 900 * 10**9
    one, other = (int(on_call(schedules, "s", moment)) for moment in (at_ns, at_ns + 900 * 10**9))
    assert (other - one) % 100 in ((0, 1, 2) if shift_s == 3_600 else (0, 1))  # a shift of an hour may be the one that is not there


DUTY = {
    "day": {
        "members": ["ana", "ben"],
        "starts": "2026-06-01T00:00:00Z",
        "shift_s": 604_800,
        "hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}],
        "overrides": [{"who": "cem", "starts": "2026-06-02T10:00:00Z", "ends": "2026-06-02T12:00:00Z"}],
        "otherwise": "night",
    },
    "night": {"members": ["dora"], "starts": "2026-06-01T00:00:00Z", "hours": [{"from": "17:00", "to": "00:00"}]},
}


def test_somebody_stands_in_and_another_schedule_counts_outside_of_hours() -> None:
    """And where that has a gap, nobody is on call."""
    schedules = read_routing({"schedules": DUTY}).schedules
    moments = ["2026-06-02T09:00:00", "2026-06-02T10:00:00", "2026-06-02T12:00:00", "2026-06-02T17:00:00", "2026-06-03T00:00:00", "2026-06-08T09:00:00"]
    assert [on_call(schedules, "day", ns(moment)) for moment in moments] == ["ana", "cem", "ana", "dora", "", "ben"]
    assert shift_of(schedules, "day", ns(moments[0])) == Shift("ana", ns(moments[1]), "cem")
    assert shift_of(schedules, "day", ns(moments[3])) == Shift("dora", ns(moments[4]), "")
    assert shift_of(schedules, "day", ns("2026-06-05T23:30:00")) == Shift("dora", ns("2026-06-06T00:00:00"), "")


@pytest.mark.parametrize("otherwise", ["day", "nights"])
def test_a_schedule_that_leads_nowhere_is_refused(otherwise: str) -> None:
    """In a circle, or to one that there is not."""
    with pytest.raises(InputError, match=r"circle|no schedules\.nights"):
        read_routing({"schedules": {**DUTY, "night": {**DUTY["night"], "otherwise": otherwise}}})
