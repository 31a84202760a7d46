"""What other records say of calls that spans tell: a tool's answer that says it failed, a log record with the tokens that its span leaves out.

In: rows of `tellings` of source `message` and `event`, which are remembered within bounds; then calls as spans tell them. Out: these calls, completed.

A span is believed, but where another record surely speaks of the same call and knows more:

- a tool failed when the answer that the model got says so by a flag. The answer is the tool's by its call id in the trace; where spans and messages have
  ids of different making (Google ADK), by name and order: the answers of a model call are those of the last tools of that name before it;
- a model call has the tokens of a record without a span of its own, when session, model, input and output are equal but for what the span leaves out
  (Gemini CLI's thinking tokens), and the record was made while the call ended. A record is for one call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat
from spyglass.model.schema import SPAN
from spyglass.store.calls import LEAN
from spyglass.store.said import TOOL_ERROR

__all__ = ["Witnesses"]

_REMEMBERED: Final = 20_000  # answers, and records; about 10 MB
_NO_TRACE: Final = bytes(16)
_LATE_NS: Final = 5 * 10**9  # a record is made at most so long after its call ended, and its clock is at most so wrong
_ANSWER: Final = pa.schema([SPAN.field(name) for name in "project trace_id span_id start tool tool_call_id error_type".split()])
_LENT: Final = "input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd cost_source price_key cache_write_1h_tokens".split()
_RECORD: Final = pa.schema(
    [pa.field("call_key", pa.binary(16)), *(LEAN.field(name) for name in ("project", "session_id", "service", "model", "start", *_LENT))]
)
_CALL: Final = "project session_id model start duration_ns input_tokens output_tokens".split()

Row = dict[str, Any]
Mask = npt.NDArray[np.bool_]


class Witnesses:
    """Bounded memory; the oldest is forgotten first. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self) -> None:
        self._answers: pa.Table | None = None  # to model calls with at least one tool that failed
        self._records: pa.Table | None = None  # of model calls, with counts that spans may leave out
        self._lacking: dict[str, None] = {}  # services whose spans leave something out

    def hear(self, calls: pa.Table) -> tuple[list[tuple[bytes, int]], list[str]]:
        """Remember what is of use in rows of `tellings` that spans do not tell.

        Returns:
            Whose calls may be told otherwise now: traces with the start (ns) of the model call that says so, and sessions.
        """
        answers = _of_failures(calls)
        records = _with_more(calls)
        self._answers = _kept(self._answers, answers, _ANSWER)
        self._records = _kept(self._records, records, _RECORD)
        traces = dict(zip(answers["trace_id"].to_pylist(), _ns(answers["start"]).tolist(), strict=True))
        told = zip(records["service"].to_pylist(), records["session_id"].to_pylist(), strict=True)
        return list(traces.items()), sorted({session for service, session in told if service in self._lacking})

    def complete(self, calls: pa.Table) -> pa.Table:
        """`calls` of source `span` with what is known of them from elsewhere."""
        calls = self._failures(calls)
        lacking = _lacking(calls)
        if not lacking.any():
            return calls
        self._note(calls["service"].filter(pa.array(lacking)))
        return calls if self._records is None else self._tokens(calls, lacking, self._records)

    def _failures(self, calls: pa.Table) -> pa.Table:
        if self._answers is None:
            return calls
        of_traces = pc.is_in(calls["trace_id"], flat(self._answers["trace_id"]).unique())
        rows = np.flatnonzero(_bools(pc.and_(of_traces, pc.and_(calls["counted"], pc.equal(calls["kind"], "tool")))))
        if not len(rows):
            return calls
        tools = _rows(calls.select(["project", "trace_id", "start", "tool", "tool_call_id"]).take(pa.array(rows)))
        answers = _by_trace(_rows(self._answers.filter(pc.is_in(self._answers["trace_id"], pa.array({tool["trace_id"] for tool in tools}, pa.binary(16))))))
        failed = np.zeros(calls.num_rows, bool)
        for trace, members in _by_trace(tools, rows.tolist()).items():
            failed[list(_failing(members, answers.get(trace, [])))] = True
        return _with_failed(calls, failed) if failed.any() else calls

    def _tokens(self, calls: pa.Table, lacking: Mask, records: pa.Table) -> pa.Table:
        in_sessions = pc.is_in(calls["session_id"], flat(records["session_id"]).unique())
        rows = np.flatnonzero(lacking & _bools(in_sessions))
        if not len(rows):
            return calls
        found = dict(_matched(_rows(calls.select(_CALL).take(pa.array(rows))), _rows(records), rows.tolist()))
        return _lent(calls, found) if found else calls

    def _note(self, services: pa.ChunkedArray) -> None:
        """There are few."""
        self._lacking |= dict.fromkeys(services.unique().to_pylist())
        while len(self._lacking) > _REMEMBERED:
            del self._lacking[next(iter(self._lacking))]


def _of_failures(calls: pa.Table) -> pa.Table:
    """All answers to the model calls that were told of a failure: their order tells whose they are."""
    answers = calls.filter(pc.and_(pc.equal(calls["source"], "message"), pc.not_equal(calls["trace_id"], pa.scalar(_NO_TRACE, pa.binary(16)))))
    failed = pc.equal(answers["error_type"], TOOL_ERROR)
    if not pc.any(failed).as_py():
        return answers.slice(0, 0)
    return answers.filter(pc.is_in(answers["trace_id"], flat(answers["trace_id"].filter(failed)).unique()))


