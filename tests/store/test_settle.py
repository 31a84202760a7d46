"""Promises about `calls` while spans arrive in any order: in the end it is as if all had come at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spyglass.store.calls import call_rows, calls_of_spans, lean_rows
from spyglass.store.rows import span_rows
from spyglass.store.said import TOOL_ERROR
from spyglass.store.settle import Settler
from spyglass.testing.rows import spans

HOUR_NS = 3_600 * 10**9
NOW_NS = 1_800_000_000 * 10**9
NOTHING: dict[str, Any] = {
    "status": "unset",
    "response_id": "",
    "tool": "",
    "tool_call_id": "",
    "agent": "",
    "session_id": "",
    "has_usage": False,
    "pending": False,
    **dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"), 0),
    "cost_usd": 0.0,
}


@dataclass
class Steps:
    """A clock that goes on a little with each look."""

    ns: int = NOW_NS

    def now_ns(self) -> int:
        self.ns += 1_000_000
        return self.ns

    def monotonic(self) -> float:
        return self.now_ns() / 1e9


def span(number: int, under: int = 0, kind: str = "chain", trace: int = 0, **columns: Any) -> pa.Table:
    """Row of `spans` of one span; ids are small numbers."""
    ids = {"trace_id": trace.to_bytes(16, "little"), "span_id": number.to_bytes(8, "little"), "parent_span_id": under.to_bytes(8, "little")}
    return span_rows(spans(1, **{"at_ns": NOW_NS + number * 10**6, **NOTHING, **ids, "kind": kind, **columns}))[0]


@dataclass
class Store:
    """Spans and calls as the database keeps them: of equal keys the highest version."""

    clock: Steps = field(default_factory=Steps)
    rows: list[pa.Table] = field(default_factory=list)
    calls: dict[tuple[str, bytes], dict[str, Any]] = field(default_factory=dict)
    heard: list[pa.Table] = field(default_factory=list)
    reads: int = 0

    def __post_init__(self) -> None:
        self.settler = Settler(self._read, self.clock, self._find)

    def _read(self, traces: list[bytes]) -> pa.Table:
        self.reads += 1
        rows = pa.concat_tables(self.rows)
        return rows.filter(pc.is_in(rows["trace_id"], pa.array(traces, pa.binary(16))))

    def _find(self, sessions: list[str]) -> list[bytes]:
        return [call["trace_id"] for call in self.calls.values() if call["session_id"] in sessions]

    def commit(self, *rows: pa.Table) -> None:
        """What the writer does with one claim."""
        self.rows += rows
        self._keep(self.settler.tell(pa.concat_tables(rows)))
        self._correct()

    def hear(self, *said: pa.Table) -> None:
        """What the writer does with calls that log records tell."""
        for table in said:
            self.settler.hear(table)
        self.heard += said
        self._correct()

    def _correct(self) -> None:
        while (more := self.settler.corrections()) is not None:
            self._keep(more)

    def restart(self, *, expecting: bool = True) -> None:
        """Forget everything but the database."""
        self.clock.ns += HOUR_NS
        self.settler = Settler(self._read, self.clock, self._find)
        for table in self.heard:
            self.settler.remember(table)
        if expecting and self.rows:
            self.settler.expect(pa.concat_tables(self.rows)["trace_id"].unique().to_pylist())

    def _keep(self, calls: pa.Table) -> None:
        for call in calls.to_pylist():
            key = (call["project"], call["call_key"])
            if key not in self.calls or call["version"] >= self.calls[key]["version"]:
                self.calls[key] = call

    def counted(self) -> list[tuple[Any, ...]]:
        """The calls that count: project, kind, span, tokens, session, failed."""
        found = [call for call in self.calls.values() if call["counted"]]
        return sorted((c["project"], c["kind"], c["span_id"], c["input_tokens"], c["session_id"], c["failed"]) for c in found)


def at_once(*rows: pa.Table) -> list[tuple[Any, ...]]:
    """The calls of spans that came together."""
    store = Store()
    store._keep(calls_of_spans(lean_rows(pa.concat_tables(rows)), now_ns=1, replace=False))
    return store.counted()


def test_a_parent_that_comes_later_takes_its_child_in() -> None:
    """Two commits, one call."""
    inner, outer = span(2, 1, "llm", has_usage=True, input_tokens=5), span(1, 0, "llm")
    store = Store()
    store.commit(inner)
    assert len(store.counted()) == 1
    store.commit(outer)
    assert store.counted() == at_once(inner, outer) == [("default", "llm", (1).to_bytes(8, "little"), 5, "", False)]


def test_whole_traces_are_not_read_back() -> None:
    """What comes in one piece costs no second look."""
    store = Store()
    store.commit(span(1, 0, "agent"), span(2, 1, "llm"))
    assert store.reads == 0


def test_a_late_root_gives_its_session() -> None:
    """The calls below a root that ends last belong to its session."""
    store = Store()
    store.commit(span(2, 1, "llm"), span(3, 1, "tool", tool="t"))
    store.commit(span(1, 0, "agent", session_id="s"))
    assert [call[4] for call in store.counted()] == ["s", "s"]


def test_the_same_trace_in_two_projects_is_counted_in_both() -> None:
    """Replaying a body for another tenant takes nothing from the first."""
    rows = [span(number, number - 1, kind, project=project) for project in ("a", "b") for number, kind in ((1, "agent"), (2, "llm"), (3, "llm"))]
    store = Store()
    store.commit(*rows)
    assert [(call[0], call[1]) for call in store.counted()] == [("a", "llm"), ("b", "llm")]
    store.commit(span(4, 1, "tool", tool="t", project="a"))
    assert [(call[0], call[1]) for call in store.counted()] == [("a", "llm"), ("a", "tool"), ("b", "llm")]


def test_a_root_that_began_before_a_restart_is_known_to_have_had_children() -> None:
    """Its spans came before, and nobody remembers: so they are looked up."""
    store = Store()
    inner, outer = span(2, 1, "llm"), span(1, 0, "llm", duration_ns=2 * HOUR_NS)
    store.commit(inner)
    store.restart(expecting=False)
    store.commit(outer)
    assert store.counted() == at_once(inner, outer)


def test_a_failed_read_is_tried_again() -> None:
    """A loose trace stays due until its spans were read."""
    store = Store()
    store.rows.append(span(2, 1, "llm"))
    store.settler.tell(store.rows[0])
    rows, store.rows = store.rows, []
    for _ in range(2):
        try:
            store.settler.corrections()
        except pa.ArrowInvalid:  # nothing to concatenate: the store is away
            continue
        raise AssertionError("the read did not fail")
    store.rows = rows
    assert store.settler.corrections() is not None
    assert store.settler.waiting() is None


def test_large_traces_rest_between_reads() -> None:
    """A trace of more spans than are read in a second is not read back at once again."""
    store = Store()
    many = pa.concat_tables([span(2, 1, "chain")] * 30_000).combine_chunks()
    store.commit(many)
    store.commit(span(3, 1, "chain"))
    waiting = store.settler.waiting()
    assert waiting is not None
    assert 0.5 < waiting <= 1.5


KINDS = st.sampled_from(["llm", "llm", "tool", "agent", "chain", "embedding"])
NODES = st.lists(st.tuples(KINDS, st.integers(0, 7), st.integers(0, 1), st.booleans()), min_size=1, max_size=7)
CUTS = st.lists(st.integers(0, 10), max_size=4)


def spans_of(nodes: list[tuple[str, int, int, bool]]) -> list[pa.Table]:
    """A span per node (kind, parent, trace, usage); parents may be missing, later ones, or the span itself."""
    made = []
    for number, (kind, under, trace, usage) in enumerate(nodes, 1):
        told = {"has_usage": True, "input_tokens": number} if usage and kind != "tool" else {}
        made.append(span(number, under, kind, trace, tool=f"tool-{number % 2}" if kind == "tool" else "", **told))
    return made


@settings(max_examples=60, deadline=None)
@given(NODES, st.randoms(use_true_random=False), CUTS, st.booleans())
def test_any_order_and_any_commits_come_to_the_same(nodes: list[tuple[str, int, int, bool]], random: Any, cuts: list[int], restart: bool) -> None:
    """Children before parents, copies, restarts between: the calls are those of the whole."""
    rows = spans_of(nodes)
    arriving = [*rows, random.choice(rows)]
    random.shuffle(arriving)
    store = Store()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(arriving)], strict=True):
        if arriving[begin:end]:
            store.commit(*arriving[begin:end])
        if restart:
            store.restart()
    assert store.counted() == at_once(*rows)


RESPONSES = st.sampled_from(["", "", "x", "y"])


@settings(max_examples=60, deadline=None)
@example([("llm", 0, ""), ("llm", 1, "x"), ("llm", 1, "y")], [1, 2, 0], [1, 2])
@example([("llm", 3, ""), ("llm", 0, ""), ("llm", 4, ""), ("llm", 1, "")], [0, 1, 2, 3], [1])
@example([("llm", 3, ""), ("llm", 0, ""), ("llm", 4, ""), ("llm", 1, "")], [0, 1, 2, 3, 4], [3])
@given(st.lists(st.tuples(KINDS, st.integers(0, 5), RESPONSES), min_size=1, max_size=5), st.permutations(range(5)), CUTS)
def test_response_ids_join_in_any_order(nodes: list[tuple[str, int, str]], order: list[int], cuts: list[int]) -> None:
    """The number of calls does not depend on which of the spans that tell of a response came first."""
    rows = [span(number, under, kind, response_id=response) for number, (kind, under, response) in enumerate(nodes, 1)]
    arriving = [rows[at] for at in order if at < len(rows)]
    store = Store()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(arriving)], strict=True):
        if arriving[begin:end]:
            store.commit(*arriving[begin:end])
    assert [call[1] for call in store.counted()] == [call[1] for call in at_once(*rows)]


TRACE = 7
HEARD: Any = {"project": "default", "call_key": b"k" * 16, "version": 1, "received": NOW_NS, "start": NOW_NS + 10**9, "span_id": bytes(8)}
ANSWER: Any = {"kind": "tool", "tool": "t", "tool_call_id": "c", "failed": True, "error_type": TOOL_ERROR, "trace_id": TRACE.to_bytes(16, "little")}
RECORD: Any = {
    "kind": "llm",
    "service": "travel",
    "model": "m",
    "session_id": "s",
    "has_usage": True,
    "input_tokens": 9,
    "output_tokens": 8,
    "reasoning_tokens": 3,
    "trace_id": bytes(16),
}
FAILED = call_rows([HEARD | ANSWER], source="message")
TOLD_MORE = call_rows([HEARD | RECORD | {"failed": False, "call_key": b"r" * 16}], source="event")


def one_of_each() -> list[pa.Table]:
    """An agent, its tool that failed without knowing it, and its model call that left its thinking out."""
    return [
        span(1, 0, "agent", TRACE, session_id="s", duration_ns=2 * HOUR_NS),
        span(2, 1, "tool", TRACE, tool="t", tool_call_id="c"),
        span(3, 1, "llm", TRACE, has_usage=True, input_tokens=9, output_tokens=5, model="m", duration_ns=10**9),
    ]


def known(store: Store) -> dict[str, tuple[bool, int]]:
    return {call["kind"]: (call["failed"], call["output_tokens"]) for call in store.calls.values() if call["counted"]}


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(5)), st.sets(st.integers(1, 4)), st.integers(0, 5))
def test_what_others_say_is_heard_in_any_order(order: list[int], cuts: set[int], restart: int) -> None:
    """Before the spans, between them, after them, and over a restart."""
    things = [*one_of_each(), FAILED, TOLD_MORE]
    store = Store()
    store.commit(span(9, 0, "chain", trace=1))
    waiting: list[pa.Table] = []
    for number, at in enumerate(order):
        if number in cuts and waiting:
            store.commit(*waiting)
            waiting = []
        if number == restart:
            store.restart()
        if at < 3:
            waiting.append(things[at])
        else:
            store.hear(things[at])
    if waiting:
        store.commit(*waiting)
    assert known(store) == {"tool": (True, 0), "llm": (False, 8)}


def test_what_was_heard_outlives_a_late_span() -> None:
    """A trace that is told once more is told with it, though its spans still do not know."""
    store = Store()
    store.commit(*one_of_each())
    store.hear(FAILED, TOLD_MORE)
    store.restart()
    store.commit(span(4, 1, "chain", TRACE))
    assert known(store) == {"tool": (True, 0), "llm": (False, 8)}
