"""Calls: one row per model call, embedding or tool execution, however many spans tell of it.

In: span rows of whole traces (as far as they have arrived). Out: rows of the table `tellings`.

Adding the usage of all spans gives up to 3.6 times the truth: agents repeat their children's usage, two instrumentations see one call,
client libraries make a span below the framework's. The rule (semconv.md section 8.1):

1. a span is one (trace id, span id); the copy with the highest version stands for it;
2. only spans of kind llm and embedding carry usage that counts;
3. a call whose nearest significant ancestor is of its own kind is the same call as that one, unless both have different response ids;
   agents, workflows, tools and model calls are significant, everything else is walked through;
4. equal response ids are one call, in other traces too: the response id is the key of the row, so that the table itself joins them;
5. a failed call is a call.

All of it is vectorised: parents are found by a sorted search over 64-bit keys, ancestors by pointer jumping (log2 of the depth steps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat
from spyglass.model.forest import nearest
from spyglass.model.schema import SPAN
from spyglass.store.billing import BILLED, billed
from spyglass.store.hours import hours_of

__all__ = [
    "CALL_KINDS",
    "LEAN",
    "LEAN_COLUMNS",
    "TRANSCRIPTS",
    "WATCH",
    "call_rows",
    "calls_of_events",
    "calls_of_spans",
    "keys_of_spans",
    "lean_rows",
    "loose_traces",
    "not_calls",
]

LEAN_COLUMNS: Final = (
    "project version trace_id span_id parent_span_id start received duration_ns kind status error_type provider model agent agent_version tool workflow "
    "service environment dialect session_id user_id response_id pair_key tool_call_id stream has_usage input_tokens output_tokens cache_read_tokens "
    "cache_write_tokens reasoning_tokens cost_usd cost_source time_to_first_chunk_s pending"
).split()
LEAN: Final = pa.schema(
    [*(pa.field(name, pa.uint64() if name == "version" else SPAN.field(name).type) for name in LEAN_COLUMNS), *BILLED.items()]
)  # what telling calls takes of spans

CALL_KINDS: Final = ("llm", "embedding", "tool")
WATCH: Final = "watch"  # the dialect of spans that a watch reads from connections
TRANSCRIPTS: Final = "transcripts"  # the dialect of spans that were made of the files which coding agents write

_COPIED: Final = (
    "project trace_id span_id start received duration_ns kind error_type provider model agent agent_version tool workflow service environment dialect "
    "session_id user_id tool_call_id stream time_to_first_chunk_s"
).split()
_USAGE: Final = (
    "has_usage input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd cost_source price_key cache_write_1h_tokens "
    "response_id"
).split()

_PLACE: Final = "project trace_id version span_id parent_span_id".split()  # what a forest takes of spans
_EMPTY: Final[dict[str, Any]] = {"bool": False, "uint64": 0, "double": 0.0, "float": 0.0}  # by Arrow type; text otherwise
_SIGNIFICANT: Final = pa.array([*CALL_KINDS, "agent", "workflow"])
_TOOL, _AGENT = CALL_KINDS.index("tool"), len(CALL_KINDS)  # places in it
_WITH_USAGE: Final = np.uint64(1 << 63)

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Forest:
    """Unique spans, sorted by key, and who is above whom; -1 where nobody is."""

    rows: pa.Table
    key: npt.NDArray[np.uint64]  # of the span within its project and trace
    trace: npt.NDArray[np.uint64]  # of the trace within its project
    parent: Index
    missing_parent: Mask
    kind: npt.NDArray[np.int32]  # place in _SIGNIFICANT, -1: none of them


@dataclass(frozen=True, slots=True)
class _Lenders:
    """For each call the span that tells its usage, and the one that tells its response id."""

    usage: Index
    response: Index


def lean_rows(rows: pa.Table) -> pa.Table:
    """Rows of schema LEAN, of n spans with `LEAN_COLUMNS`, request_model and attributes (those that prices depend on, at least).

    What the store gives is never null, and says so; tables that are put together must agree.
    """
    rows = rows.select([*LEAN_COLUMNS, "request_model", "attributes"]).combine_chunks()
    return pa.table({**{name: rows[name] for name in LEAN_COLUMNS}, **billed(rows)}).cast(LEAN)


def calls_of_spans(rows: pa.Table, *, now_ns: int, replace: bool) -> pa.Table:
    """The calls that these spans tell of.

    Args:
        rows: n rows of schema LEAN; every trace whole, as far as it has arrived.
        now_ns: becomes the version: a later telling replaces an earlier one; of tellings of one response those without usage never replace one with.
        replace: these traces were told before; rows that stood for a call then and do not any more are taken back.
    """
    forest = _forest(rows)
    calls = np.flatnonzero((forest.kind >= 0) & (forest.kind < len(CALL_KINDS)))
    above = nearest(forest.parent, forest.kind >= 0)
    owner = _owners(forest, calls, above)
    heads = np.unique(owner[calls])
    usage = _lenders(_bools(forest.rows["has_usage"]), calls, owner)[heads]
    response = _lenders(_given(forest.rows["response_id"]), calls, owner)[heads]
    failed = _failed(forest, calls, owner)[heads]
    table = _told(forest, heads, _Lenders(usage, response), failed, now_ns)
    if not replace:
        return table
    joined = heads[_has_response(table)]
    inner = calls[owner[calls] != calls]
    gone = not_calls(forest.rows.take(pa.array(np.concatenate([inner, joined]))), now_ns=now_ns)
    lost = not_calls(forest.rows.take(pa.array(inner)), now_ns=now_ns, by_response=True)
    return pa.concat_tables([table, gone, lost.filter(pc.invert(pc.is_in(lost["call_key"], flat(table["call_key"]))))])


def calls_of_events(rows: pa.Table, *, now_ns: int) -> pa.Table:
    """Calls that only log records tell of; reads count them where the session has no spans for them."""
    kinds = flat(rows["kind"])
    told = rows.filter(pc.is_in(kinds, pa.array(CALL_KINDS)))
    n = told.num_rows
    columns = {name: told[name] for name in (*_COPIED, *_USAGE) if name in told.column_names} | billed(told)
    columns["start"] = told["time"]
    columns.setdefault("duration_ns", pa.array(np.zeros(n, np.uint64)))
    columns["call_key"] = _call_keys(told, _fixed(told["event_id"], 16).reshape(n, 16), "event")
    columns["version"] = _versions(_bools(told["has_usage"]), now_ns)
    columns["counted"] = pa.array(np.ones(n, bool))
    columns["failed"] = pc.or_(pc.equal(told["status"], "error"), pc.not_equal(told["error_type"], ""))
    return _assemble(columns, "event")


def not_calls(rows: pa.Table, *, now_ns: int, by_response: bool = False) -> pa.Table:
    """Rows that take back what an earlier telling may have written for each of these spans alone; under its response id, where it has one, if so asked."""
    private = _private_keys(rows)
    if by_response:
        told = _has_response(rows)
        rows, private = rows.filter(pa.array(told)), private[told]
    no = np.zeros(rows.num_rows, bool)
    columns = {name: rows[name] for name in (*_COPIED, *_USAGE)}
    keys = _call_keys(rows, private, "span") if by_response else _key_array(private)
    return _assemble({**columns, "call_key": keys, "version": _versions(~no, now_ns), "counted": pa.array(no), "failed": pa.array(no)}, "span")


def call_rows(told: Sequence[Mapping[str, Any]], *, source: str) -> pa.Table:
    """Rows of `tellings` from a few dicts that name some of its columns; what they do not name is empty."""
    columns = {
        field.name: pa.array([item.get(field.name, _EMPTY.get(str(field.type), "")) for item in told], field.type)
        for field in LEAN
        if field.name in {*_COPIED, *_USAGE}
    }
    columns["call_key"] = pa.array([item["call_key"] for item in told], pa.binary(16))
    columns["version"] = pa.array([item["version"] for item in told], pa.uint64())
    columns["counted"] = pa.array([True] * len(told))
    columns["failed"] = pa.array([bool(item["failed"]) for item in told])
    return _assemble(columns, source)


def keys_of_spans(rows: pa.Table) -> list[bytes]:
    """What the calls of these spans (columns trace_id, span_id, kind, response_id, dialect) are kept under, each standing for itself."""
    rows = rows.combine_chunks()
    return list(_call_keys(rows, _private_keys(rows), "span").to_pylist())


def loose_traces(rows: pa.Table) -> set[bytes]:
    """Ids of traces in which some span's parent is not among these rows: more of them came before, or will come."""
    forest = _forest(rows.select([*_PLACE, "kind"]))
    return set(flat(forest.rows["trace_id"]).filter(pa.array(forest.missing_parent)).unique().to_pylist())


