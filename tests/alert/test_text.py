"""A notice as people read it at night."""

from __future__ import annotations

from dataclasses import replace

from spyglass.alert.notify.slack import _alert
from spyglass.alert.notify.text import headline, page
from spyglass.model.notice import Notice, ToldAlert

SAYS = "planner: search 8 times in a row"
KNOWN = {
    "observed": "4",
    "unit": "rounds",
    "expected": "1 to 3",
    "probability": "1.2e-07",
    "suggestion": "Stop the run.",
    "evidence": '["aa/1", "aa/2", "aa/3", "aa/4"]',
}


def told(**more: object) -> Notice:
    """Of one alert."""
    alert = ToldAlert("a", "found", SAYS, "firing", "warning", SAYS, {"agent": "planner", "finding": "0f"}, KNOWN, 8.0, **more)  # type: ignore[arg-type]
    return Notice("n", "p", "g", "mail", "new", 1, {}, (alert,))


def test_a_notice_says_what_was_seen_what_was_expected_and_where_it_shows() -> None:
    """The latest value, beside the band; the first rows of the evidence; and nothing twice."""
    text = page(told(url="https://spyglass.example/alerts/a"))
    assert text.count(SAYS) == 2, "the headline, and its alert"
    assert "seen: 8 rounds; expected 1 to 3; as rare as 1.2e-07 where nothing is wrong" in text
    assert "evidence: aa/1, aa/2, aa/3 and 1 more" in text
    assert "finding=" not in text


def test_what_was_cut_still_shows_its_first_rows() -> None:
    """An annotation has a bound."""
    long = told()
    cut = Notice("n", "p", "g", "mail", "new", 1, {}, (ToldAlert(**{**_fields(long.alerts[0]), "annotations": {"evidence": '["aa/1", "aa/2", "a'}}),))
    assert "evidence: aa/1, aa/2\n" in f"{page(cut)}\n"


def test_slack_says_the_same() -> None:
    """Once."""
    text = _alert(told().alerts[0])
    assert text.count(SAYS) == 1
    assert "seen: 8 rounds; expected 1 to 3" in text
    assert "evidence: aa/1" in text


def _fields(alert: ToldAlert) -> dict[str, object]:
    return {name: getattr(alert, name) for name in alert.__slots__}


def test_groups_of_one_rule_are_told_apart_in_their_headlines() -> None:
    """By what they have in common, where that is not the cause: else five incidents would have the same name."""
    planner = replace(told(), labels={"rule": "found", "agent": "planner", "model": ""})
    slow = replace(planner, alerts=(replace(planner.alerts[0], title="too slow"),))
    assert headline(slow) == "[WARNING] too slow of agent planner (p)"
    assert headline(planner) == f"[WARNING] {SAYS} (p)"
