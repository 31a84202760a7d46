"""What the server and the process of a plugin say to each other: a line of JSON, and tables as Arrow streams, over one pipe.

A request is `{"do": …, …}` and gets one answer: `{"ok": true, …}` or `{"ok": false, "problem": …}`. Nothing that arrives is run as code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

import orjson
import pyarrow as pa

from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Frame

__all__ = ["finding_of", "heard", "receive", "seen_of", "send", "told_of"]

Message = tuple[dict[str, Any], list[pa.Table]]


def send(pipe: Connection, told: Mapping[str, Any], tables: Sequence[pa.Table] = ()) -> None:
    """Say something.

    Raises:
        OSError: nobody listens any more.
    """
    pipe.send_bytes(orjson.dumps({**told, "tables": len(tables)}, option=orjson.OPT_SERIALIZE_NUMPY))
    for table in tables:
        pipe.send_bytes(_bytes(table))


def receive(pipe: Connection) -> Message:
    """Hear something.

    Raises:
        OSError, EOFError: the other side has gone.
        ValueError: it said something else.
    """
    told = orjson.loads(pipe.recv_bytes())
    return told, [pa.ipc.open_stream(pipe.recv_bytes()).read_all() for _ in range(told.pop("tables"))]


def told_of(seen: Batch | Frame) -> Message:
    """What an analyzer shall observe."""
    if isinstance(seen, Batch):
        return {"do": "observe", "kind": str(seen.kind)}, [seen.rows]
    return {"do": "observe", "frame": seen.name}, [seen.rows]


def seen_of(told: Mapping[str, Any], tables: Sequence[pa.Table]) -> Batch | Frame:
    """The same on the other side."""
    return Batch(Kind(told["kind"]), tables[0]) if "kind" in told else Frame(told["frame"], tables[0])


def heard(found: Iterable[Finding | Frame]) -> Message:
    """What an analyzer found, in its order."""
    items: list[dict[str, Any]] = []
    tables: list[pa.Table] = []
    for one in found:
        if isinstance(one, Frame):
            items.append({"frame": one.name})
            tables.append(one.rows)
        elif isinstance(one, Finding):
            items.append(asdict(one))
        else:
            raise TypeError(f"expected findings and frames, got a {type(one).__name__}")
    return {"ok": True, "found": items}, tables


def finding_of(told: dict[str, Any]) -> Finding:
    """The same on the other side.

    Raises:
        TypeError: it is none.
    """
    evidence = tuple(Evidence(**one) for one in told.pop("evidence", ()))
    expected = told.pop("expected", None)
    return Finding(**told, evidence=evidence, expected=(expected[0], expected[1]) if expected else None)


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
