"""How rare a figure is among all that its pool has shown: sizes in, probabilities and the size to alarm at out.

A pool is whatever should behave alike (one metric of all agents), so that its tail is known after hours and not years. Sizes are counted in bins that
fade by half a day where there are many; a small fleet's pool keeps what it has, and speaks with a margin as long as that is little. Beyond the last bin with
ten counts the tail is continued as a straight line of the logarithm of its probability, in the size for light tails or in its logarithm for heavy ones,
whichever bends less (Hill 1975 for the latter). Of sizes that are logarithms it is a power of the size: what is skewed is then between normal (lognormal)
and exponential (Pareto), or hardly beyond, and only how its tail bends must be found out (Weibull's tail; Gardes and Girard 2008).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Tail"]

Floats = npt.NDArray[np.float64]
_WIDTH: Final = 0.1
_BINS: Final = 600  # up to 60; more counts as 60
_FEWEST: Final = 10.0  # counts beyond a size, for its probability to be read and not guessed
_FIT: Final = 0.02  # the tail that is continued begins where so large a share is left …
_FITTED: Final = 100.0  # … and no fewer sizes
_ENOUGH: Final = 1_000.0  # sizes that must have been seen before anything can be said
_WELL: Final = 20_000.0  # and that are enough to say it without a margin; no fewer are kept, however old they are
_HEAVIEST: Final = 0.7  # power of a tail of logarithms: 1 is Pareto's, and few sizes may look like less
_SURE: Final = 1.645  # deviations of a slope that few sizes tell, which are taken off


class Tail:
    """One pool."""

    def __init__(self, enough: float = _ENOUGH, logarithms: bool = False) -> None:
        """`enough`: sizes before it speaks; a few hundred where the law of the tail is known. `logarithms`: that is what sizes are, or multiples of them."""
        self._enough, self._bends = enough, logarithms
        self._counts: Floats = np.zeros(_BINS)
        self._fresh = True  # the line is that of the counts
        self._line = (0.0, 0.0, False)  # log probability = a + b * (size or its logarithm)
        self._power = 1.0  # log probability = a * (size / the last that was read) ** power, of logarithms
        self._from = np.inf

    def add(self, sizes: Floats, fade: float = 1.0) -> None:
        """More sizes, none negative; the earlier ones count `fade` times as much as before."""
        if fade < 1 and self._counts.sum() > _WELL:
            self._counts *= fade
        bins = np.minimum(sizes / _WIDTH, _BINS - 1).astype(np.intp)
        self._counts += np.bincount(bins, minlength=_BINS)
        self._fresh = False

    @property
    def known(self) -> bool:
        """Whether it has seen enough to speak."""
        return bool(self._counts.sum() >= self._enough)

    def probability(self, sizes: Floats) -> Floats:
        """Of a size as large or larger; 1 as long as the pool does not know."""
        if not self.known:
            return np.ones(len(sizes))
        self._fit()
        survivors = self._survivors()
        bins = np.minimum(sizes / _WIDTH, _BINS - 1).astype(np.intp)
        read = survivors[bins] / survivors[0]
        a, b, heavy = self._line
        places = (sizes / self._from) ** self._power if self._bends else np.log(np.maximum(sizes, _WIDTH)) if heavy else sizes
        guessed = np.exp(np.minimum(0.0, a + b * places))
        found: Floats = np.where(sizes < self._from, read, guessed)
        return found

    def size(self, probability: float) -> float:
        """The size that is exceeded with this probability; infinite as long as the pool does not know."""
        if not self.known:
            return float(np.inf)
        self._fit()
        survivors = self._survivors() / self._counts.sum()
        within = np.flatnonzero(survivors <= probability)
        if len(within) and within[0] * _WIDTH < self._from:
            return float(within[0] * _WIDTH)
        a, b, heavy = self._line
        if b >= 0:
            return float(np.inf)
        place = (np.log(probability) - a) / b
        if self._bends:
            return float(self._from * max(place, 1.0) ** (1 / self._power))
        return float(max(np.exp(min(place, 20.0)) if heavy else place, self._from))

    def save(self) -> pa.Table:
        """The counts."""
        return pa.table({"count": self._counts})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._counts = state["count"].to_numpy().copy()
        self._fresh = False

    def _survivors(self) -> Floats:
        counted: Floats = np.cumsum(self._counts[::-1])[::-1]
        return counted

    def _fit(self) -> None:
        if self._fresh:
            return
        self._fresh = True
        survivors = self._survivors()
        last = int(np.flatnonzero(survivors >= _FEWEST)[-1])
        begin = int(np.searchsorted(-survivors, -max(_FIT * survivors[0], _FITTED)))
        begin = min(begin, max(last - 3, 0))
        self._from = last * _WIDTH
        sizes = np.arange(max(begin, 1), last + 1) * _WIDTH
        if len(sizes) < 3:
            self._line = (0.0, 0.0, False)
            self._from = np.inf
            return
        logs = np.log(survivors[max(begin, 1) : last + 1] / survivors[0])
        weights = np.sqrt(survivors[max(begin, 1) : last + 1])  # the error of a count
        doubt = 1 + _SURE * max(0.0, survivors[begin] ** -0.5 - (_FIT * _WELL) ** -0.5)  # of a tail's mean excess, and so of its slope (Hill 1975)
        if self._bends:
            less = logs < 0
            slope = np.polyfit(np.log(sizes[less]), np.log(-logs[less]), 1, w=-(weights * logs)[less])[0] if less.sum() > 2 else _HEAVIEST
            self._power, self._line = max(float(slope), _HEAVIEST) / doubt, (0.0, float(logs[-1]), False)
            return
        fits = []
        for heavy in (False, True):
            places = np.log(sizes) if heavy else sizes
            b, a = np.polyfit(places, logs, 1, w=weights)
            error = float((weights * (logs - a - b * places) ** 2).sum())
            fits.append((error, (float(a), float(b), heavy)))
        _, (a, b, heavy) = min(fits)
        b /= doubt
        # through the last point that was read, so that there is no step
        place = np.log(self._from) if heavy else self._from
        self._line = (float(logs[-1] - b * place), b, heavy)
