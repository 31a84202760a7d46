"""Promises about the hours that calls are kept under."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.store.hours import HOUR, NEAR_S, Hours, hours_of

FULL_S = 1_767_225_600  # 2026-01-01, a full hour


def calls(*told: tuple[int, str]) -> pa.Table:
    """Rows of `calls` of the same response: seconds from the full hour, response id."""
    starts = pa.array([(FULL_S + second) * 10**9 for second, _ in told]).cast(pa.timestamp("ns", tz="UTC"))
    keys = pa.array([b"k" * 16 for _ in told], pa.binary(16))
    return pa.table({"call_key": keys, "start": starts, "response_id": [response for _, response in told], "hour": hours_of(starts)})


def hours(table: pa.Table) -> list[int]:
    """Seconds from the full hour."""
    return [at - FULL_S for at in table["hour"].cast(pa.int64()).to_pylist()]


@settings(max_examples=50)
@given(st.lists(st.integers(-NEAR_S, NEAR_S - 1), min_size=1, max_size=5))
def test_tellings_of_one_response_stay_together(starts: list[int]) -> None:
    """The first one decides, and its hour is that of its own start."""
    kept = Hours()
    told = [hours(kept.place(calls((start, "r"))))[0] for start in starts]
    assert told == [-3600 if starts[0] < 0 else 0] * len(starts)


def test_what_one_span_tells_stays_where_it_is() -> None:
    """Without a response there is nothing to join."""
    kept = Hours()
    assert hours(kept.place(calls((-1, ""), (1, ""), (1800, "r")))) == [-3600, 0, 0]
    assert hours(kept.place(calls((1, "")))) == [0]


def test_a_restart_remembers() -> None:
    """What the table holds is put where it is."""
    before, after = Hours(), Hours()
    rows = before.place(calls((-5, "r")))
    after.expect(rows.select(["call_key", "hour"]))
    assert hours(after.place(calls((5, "r")))) == [-3600]


def test_any_time_has_an_hour() -> None:
    """Clocks may be wrong by centuries."""
    starts: Any = pa.array([-(10**18), 0, 9 * 10**18]).cast(pa.timestamp("ns", tz="UTC"))
    assert hours_of(starts).type == HOUR
    assert hours_of(starts).cast(pa.int64()).to_pylist()[:2] == [0, 0]
