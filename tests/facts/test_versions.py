"""Promises about versions and drift as they are kept, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from spyglass.facts import versions as module
from spyglass.facts.database import Facts
from spyglass.facts.drifts import Drift, Drifts
from spyglass.facts.versions import Place, Version, Versions
from spyglass.model.errors import NotFound


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


def version(number: int, **more: Any) -> Version:
    told = {
        "declared": "",
        "fingerprint": f"{number:016x}",
        "parts": {"prompt": "be kind"},
        "first_ns": number,
        "last_ns": number,
        "trace_id": "t",
        "span_id": "s",
    }
    return Version("p", "a", number, **(told | more))


def test_what_is_kept_is_found(facts: Facts) -> None:
    """With its parts in pages, without them for those who compare."""
    versions = Versions(facts)
    versions.keep([version(1), version(2, declared="2.0")], moved=[Place("p", "a", "prod", "web", 1, 1, 5)])
    assert versions.page("p", "a", 10) == [version(2, declared="2.0"), version(1)]
    assert versions.page("p", "a", 10, before=2) == [version(1)]
    known, places = versions.of([("p", "a"), ("p", "b")])
    assert known == {("p", "a"): [version(1, parts={}), version(2, declared="2.0", parts={})]}
    assert places == {("p", "a"): versions.places("p", "a")}
    assert versions.agents("p") == ["a"]


def test_what_was_touched_keeps_its_parts(facts: Facts) -> None:
    """Only its times change."""
    versions = Versions(facts)
    versions.keep([version(1)], moved=[Place("p", "a", "", "", 1, 1, 1)])
    versions.keep([], [version(1, parts={}, last_ns=9)], [Place("p", "a", "", "", 1, 1, 9)])
    assert versions.page("p", "a", 10) == [version(1, last_ns=9)]
    assert [place.last_ns for place in versions.places("p", "a")] == [9]


@pytest.mark.parametrize(("name", "number"), [("2", 2), ("blue", 3), ("0000000000000001", 1), ("00000000", 3)])
def test_a_version_is_found_by_number_name_or_fingerprint(facts: Facts, name: str, number: int) -> None:
    """Of several the one that was seen last."""
    versions = Versions(facts)
    versions.keep([version(1), version(2, declared="blue"), version(3, declared="blue")])
    assert versions.find("p", "a", name).number == number
    with pytest.raises(NotFound, match="expected a number"):
        versions.find("p", "a", "green")


def test_versions_that_were_seen_longest_ago_give_way(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their places."""
    monkeypatch.setattr(module, "MOST_VERSIONS", 2)
    versions = Versions(facts)
    versions.keep([version(1, last_ns=100), version(2)], moved=[Place("p", "a", "", "", 2, 2, 2)])
    versions.keep([version(3)])
    assert [one.number for one in versions.page("p", "a", 10)] == [3, 1]
    assert versions.places("p", "a") == []


def test_drift_comes_and_goes(facts: Facts) -> None:
    """One without differences is over."""
    drifts = Drifts(facts)
    one = Drift("p", "a", "prod", "web", 3, [{"what": "model", "declared": "x", "observed": "y"}], 5, "t")
    drifts.keep([one])
    assert (drifts.all("p"), drifts.all("p", "b")) == ([one], [])
    drifts.keep([Drift("p", "a", "prod", "web", 3, [], 6, "t")])
    assert drifts.all("p", "a") == []
