"""Local straight lines (Cleveland 1979) over even steps: values and weights in, the smooth line out. Steps of weight zero are bridged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bisquare", "loess"]

Floats = npt.NDArray[np.float64]


def loess(values: Floats, weights: Floats, half: int) -> Floats:
    """The line at each step, from the steps up to `half` away on either side; columns each by itself. NaN where there is nothing near."""
    apart = np.arange(-half, half + 1)
    kernel = (1 - (np.abs(apart) / (half + 1)) ** 3) ** 3
    flat = np.nan_to_num(values) * weights
    s0, s1, s2 = (_spread(weights, kernel * apart**power) for power in (0, 1, 2))
    t0, t1 = (_spread(flat, kernel * apart**power) for power in (0, 1))
    determinant = s0 * s2 - s1 * s1
    bent = determinant > 1e-9 * s2 * np.maximum(s0, 1e-300)
    with np.errstate(invalid="ignore", divide="ignore"):
        line: Floats = np.where(bent, (s2 * t0 - s1 * t1) / np.where(bent, determinant, 1.0), np.where(s0 > 1e-12, t0 / s0, np.nan))
    return line


def bisquare(rest: Floats) -> Floats:
    """Weights that let what lies far off teach nothing: six medians of size and more."""
    size = np.abs(rest)
    known = np.isfinite(size)
    bound = 6 * float(np.median(size[known])) if known.any() else 0.0
    if not bound:
        return known.astype(np.float64)
    weights: Floats = np.where(known, np.clip(1 - (np.nan_to_num(size) / bound) ** 2, 0, 1) ** 2, 0.0)
    return weights


def _spread(values: Floats, kernel: Floats) -> Floats:
    """Sums over the neighbours of each step, weighted by how far they are; by Fourier where the kernel is long."""
    half = len(kernel) // 2
    count = len(values)
    size = 1 << (count + 2 * half).bit_length()
    many = values.ndim == 2
    shaped = kernel[::-1, None] if many else kernel[::-1]
    if len(kernel) <= 31:
        padded = np.concatenate([np.zeros((half, *values.shape[1:])), values, np.zeros((half, *values.shape[1:]))])
        near: Floats = np.sum([kernel[at] * padded[at : at + count] for at in range(len(kernel))], axis=0)
        return near
    found: Floats = np.fft.irfft(np.fft.rfft(values, size, axis=0) * np.fft.rfft(shaped, size, axis=0), size, axis=0)[half : half + count]
    return found
