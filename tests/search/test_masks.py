"""Masks: what a search finds among live rows. tests/store/test_filters.py compares them with the store's answers."""

from __future__ import annotations

import pyarrow as pa
import pytest

from spyglass.model.schema import EVENT, MESSAGE, POINT, SPAN, Kind
from spyglass.search.masks import mask
from spyglass.search.parse import parse
from spyglass.testing.rows import BASE_NS, events, points, spans

DAY_NS = 86_400 * 10**9


def found(text: str, rows: pa.Table, kind: Kind = Kind.SPAN, messages: pa.Table | None = None, now_ns: int = BASE_NS) -> list[int]:
    """The numbers of the matching rows."""
    result = mask(parse(text), rows, kind, now_ns, messages)
    assert result.null_count == 0
    assert len(result) == rows.num_rows
    return [i for i, one in enumerate(result.to_pylist()) if one]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("agent:plan", [0]),
        ("agent:Plan", []),
        ("agent:plan*", [0, 1]),
        ("agent:*an*r", [1]),
        ("-agent:plan,writer", [1, 3]),
        ('agent:""', [3]),
        ("has:agent", [0, 1, 2]),
        ("tokens>=100", [0]),
        ("tokens<10", [2]),
        ("-tokens>=100", [1, 2, 3]),
        ("duration:1ms..1s", [1]),
        ("finish_reasons:stop", [0, 2]),
        ("finish_reasons:tool*", [2, 3]),
        ("plumbing:true", [1]),
        ("error:Time*", [3]),
        ("has:error", [0, 3]),
        ("is:error", [0]),
    ],
)
def test_conditions_on_columns(text: str, expected: list[int]) -> None:
    """Exact, with wildcards, negated, compared, listed."""
    rows = spans(
        4,
        agent=["plan", "planner", "writer", None],
        input_tokens=[90, 50, 1, 0],
        output_tokens=[20, 50, 2, 0],
        has_usage=[True, False, True, False],
        duration_ns=[0, 10**6, 10**9 + 1, 10**10],
        finish_reasons=[["stop"], [], ["tool_call", "stop"], ["tool_call"]],
        plumbing=[False, True, False, None],
        status=["error", "ok", "unset", "unset"],
        error_type=["", "", "", "TimeoutError"],
        status_message="",
    )
    assert found(text, rows) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("attr.n:5", [0]),
        ("attr.n>4", [0, 1, 4]),
        ("attr.n:4..6", [0, 1]),
        ("-attr.n>4", [2, 3, 5]),
        ("has:attr.n", [0, 1, 2, 4, 5]),
        ('attr.n:""', [5]),
        ("attr.n:*5*", [0, 1]),
        ("attr.n:5,x", [0, 2]),
        ('attr."a b":1', [3]),
    ],
)
def test_conditions_on_attributes(text: str, expected: list[int]) -> None:
    """Texts are compared as texts, numbers as numbers, and what is missing matches nothing."""
    rows = spans(6, attributes=[[("n", "5")], [("n", "5.5")], [("n", "x")], [("a b", "1")], [("n", "inf"), ("n", "0")], [("n", "")]])
    assert found(text, rows) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("time>-2h", [2, 3]),
        ("time<=-3h", [0]),
        ("time:2026-01-01", [0, 1, 2]),
        ("time>2026-01-01", [3]),
        ("time<2026-01-01T01:00", [0]),
        ("time:2026-01-01..2026-01-02", [0, 1, 2, 3]),
    ],
)
def test_times_are_intervals(text: str, expected: list[int]) -> None:
    """A date is the whole day, and `-2h` counts from now."""
    starts = pa.array([BASE_NS, BASE_NS + 3600 * 10**9, BASE_NS + 3 * 3600 * 10**9, BASE_NS + DAY_NS], pa.timestamp("ns", "UTC"))
    assert found(text, spans(4, start=starts), now_ns=BASE_NS + 3 * 3600 * 10**9) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("timed", [0, 1]),
        ('"timed out"', [0]),
        ('"TIMED, Out!"', [0]),
        ("time", []),
        ("привет", [2]),
        ("input:timed", [0]),
        ("output:timed", [1]),
        ("a_b", [3]),
    ],
)
def test_words_are_whole_and_case_does_not_matter(text: str, expected: list[int]) -> None:
    """As the store's text indexes cut them."""
    rows = spans(4, name="n", status_message="", input=["it Timed\nout.", "", "", "see a-b"], output=["", "out: timed-x", "ПРИВЕТ мир", None])
    assert found(text, rows) == expected


