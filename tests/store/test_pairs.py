"""Promises about the two halves of one call: they find each other, however and how often they come."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.store.calls import lean_rows
from spyglass.store.pairs import Pairs
from spyglass.store.rows import span_rows
from spyglass.testing.rows import spans


@cache
def half(number: int, pair_key: str, **columns: Any) -> pa.Table:
    """Lean row `number` (its trace, span id and time), a half of the call `pair_key`; only results tell usage."""
    result = pair_key.startswith("result:")
    usage = {"has_usage": result, "input_tokens": number if result else 0, "response_id": f"r{number}" if result else ""}
    rows = span_rows(spans(1, first=number * 4 + 1, **{"pair_key": pair_key, "kind": "llm", **usage, **columns}))[0]
    return lean_rows(rows)


def numbers(rows: pa.Table) -> list[int]:
    """Which halves these are."""
    starts = {half(number, "")["start"][0].as_py(): number for number in range(40)}
    return [starts[start] for start in rows["start"].to_pylist()]


def test_halves_that_come_together_are_one_call() -> None:
    """The request is told with what the result says; the result is not told."""
    joined = Pairs().join(pa.concat_tables([half(1, "request:a"), half(2, "result:a")]))
    [told] = joined.told.to_pylist()
    assert (told["span_id"], told["input_tokens"], told["has_usage"], told["response_id"]) == (half(1, "")["span_id"][0].as_py(), 2, True, "r2")
    assert joined.taken_back.num_rows == 0


def test_a_late_half_finds_the_other() -> None:
    """What was told of the result alone is taken back, and the request's trace is looked at again."""
    pairs = Pairs()
    assert numbers(pairs.join(half(2, "result:a")).told) == [2]
    joined = pairs.join(half(1, "request:a"))
    assert (numbers(joined.told), numbers(joined.taken_back), joined.touched) == ([1], [2], frozenset())
    assert pairs.join(half(3, "request:b")).told["has_usage"].to_pylist() == [False]
    late = pairs.join(half(4, "result:b"))
    assert (numbers(late.told), late.told["has_usage"].to_pylist(), late.touched) == ([3], [True], frozenset(half(3, "")["trace_id"].to_pylist()))


def test_rows_told_again_are_joined_as_before() -> None:
    """A commit that is tried again, or a trace that is read back, does not pair a half twice."""
    pairs = Pairs()
    both = pa.concat_tables([half(1, "request:a"), half(2, "result:a")])
    first = pairs.join(both)
    for _ in range(2):
        again = pairs.join(both)
        assert again.told.equals(first.told)
        assert numbers(again.taken_back) == [2]
    assert numbers(pairs.join(half(5, "request:a")).told) == [5]


def test_equal_keys_pair_in_order_of_time() -> None:
    """The n-th request goes with the n-th result."""
    told = Pairs().join(pa.concat_tables([half(4, "result:a"), half(3, "request:a"), half(2, "result:a"), half(1, "request:a")])).told
    assert dict(zip(numbers(told), told["input_tokens"].to_pylist(), strict=True)) == {1: 2, 3: 4}


def test_projects_do_not_mix() -> None:
    """The same key in two projects is two calls."""
    rows = pa.concat_tables([half(1, "request:a", project="one"), half(2, "result:a", project="two")])
    assert numbers(Pairs().join(rows).told) == [1, 2]


def test_other_spans_pass_through() -> None:
    """Spans that are no halves are told as they are."""
    rows = half(1, "")
    assert Pairs().join(rows).told.equals(rows)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(8)), st.lists(st.integers(0, 8), max_size=3), st.integers(0, 4))
def test_any_order_gives_the_same_pairs(order: list[int], cuts: list[int], results: int) -> None:
    """However halves with keys of their own are spread over commits, each request ends with its own result."""
    halves = [half(number, f"request:{number}") for number in range(4)] + [half(number + 10, f"result:{number}") for number in range(results)]
    halves = [halves[at] for at in order if at < len(halves)]
    pairs, usage = Pairs(), dict[int, int]()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(halves)], strict=True):
        if halves[begin:end]:
            joined = pairs.join(pa.concat_tables(halves[begin:end]))
            usage |= dict(zip(numbers(joined.told), joined.told["input_tokens"].to_pylist(), strict=True))
            usage |= dict.fromkeys(numbers(joined.taken_back), 0)
    assert {number: tokens for number, tokens in usage.items() if tokens} == {number: number + 10 for number in range(results)}
