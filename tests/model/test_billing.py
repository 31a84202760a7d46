"""Promises about what prices depend on beside columns: found wherever an attribute tells it, and never a failure."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.billing import extras_of

MAP = pa.map_(pa.string(), pa.string())
KEYS = st.sampled_from(
    ["openai.response.service_tier", "usage.service_tier", "request.service_tier", "x.ephemeral_1h_input_tokens", "cache_creation_1h_tokens", "1h_", "é"]
)


def told(*rows: list[tuple[str, str]]) -> tuple[list[str] | None, list[int] | None]:
    """Tiers and counts of some rows."""
    found = extras_of(pa.array(rows, MAP))
    counts = found.cache_write_1h_tokens
    return None if found.service_tier is None else found.service_tier.to_pylist(), None if counts is None else counts.tolist()


def test_tier_and_long_cache_are_read_from_attributes() -> None:
    """Of the answer, not of the request; in lower case; the last of several."""
    assert told([("openai.request.service_tier", "flex")], [("a.response.service_tier", "Flex"), ("a.usage.service_tier", "BATCH")]) == (["", "batch"], None)
    assert told([], [("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "1000")], [("cache_creation_1h_tokens", "many")]) == (None, [0, 1000, 0])
    assert told([("name", "service_tier 1h_")], []) == (None, None)
    assert told() == (None, None)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.tuples(KEYS, st.text(max_size=25) | st.integers(-5, 10**24).map(str)), max_size=4), max_size=6), st.integers(0, 3), st.integers(0, 3)
)
def test_parts_of_a_table_tell_the_same(rows: list[list[tuple[str, str]]], before: int, behind: int) -> None:
    """However it is sliced and chunked, each row tells what it tells alone."""
    array = pa.array([[("x", "y")]] * before + rows + [[("usage.service_tier", "no")]] * behind, MAP)
    whole = extras_of(pa.chunked_array([array.slice(before, len(rows))]))
    for at, row in enumerate(rows):
        alone = extras_of(pa.array([row], MAP))
        assert (whole.service_tier[at].as_py() if whole.service_tier is not None else "") == (
            alone.service_tier[0].as_py() if alone.service_tier is not None else ""
        )
        counts = [found.cache_write_1h_tokens for found in (whole, alone)]
        assert (counts[0][at] if counts[0] is not None else 0) == (counts[1][0] if counts[1] is not None else 0)
