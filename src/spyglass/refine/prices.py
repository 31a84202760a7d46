"""The price table: the versioned one of the genai-prices package, with the operator's prices before it.

In: provider and model as telemetry names them. Out: the `Tariff` of that model, the table for people to read, and how the cost of a call comes about.
A model that is not in the table has no tariff: nothing is guessed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import genai_prices
from genai_prices.data_snapshot import DataSnapshot, get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint, TieredPrices, TimeOfDateConstraint

from spyglass.config.spec import PriceOverride
from spyglass.refine.offers import STANDARD, Context, Hours, Offer, TableOffer, Tariff, Window
from spyglass.refine.rates import Charge, charges, usd_per_mtok

__all__ = ["Explanation", "PriceRow", "Prices"]

_REMEMBERED: Final = 20_000  # models as telemetry names them
_IDS: Final = {  # gen_ai.provider.name → the table's name, where the table itself would find another one or none
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "x_ai": "x-ai",
    "zhipu_ai": "zhipuai",
}


@dataclass(frozen=True, slots=True)
class _OwnOffer:
    """The operator's price as an offer."""

    source: str
    provider: str
    model: str
    window: Window
    own: ModelPrice

    def days(self) -> Iterator[date]:
        return iter(())  # beside those of the window

    def hours(self) -> Iterator[Hours]:
        return iter(())

    def price(self, when: datetime, context: Context) -> ModelPrice:  # noqa: ARG002  # the same at all times
        return self.own


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price of a model. Prices are USD per million tokens; None: no price of its own, tokens of the sort cost what the wider sort costs."""

    provider: str
    model: str
    name: str
    condition: str  # when it holds: a first day, hours, a service tier, more input tokens than …; empty: always
    input: float | None
    output: float | None
    cache_read: float | None
    cache_write: float | None
    reasoning: float | None
    per_call_usd: float | None
    source: str
    version: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the cost of one call was computed: the price that was found, and what each sort of token adds."""

    provider: str  # in the table
    model: str
    source: str
    version: str
    charges: tuple[Charge, ...]
    input_cost_usd: float
    output_cost_usd: float
    cost_usd: float
    note: str = ""  # why there is no price, where there is none


