"""Promises about telemetry health in words: what is lacking is told, for sources of every kind, and what is well is not."""

from __future__ import annotations

from typing import Any

from spyglass.show.sources import hints
from spyglass.store.read.doubled import Pair, Source

FIGURES = "spans events points model_spans model_events without_usage without_model unpriced without_messages without_parent without_session dropped_attributes"
WELL = dict.fromkeys(FIGURES.split(), 0)
LIBRARY, FRAMEWORK = Source("shop", "library"), Source("shop", "framework")


def told(again: tuple[Pair, ...] = (), **figures: Any) -> list[str]:
    return hints({**WELL, **figures}, again)


def test_a_source_that_lacks_nothing_has_no_hints() -> None:
    """Whatever it sends."""
    assert told(spans=10, model_spans=5, without_session=10) == []
    assert told(points=10) == []


def test_what_log_records_lack_is_told_of_them() -> None:
    """In their own words: no stream options can help them."""
    found = told(events=9, model_events=3, without_usage=2, without_model=1, without_session=3)
    assert [text.split(":")[0].split(" model calls")[0] for text in found[:2]] == ["2 of 3", "1 of 3"]
    assert "log records" in found[0]
    assert "stream_options" not in found[0]
    assert any("no traces" in text for text in found)
    assert any("name no session" in text for text in found)


def test_model_spans_and_log_records_are_counted_together() -> None:
    """They are calls of one source."""
    assert told(spans=4, model_spans=4, model_events=2, without_usage=3)[0].startswith("3 of 6 model calls tell no tokens")


def test_who_tells_the_same_calls_is_named() -> None:
    """With its service, where that is another one."""
    assert "that framework tells of too" in told((Pair(LIBRARY, FRAMEWORK, 2, 0),), spans=4)[0]
    assert "that framework of web tells of too" in told((Pair(LIBRARY, Source("web", "framework"), 2, 1),), spans=4)[0]
    assert told((Pair(LIBRARY, LIBRARY, 2, 0),), spans=4)[0].startswith("2 model spans tell of calls that other spans of the same instrumentation tell of")
    assert told((Pair(LIBRARY, FRAMEWORK, 0, 3),), events=4)[0].startswith("3 log records tell of calls")


def test_one_of_a_kind_is_told_as_one() -> None:
    """And many as many."""
    assert told(spans=1, without_parent=1)[0].startswith("1 span waits for a parent")
    assert told(spans=2, without_parent=2)[0].startswith("2 spans wait for a parent")
    assert told(spans=1, dropped_attributes=1)[0].startswith("1 attribute was cut")
    assert told(spans=3, model_spans=3, without_model=1)[0].startswith("1 of 3 model calls does not tell the model, and so has no price")
    assert told((Pair(LIBRARY, FRAMEWORK, 1, 0),), spans=4)[0].startswith("1 model span tells of calls that framework")
