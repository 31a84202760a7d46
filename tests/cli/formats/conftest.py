"""Files of the formats, made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spyglass.cli.formats import FormatOrAuto
from spyglass.cli.formats.recognise import READERS, recognise
from spyglass.cli.formats.source import Source
from spyglass.decode.pieces import Piece, Skipped
from spyglass.decode.wire import parse_request

Read = Callable[..., list[Piece | Skipped]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What is read of a file with these contents."""

    def read_bytes(data: bytes, form: FormatOrAuto = "auto", name: str = "file") -> list[Piece | Skipped]:
        path = tmp_path / name
        path.write_bytes(data)
        with Source(path) as source:
            return list(READERS[recognise(source.head) if form == "auto" else form](source))

    return read_bytes


@pytest.fixture
def spans() -> Callable[[list[Piece | Skipped]], list[Any]]:
    """The spans of what was read, with the service each is of."""

    def of(items: list[Piece | Skipped]) -> list[tuple[str, Any]]:
        found = []
        for piece in items:
            assert isinstance(piece, Piece), piece
            for resource in parse_request("traces", piece.data).resource_spans:
                service = next((pair.value.string_value for pair in resource.resource.attributes if pair.key == "service.name"), "")
                found += [(service, span) for scope in resource.scope_spans for span in scope.spans]
        return found

    return of
