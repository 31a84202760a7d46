"""A probability as evidence that can be multiplied: p in, the logarithm of (1 − p + p ln p) / (p ln² p) out (Vovk and Wang 2021, arXiv:1912.06116)."""

from __future__ import annotations

from math import log, log1p
from typing import Final

__all__ = ["evidence_of"]

_LEAST_P: Final = 1e-250


def evidence_of(probability: float) -> float:
    """Below 0 where it speaks for nothing having changed."""
    p = max(probability, _LEAST_P)
    rarity = -log(p)
    if rarity < 0.01:
        return log(0.5)
    return log1p(-p - p * rarity) + rarity - 2 * log(rarity)
