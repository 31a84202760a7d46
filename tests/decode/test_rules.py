"""What decode decides about single values."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.decode import rules
from spyglass.decode.columns import matches

CODE_LIKE = st.text(st.sampled_from(list("abz09_.: \t\n\r\vA-é٣\0/")), max_size=40)


@given(st.lists(CODE_LIKE, min_size=1, max_size=5))
def test_both_regular_expression_engines_mean_the_same(texts: list[str]) -> None:
    """Columns use RE2, single values Python's."""
    column = pa.array(texts)
    assert matches(column, rules.EVENT_NAME).tolist() == [rules.is_event_name(text) for text in texts]
    assert matches(column, rules.LOCATION).tolist() == [rules.is_location(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "is_name"), [("gen_ai.choice", True), ("a.b.c", True), ("Done.", False), ("a.b\n", False), ("a" * 99 + ".b", False), ("a..b", False)]
)
def test_a_dotted_name_is_an_event_name(text: str, is_name: bool) -> None:
    """Lower case, segments with dots between, not too long."""
    assert rules.is_event_name(text) is is_name


def test_each_severity_number_has_a_word() -> None:
    """Six words, four numbers each."""
    words = [rules.severity_of_number(number) for number in range(26)]
    assert words == ["", *[word for word in ("trace", "debug", "info", "warning", "error", "critical") for _ in range(4)], ""]
