"""Calls on the wire and the spans of the same calls become one row, also after a restart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from spyglass.store.calls import LEAN, call_rows, keys_of_spans
from spyglass.store.twins import Twins
from spyglass.testing.clock import ManualClock

SECOND = 10**9
BEGIN = 1_790_000_000 * SECOND
WIRE, OWN = (b"w" * 16, b"w" * 8), (b"o" * 16, b"o" * 8)


class Store:
    """Answers as the store does that has a call on the wire and one that a span tells."""

    def __init__(self) -> None:
        wire = {"trace_id": WIRE[0], "span_id": WIRE[1], "kind": "llm", "dialect": "watch", "response_id": "chatcmpl-1"}
        seen = {"models": ["m"], "tool": "", "has_usage": True, "input_tokens": 40, "output_tokens": 3, "said": [], "watch": "w", "host": "h", "pid": "7"}
        self.wires = pa.Table.from_pylist([{**wire, **seen, "start_ns": BEGIN + SECOND, "end_ns": BEGIN + 2 * SECOND}]).cast(_ids)
        self.key = keys_of_spans(self.wires)[0]
        rows = [
            row(WIRE, self.key, "watch", BEGIN + SECOND, SECOND, 9, "chatcmpl-1"),
            row(OWN, b"private".ljust(16), "otel_genai", BEGIN, 3 * SECOND, 5, ""),
        ]
        self.standing = call_rows(rows, source="span")

    def read(self, name: str, _: dict[str, Any]) -> pa.Table:
        about = {"trace_id": OWN[0], "span_id": OWN[1], "models": ["m"], "said": [], "watch": "w", "host": "h", "pid": ""}
        return {"calls/wires": self.wires, "calls/standing": self.standing, "calls/own": pa.Table.from_pylist([about])}[name]

    def keep(self, told: pa.Table) -> None:
        """As the table does: of one key the highest version."""
        rows = pa.concat_tables([self.standing, told]).sort_by([("version", "descending")])
        keys = rows["call_key"].to_pylist()
        rows = rows.take(pa.array([at for at, key in enumerate(keys) if key not in keys[:at]]))
        self.standing = rows.filter(rows["counted"])


_ids = pa.schema(
    [
        ("trace_id", pa.binary(16)),
        ("span_id", pa.binary(8)),
        *((name, pa.string()) for name in ("kind", "dialect", "response_id")),
        ("models", pa.list_(pa.string())),
        ("tool", pa.string()),
        ("has_usage", pa.bool_()),
        *((name, pa.uint64()) for name in ("input_tokens", "output_tokens")),
        ("said", pa.list_(pa.binary(16))),
        *((name, pa.string()) for name in ("watch", "host", "pid")),
        *((name, pa.int64()) for name in ("start_ns", "end_ns")),
    ]
)


def row(ids: tuple[bytes, bytes], key: bytes, dialect: str, start_ns: int, duration_ns: int, version: int, response: str) -> dict[str, Any]:
    told = {"project": "p", "trace_id": ids[0], "span_id": ids[1], "start": start_ns, "received": start_ns, "duration_ns": duration_ns, "kind": "llm"}
    told |= {"model": "m", "dialect": dialect, "response_id": response, "has_usage": True, "input_tokens": 40, "output_tokens": 3}
    return told | {"call_key": key, "version": version, "failed": False}


def spans() -> pa.Table:
    """Lean rows of both, as they come in."""
    columns = {"project": ["p", "p"], "dialect": ["watch", "otel_genai"], "kind": ["llm", "llm"]}
    return pa.table({**columns, "start": pa.array(np.array([BEGIN, BEGIN]), LEAN.field("start").type)})


def test_both_become_one_row_and_stay_one() -> None:
    """The span stands, under the key and the response id of the call on the wire; told again, it keeps its place."""
    store, clock = Store(), ManualClock(BEGIN / SECOND)
    twins = Twins(store.read, clock)
    twins.note(spans())
    assert twins.waiting() == 0
    told = twins.joined()
    assert told is not None
    store.keep(told)
    [one] = store.standing.to_pylist()
    assert (one["call_key"], one["trace_id"], one["response_id"]) == (store.key, OWN[0], "chatcmpl-1")
    again = twins.placed(call_rows([row(OWN, b"private".ljust(16), "otel_genai", BEGIN, 3 * SECOND, 6, "")], source="span"))
    assert (again["call_key"][0].as_py(), again["response_id"][0].as_py()) == (store.key, "chatcmpl-1")


def test_after_a_restart_what_is_told_again_is_found_again() -> None:
    """Nothing is remembered then but where calls were seen on the wire."""
    store, clock = Store(), ManualClock(BEGIN / SECOND)
    first = Twins(store.read, clock)
    first.note(spans())
    told = first.joined()
    assert told is not None
    store.keep(told)
    store.keep(call_rows([row(OWN, b"private".ljust(16), "otel_genai", BEGIN, 3 * SECOND, (1 << 63) | (1 << 61), "")], source="span"))
    assert store.standing.num_rows == 2
    second = Twins(store.read, clock)
    second.expect(pa.table({"project": ["p"], "first_ns": [BEGIN], "last_ns": [BEGIN]}))
    told = second.joined()
    assert told is not None
    assert told.filter(told["counted"])["call_key"].to_pylist() == [store.key]


def test_where_nobody_watches_nothing_is_looked_at() -> None:
    """Spans of other projects cost nothing."""
    twins = Twins(Store().read, ManualClock(0.0))
    twins.note(spans().slice(1))
    assert (twins.waiting(), twins.joined()) == (None, None)
