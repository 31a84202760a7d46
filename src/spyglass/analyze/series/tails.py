"""Tails of two distributions that everything here is judged by: sizes in, probabilities out. To about twelve digits, as the standard tables have them."""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, sqrt

__all__ = ["incomplete_beta", "normal", "student"]


def normal(z: float) -> float:
    """Of a normal value farther from zero than `z`, on either side."""
    return erfc(abs(z) / sqrt(2))


def student(t: float, freedom: float) -> float:
    """Of Student's t farther from zero than `t`, on either side."""
    if not t * t < inf:
        return 0.0
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised one; the continued fraction converges quickly where x < (a + 1) / (a + b + 2) (Abramowitz and Stegun 26.5.8)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """By Lentz's method."""
    tiny, c, d = 1e-300, 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    found = d
    for m in range(1, 300):
        for term in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 + term * d, 1 + term / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            found *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return found
