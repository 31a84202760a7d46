"""Analyzers that look at the store, here and in a process of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spyglass.analyze import apart
from spyglass.analyze.kinds import wanted
from spyglass.analyze.looks import Looks
from spyglass.config.spec import Analyzers
from spyglass.model.errors import QueryError, Refused
from spyglass.model.finding import Finding

TEXT = """
from pydantic import BaseModel
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind

class Settings(BaseModel):
    most: int = 2

class Busy:
    def __init__(self, settings): self.most = settings.most
    def look(self, ask, since_ns, now_ns):
        for row in ask("SELECT {{a:Int64}}", {{"a": since_ns, "b": now_ns}}).to_pylist():
            {does}
            if row["n"] > self.most:
                yield Finding("busy", "1.0.0", "busy.x", row["project"], now_ns, str(row["n"]))

analyzer = AnalyzerKind(name="busy", version="1.0.0", description="", reads=frozenset(), settings=Settings, make=Busy, every_s=60)
"""


class Store:
    """Answers, or refuses."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses: Exception | None = None
        self.on_ask: Callable[[], None] = lambda: None

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        self.on_ask()
        self.asked.append({"sql": sql, **parameters})
        if self.refuses:
            raise self.refuses
        return pa.table({"project": ["a", "b"], "n": [1, 5]})


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def looks(tmp_path: Path, store: Store) -> Iterator[Looks]:
    """One of somebody else's, in a process of its own."""
    (tmp_path / "mine.py").write_text(TEXT.format(does="pass"))
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path}))
    made = Looks(found.looks, found.settings, store)
    yield made
    made.close()


def test_a_look_covers_what_came_since_the_one_before(looks: Looks, store: Store) -> None:
    """The first one an hour."""
    hour_ns = 3_600 * 10**9
    assert [(one.project, one.title) for one in looks.look("busy", 2 * hour_ns)] == [("b", "5")]
    looks.look("busy", 2 * hour_ns + 7)
    assert store.asked == [{"sql": "SELECT {a:Int64}", "a": hour_ns, "b": 2 * hour_ns}, {"sql": "SELECT {a:Int64}", "a": 2 * hour_ns, "b": 2 * hour_ns + 7}]


def test_a_store_that_is_busy_is_no_failure(looks: Looks, store: Store) -> None:
    """However often it is; the next look begins where the first one would have."""
    store.refuses = Refused("all readers are busy")
    for _ in range(20):
        with pytest.raises(Refused, match="busy"):
            looks.look("busy", 10**13)
    status = looks.members["busy"].status
    assert (status.failures, status.suspended) == (0, "")
    store.refuses = None
    assert [one.title for one in looks.look("busy", 10**13)] == ["5"]
    assert {asked["a"] for asked in store.asked} == {10**13 - 3_600 * 10**9}


def test_a_look_that_failed_is_made_good(looks: Looks, store: Store) -> None:
    """It is counted with what the store said; the next one begins where it began."""
    store.refuses = QueryError("no such table")
    assert looks.look("busy", 10**13) == []
    status = looks.members["busy"].status
    assert (status.failures, "no such table" in status.problem) == (1, True)
    store.refuses = None
    assert len(looks.look("busy", 10**13 + 1)) == 1
    assert store.asked[0]["a"] + 1 == store.asked[1]["a"]
    assert (status.in_row, status.findings) == (0, 1)


def test_what_could_not_be_told_is_found_again(tmp_path: Path, store: Store) -> None:
    """By the next look, which begins where this one did."""
    told: list[list[str]] = []

    def tell(found: list[Finding]) -> None:
        told.append([one.title for one in found])
        if len(told) == 1:
            raise Refused("the road is full")

    (tmp_path / "mine.py").write_text(TEXT.format(does="pass"))
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path}))
    looks = Looks(found.looks, found.settings, store, tell=tell)
    with pytest.raises(Refused):
        looks.look("busy", 10**13)
    looks.look("busy", 10**13 + 1)
    looks.close()
    assert told == [["5"], ["5"]]
    assert store.asked[0]["a"] + 1 == store.asked[1]["a"]


def test_one_that_asks_without_end_is_ended(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However quickly it asks, and the store answers."""
    monkeypatch.setattr(apart, "_ASKING_S", 0.05)
    (tmp_path / "mine.py").write_text(TEXT.format(does="while True: ask('SELECT {a:Int64}', {'a': 1})"))
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path}))
    looks = Looks(found.looks, found.settings, store)
    assert looks.look("busy", 10**13) == []
    looks.close()
    assert looks.members["busy"].status.suspended == "it let the store work for more than 0.05 s"


def test_one_that_is_left_keeps_nobody_waiting(tmp_path: Path, store: Store) -> None:
    """A server that stops does not wait for it."""
    (tmp_path / "mine.py").write_text(TEXT.format(does="__import__('time').sleep(3600)"))
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path, "plugin_answer_s": 600}))
    looks, asked = Looks(found.looks, found.settings, store), threading.Event()
    store.on_ask = asked.set
    looking = threading.Thread(target=looks.look, args=("busy", 10**13))
    looking.start()
    assert asked.wait(60)
    looks.close()
    looking.join(60)
    assert not looking.is_alive()


def test_settings_hold_from_the_next_look(looks: Looks) -> None:
    """And who was let rest looks no more."""
    looks.configure("busy", looks.members["busy"].kind.settings(most=9))
    assert looks.look("busy", 10**13) == []
    looks.members["busy"].status.suspended = "somebody let it rest"
    looks.configure("busy", looks.members["busy"].kind.settings(most=0))
    assert looks.look("busy", 10**13) == []
    looks.resume("busy")
    assert len(looks.look("busy", 10**13)) == 2
