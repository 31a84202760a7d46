"""Whether the store has anything new: work that looks at it again and again rests while nothing is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["Quiet"]

_ENOUGH: Final = 2  # looks after which nothing is found that was not committed since: what is in by halves at the first is whole at the second


class Quiet:
    """What one such work knows of it. One thread at a time."""

    def __init__(self, committed: Callable[[], int]) -> None:
        """`committed`: rows that the writer has committed since its start. Negative: not known, and there is always something to look for."""
        self._committed = committed
        self._seen, self._looks = -1, 0

    @contextmanager
    def look(self) -> Iterator[bool]:
        """Whether there is something to look for. A look that raises was none, and the next one is needed."""
        committed = self._committed()
        looks = self._looks if committed == self._seen else 0
        self._seen = -1
        yield committed < 0 or looks < _ENOUGH
        self._seen, self._looks = committed, min(looks + 1, _ENOUGH)
