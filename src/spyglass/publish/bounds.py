"""When the log says no: what waits and what the disk says in, a refusal with its reason out, counted."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Final

from spyglass.config.spec import Log as Limits  # the section `log` of the settings
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused
from spyglass.telemetry.metrics import LOG_REFUSED

__all__ = ["Bounds", "Limits"]

_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Bounds:
    """Decides whether an append is refused. Safe in any thread."""

    def __init__(self, limits: Limits, directory: Path, clock: Clock) -> None:
        self.limits = limits
        self.refused = 0  # appends and checks
        self._directory = directory
        self._clock = clock
        self._failed: tuple[Refused, float] | None = None  # what the disk said, and until when we believe it
        self._counting = threading.Lock()

    def memory(self, size_bytes: int, unconsumed_bytes: int, pending_bytes: int) -> Refused | None:
        """A refusal when an append of this size would go over a bound, or the disk failed a moment ago; never asks the disk."""
        limits = self.limits
        if self._failed and self._clock.monotonic() < self._failed[1]:
            return self._failed[0]
        if unconsumed_bytes + pending_bytes + size_bytes > limits.max_bytes:
            return self.no("full", f"log: {unconsumed_bytes + pending_bytes} of {limits.max_bytes} bytes wait for the store; send again later")
        if pending_bytes and pending_bytes + size_bytes > limits.max_pending_bytes:
            return self.no("disk_slow", f"log: {pending_bytes} bytes wait for the disk; send again later")
        return None

    def space(self, size_bytes: int) -> Refused | None:
        """A refusal when the disk would be left with too little space."""
        try:
            disk = os.statvfs(self._directory)
        except OSError as error:
            return self.failure(error)
        free_bytes = disk.f_bavail * disk.f_frsize - size_bytes
        if free_bytes >= self.limits.min_free_bytes:
            return None
        return self.no("disk_full", f"log: {max(0, free_bytes)} bytes free on the disk, {self.limits.min_free_bytes} wanted; free some space")

    def failure(self, error: OSError) -> Refused:
        """What a failed write means to the sender."""
        reason = "disk_full" if error.errno in _NO_SPACE else "disk_failed"
        return self.no(reason, f"log: the disk fails: {error.strerror}; look at it")

    def fail(self, refusal: Refused) -> None:
        """Refuse for this reason at once for a moment, without asking the disk again."""
        self._failed = (refusal, self._clock.monotonic() + self.limits.retry_after_s)

    def no(self, reason: str, message: str) -> Refused:
        """A refusal."""
        return Refused(message, retry_after_s=self.limits.retry_after_s, reason=reason)

    def counted(self, refusal: Refused) -> Refused:
        """The refusal for one sender: counted, and not shared with other threads."""
        reason = str(refusal.details["reason"])
        LOG_REFUSED.labels(reason).inc()
        with self._counting:
            self.refused += 1
        return self.no(reason, refusal.message)
