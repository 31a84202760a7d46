"""The format of a file is seen from its contents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spyglass.cli.formats.recognise import READERS, recognise
from spyglass.cli.formats.source import Source
from spyglass.decode.pieces import Piece
from spyglass.model.errors import InputError


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b'{"resourceSpans": []}', "otlp-json"),
        (b'\xef\xbb\xbf\n {"resource_logs": []}', "otlp-json"),
        (b'{"scopeMetrics": []}', "otlp-json"),
        (b'{"data": [{"traceID": "1"}]}', "jaeger"),
        (b'[[{"traceId": "1"}]]', "zipkin"),
        (b"PAR1....", "parquet"),
        (b"\x0a\x05hello", "otlp-proto"),
        (b"\x07\x0a\x05hello", "otlp-proto"),
    ],
)
def test_formats_are_told_apart(head: bytes, form: str) -> None:
    """Whatever the file is called."""
    assert recognise(head) == form


@pytest.mark.parametrize("head", [b"", b"hello", b'{"a": 1}', b"[]", b"\x89PNG"])
def test_what_is_none_of_them_is_refused(head: bytes) -> None:
    """With what would have been understood."""
    with pytest.raises(InputError, match="OTLP"):
        recognise(head)


@pytest.mark.corpus
def test_documents_of_other_systems_are_read_whole(corpus: Path) -> None:
    """Every sample of Jaeger, Zipkin and OTLP: recognised, nothing skipped, as many spans as it has."""
    files = [path for path in sorted((corpus / "trace-formats").rglob("*.json")) if path.name != "queries.json"]
    assert files
    for path in files:
        with Source(path) as source:
            items: list[Any] = list(READERS[recognise(source.head)](source))
        assert items
        assert all(isinstance(item, Piece) for item in items), path
        expected = path.read_text(encoding="utf-8").count('"spanId"' if path.parent.name != "zipkin" else '"traceId"')
        if path.parent.name in ("zipkin", "traces"):
            assert 0 < sum(item.records for item in items) <= expected
