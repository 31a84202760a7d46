"""Server-sent events are read as the standard says."""

from __future__ import annotations

from spyglass.cli.sse import Event, events


def test_events_have_their_data_and_the_last_id() -> None:
    """Several lines of data are one text; an id holds until the next; other fields are nothing to us."""
    lines = ["id: 1", "data: a", "data:b", "", "event: x", "data: c", "", "id", "data", ""]
    assert list(events(lines)) == [Event("1", "a\nb"), Event("1", "c"), Event("", "")]


def test_a_sign_of_life_is_an_event_without_data() -> None:
    """A comment with an id tells where to resume; blank lines alone are nothing."""
    assert list(events([": heartbeat", "id: 7", "", "", ""])) == [Event("7", "")]


def test_an_event_that_is_cut_off_is_none() -> None:
    """It comes again after reconnecting."""
    assert list(events(["id: 1", "data: a", "", "id: 2", "data: half"])) == [Event("1", "a")]