def _forest(rows: pa.Table) -> _Forest:
    trace = _trace_keys(rows["project"], rows["trace_id"])
    key = _span_keys(trace, rows["span_id"])
    order = np.lexsort((_numbers(rows["version"]), key))
    last = np.append(np.flatnonzero(np.diff(key[order])), len(order) - 1) if len(order) else order
    keep = order[last]
    rows, key, trace = rows.take(pa.array(keep)), key[keep], trace[keep]  # sorted by key now
    parent_ids = _fixed(rows["parent_span_id"], 8).view(np.uint64).reshape(-1)
    wanted = _span_keys(trace, rows["parent_span_id"])
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found = (key[at] == wanted) & (parent_ids != 0) if len(key) else np.zeros(0, bool)
    parent = np.where(found & (at != np.arange(len(key))), at, -1)
    kind = flat(pc.fill_null(pc.index_in(rows["kind"], _SIGNIFICANT), -1)).to_numpy()
    return _Forest(rows, key, trace, parent, (parent_ids != 0) & ~found, kind)


def _owners(forest: _Forest, calls: Index, above: Index) -> Index:
    """For each span the outermost span of the call it belongs to (itself, mostly)."""
    owner = np.arange(len(forest.key))
    parent = above[calls]
    same = (parent >= 0) & (forest.kind[parent] == forest.kind[calls])
    inner, outer = calls[same], parent[same]
    same_call = ~_differ(forest.rows["response_id"], inner, outer)
    tools = forest.kind[inner] == _TOOL
    if tools.any():
        same_call &= ~tools | ~_differ(forest.rows["tool"], inner, outer) | _agree(forest.rows["tool_call_id"], inner, outer)
    owner[inner[same_call]] = outer[same_call]
    for _ in range(max(len(owner), 2).bit_length()):
        further = owner[owner]
        if (further == owner).all():
            break
        owner = further
    circling = np.flatnonzero(owner[owner] != owner)  # spans above each other in a circle: each is a call of its own
    owner[circling] = circling
    return _merge_tool_ids(forest, calls, owner)


