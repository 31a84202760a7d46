"""How long analyzers rest after some work, so that ingest goes first on a machine that is busy: they get a share of its cores then, and all they want else."""

from __future__ import annotations

import os
import time
from typing import Final

__all__ = ["Courtesy"]

_BUSY: Final = 0.6  # of the cores, used by this process …
_WAITED: Final = 1.3  # … or work took so many times its processor time: others had the cores, or the interpreter
_LOOK_S: Final = 0.25  # over so long at least
_LONGEST_S: Final = 5.0


class Courtesy:
    """Used by one thread at a time."""

    def __init__(self, share: float, cores: int | None = None) -> None:
        """`share`: of all cores, while they are busy."""
        self._cores = cores or os.cpu_count() or 1
        self._allowed = share * self._cores
        self._at_s, self._used_s = time.monotonic(), time.process_time()
        self._busy = False

    def rest_s(self, spent_s: float, took_s: float) -> float:
        """Seconds of rest after work that spent so much processor time within so much time."""
        if not self.is_busy() and took_s < _WAITED * spent_s:
            return 0.0
        return min(max(0.0, spent_s / self._allowed - took_s), _LONGEST_S)

    def is_busy(self) -> bool:
        """Whether this process lately used most of the cores."""
        at_s = time.monotonic()
        if (passed_s := at_s - self._at_s) >= _LOOK_S:
            used_s = time.process_time()
            self._busy = (used_s - self._used_s) / passed_s > _BUSY * self._cores
            self._at_s, self._used_s = at_s, used_s
        return self._busy
