"""What the server and the process of a plugin say to each other: a line of JSON, and tables as Arrow streams, over one pipe.

A request is `{"do": …, …}` and gets one answer: `{"ok": true, …}` or `{"ok": false, "problem": …}`. Nothing that arrives is run as code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Annotated, Any

import orjson
import pyarrow as pa
from pydantic import BaseModel, Field, ValidationError

from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding, Severity, event_of
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Frame

__all__ = ["finding_of", "heard", "packed", "receive", "seen_of", "send", "told_of"]

Message = tuple[dict[str, Any], list[pa.Table]]


def packed(told: Mapping[str, Any], tables: Sequence[pa.Table] = ()) -> list[bytes]:
    """A message as its parts.

    Raises:
        TypeError: there is something in it that cannot be told.
    """
    return [orjson.dumps({**told, "tables": len(tables)}, option=orjson.OPT_SERIALIZE_NUMPY), *map(_bytes, tables)]


def send(pipe: Connection, told: Mapping[str, Any], tables: Sequence[pa.Table] = ()) -> None:
    """Say something.

    Raises:
        OSError: nobody listens any more.
    """
    for part in packed(told, tables):
        pipe.send_bytes(part)


def receive(pipe: Connection, most_bytes: int | None = None) -> Message:
    """Hear something, of so many bytes at most in each part.

    Raises:
        OSError, EOFError: the other side has gone, or says too much.
        ValueError: it said something else.
    """
    told = orjson.loads(pipe.recv_bytes(most_bytes))
    return told, [pa.ipc.open_stream(pipe.recv_bytes(most_bytes)).read_all() for _ in range(told.pop("tables"))]


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


class _Shown(BaseModel, extra="forbid", strict=True):
    trace_id: str = ""
    span_id: str = ""
    event_id: str = ""


class _Found(BaseModel, extra="forbid", strict=True):
    """`model.finding.Finding`, from somebody who may not mean one."""

    analyzer: str
    version: str
    rule: str
    project: str
    time_ns: Annotated[int, Field(ge=0, lt=2**63)]
    title: str
    severity: Severity = "warning"
    subject: dict[str, str] = {}
    observed: float | None = None
    expected: list[float] | None = Field(None, min_length=2, max_length=2)
    unit: str = ""
    probability: float | None = None
    budget: float | None = None
    features: dict[str, float | None] = {}
    evidence: list[_Shown] = []
    peers: int | None = None
    compared: int | None = None
    cause: str = ""
    first_ns: Annotated[int, Field(ge=0, lt=2**63)] = 0
    suggestion: str = ""
    owasp: str = ""
    details: dict[str, Any] = {}


def finding_of(told: dict[str, Any]) -> Finding:
    """The same on the other side.

    Raises:
        ValueError: it is none.
    """
    try:
        said = _Found.model_validate(told).model_dump()
    except ValidationError as error:
        raise ValueError("; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:3])) from None
    evidence = tuple(Evidence(**one) for one in said.pop("evidence"))
    expected = said.pop("expected")
    found = Finding(**said, evidence=evidence, expected=(expected[0], expected[1]) if expected else None)
    event_of(found)  # raises where ids are none
    return found


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
