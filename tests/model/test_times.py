"""Promises about times as text."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as some

from spyglass.model.schema import TIME
from spyglass.model.times import iso, iso_texts


@given(some.integers(-(2**63) + 1, 2**63 - 1))
@example(0)
@example(-1)
def test_one_time_reads_as_it_does_in_a_column(time_ns: int) -> None:
    """Before 1970, and at both ends of what nanoseconds can say, too."""
    assert iso(time_ns) == iso_texts(pa.array([time_ns]).cast(TIME))[0].as_py()
