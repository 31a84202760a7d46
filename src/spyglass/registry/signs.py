"""Signs of life: batches in, what they tell of executions out. Only rows that tell of some are looked at one by one."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import Kind

__all__ = ["HEARD", "Sign", "signs_of", "traces_of"]

HEARD: Final = "spyglass.execution.heard_ns"  # only in what the server itself tells of a silence
_WAITING_FOR: Final = "spyglass.execution.waiting_for"
_EVERY: Final = "spyglass.heartbeat.interval_s"
_BEATS: Final = "spyglass.heartbeat"
_OPERATION: Final = "spyglass.execution.operation"
_COMMON: Final = ("project", "agent", "service", "trace_id", "span_id")
_OF_SPANS: Final = [*_COMMON, "received", "pending", "attributes"]
_OF_EVENTS: Final = [*_COMMON, "received", "time", "event_name", "execution_id", "attributes"]
_NO_TRACE: Final = bytes(16)


class Sign(NamedTuple):
    """One record of an execution."""

    project: str
    id: str
    agent: str
    service: str
    trace_id: bytes
    span_id: bytes
    received_ns: int
    beat: bool
    ends: bool
    waiting_ns: int  # since when it waits, by its own clock; 0: it does not say
    resumed_ns: int
    every_s: float  # how often it says that it beats; 0: it does not


def signs_of(batch: Batch) -> Iterator[Sign]:
    """What the spans of agents, or the events `execution.*`, tell; verdicts of the server are none."""
    if batch.kind is Kind.EVENT:
        named = pc.and_(pc.starts_with(batch.rows["event_name"], "execution."), pc.not_equal(batch.rows["execution_id"], ""))
        rows = batch.rows.select(_OF_EVENTS).filter(named)
        return _of_events(rows) if rows.num_rows else iter(())
    if batch.kind is Kind.SPAN:
        rows = _alone(batch.rows.select(_OF_SPANS).filter(pc.equal(batch.rows["kind"], "agent")))
        return _of_spans(rows) if rows.num_rows else iter(())
    return iter(())


def traces_of(batch: Batch, wanted: Container[bytes]) -> Iterator[tuple[bytes, int]]:
    """Those of the wanted traces that a batch of spans or events tells of, each with its latest arrival (ns)."""
    if batch.kind is Kind.POINT or not len(batch) or not wanted:
        return
    arrived = batch.rows.select(["trace_id"]).append_column("received", batch.rows["received"].cast(pa.int64()))
    told = arrived.group_by("trace_id").aggregate([("received", "max")])
    for trace, received_ns in zip(told["trace_id"].to_pylist(), told["received_max"].to_pylist(), strict=True):
        if trace != _NO_TRACE and trace in wanted:
            yield trace, received_ns


def _alone(rows: pa.Table) -> pa.Table:
    """Without the SDK's executions, which tell of themselves by events (sql/ddl/0008_told_runs.sql)."""
    return rows.filter(pc.is_null(pc.map_lookup(flat(rows["attributes"]), _OPERATION, "first"))) if rows.num_rows else rows


def _of_events(rows: pa.Table) -> Iterator[Sign]:
    attributes = _attributes(rows, HEARD, _WAITING_FOR, _EVERY)
    times = zip(_ns(rows["received"]), _ns(rows["time"]), strict=True)
    names, ids = rows["event_name"].to_pylist(), rows["execution_id"].to_pylist()
    for common, (received_ns, time_ns), name, execution, (verdict, waiting_for, every) in zip(_rows(rows), times, names, ids, attributes, strict=True):
        what = name.removeprefix("execution.")
        if verdict or what == "created":  # who has not begun is not silent
            continue
        project, agent, service, trace, span = common
        waits = what == "waiting" or (what == "heartbeat" and bool(waiting_for))
        told = (what == "heartbeat", what == "end", time_ns if waits else 0, time_ns if what == "resumed" else 0)
        yield Sign(project, execution, agent, service, trace, span, received_ns, *told, _number(every))


def _of_spans(rows: pa.Table) -> Iterator[Sign]:
    """Ends first: what else arrived with them says nothing new."""
    ended = rows.filter(pc.invert(rows["pending"]))
    for (project, agent, service, trace, span), received_ns in zip(_rows(ended), _ns(ended["received"]), strict=True):
        yield Sign(project, _id(trace, span), agent, service, trace, span, received_ns, beat=False, ends=True, waiting_ns=0, resumed_ns=0, every_s=0.0)
    if ended.num_rows == rows.num_rows:
        return
    runs = rows.filter(rows["pending"])
    for (project, agent, service, trace, span), received_ns, (beats, every) in zip(
        _rows(runs), _ns(runs["received"]), _attributes(runs, _BEATS, _EVERY), strict=True
    ):
        beat = _number(beats) > 1 or bool(every)
        yield Sign(project, _id(trace, span), agent, service, trace, span, received_ns, beat, ends=False, waiting_ns=0, resumed_ns=0, every_s=_number(every))


def _id(trace: bytes, span: bytes) -> str:
    """Of the run that a span is; as sql/ddl/0008_told_runs.sql makes it."""
    return f"{trace.hex()}-{span.hex()}"


def _rows(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(rows[name].to_pylist() for name in _COMMON), strict=True)


def _attributes(rows: pa.Table, *keys: str) -> Iterator[tuple[Any, ...]]:
    column = flat(rows["attributes"])
    return zip(*(pc.map_lookup(column, key, "first").to_pylist() for key in keys), strict=True)


def _ns(column: pa.ChunkedArray) -> list[int]:
    return list(column.cast(pa.int64()).to_pylist())


def _number(text: str | None) -> float:
    try:
        return max(0.0, min(float(text or 0), 86_400.0))
    except ValueError:
        return 0.0
