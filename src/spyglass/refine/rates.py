"""What one call costs, as a product of two vectors: how many tokens of each sort, and USD per token of each sort.

In: a price of the genai-prices package, or of the operator. Out: `Rates`, for any number of calls at once.

The package charges each token once, by its most special price: a cached input token at the cache's price, if there is one, else as input. As every
sort is part of a wider one, the charge is linear in the counts as they are reported: input * p_input + cache_read * (p_cache_read - p_input) + …
Prices with tiers have one vector for each tier; the tier depends on all input tokens of the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from genai_prices.types import ModelPrice, TieredPrices

__all__ = ["INPUTS", "OUTPUTS", "SORTS", "Rates", "rates_of"]

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


def rates_of(price: ModelPrice) -> Rates | None:
    """The rates of a price; None where it charges neither tokens nor calls (hours of audio, pages)."""
    told = {key: value for key, value in vars(price).items() if value is not None and not key.startswith("_")}
    if not told.keys() & {"input_mtok", "output_mtok", _PER_CALL}:
        return None
    starts = sorted({tier.start for value in told.values() if isinstance(value, TieredPrices) for tier in value.tiers})
    return Rates(tuple(starts), np.array([_vector(told, start) for start in (None, *starts)]), price)


def usd_per_mtok(told: Any, start: int | None) -> float:
    """A price where the input tokens are just above `start`; None: below all tiers."""
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