def _merge_tool_ids(forest: _Forest, calls: Index, owner: Index) -> Index:
    """Tool spans of one trace with one call id are one execution, wherever they hang (a client's span and its server's)."""
    tools = calls[(forest.kind[calls] == _TOOL) & (owner[calls] == calls)]
    tools = tools[_given(forest.rows["tool_call_id"])[tools]]
    if len(tools) < 2:
        return owner
    tools = tools[np.argsort(_numbers(forest.rows["start"])[tools], kind="stable")]
    same = np.stack([forest.trace[tools], _codes(forest.rows["tool_call_id"])[tools], _codes(forest.rows["tool"])[tools]], axis=1)
    _, first, number = np.unique(same, axis=0, return_index=True, return_inverse=True)
    head = np.arange(len(owner))
    head[tools] = tools[first[number]]
    return head[owner]


def _lenders(told: Mask, calls: Index, owner: Index) -> Index:
    """For each owner the span that tells it something: itself if it does, else the first of its inner spans that does, else itself."""
    lender = np.arange(len(owner))
    inner = calls[owner[calls] != calls]
    inner = inner[told[inner] & ~told[owner[inner]]][::-1]  # reversed, so that the first one is written last
    lender[owner[inner]] = inner
    return lender


def _failed(forest: _Forest, calls: Index, owner: Index) -> Mask:
    """Whether the call of each owner failed: a model call as its outermost span says (what is below may be a retry), a tool if any of its spans says so."""
    error = _equal(forest.rows["status"], "error")
    failed = error.copy()
    tools = calls[forest.kind[calls] == _TOOL]
    failed[owner[tools[error[tools]]]] = True
    failed[owner[tools[_told_by_inner(forest, tools, error)]]] = True
    return failed