def test_words_in_messages_find_the_span_that_said_them() -> None:
    """The messages that come with a batch belong to its spans; without them only the rows are searched."""
    rows = spans(4, name="n", status_message="", input="", output="")
    speakers = rows.select(["trace_id", "span_id", "start"]).take([1, 3, 3]).to_pylist()
    texts = [("input", "a refund please"), ("input", "thanks"), ("output", "Your refund")]
    said = pa.Table.from_pylist([{**speaker, "direction": way, "text": text} for speaker, (way, text) in zip(speakers, texts, strict=True)], MESSAGE)
    assert found("refund", rows) == []
    assert found("refund", rows, messages=said) == [1, 3]
    assert found("output:refund", rows, messages=said) == [3]
    assert found("refund thanks", rows, messages=said) == [3]


def chain(parents: list[int | None], **columns: object) -> pa.Table:
    """Spans of one trace; row `i` is a child of row `parents[i]`, and -1 is a parent that is not among them."""
    ids = [*((i + 1).to_bytes(8) for i in range(len(parents))), b"missing!"]
    above = [bytes(8) if parent is None else ids[parent] for parent in parents]
    return spans(len(parents), trace_id=b"t" * 16, span_id=ids[:-1], parent_span_id=above, **columns)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tool under agent:a", [2, 3]),
        ("tool under agent:b", [3]),
        ("tool under agent:b under agent:a", [3]),
        ("agent:b over tool", [1]),
        ("root over tool", [0]),
        ("parent:(agent:a)", [1, 2]),
        ("kind:tool -parent:(agent:a)", [3, 4]),
        ("not tool under agent:a", [0, 1, 4]),
        ("agent:a under agent:a", []),
    ],
)
def test_topology_within_a_batch(text: str, expected: list[int]) -> None:
    """Ancestors and descendants at any depth, never the span itself; a parent that is not in the batch is unknown."""
    rows = chain([None, 0, 0, 1, -1], agent=["a", "b", "", "", ""], kind=["agent", "agent", "tool", "tool", "tool"])
    assert found(text, rows) == expected


def test_chains_of_any_length_and_circles_end() -> None:
    """A chain of 900 is climbed to its top, and a circle of parents is no endless loop."""
    deep = chain([None, *range(899)], agent=["top", *[""] * 899], kind=[*["llm"] * 899, "tool"])
    assert found("tool under agent:top", deep) == [899]
    assert found("agent:top over tool", deep) == [0]
    assert found("agent:x under agent:y", chain([1, 0], agent=["x", "y"])) == [0]


def test_a_field_of_another_kind_matches_nothing() -> None:
    """One search may watch spans, events and points at once."""
    text = "duration>1ms or severity>=error or metric:test.*"
    assert found(text, spans(4)) == [0, 1, 2, 3]
    assert found(text, events(4), Kind.EVENT) == [3]
    assert found(text, points(4), Kind.POINT) == [0, 1, 2, 3]


@pytest.mark.parametrize(("kind", "schema"), [(Kind.SPAN, SPAN), (Kind.EVENT, EVENT), (Kind.POINT, POINT)])
def test_no_rows_give_no_values(kind: Kind, schema: pa.Schema) -> None:
    """An empty table is a table."""
    for text in ("", "attr.x>5", "time>-1h", "words", "tool under agent", "has:model", "issues:x"):
        assert found(text, schema.empty_table(), kind) == []
