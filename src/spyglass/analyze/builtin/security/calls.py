"""What tools are called with: a batch in, the few columns that security looks at out; and the texts within the arguments of one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence
from spyglass.model.schema import Kind

__all__ = ["Call", "Leaf", "calls", "leaves", "of_tools"]

_COLUMNS: Final = ["project", "received", "agent", "tool", "kind", "input", "output", "trace_id", "span_id", "session_id", "user_id"]
_TOOL_KINDS: Final = pa.array(["tool", "mcp"])
_MOST_LEAVES: Final = 256
_LONGEST: Final = 4_096  # characters of a text that are looked at: the first and the last half
_DEEPEST: Final = 32
_LARGEST_JSON: Final = 1 << 20


class Leaf(NamedTuple):
    """One text of the arguments."""

    path: str  # names that lead there: `filter.name`
    text: str


class Call(NamedTuple):
    """One row, as Python sees it."""

    project: str
    at_ns: int
    agent: str
    tool: str
    kind: str
    input: str
    output: str
    trace_id: str  # hex
    evidence: Evidence
    session: str
    user: str

    @property
    def subject(self) -> dict[str, str]:
        """Of findings: the names that are known."""
        return {key: name for key, name in (("agent", self.agent), ("tool", self.tool)) if name}


def of_tools(batch: Batch) -> pa.Table:
    """The rows that are finished calls of tools, with the columns that `calls` reads. Of spans and events alike."""
    rows = batch.rows
    wanted = pc.or_(pc.is_in(rows["kind"], _TOOL_KINDS), pc.not_equal(rows["tool"], ""))
    if batch.kind is Kind.SPAN:
        wanted = pc.and_not(wanted, rows["pending"])
    names = [*_COLUMNS, "event_id"] if batch.kind is Kind.EVENT else _COLUMNS
    return rows.select(names).filter(wanted)


def calls(rows: pa.Table) -> Iterator[Call]:
    """Rows of `of_tools`, one by one: for the few that a filter left."""
    if not rows.num_rows:
        return
    received = rows["received"].cast(pa.int64()).to_pylist()
    columns = [rows[name].to_pylist() for name in _COLUMNS if name != "received"]
    event_ids = rows["event_id"].to_pylist() if "event_id" in rows.column_names else [b""] * rows.num_rows
    for at_ns, event_id, (project, agent, tool, kind, given, output, trace_id, span_id, session, user) in zip(
        received, event_ids, zip(*columns, strict=True), strict=True
    ):
        shown = Evidence(trace_id.hex(), span_id.hex()) if any(span_id) else Evidence(trace_id.hex() if any(trace_id) else "", "", event_id.hex())
        yield Call(project or "", at_ns, agent or "", tool or "", kind or "", given or "", output or "", trace_id.hex(), shown, session or "", user or "")


def leaves(text: str) -> Iterator[Leaf]:
    """The texts and numbers within JSON, or the text itself where it is none; a bounded number, each of bounded length."""
    if text[:1] not in "{[" or len(text) > _LARGEST_JSON:
        yield Leaf("", _short(text))
        return
    try:
        told: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        yield Leaf("", _short(text))
        return
    waiting: list[tuple[str, Any, int]] = [("", told, 0)]
    count = 0
    while waiting and count < _MOST_LEAVES:
        path, one, depth = waiting.pop()
        if isinstance(one, str):
            count += 1
            if one[:1] in "{[" and depth < _DEEPEST and (inner := _json(one)) is not None:  # arguments within arguments
                waiting.append((path, inner, depth + 1))
            yield Leaf(path, _short(one))
        elif depth < _DEEPEST and isinstance(one, dict):
            waiting += [(f"{path}.{name}" if path else name, value, depth + 1) for name, value in reversed(list(one.items())[:_MOST_LEAVES])]
        elif depth < _DEEPEST and isinstance(one, list):
            waiting += [(path, value, depth + 1) for value in reversed(one[:_MOST_LEAVES])]


def _json(text: str) -> Any:
    try:
        return orjson.loads(text) if len(text) < _LARGEST_JSON else None
    except orjson.JSONDecodeError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n{text[-_LONGEST // 2 :]}"
