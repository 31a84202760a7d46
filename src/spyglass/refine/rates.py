"""What one call costs, as a product of two vectors: how many tokens of each sort, and USD per token of each sort.

In: a price of the genai-prices package, or of the operator. Out: `Rates`, for any number of calls at once.

The package charges each token once, by its most special price: a cached input token at the cache's price, if there is one, else as input. As every
sort is part of a wider one, the charge is linear in the counts as they are reported: input * p_input + cache_read * (p_cache_read - p_input) + …
Prices with tiers have one vector for each tier; the tier depends on all input tokens of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from genai_prices.types import ModelPrice, TieredPrices

__all__ = ["INPUTS", "OUTPUTS", "SORTS", "Charge", "Rates", "charges", "counted", "rates_of", "usd_per_mtok"]

Floats = npt.NDArray[np.float64]

# sort of token: price key of the package, and the sort that it is part of
_SORTS: Final = {
    "input_tokens": ("input_mtok", ""),
    "cache_read_tokens": ("cache_read_mtok", "input_tokens"),
    "cache_write_tokens": ("cache_write_mtok", "input_tokens"),
    "cache_write_1h_tokens": ("cache_write_1h_mtok", "cache_write_tokens"),
    "output_tokens": ("output_mtok", ""),
    "reasoning_tokens": ("output_reasoning_mtok", "output_tokens"),
}
SORTS: Final = (*_SORTS, "calls")  # what the vectors count, in order
INPUTS: Final = slice(0, 4)
OUTPUTS: Final = slice(4, 6)
_PER_CALL: Final = "requests_kcount"
_MILLION: Final = 1e6


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per token. `vectors[i]` holds when a call has more input tokens than `starts[i - 1]`; shape (tiers + 1, len(SORTS))."""

    starts: tuple[int, ...]
    vectors: Floats
    price: ModelPrice


def counted(usage: Mapping[str, npt.NDArray[Any]], calls: int) -> Floats:
    """Tokens of each sort, shape (calls, len(SORTS)), from columns of which some may be missing.

    A part is never more than the whole, whatever a source said: the rest would have a negative price.
    """
    counts = np.zeros((calls, len(SORTS)))
    for at, sort in enumerate(_SORTS):
        if sort in usage:
            counts[:, at] = usage[sort]
    whole, read, write, write_1h, out, reasoning = counts.T[:6]
    np.minimum(read, whole, out=read)
    np.minimum(write, whole - read, out=write)
    np.minimum(write_1h, write, out=write_1h)
    np.minimum(reasoning, out, out=reasoning)
    counts[:, -1] = 1
    return counts


@dataclass(frozen=True, slots=True)
class Charge:
    """What one sort of token adds to the cost of a call. `tokens` are those that no more special sort charges."""

    sort: str
    direction: Literal["input", "output", "call"]
    tokens: int
    usd_per_mtok: float
    usd: float


def charges(rates: Rates, usage: Mapping[str, int]) -> tuple[Charge, ...]:
    """The cost of one call, sort by sort; adds up to what the vectors give."""
    total = dict(zip(SORTS, counted({sort: np.array([usage.get(sort, 0)]) for sort in _SORTS}, 1)[0].astype(int).tolist(), strict=True))
    told = {key: value for key, value in vars(rates.price).items() if value is not None and not key.startswith("_")}
    start = max((start for start in rates.starts if total["input_tokens"] > start), default=None)
    priced = [sort for sort, (key, _) in _SORTS.items() if key in told]
    lines: list[Charge] = []
    left = dict(total)
    for sort in priced:
        wider = _SORTS[sort][1]
        while wider and wider not in priced:
            wider = _SORTS[wider][1]
        if wider:
            left[wider] -= total[sort]
    for sort in priced:
        if left[sort]:
            price = usd_per_mtok(told[_SORTS[sort][0]], start)
            lines.append(Charge(sort, "input" if sort in SORTS[INPUTS] else "output", left[sort], price, left[sort] * price / _MILLION))
    if _PER_CALL in told:
        lines.append(Charge("calls", "call", 1, 0.0, usd_per_mtok(told[_PER_CALL], start) / 1000))
    return tuple(lines)


def rates_of(price: ModelPrice) -> Rates | None:
    """The rates of a price; None where it charges neither tokens nor calls (hours of audio, pages)."""
    told = {key: value for key, value in vars(price).items() if value is not None and not key.startswith("_")}
    if not told.keys() & {"input_mtok", "output_mtok", _PER_CALL}:
        return None
    starts = sorted({tier.start for value in told.values() if isinstance(value, TieredPrices) for tier in value.tiers})
    return Rates(tuple(starts), np.array([_vector(told, start) for start in (None, *starts)]), price)


def usd_per_mtok(told: Any, start: int | None) -> float:
    """A price (Decimal or with tiers) where the input tokens are just above `start`; None: below all tiers."""
    if not isinstance(told, TieredPrices):
        return float(told)
    reached = [tier.price for tier in told.tiers if start is not None and tier.start <= start]
    return float(reached[-1] if reached else told.base)


def _vector(told: dict[str, Any], start: int | None) -> list[float]:
    """What one more token of each sort adds; a sort without a price of its own adds nothing to what the wider one charges."""
    effective: dict[str, float] = {"": 0.0}
    added: list[float] = []
    for sort, (key, wider) in _SORTS.items():
        effective[sort] = usd_per_mtok(told[key], start) / _MILLION if key in told else effective[wider]
        added.append(effective[sort] - effective[wider])
    return [*added, usd_per_mtok(told[_PER_CALL], start) / 1000 if _PER_CALL in told else 0.0]