def _with_more(calls: pa.Table) -> pa.Table:
    """Records of model calls without a span of their own that tell counts which a span may leave out."""
    more = pc.or_(pc.greater(calls["reasoning_tokens"], 0), pc.greater(calls["cache_read_tokens"], 0))
    apart = pc.and_(pc.equal(calls["trace_id"], pa.scalar(_NO_TRACE, pa.binary(16))), pc.not_equal(calls["session_id"], ""))
    return calls.filter(pc.and_(pc.and_(pc.equal(calls["source"], "event"), pc.equal(calls["kind"], "llm")), pc.and_(more, apart)))


def _lacking(calls: pa.Table) -> Mask:
    """Model calls of a session that tell tokens, and nothing of caching and reasoning."""
    told = pc.and_(pc.and_(calls["counted"], calls["has_usage"]), pc.and_(pc.equal(calls["kind"], "llm"), pc.not_equal(calls["session_id"], "")))
    nothing = pc.and_(pc.equal(calls["reasoning_tokens"], 0), pc.equal(calls["cache_read_tokens"], 0))
    return _bools(pc.and_(told, nothing))


def _kept(known: pa.Table | None, new: pa.Table, schema: pa.Schema) -> pa.Table | None:
    if not new.num_rows:
        return known
    new = new.select(schema.names).cast(schema)  # what the store gives is never null, and says so
    both = new if known is None else pa.concat_tables([known, new])
    return both.slice(max(0, both.num_rows - _REMEMBERED)).combine_chunks()


def _by_trace(members: list[Row], numbers: list[int] | None = None) -> dict[tuple[str, bytes], list[Row]]:
    """Members by project and trace; each gets its number."""
    found: dict[tuple[str, bytes], list[Row]] = {}
    for at, member in enumerate(members):
        member["row"] = numbers[at] if numbers is not None else at
        found.setdefault((member["project"], member["trace_id"]), []).append(member)
    return found


def _failing(tools: list[Row], answers: list[Row]) -> Iterator[int]:
    """Row numbers of the tools of a trace whose answers say that they failed."""
    by_id = {tool["tool_call_id"]: tool for tool in tools if tool["tool_call_id"]}
    known = [answer for answer in answers if answer["tool_call_id"] in by_id]
    yield from (by_id[answer["tool_call_id"]]["row"] for answer in known if answer["error_type"] == TOOL_ERROR)
    ids = {answer["tool_call_id"] for answer in known}
    free = sorted((tool for tool in tools if tool["tool_call_id"] not in ids), key=lambda tool: tool["start"])
    # where some ids agree, an answer with another one is that of a tool which no span tells of
    others = [answer for answer in answers if answer["tool"] and answer["tool_call_id"] not in ids and not (known and answer["tool_call_id"])]
    for answered in _by_call(others):
        before = [tool for tool in free if tool["tool"] == answered[0]["tool"] and tool["start"] < answered[0]["start"]]
        for tool, answer in zip(reversed(before), reversed(answered), strict=False):
            free.remove(tool)
            if answer["error_type"] == TOOL_ERROR:
                yield tool["row"]


def _by_call(answers: list[Row]) -> list[list[Row]]:
    """The answers to each model call of tools of one name, in their order, each once; earlier calls first."""
    found: dict[tuple[bytes, str], dict[int, Row]] = {}
    for answer in answers:
        found.setdefault((answer["span_id"], answer["tool"]), {})[answer["start"]] = answer
    groups = [[group[at] for at in sorted(group)] for group in found.values()]
    return sorted(groups, key=lambda group: group[0]["start"])


def _matched(calls: list[Row], records: list[Row], numbers: list[int]) -> Iterator[tuple[int, Row]]:
    """Row numbers of calls with their records."""
    known: dict[tuple[Any, ...], dict[bytes, Row]] = {}
    for record in records:
        seen = record["output_tokens"] - record["reasoning_tokens"]
        known.setdefault(_likeness(record, seen), {})[record["call_key"]] = record
    for at in sorted(range(len(calls)), key=lambda at: calls[at]["start"]):
        call = calls[at]
        ended = call["start"] + call["duration_ns"]
        alike = known.get(_likeness(call, call["output_tokens"]), {})
        near = [record for record in alike.values() if call["start"] - _LATE_NS <= record["start"] <= ended + _LATE_NS]
        if near:
            nearest = min(near, key=lambda record: abs(record["start"] - ended))
            del alike[nearest["call_key"]]
            yield numbers[at], nearest


def _likeness(call: Row, output_tokens: int) -> tuple[Any, ...]:
    return call["project"], call["session_id"], call["model"], call["input_tokens"], output_tokens


def _with_failed(calls: pa.Table, failed: Mask) -> pa.Table:
    named = pc.if_else(pc.and_(pa.array(failed), pc.equal(calls["error_type"], "")), TOOL_ERROR, calls["error_type"])
    calls = calls.set_column(calls.schema.get_field_index("error_type"), "error_type", named)
    return calls.set_column(calls.schema.get_field_index("failed"), "failed", pc.or_(calls["failed"], pa.array(failed)))


def _lent(calls: pa.Table, found: dict[int, Row]) -> pa.Table:
    """Calls with the counts and costs of their records."""
    rows = sorted(found)
    mask = np.zeros(calls.num_rows, bool)
    mask[rows] = True
    for name in _LENT:
        at = calls.schema.get_field_index(name)
        values = pa.array([found[row][name] for row in rows], calls.schema.field(at).type)
        calls = calls.set_column(at, calls.schema.field(at), pc.replace_with_mask(flat(calls[name]), pa.array(mask), values))
    return calls


def _rows(table: pa.Table) -> list[Row]:
    """Rows as dicts, their start as nanoseconds."""
    at = table.schema.get_field_index("start")
    return list(table.set_column(at, "start", pa.array(_ns(table["start"]))).to_pylist())


def _ns(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.cast(pa.int64()).to_numpy(), np.int64)


def _bools(column: pa.ChunkedArray) -> Mask:
    return np.asarray(column.to_numpy(), bool)
