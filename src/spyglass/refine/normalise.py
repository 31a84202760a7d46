"""Any convention's records to the canonical columns of `schema.py`.

In: a batch of wire columns. Out: the same batch with every column of its kind's schema; messages stay empty lists and costs zero, as the
stages after this one fill them. The original attributes are never touched. A row that breaks a rule of ours gets an issue
and empty canonical columns; it never takes the batch with it.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import structlog
import xxhash

from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, SCHEMAS, USAGE, Kind
from spyglass.refine import folded, results, rules, unnamed
from spyglass.refine.dialect import Dialects
from spyglass.refine.fill import Filled, fill
from spyglass.refine.frame import Frame
from spyglass.refine.issues import with_issue
from spyglass.refine.kinds import decide
from spyglass.refine.picks import constant
from spyglass.refine.plan import KIND_CODES, Plan
from spyglass.refine.rules import STATUSES, State
from spyglass.refine.usage import Usage, settle
from spyglass.refine.vocabulary import KINDS
from spyglass.telemetry.metrics import UNNORMALISED

__all__ = ["Normaliser"]

log = structlog.get_logger()

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

_PLAIN: Final = ("response_id", "agent", "agent_id", "agent_version", "workflow", "tool", "tool_call_id", "session_id", "user_id", "input", "output")
_SPAN: Final = KIND_CODES["span"]
_PRICED: Final = np.isin(np.arange(len(KINDS)), [KIND_CODES[kind] for kind in ("llm", "embedding", "reranker", "retriever", "tool")])
_KIND_TEXTS: Final = pa.array(KINDS, pa.string())
_STATUS_TEXTS: Final = pa.array(STATUSES, pa.string())
_CANONICAL: Final = frozenset(name for name, _ in CANONICAL)
_EMPTY: Final[Mapping[str, object]] = {"bool": False, "string": "", "float": 0.0, "double": 0.0}


class Normaliser:
    """The stage. Safe to share between threads."""

    def __init__(self, dialects: Dialects) -> None:
        self._plan = Plan(dialects)
        self._names = pa.array(self._plan.names, pa.string())

    def __call__(self, batch: Batch) -> Batch:
        """`batch` with all columns of `SCHEMAS[batch.kind]`; never raises for what is in the rows."""
        if not len(batch):
            return batch.with_rows(_assembled(batch, {}))
        try:
            return batch.with_rows(_assembled(batch, self._columns(batch)))
        except Exception as error:  # one row must not take the others with it: halve until it is alone
            return self._halved(batch, error)

    def _halved(self, batch: Batch, error: Exception) -> Batch:
        n = len(batch)
        if n == 1:
            place = traceback.extract_tb(error.__traceback__)[-1]  # the error's own text may quote what is in the row
            log.error("row not normalised", kind=batch.kind.value, error=type(error).__name__, at=f"{place.name}:{place.lineno}")
            UNNORMALISED.labels(kind=batch.kind.value).inc()
            return batch.with_rows(with_issue(_assembled(batch, {}), "normalise_failed"))
        parts = [self(batch.with_rows(batch.rows.slice(at, size))) for at, size in ((0, n // 2), (n // 2, n - n // 2))]
        return batch.with_rows(pa.concat_tables([part.rows for part in parts]))

    def _columns(self, batch: Batch) -> dict[str, Column]:
        """The canonical columns that differ from their empty value, and the wire columns that change."""
        frame = Frame(batch, self._plan.keys, self._plan.resource_keys)
        frame.attributes.prepare(key for key in frame.attributes.keys if key in self._plan.small[batch.kind])
        if batch.kind is Kind.POINT:
            filled = fill(frame, np.zeros(frame.n, dtype=np.uint8), self._plan)
            return {**_plain(filled), **self._models(filled)}
        found = decide(frame, self._plan)
        if batch.kind is Kind.SPAN:
            found.kind[found.kind == 0] = _SPAN
        state = _state(frame, found.kind)
        state.issues += found.issues
        rules.apply(frame, state, self._plan, None)
        filled = fill(frame, state.kind, self._plan)
        rules.apply(frame, state, self._plan, filled)
        if batch.kind is Kind.SPAN:
            results.apply(state, filled)
            folded.apply(frame, state, filled)
            unnamed.apply(frame, state, filled)
        else:
            state.status[(state.kind > 0) & (state.status == 0)] = STATUSES.index("ok")
        return {
            "kind": _KIND_TEXTS.take(pa.array(state.kind)),
            "dialect": self._names.take(pa.array(found.dialect)),
            "operation": self._operations(frame, state, filled),
            **_plain(filled),
            **self._models(filled),
            **_lists(filled),
            **_flags(filled),
            **_amounts(state, filled, settle(frame, state, self._plan, filled)),
            **_told_states(frame, state, filled),
        }

    def _operations(self, frame: Frame, state: State, filled: Filled) -> pa.Array:
        """Canonical operations, found once per distinct pair of operation and kind."""
        told = filled.texts["operation"].done() if "operation" in filled.texts else constant("", pa.string(), frame.n)
        encoded = told.dictionary_encode()
        pairs = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64) * len(KINDS) + state.kind
        distinct, places = np.unique(pairs, return_inverse=True)
        texts = encoded.dictionary.to_pylist()
        words = [self._plan.words.operation(texts[pair // len(KINDS)], KINDS[pair % len(KINDS)]) for pair in distinct.tolist()]
        return pa.array(words, pa.string()).take(pa.array(places))

    def _models(self, filled: Filled) -> dict[str, Column]:
        """Models, and the provider, which a model's name may give away."""
        request, response = (filled.texts[name].done() if name in filled.texts else None for name in ("request_model", "response_model"))
        found: dict[str, Column] = {}
        if request is not None:
            found["request_model"] = found["model"] = request
        if response is not None:
            found["response_model"] = response
            found["model"] = response if request is None else pc.if_else(pc.equal(response, ""), request, response)
        provider = filled.texts["provider"].done() if "provider" in filled.texts else None
        if "model" in found:
            provider = self._guessed(found["model"], provider)
        if provider is not None:
            found["provider"] = provider
        return found

    def _guessed(self, model: pa.Array, provider: pa.Array | None) -> pa.Array:
        """The provider where it is told, else what the model's name says."""
        if provider is not None:
            missing = pc.and_(pc.equal(provider, ""), pc.not_equal(model, ""))
            if not pc.any(missing).as_py():
                return provider
        distinct, places = self._plan.provider_of_model.distinct(model)
        guessed = pa.array(distinct, pa.string()).take(pa.array(places))
        return guessed if provider is None else pc.if_else(missing, guessed, provider)


