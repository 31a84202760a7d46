"""What agents do, step by step: spans in, the frame `calls.steps` out, and its rows as arrays. Two calls are alike when tool, arguments and result are.

A run is one agent's part of one trace. Arguments are compared without spaces and without what is new in every call (ids of requests, time stamps with
fractions of a second), so that a loop is seen although each call has a fresh id; numbers, dates and ids of things count.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

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
_TEXTS: Final = ("input", "output", "status_message", "input_messages")  # of which numbers are taken
_KINDS: Final = pa.array(["llm", "tool", "embedding", "reranker"])
_MOST_USD: Final = 1e6  # of one call; more is no price
_MOST_TOKENS: Final = 10**12
_MOST_BYTES: Final = 4_096  # of arguments that are looked at for what is new in every call
# What is new in every call; spaces do not count either, see `digests`.
_IDS: Final = (  # "request_id": "…", and the like
    r'"(?i:(?:request|req|call|tool_call|trace|span|correlation|message|idempotency)[_-]?(?:id|key)|nonce|timestamp|ts|now|seed|uuid)"\s*:\s*(?:"[^"]*"|[0-9.eE+-]+)'
)
_MOMENTS: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+"  # that no person wrote
_MAY_HOLD_MOMENT: Final = r":\d\d\.\d"  # a twentieth of the time that the whole of it takes


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
    table = rows.select([name for name in _COLUMNS if name not in _TEXTS]).filter(keep)
    is_tool = pc.equal(table["kind"], "tool").to_numpy()
    tools = pc.and_(keep, pc.equal(rows["kind"], "tool"))
    texts = {name: rows[name].filter(tools) for name in _TEXTS[:3]}  # of all others nothing is read, and nothing copied
    found = {name: _number(column, name == "input") for name, column in texts.items()}
    found["input_messages"] = _last_message(rows["input_messages"].filter(keep))
    for at, name in enumerate(_COLUMNS):
        if name in found:
            number = found[name] if name == "input_messages" else _spread(found[name], is_tool)
            table = table.add_column(at, "asked" if name == "input_messages" else name, pa.array(number, pa.uint64()))
    return table.append_column("output_bytes", pa.array(_spread(pc.binary_length(texts["output"]).to_numpy().astype(np.int64), is_tool)))


def _number(texts: pa.ChunkedArray, arguments: bool) -> Numbers:
    """Of each text; 0: not told."""
    number = _of_text(texts.cast(pa.binary())) if arguments else digests(texts)
    return np.where(pc.greater(pc.binary_length(texts), 0).to_numpy(), number, np.uint64(0))


def _spread(values: npt.NDArray[Any], where: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Values in their places among zeros."""
    found = np.zeros(len(where), values.dtype)
    found[where] = values
    return found


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
    cost = np.nan_to_num(table["cost_usd"].to_numpy(), nan=0.0, posinf=0.0, neginf=0.0)
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
        cost=np.round(np.clip(cost, 0, _MOST_USD) * 1e9).astype(np.int64),
        tokens=np.clip(whole["input_tokens"], 0, _MOST_TOKENS) + np.clip(whole["output_tokens"], 0, _MOST_TOKENS),
        row=np.arange(table.num_rows),
    )


def _of_text(texts: pa.ChunkedArray) -> Numbers:
    """One number for each arguments, without what is new in every call. Very long ones count by their beginning and their length."""
    cut = pc.binary_slice(texts, 0, _MOST_BYTES).combine_chunks()
    long = np.maximum(pc.binary_length(texts).to_numpy().astype(np.int64) - _MOST_BYTES, 0).astype(np.uint64)
    bare = pc.replace_substring_regex(cut, _IDS, "")
    may = pc.fill_null(pc.match_substring_regex(cut, _MAY_HOLD_MOMENT), False)
    if pc.any(may).as_py():
        bare = pc.replace_with_mask(bare, may, pc.replace_substring_regex(cut.filter(may), f"{_IDS}|{_MOMENTS}", ""))
    return combined(digests(bare, spaces=False), long)


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
