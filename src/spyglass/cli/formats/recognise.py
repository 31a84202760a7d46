"""Which format a file has, seen from how it begins; and the reader and the writer of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final, Protocol

import pyarrow as pa

from spyglass.cli.formats import Format, jaeger, otlp_json, otlp_proto, parquet, zipkin
from spyglass.cli.formats.source import Source
from spyglass.decode.pieces import Piece, Skipped
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind

__all__ = ["READERS", "WRITERS", "Writer", "recognise"]


_OTLP: Final = re.compile(rb'"(?:resource|scope)(?:Spans|Logs|Metrics|_spans|_logs|_metrics)"')
_JAEGER: Final = re.compile(rb'"traceID"')
_ZIPKIN: Final = re.compile(rb'"traceId"')


class Writer(Protocol):
    """What writes a file."""

    def add(self, rows: pa.Table) -> None:
        """Take rows of `SCHEMAS[kind]`."""

    def close(self) -> None:
        """Write what is left; the file itself stays open."""

    def discard(self) -> None:
        """Write nothing more, because something went wrong: what was written must not look whole."""


READERS: Final[Mapping[Format, Callable[[Source], Iterator[Piece | Skipped]]]] = {
    "otlp-json": otlp_json.read,
    "otlp-proto": otlp_proto.read,
    "jaeger": jaeger.read,
    "zipkin": zipkin.read,
    "parquet": parquet.read,
}
WRITERS: Final[Mapping[Format, Callable[[BinaryIO, Kind], Writer]]] = {
    "otlp-json": otlp_json.Writer,
    "otlp-proto": otlp_proto.Writer,
    "jaeger": jaeger.Writer,
    "zipkin": zipkin.Writer,
    "parquet": parquet.Writer,
}


def recognise(head: bytes) -> Format:
    """The format of a file that begins so.

    Raises:
        InputError: it is none that we know.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        for form, pattern in _JSON.items():
            if pattern.search(head):
                return form
        raise InputError("JSON, but neither OTLP, Jaeger nor Zipkin: none of resourceSpans, traceID, traceId is in its beginning")
    if otlp_proto.framing(head):
        return "otlp-proto"
    raise InputError("the format is not known: expected OTLP JSON or protobuf, Jaeger or Zipkin JSON, or Parquet; --format says which it is")


_JSON: Final[dict[Format, re.Pattern[bytes]]] = {"otlp-json": _OTLP, "jaeger": _JAEGER, "zipkin": _ZIPKIN}
