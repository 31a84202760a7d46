"""Promises about splitting rows: nothing is lost between `spans` and `payloads`."""

from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.store.rows import LONG, LONG_VALUE_BYTES, restore, span_rows
from spyglass.testing.rows import spans

values = st.text(max_size=20) | st.text("aé", min_size=LONG_VALUE_BYTES, max_size=LONG_VALUE_BYTES + 5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.text(max_size=5), values), max_size=5), max_size=5))
def test_long_values_come_back_whole_and_in_place(attributes: list[list[tuple[str, str]]]) -> None:
    """Whatever was split is put together again, order and types included."""
    types = ["sibd"[: len(row)] + "s" * max(0, len(row) - 4) for row in attributes]
    rows, payloads = span_rows(spans(len(attributes), attributes=attributes, attribute_types=types))
    whole = {row["span_id"]: row for row in payloads.to_pylist()}
    for row, original, codes in zip(rows.to_pylist(), attributes, types, strict=True):
        payload = whole.get(row["span_id"], {"attributes": [], "attribute_types": ""})
        assert restore(row["attributes"], row["attribute_types"], payload["attributes"], payload["attribute_types"]) == (original, codes)


def test_short_values_make_no_payload() -> None:
    """A span without long values has no row in `payloads`."""
    rows, payloads = span_rows(spans(3, attributes=[[("a", "1")]] * 3, attribute_types="i"))
    assert payloads.num_rows == 0
    assert LONG not in rows["attribute_types"][0].as_py()


def test_the_finished_copy_wins() -> None:
    """Of two copies of a span the finished one has the higher version, then the one with more attributes."""
    rows, _ = span_rows(spans(3, pending=[True, False, False], attributes=[[], [], [("a", "1")]], attribute_types=["", "", "i"]))
    pending, finished, fuller = rows["version"].to_pylist()
    assert pending < finished < fuller