def _told_by_inner(forest: _Forest, tools: Index, error: Mask) -> Mask:
    """Which tools another span of the same tool call id says failed: Claude Code puts the failure on the execution inside."""
    inner = np.flatnonzero(error & (forest.kind != _TOOL) & _given(forest.rows["tool_call_id"]))
    if not len(inner):
        return np.zeros(len(tools), bool)
    named = _mix(forest.trace ^ _mix(_codes(forest.rows["tool_call_id"])))
    return np.isin(named[tools], named[inner])


def _told(forest: _Forest, heads: Index, lenders: _Lenders, failed: Mask, now_ns: int) -> pa.Table:
    rows, lent = forest.rows.take(pa.array(heads)), forest.rows.take(pa.array(lenders.usage))
    columns = {name: rows[name] for name in _COPIED} | {name: lent[name] for name in _USAGE}
    columns["response_id"] = forest.rows["response_id"].take(pa.array(lenders.response))
    columns["model"] = pc.if_else(pc.equal(rows["model"], ""), lent["model"], rows["model"])
    columns |= _inherited(forest, heads, columns)
    told = pa.table(columns)
    columns["call_key"] = _call_keys(told, _private_keys(rows), "span")
    columns["version"] = _versions(_bools(told["has_usage"]) | ~_has_response(told), now_ns)
    columns["counted"] = pc.invert(rows["pending"])
    columns["failed"] = pa.array(failed)
    return _assemble(columns, "span")


def _inherited(forest: _Forest, heads: Index, columns: dict[str, pa.ChunkedArray]) -> dict[str, pa.Array]:
    """The agent, session, user and model of a call that does not tell them: those of the spans above it."""
    out: dict[str, pa.Array] = {}
    for name in ("agent", "session_id", "user_id", "workflow", "model", "provider"):
        lacking = ~_given(columns[name])
        told = _given(forest.rows[name])
        if name == "agent":
            told &= forest.kind == _AGENT
        if name in {"model", "provider"}:
            lacking &= forest.kind[heads] != _TOOL
        if not lacking.any() or not told.any():
            continue
        source = nearest(forest.parent, told)[heads]
        lacking &= source >= 0
        out[name] = pc.replace_with_mask(flat(columns[name]), pa.array(lacking), flat(forest.rows[name]).take(pa.array(source[lacking])))
    return out | _version_of_agent(forest, heads, columns | out)


def _version_of_agent(forest: _Forest, heads: Index, columns: dict[str, pa.ChunkedArray]) -> dict[str, pa.Array]:
    """The version of a call that tells none: that of the nearest agent above it, where it is an agent of this name."""
    lacking, agents = ~_given(columns["agent_version"]), forest.kind == _AGENT
    if not lacking.any() or not (agents & _given(forest.rows["agent_version"])).any():
        return {}
    source = nearest(forest.parent, agents)[heads]
    above = pa.array(np.maximum(source, 0))
    same = flat(pc.equal(flat(forest.rows["agent"]).take(above), flat(columns["agent"]))).to_numpy(zero_copy_only=False)
    versions = flat(forest.rows["agent_version"]).take(above)
    return {"agent_version": pc.if_else(pa.array(lacking & (source >= 0) & same), versions, flat(columns["agent_version"]))}


def _versions(full: Mask, now_ns: int) -> pa.Array:
    """A later telling is a higher version, and a full one is higher than any that is not.

    Of those that share a response, the ones with usage are full. What one span alone tells is always full: its last telling is right.
    """
    return pa.array(np.full(len(full), now_ns, np.uint64) | np.where(full, _WITH_USAGE, np.uint64(0)))


def _assemble(columns: dict[str, pa.ChunkedArray], source: str) -> pa.Table:
    told = {name: columns[name] for name in (*_COPIED, *_USAGE, "call_key", "version", "counted", "failed")}
    return pa.table({**told, "hour": hours_of(told["start"]), "source": _sources(told["dialect"], source)})


