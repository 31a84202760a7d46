"""JSON files of any layout and size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.cli.formats import documents
from spyglass.cli.formats.documents import Value, is_lines, values
from spyglass.cli.formats.source import Source
from spyglass.decode.pieces import Skipped

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(['a"b\\', "[{", "}", "é\n", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "data", 'q"', "[", "}"]), inner, max_size=3),
    max_leaves=12,
)
items = st.lists(st.dictionaries(st.sampled_from(["id", "tags"]), json_values, max_size=2), max_size=5)


def told(path: Path, data: bytes) -> list[Any]:
    """Place and data of what is read."""
    path.write_bytes(data)
    with Source(path) as source:
        return list(values(source))


@settings(max_examples=100, deadline=None)
@given(of=items, before=json_values, indented=st.booleans(), wrapped=st.booleans(), size=st.sampled_from([1, 3, 50]))
def test_items_are_found_by_their_brackets(of: list[Any], before: Any, indented: bool, wrapped: bool, size: int) -> None:
    """However the document is laid out and cut into parts."""
    document = {"before": {"inner": before}, "spans": of, "after": 1} if wrapped else of
    data = orjson.dumps(document, option=orjson.OPT_INDENT_2 if indented else 0)
    scanner = documents._Scanner()
    found = [item for at in range(0, len(data), size) for item in scanner.feed(data[at : at + size])]
    assert [orjson.loads(item.data) for item in found if isinstance(item, Value)] == of
    assert {item.member for item in found if isinstance(item, Value)} <= ({"spans"} if wrapped else {""})
    assert not scanner.unfinished


def test_a_broken_line_spoils_only_itself(tmp_path: Path) -> None:
    """The others come with their numbers; blank lines are none."""
    found = told(tmp_path / "f", b'{"a": 1}\n{"a": \n\n  {"a": 3}\n')
    assert [(value.place, value.data) for value in found] == [("line 1", b'{"a": 1}'), ("line 2", b'{"a":'), ("line 4", b'{"a": 3}')]


def test_a_small_document_comes_whole(tmp_path: Path) -> None:
    """A byte order mark is no part of it."""
    assert told(tmp_path / "f", b'\xef\xbb\xbf{\n "a": [\n  1\n ]\n}\n') == [Value("", b'{\n "a": [\n  1\n ]\n}\n')]


def test_what_is_sound_of_a_broken_document_comes(tmp_path: Path) -> None:
    """And where it ends too early is told."""
    first, second = told(tmp_path / "f", b'[\n {"a": 1},\n {"a": ')
    assert (first.place, first.data) == ("line 2, item 1", b'{"a": 1}')
    assert isinstance(second, Skipped)
    assert second.place == "line 3"
    assert "cut off" in second.reason


def test_large_documents_come_in_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One item at a time; one that is too large is left out, and told."""
    monkeypatch.setattr(documents, "WHOLE_BYTES", 100)
    monkeypatch.setattr(documents, "LARGEST_ITEM_BYTES", 2_000_000)
    document = {"resourceSpans": [{"n": 1}, {"n": "x" * 5_000_000}, {"n": 3}]}
    found = told(tmp_path / "f", orjson.dumps(document))
    assert [type(item) for item in found] == [Value, Skipped, Value]
    assert found[0].member == "resourceSpans"


def test_a_line_that_is_too_long_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines after it are read."""
    monkeypatch.setattr(documents, "LONGEST_LINE_BYTES", 50)
    found = told(tmp_path / "f", b'{"a": 1}\n{"a": "' + b"x" * 200 + b'"}\n{"a": 3}\n')
    assert [type(item) for item in found] == [Value, Skipped, Value]
    assert [item.place for item in found] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        (b'{"a": 1}\n{"b": 2}\n', True),
        (b'{"a": \n{"b": 2}\n', False),
        (b'{"a": "cut o\n{"b": 2}\n', True),
        (b"{\n", False),
        (b'[{"a": 1},\n{"b": 2}]', False),
        (b'{"data":[\n{"traceID":"1"}', False),
        (b"", False),
    ],
)
def test_layout_is_seen_from_the_first_lines(head: bytes, lines: bool) -> None:
    """A line that was cut off is told from a document that goes on."""
    assert is_lines(head) is lines