def _state(frame: Frame, kind: npt.NDArray[np.uint8]) -> State:
    status = np.zeros(frame.n, dtype=np.uint8)
    if frame.kind is Kind.SPAN:
        coded = frame.coded("status")
        codes = np.array([STATUSES.index(text) if text in STATUSES else 0 for text in coded.texts], dtype=np.uint8)
        status = codes[coded.codes]
    return State(kind, status, np.zeros(frame.n, dtype=bool), np.zeros(frame.n, dtype=bool))


def _plain(filled: Filled) -> dict[str, Column]:
    return {name: filled.texts[name].done() for name in _PLAIN if name in filled.texts}


def _lists(filled: Filled) -> dict[str, Column]:
    return {name: column.done() for name, column in filled.lists.items()}


def _flags(filled: Filled) -> dict[str, Column]:
    return {name: pa.array(column.values) for name, column in filled.flags.items()}


def _amounts(state: State, filled: Filled, usage: Usage | None) -> dict[str, Column]:
    """Counts, costs and durations."""
    found: dict[str, Column] = {}
    if usage is not None:
        found |= {name: pa.array(usage.counts[name].astype(np.uint64)) for name in USAGE}
        found["has_usage"] = pa.array(usage.told)
        found["reported_tokens"] = pa.array(usage.repeated.astype(np.uint64))
    if "reported_cost_usd" in filled.numbers:
        found["reported_cost_usd"] = pa.array(np.where(_PRICED[state.kind], filled.numbers["reported_cost_usd"].values, 0.0))
    if "time_to_first_chunk_s" in filled.numbers:
        found["time_to_first_chunk_s"] = pa.array(filled.numbers["time_to_first_chunk_s"].values.astype(np.float32))
    if "duration_s" in filled.numbers:
        found["duration_ns"] = pa.array((filled.numbers["duration_s"].values * 1e9).astype(np.uint64))
    return found