def _sources(dialects: pa.Array | pa.ChunkedArray, source: str) -> pa.Array:
    """Who tells: of spans, those that were made of a transcript are apart, as they count only where the agent's own telemetry does not tell of the session."""
    told = pa.repeat(pa.scalar(source), len(dialects))
    return pc.if_else(flat(pc.equal(dialects, TRANSCRIPTS)), "transcript", told) if source == "span" else told


def _private_keys(rows: pa.Table) -> npt.NDArray[np.uint8]:
    """16 bytes per span from its trace and span id; (n, 16)."""
    trace = _fixed(rows["trace_id"], 16).view(np.uint64).reshape(-1, 2)
    span = _fixed(rows["span_id"], 8).view(np.uint64).reshape(-1)
    return np.stack([trace[:, 0] ^ _mix(span), trace[:, 1] ^ span], axis=1).view(np.uint8).reshape(-1, 16)


def _call_keys(rows: pa.Table, private: npt.NDArray[np.uint8], source: str) -> pa.Array:
    """The key of a call: from its response id if it has one (the same in every telling of one source), else the private one."""
    keys, told = private.copy(), np.flatnonzero(_has_response(rows))
    if len(told):
        some = rows.select(["kind", "response_id", "dialect"]).take(pa.array(told))
        names = zip(_sources(some["dialect"], source).to_pylist(), some["kind"].to_pylist(), some["response_id"].to_pylist(), strict=True)
        digests = b"".join(blake2b("\0".join(name).encode(), digest_size=16).digest() for name in names)
        keys[told] = np.frombuffer(digests, np.uint8).reshape(-1, 16)
    return _key_array(keys)


def _has_response(rows: pa.Table) -> Mask:
    """Which calls have a response to be known by; a tool that names one is not it."""
    return _given(rows["response_id"]) & ~_equal(rows["kind"], "tool")


def _key_array(keys: npt.NDArray[np.uint8]) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(keys), [None, pa.py_buffer(np.ascontiguousarray(keys))])


def _trace_keys(projects: pa.ChunkedArray, trace_ids: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """A number per trace and project, for comparing within one table: the same trace in two projects is two traces."""
    project = np.asarray(flat(projects).dictionary_encode().indices.to_numpy(zero_copy_only=False), np.uint64)
    trace = _fixed(trace_ids, 16).view(np.uint64).reshape(-1, 2)
    return _mix(trace[:, 0] ^ _mix(trace[:, 1] ^ _mix(project + np.uint64(1))))


def _span_keys(traces: npt.NDArray[np.uint64], span_ids: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    return _mix(traces ^ _mix(_fixed(span_ids, 8).view(np.uint64).reshape(-1)))


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _fixed(column: pa.ChunkedArray, width: int) -> npt.NDArray[np.uint8]:
    array = flat(column)
    if len(array) == 0:
        return np.zeros(0, np.uint8)
    data = np.frombuffer(array.buffers()[1], np.uint8)
    return data[array.offset * width : (array.offset + len(array)) * width]


def _equal(column: pa.Array | pa.ChunkedArray, text: str) -> Mask:
    return np.asarray(flat(pc.equal(column, text)).to_numpy(zero_copy_only=False), bool)


def _given(column: pa.Array | pa.ChunkedArray) -> Mask:
    """Which texts are not empty."""
    return ~_equal(column, "")


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """A number per text, the same for equal texts of this column."""
    return np.asarray(flat(column).dictionary_encode().indices.to_numpy(zero_copy_only=False), np.uint64)


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(flat(column).cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False), np.int64)


def _bools(column: pa.ChunkedArray) -> Mask:
    return np.asarray(flat(column).to_numpy(zero_copy_only=False), bool)


def _differ(column: pa.ChunkedArray, left: Index, right: Index) -> Mask:
    """Both are told and are not equal."""
    given, codes = _given(column), _codes(column)
    return np.asarray(given[left] & given[right] & (codes[left] != codes[right]), bool)


def _agree(column: pa.ChunkedArray, left: Index, right: Index) -> Mask:
    given, codes = _given(column), _codes(column)
    return np.asarray(given[left] & (codes[left] == codes[right]), bool)
