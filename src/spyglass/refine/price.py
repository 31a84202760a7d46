"""What model calls cost: a stage of refine.

In: a normalised batch. Out: the batch with `cost_usd`, `input_cost_usd`, `output_cost_usd` and `cost_source` filled:
`reported` (the source told a cost), `price:genai-prices@<version>`, `price:settings` (the operator's price), `unknown_model` (tokens, but no price:
never guessed; the store lists them), or "" (nothing to price).

The price is looked up once per distinct provider and model, and for each time and tier at which it differs; the rest is one product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.config.spec import Prices as Pricing  # the section `prices` of the settings
from spyglass.model.batch import Batch
from spyglass.model.billing import Extras, extras_of
from spyglass.model.schema import USAGE, Kind
from spyglass.refine.leaves import Ints, flat
from spyglass.refine.offers import STANDARD, Context, Tariff
from spyglass.refine.prices import Prices
from spyglass.refine.rates import INPUTS, OUTPUTS, SORTS, Floats, counted
from spyglass.telemetry.metrics import PRICED

__all__ = ["Pricer", "Pricing"]

_KINDS: Final = pa.array(["llm", "embedding"])
_CONTEXTS: Final[dict[str, Context]] = {  # what a source calls the service tier → what the table calls it
    "batch": (("processing", "batch"),),
    "fast": (("service_tier", "fast"),),
    "flex": (("service_tier", "flex"),),
    "priority": (("service_tier", "priority"),),
}
_TIERS: Final = ("", *_CONTEXTS)
_TIER_NAMES: Final = pa.array(_TIERS)


@dataclass(frozen=True, slots=True)
class _Calls:
    """The calls of a batch that have usage: m of its rows."""

    rows: Ints
    model: Ints  # which of `models`, of each call
    models: list[tuple[str, str, str]]  # provider, model, requested model
    when_ns: Ints
    counts: Floats  # (m, len(SORTS))
    context: Ints  # service tier of each call, a place in `_TIERS`


class Pricer:
    """The stage. Safe to share between threads."""

    def __init__(self, settings: Pricing | None = None) -> None:
        self._settings = settings or Pricing()
        self.prices = Prices(self._settings.overrides)

    def __call__(self, batch: Batch) -> Batch:
        """`batch` with its calls priced; points have no calls."""
        if batch.kind is Kind.POINT or not len(batch):
            return batch
        rows, sources = self._priced(batch.rows)
        for source, count in sources.items():
            PRICED.labels(source=source).inc(count)
        return batch.with_rows(rows)

    def reprice(self, table: pa.Table) -> pa.Table:
        """Rows of history with costs by today's table; nothing is counted.

        Args:
            table: spans, events or calls, any columns beside the ones that are read here. Instead of `attributes` it may have `service_tier` (text, lower case)
                and `cache_write_1h_tokens` (uint64).
        """
        return self._priced(table)[0]

    def _priced(self, table: pa.Table) -> tuple[pa.Table, dict[str, int]]:
        """The table with its costs, and how many of its rows have which source."""
        n = table.num_rows
        costs = np.zeros((n, 3))  # all, input, output
        source = np.zeros(n, np.int8)
        names = ["", "unknown_model", "reported"]
        of_model = pc.is_in(flat(table["kind"]), _KINDS).to_numpy(zero_copy_only=False)
        calls = _calls(table, of_model)
        if len(calls.rows):
            costs[calls.rows], source[calls.rows] = self._of_calls(calls, names)
        told = flat(table["reported_cost_usd"]).to_numpy(zero_copy_only=False)
        self._reported(np.where(of_model, told, 0.0), costs, source)
        for at, name in enumerate(("cost_usd", "input_cost_usd", "output_cost_usd")):
            table = _with(table, name, pa.array(np.ascontiguousarray(costs[:, at])))
        counts = np.bincount(source, minlength=len(names)).tolist()
        return _with(table, "cost_source", pa.array(names, pa.string()).take(pa.array(source))), dict(zip(names[1:], counts[1:], strict=True))

    def _reported(self, told: Floats, costs: Floats, source: npt.NDArray[np.int8]) -> None:
        """Where a cost was reported, it counts as a whole: how it divides was not told."""
        wins = told > 0 if self._settings.prefer_reported else (told > 0) & (source <= 1)
        if wins.any():
            costs[wins] = 0.0
            costs[wins, 0] = told[wins]
            source[wins] = 2

    def _of_calls(self, calls: _Calls, names: list[str]) -> tuple[Floats, npt.NDArray[np.int8]]:
        """Costs (m, 3) and codes of sources; adds to `names` the sources of prices."""
        vectors: list[Floats] = [np.zeros(len(SORTS))]
        labels = [1]
        vector_of = np.zeros(len(calls.rows), np.int64)
        for members, (provider, model, request_model) in _groups(calls):
            tariff = self.prices.find(provider, model, request_model)
            if tariff is None:
                continue
            for some, when_ns, code, context in _moments(calls, members, tariff):
                found = tariff.rates(when_ns, code, context)
                if found is None:
                    continue
                offer, rates = found
                if offer.source not in names:
                    names.append(offer.source)
                tiers = np.searchsorted(rates.starts, calls.counts[some, 0]) if rates.starts else 0
                vector_of[some] = len(vectors) + tiers
                vectors.extend(rates.vectors)
                labels.extend([names.index(offer.source)] * len(rates.vectors))
        charged = np.stack(vectors)[vector_of] * calls.counts
        inputs, outputs = charged[:, INPUTS].sum(axis=1), charged[:, OUTPUTS].sum(axis=1)
        return np.stack([inputs + outputs + charged[:, -1], inputs, outputs], axis=1), np.array(labels, np.int8)[vector_of]


def _calls(table: pa.Table, of_model: npt.NDArray[np.bool_]) -> _Calls:
    """The rows that are model calls with usage, and what their price depends on."""
    usage = {name: flat(table[name]).to_numpy(zero_copy_only=False) for name in USAGE}
    told = flat(table["has_usage"]).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(of_model & told & ((usage["input_tokens"] > 0) | (usage["output_tokens"] > 0)))
    usage = {name: counts[rows] for name, counts in usage.items()}
    extras = _extras(table) if len(rows) else Extras(None, None)
    if extras.cache_write_1h_tokens is not None:
        usage["cache_write_1h_tokens"] = extras.cache_write_1h_tokens[rows]
    context = np.zeros(len(rows), np.int64)
    if extras.service_tier is not None:
        context = pc.index_in(extras.service_tier, _TIER_NAMES).fill_null(0).to_numpy(zero_copy_only=False)[rows].astype(np.int64)
    when_ns = flat(table["start" if "start" in table.column_names else "time"]).view(pa.int64()).to_numpy(zero_copy_only=False)[rows]
    model, models = _models(table, rows)
    return _Calls(rows, model, models, when_ns, counted(usage, len(rows)), context)


def _models(table: pa.Table, rows: Ints) -> tuple[Ints, list[tuple[str, str, str]]]:
    """The distinct (provider, model, requested model) of these rows, and which of them each row has."""
    codes = np.zeros(len(rows), np.int64)
    texts: list[list[str]] = []
    for name in ("provider", "model", "request_model"):
        encoded = flat(table[name]).dictionary_encode()
        texts.append(encoded.dictionary.to_pylist())
        codes = codes * len(texts[-1]) + encoded.indices.to_numpy(zero_copy_only=False)[rows]
    distinct, places = np.unique(codes, return_inverse=True)
    models = [
        (texts[0][code // len(texts[2]) // len(texts[1])], texts[1][code // len(texts[2]) % len(texts[1])], texts[2][code % len(texts[2])])
        for code in distinct.tolist()
    ]
    return places, models


def _extras(table: pa.Table) -> Extras:
    """From the attributes; history that has none has columns instead."""
    if "attributes" in table.column_names:
        return extras_of(table["attributes"])
    if "service_tier" not in table.column_names:
        return Extras(None, None)
    return Extras(flat(table["service_tier"]), flat(table["cache_write_1h_tokens"]).to_numpy(zero_copy_only=False))


def _groups(calls: _Calls) -> Iterator[tuple[Ints, tuple[str, str, str]]]:
    """The places of the calls of each model."""
    if len(calls.models) == 1:
        yield np.arange(len(calls.rows)), calls.models[0]
        return
    order = np.argsort(calls.model, kind="stable")
    ends = np.cumsum(np.bincount(calls.model))
    yield from zip(np.split(order, ends[:-1]), calls.models, strict=True)


def _moments(calls: _Calls, members: Ints, tariff: Tariff) -> Iterator[tuple[Ints, int, int, Context]]:
    """The calls of one model by what selects their price: places, a time and its class, and the service tier."""
    codes = tariff.classes(calls.when_ns[members]) * len(_TIERS) + calls.context[members]
    distinct = [int(codes[0])] if (codes == codes[0]).all() else np.unique(codes).tolist()
    for code in distinct:
        some = members if len(distinct) == 1 else members[codes == code]
        yield some, int(calls.when_ns[some[0]]), code // len(_TIERS), _CONTEXTS.get(_TIERS[code % len(_TIERS)], STANDARD)


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(name)
    return table.append_column(name, column) if at < 0 else table.set_column(at, table.schema.field(at), column)