def _told_states(frame: Frame, state: State, filled: Filled) -> dict[str, Column]:
    """Status, error type, flags, pair keys and issues."""
    found: dict[str, Column] = {"status": _STATUS_TEXTS.take(pa.array(state.status))}
    if "error_type" in filled.texts:
        found["error_type"] = _error_types(frame, state, filled.texts["error_type"].done())
    if frame.kind is Kind.SPAN:
        found |= {"plumbing": pa.array(state.plumbing), "pending": pa.array(state.pending)}
        if state.pairs:
            found["pair_key"] = _pair_keys(frame, state)
    if state.issues:
        found["issues"] = _issues(frame, state)
    return found


def _error_types(frame: Frame, state: State, told: pa.Array) -> pa.Array:
    """A span that did not fail has no error type, though it may hold the exception of a retry."""
    return told if frame.kind is Kind.EVENT else pc.if_else(pa.array(state.status == STATUSES.index("error")), told, "")


def _pair_keys(frame: Frame, state: State) -> pa.Array:
    """`request:<hash>` and `result:<hash>`, equal where what was asked is equal."""
    keys = [""] * frame.n
    scopes = frame.scopes
    for rows, side, names in state.pairs:
        told = [_values_of(frame, name) for name in names]
        for row in rows.tolist():
            said = "\0".join([scopes.texts[scopes.codes[row]], *(values.get(row, "") for values in told)])
            keys[row] = f"{side}:{xxhash.xxh3_128_hexdigest(said.encode('utf-8', 'surrogatepass'))}"
    return pa.array(keys, pa.string())


def _values_of(frame: Frame, name: str) -> dict[int, str]:
    entries = frame.attributes.entries(name)
    return dict(zip(entries.rows.tolist(), entries.values.to_pylist(), strict=True))


def _issues(frame: Frame, state: State) -> pa.Array:
    """The rows' issues with those that were found here, each once."""
    lists: list[list[str]] = [list(issues or ()) for issues in frame.column("issues").to_pylist()]
    for rows, issue in state.issues:
        for row in rows.tolist():
            if issue not in lists[row]:
                lists[row].append(issue)
    return pa.array(lists, pa.list_(pa.string()))


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of a schema: what it is called, and what stands in it where nothing was found."""

    name: str
    type: pa.DataType
    wire: bool
    empty: object


def _places(schema: pa.Schema) -> list[_Place]:
    return [_Place(field.name, field.type, field.name not in _CANONICAL, _empty(field.type)) for field in schema]


def _empty(type_: pa.DataType) -> object:
    return [] if pa.types.is_list(type_) or pa.types.is_map(type_) else _EMPTY.get(str(type_), 0)


_PLACES: Final = {kind: _places(schema) for kind, schema in SCHEMAS.items()}


def _assembled(batch: Batch, columns: Mapping[str, Column]) -> pa.Table:
    """The table of the kind's schema: columns that were made, else wire columns that the batch brought, else empty ones."""
    n = len(batch)
    brought = dict(zip(batch.rows.column_names, batch.rows.columns, strict=True))
    arrays: list[Column] = []
    for place in _PLACES[batch.kind]:
        made = columns.get(place.name)
        if made is None:
            made = brought.get(place.name) if place.wire else None
        arrays.append(constant(place.empty, place.type, n) if made is None else _fitting(made, place.type))
    return pa.Table.from_arrays(arrays, schema=SCHEMAS[batch.kind])


def _fitting(column: Column, wanted: pa.DataType) -> Column:
    return column if column.type == wanted else column.cast(wanted)
