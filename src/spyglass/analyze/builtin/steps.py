"""What agents do, step by step: spans in, the frame `calls.steps` out, and its rows as arrays. Two calls are alike when tool, arguments and result are.

A run is one agent's part of one trace. Arguments are compared without spaces and without what is new in every call (ids of requests, time stamps with
fractions of a second), so that a loop is seen although each call has a fresh id; numbers, dates and ids of things count.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.stats.digest import Numbers, combined, digests, of_ids

__all__ = ["STEPS", "Steps", "steps_of", "taken"]

STEPS: Final = "calls.steps"
_COLUMNS: Final = (
    "project received trace_id span_id start duration_ns status pending kind model tool agent agent_version input output status_message input_messages "
    "input_tokens output_tokens cost_usd"
).split()
_KINDS: Final = pa.array(["llm", "tool", "embedding", "reranker"])
_MOST_BYTES: Final = 4_096  # of arguments that are looked at for what is new in every call
_FRESH: Final = (
    # "request_id": "…", and the like
    r'"(?i:(?:request|req|call|tool_call|trace|span|correlation|message|idempotency)[_-]?(?:id|key)|nonce|timestamp|ts|now|seed|uuid)"\s*:\s*(?:"[^"]*"|[0-9.eE+-]+)'
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+"  # a moment that no person wrote
    r"|[\s]+"
)


@dataclass(frozen=True, slots=True)
class Steps:
    """n spans that ended; all arrays of n."""

    run: Numbers  # whose step it is: project, trace and agent
    span: Numbers
    received: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    tool: npt.NDArray[np.bool_]  # a call of a tool; else of a model
    failed: npt.NDArray[np.bool_]
    told: npt.NDArray[np.bool_]  # the arguments are known
    patient: npt.NDArray[np.bool_]  # a tool that may be called again and again
    call: Numbers  # what was called, and with which arguments
    result: Numbers  # and what came of it
    cost: npt.NDArray[np.int64]  # billionths of a dollar
    tokens: npt.NDArray[np.int64]
    row: npt.NDArray[np.intp]  # in the table that it came from

    def at(self, indices: npt.NDArray[np.intp]) -> Steps:
        """Some of them, in this order."""
        return Steps(*(getattr(self, one.name)[indices] for one in fields(self)))


def taken(rows: pa.Table) -> pa.Table:
    """The rows of the frame: calls among spans, with one number for each text (0: not told) and `output_bytes`."""
    keep = pc.and_(pc.is_in(rows["kind"], _KINDS), pc.invert(rows["pending"]))
    table = rows.select(_COLUMNS).filter(keep)
    at = table.schema.get_field_index("input_messages")
    table = table.set_column(at, "asked", pa.array(_last_message(table["input_messages"]), pa.uint64()))
    is_tool = pc.equal(table["kind"], "tool")
    table = table.append_column("output_bytes", pc.binary_length(table["output"]).cast(pa.int64()))
    for name in ("input", "output", "status_message"):
        texts = pc.if_else(is_tool, table[name], "").cast(pa.binary())
        number = digests(texts) if name != "input" else _of_text(texts)
        told = pc.greater(pc.binary_length(texts), 0)
        table = table.set_column(table.schema.get_field_index(name), name, pc.if_else(told, pa.array(number, pa.uint64()), pa.scalar(0, pa.uint64())))
    return table


def steps_of(table: pa.Table, patient_tools: str) -> Steps:
    """What `taken` gave, as arrays. `patient_tools`: regular expression of those that may be called again and again."""
    whole = {name: _whole(table[name]) for name in ("received", "start", "duration_ns", "input_tokens", "output_tokens")}
    numbers = {name: table[name].to_numpy() for name in ("input", "output", "status_message", "asked")}
    failed = pc.equal(table["status"], "error").to_numpy()
    tool = pc.equal(table["kind"], "tool").to_numpy()
    trace, span = of_ids(table["trace_id"]), of_ids(table["span_id"])
    called = combined(_short(table["kind"]), _short(table["tool"]), np.where(tool, np.uint64(0), _short(table["model"])))
    asked = np.where(tool, numbers["input"], numbers["asked"])
    call = combined(called, asked)
    cost = np.nan_to_num(table["cost_usd"].to_numpy() * 1e9, nan=0.0, posinf=0.0, neginf=0.0)
    return Steps(
        run=combined(_short(table["project"]), trace, _short(table["agent"])),
        span=combined(trace, span),
        received=whole["received"],
        start=whole["start"],
        end=whole["start"] + whole["duration_ns"],
        tool=tool,
        failed=failed,
        told=asked != 0,
        patient=_matching(table["tool"], patient_tools),
        call=call,
        result=combined(call, numbers["output"], numbers["status_message"], failed.astype(np.uint64)),
        cost=np.round(np.clip(cost, 0, 1e15)).astype(np.int64),
        tokens=whole["input_tokens"] + whole["output_tokens"],
        row=np.arange(table.num_rows),
    )


def _of_text(texts: pa.ChunkedArray) -> Numbers:
    """One number for each arguments, without what is new in every call. Very long ones count by their beginning and their length."""
    cut = pc.binary_slice(texts, 0, _MOST_BYTES)
    long = np.maximum(pc.binary_length(texts).to_numpy().astype(np.int64) - _MOST_BYTES, 0).astype(np.uint64)
    return combined(digests(pc.replace_substring_regex(cut, _FRESH, "")), long)


def _short(column: pa.ChunkedArray) -> Numbers:
    """Of words that are often the same."""
    coded = column.combine_chunks().dictionary_encode()
    found: Numbers = digests(coded.dictionary)[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def _matching(column: pa.ChunkedArray, pattern: str) -> npt.NDArray[np.bool_]:
    coded = column.combine_chunks().dictionary_encode()
    matches = pc.match_substring_regex(coded.dictionary, pattern).to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.bool_] = matches[coded.indices.to_numpy(zero_copy_only=False)]
    return found


def _whole(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = column.cast(pa.int64(), safe=False).to_numpy()
    return found


def _last_message(column: pa.ChunkedArray) -> Numbers:
    """The first eight bytes of the hash of the last message of each list; 0: no messages."""
    lists = column.combine_chunks()
    ends, lengths = lists.offsets.to_numpy()[1:], pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    found = np.zeros(len(lists), np.uint64)
    filled = np.nan_to_num(lengths) > 0
    if filled.any():
        hashes = lists.values.take(pa.array(ends[filled] - 1))
        found[filled] = of_ids(hashes)
    return found
