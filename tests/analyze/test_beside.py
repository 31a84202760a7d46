"""Plugins beside the loop: nobody waits for one, those that read its frames see them in their round, and what is too much is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from spyglass.analyze.beside import Beside, Round
from spyglass.analyze.builtin.aggregation import Settings, analyzer
from spyglass.analyze.loop import Loop
from spyglass.analyze.member import Member
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame

WAIT_S = 60.0


class Plain:
    """Does what it is told to."""

    def __init__(self, then: Callable[[Any], Any]) -> None:
        self.then = then
        self.now: list[int] = []

    def observe(self, seen: Any) -> Any:
        return self.then(seen)

    def settle(self, now_ns: int) -> tuple[()]:
        self.now.append(now_ns)
        return ()

    def save(self) -> Mapping[str, pa.Table]:
        return {"settled": pa.table({"now": self.now})}

    def restore(self, state: Mapping[str, pa.Table]) -> None: ...


def kind(name: str, then: Callable[[Any], Any], reads: tuple[str, ...] = ("span",), makes: tuple[str, ...] = ()) -> AnalyzerKind:
    return replace(analyzer, name=name, reads=frozenset(reads), makes=makes, news=False, make=lambda _: Plain(then))


def finding(name: str, title: str = "") -> Finding:
    return Finding(name, "1.0.0", "rule", "default", 1, title)


@pytest.fixture
def told() -> list[Finding]:
    return []


@pytest.fixture
def loop(told: list[Finding]) -> Iterator[Callable[..., Loop]]:
    """`loop([built-in], [plugins])`, whose plugins run in this process; closed at the end."""
    made: list[Loop] = []

    def make(built_in: list[AnalyzerKind], plugins: list[AnalyzerKind]) -> Loop:
        settings = {one.name: Settings() for one in (*built_in, *plugins)}
        made.append(Loop([built_in], settings, share=1e9, plugins=plugins, tell=told.extend))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_nobody_waits_for_one_that_hangs(loop: Callable[..., Loop], told: list[Finding], arrived: Any) -> None:
    """What the built-in ones and the other plugins find is told while it does."""
    free, seen = threading.Event(), threading.Event()

    def good(_: Any) -> list[Finding]:
        seen.set()
        return [finding("good")]

    running = loop([kind("built-in", lambda _: [finding("built-in")])], [kind("bad", lambda _: free.wait(WAIT_S) and ()), kind("good", good)])
    try:
        assert [one.analyzer for one in running.observe([arrived(1, 0)], 1)] == ["built-in"]
        assert seen.wait(WAIT_S)
        assert not free.is_set()
    finally:
        free.set()
    assert running.drain(WAIT_S)
    assert [one.analyzer for one in told] == ["good"]


def test_what_others_remember_is_saved_while_one_hangs(loop: Callable[..., Loop], arrived: Any) -> None:
    """Of the moment at which it is asked for, though they see more meanwhile."""
    free = threading.Event()
    running = loop([], [kind("late", lambda _: free.wait(WAIT_S) and ()), kind("good", lambda _: ())])
    try:
        running.observe([arrived(1, 0)], 1)
        _, coming = running.saving()
        running.observe([arrived(1, 1)], 2)
        assert coming["good", "1.0.0"].result(WAIT_S)["settled"]["now"].to_pylist() == [1]
        assert not coming["late", "1.0.0"].done()
    finally:
        free.set()
    assert coming["late", "1.0.0"].result(WAIT_S)["settled"]["now"].to_pylist() == [1]


def test_frames_of_plugins_are_seen_in_their_round(loop: Callable[..., Loop], told: list[Finding], arrived: Any) -> None:
    """By plugins that read them, after the records of the same round and before those of the next, whoever is quicker."""
    seen: list[str] = []
    free = threading.Event()

    def makes(batch: Any) -> list[Frame]:
        free.wait(WAIT_S)
        return [Frame("maker.x", pa.table({"a": [len(batch)]}))]

    def reads(one: Any) -> tuple[()]:
        seen.append(f"frame {one.rows['a'].to_pylist()}" if isinstance(one, Frame) else f"{len(one)} spans")
        return ()

    running = loop([], [kind("maker", makes, makes=("maker.x",)), kind("reader", reads, ("span", "maker.x"))])
    running.observe([arrived(1, 0)], 1)
    running.observe([arrived(2, 1)], 2)
    free.set()
    assert running.drain(WAIT_S)
    assert seen in (["1 spans", "frame [1]", "2 spans", "frame [2]"], ["3 spans", "frame [1, 2]"])  # as two rounds, or as one


def test_what_is_too_much_is_missed_and_counted(arrived: Any) -> None:
    """One that is too slow loses its own rows; what it has taken it still sees."""
    free, begun = threading.Event(), threading.Event()

    def slow(_: Any) -> tuple[()]:
        begun.set()
        free.wait(WAIT_S)
        return ()

    member = Member(kind("slow", slow), Plain(slow), Settings(), 1e9)
    one = Beside(member, lambda _: None, lambda _, seen: list(seen), most_rows=10)
    try:
        one.hand(Round([arrived(8, 0)], 1))
        assert begun.wait(WAIT_S)
        handed = [one.hand(Round([arrived(8, at)], at)) for at in (2, 3, 4)]
        assert [later.done() for later in handed] == [False, True, True]
    finally:
        free.set()
    one.do(lambda: None).result(WAIT_S)
    one.close()
    assert (member.status.rows, member.status.missed_rows) == (16, 16)


def test_rounds_that_waited_are_one(arrived: Any) -> None:
    """An analyzer that is behind is called less often."""
    begun, free = threading.Event(), threading.Event()
    sizes: list[int] = []

    def sees(batch: Any) -> tuple[()]:
        sizes.append(len(batch))
        begun.set()
        free.wait(WAIT_S)
        return ()

    member = Member(kind("one", sees), Plain(sees), Settings(), 1e9)
    one = Beside(member, lambda _: None, lambda _, seen: list(seen))
    one.hand(Round([arrived(1, 0)], 1))
    assert begun.wait(WAIT_S)
    for at in (2, 3, 4):
        one.hand(Round([arrived(2, at)], at))
    free.set()
    one.do(lambda: None).result(WAIT_S)
    one.close()
    assert (sizes, member.analyzer.now) == ([1, 6], [1, 4])  # type: ignore[attr-defined]


def test_a_closed_one_keeps_nobody_waiting(arrived: Any) -> None:
    """Neither for frames nor for answers."""
    member = Member(kind("gone", lambda _: ()), Plain(lambda _: ()), Settings(), 1e9)
    one = Beside(member, lambda _: None, lambda _, seen: list(seen))
    one.close()
    late: Future[list[Frame]] = one.hand(Round([arrived(3, 0)], 1))
    assert (late.result(0), one.do(lambda: None).cancelled(), member.status.missed_rows) == ([], True, 3)