class Prices:
    """The table. Safe to share between threads."""

    def __init__(self, overrides: Sequence[PriceOverride] = ()) -> None:
        self.version: str = genai_prices.__version__
        self._overrides = tuple(overrides)
        self._known: dict[tuple[str, str, str], Tariff | None] = {}
        self._snapshot: DataSnapshot | None = None

    @property
    def source(self) -> str:
        """What cost_source says of a price of the table."""
        return f"price:genai-prices@{self.version}"

    def find(self, provider: str, model: str, request_model: str = "") -> Tariff | None:
        """All prices of a model, looked up by its name in the response, else in the request; None where there is none."""
        key = (provider, model, request_model)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._tariff(provider, [name for name in dict.fromkeys((model, request_model)) if name])
        return self._known[key]

    def explain(
        self, provider: str, model: str, usage: Mapping[str, int], when_ns: int, *, request_model: str = "", context: Context = STANDARD
    ) -> Explanation:
        """How a call with this usage (columns of `schema.USAGE`) is priced at that Unix time."""
        tariff = self.find(provider, model, request_model)
        found = tariff.at(when_ns, context) if tariff else None
        if found is None:
            note = "the model has no price for tokens at that time" if tariff else "the price table has no such model of this provider"
            return Explanation(provider, model, "unknown_model", self.version, (), 0.0, 0.0, 0.0, note)
        offer, rates = found
        lines = charges(rates, usage)
        input_cost, output_cost = (sum(line.usd for line in lines if line.direction == direction) for direction in ("input", "output"))
        return Explanation(offer.provider, offer.model, offer.source, self.version, lines, input_cost, output_cost, sum(line.usd for line in lines))

    def table(self) -> list[PriceRow]:
        """Every price there is: the operator's first, then the table's by provider."""
        rows = [
            PriceRow(own.provider, own.model, "", _window(own), own.input, own.output, own.cache_read, own.cache_write, None, None, "price:settings", "")
            for own in self._overrides
        ]
        for provider in self._table().providers:
            for model in provider.models:
                rows.extend(self._rows(provider, model))
        return rows

    def _table(self) -> DataSnapshot:
        if self._snapshot is None:  # a second of import, and nobody needs it before the first model call
            self._snapshot = get_snapshot()
        return self._snapshot

    def _tariff(self, provider: str, names: Sequence[str]) -> Tariff | None:
        own = [_own(override, provider, name) for override in self._overrides for name in names[:1] if _applies(override, provider, name)]
        listed = next((offer for name in names if (offer := self._listed(provider, name)) is not None), None)
        offers: list[Offer] = [*own, *([listed] if listed else [])]
        return Tariff(offers) if offers else None

    def _listed(self, provider: str, name: str) -> TableOffer | None:
        """The model in the table of its provider.

        Else of the one that the model's name starts with (`anthropic/…`); else, where no provider is told, of the one whose models are named so.
        """
        prefix, slash, rest = name.partition("/")
        tries: list[tuple[str, str | None]] = [(name, _IDS.get(provider, provider))] if provider else []
        if slash:
            tries.append((rest, _IDS.get(prefix, prefix)))
        if not provider:
            tries.append((name, None))
        for ref, owner in tries:
            try:
                found, info = self._table().find_provider_model(ref, None, owner, None)
            except LookupError:
                continue
            return TableOffer(self.source, found.id, info.id, info, own=any(info is model for model in found.models))
        return None

    def _rows(self, provider: Provider, model: ModelInfo) -> Iterator[PriceRow]:
        steps: list[tuple[str, ModelPrice]] = (
            [(_condition(step.constraint), step.prices) for step in model.prices] if isinstance(model.prices, list) else [("", model.prices)]
        )
        for variant in model.price_variants or ():
            when = ", ".join(f"{key} {value}" for key, value in variant.when.items())
            steps.append((", ".join(filter(None, [when, _condition(variant.constraint)])), variant.prices))
        for condition, price in steps:
            for tier, values in _tiers(price):
                told = ", ".join(filter(None, [condition, tier]))
                yield PriceRow(provider.id, model.id, model.name or "", told, *values, self.source, self.version)


def _applies(override: PriceOverride, provider: str, model: str) -> bool:
    """Whether this is a price of that model."""
    return fnmatch.fnmatchcase(provider.lower(), override.provider.lower()) and fnmatch.fnmatchcase(model.lower(), override.model.lower())


def _own(override: PriceOverride, provider: str, model: str) -> _OwnOffer:
    told = {
        "input_mtok": override.input,
        "output_mtok": override.output,
        "cache_read_mtok": override.cache_read,
        "cache_write_mtok": override.cache_write,
    }
    price = ModelPrice(**{key: Decimal(str(value)) for key, value in told.items() if value is not None})
    return _OwnOffer("price:settings", provider, model, Window(override.since, override.until), price)


def _window(override: PriceOverride) -> str:
    return ", ".join(f"{word} {day}" for word, day in (("since", override.since), ("until", override.until)) if day)


def _condition(constraint: Any) -> str:
    if isinstance(constraint, StartDateConstraint):
        return f"since {constraint.start_date}"
    if isinstance(constraint, TimeOfDateConstraint):
        return f"{constraint.start_time:%H:%M} to {constraint.end_time:%H:%M}"
    return ""


Columns = tuple[float | None, float | None, float | None, float | None, float | None, float | None]


def _tiers(price: ModelPrice) -> Iterator[tuple[str, Columns]]:
    """Input, output, cache read, cache write, reasoning and per call of each tier of a price, with what reaches the tier."""
    starts = sorted({tier.start for value in vars(price).values() if isinstance(value, TieredPrices) for tier in value.tiers})

    def at(key: str, start: int | None) -> float | None:
        told = getattr(price, key)
        return None if told is None else usd_per_mtok(told, start)

    for start in (None, *starts):
        per_call = at("requests_kcount", start)
        yield (
            f"more than {start} input tokens" if start is not None else "",
            (
                at("input_mtok", start),
                at("output_mtok", start),
                at("cache_read_mtok", start),
                at("cache_write_mtok", start),
                at("output_reasoning_mtok", start),
                None if per_call is None else per_call / 1000,
            ),
        )
