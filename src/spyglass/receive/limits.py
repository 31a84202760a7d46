"""How much the receivers take: the limits, and the bytes held at any moment.

In: sizes as requests arrive and unfold. Out: `Refused` the moment that more would be held than allowed; nothing waits here.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from spyglass.config.spec import Receive as Limits  # the section `receive` of the settings
from spyglass.model.errors import Refused

__all__ = ["Hold", "InFlight", "Limits"]


class InFlight:
    """Counts the bytes of all requests that are being worked on; `hold` counts for one of them."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self.lock = threading.Lock()

    def hold(self) -> Hold:
        """What one request holds: nothing yet."""
        return Hold(self)


class Hold:
    """The bytes of one request: `with in_flight.hold() as hold`, which gives all of them back at the end. Thread-safe.

    A thread that still works for a request which has ended (its client left) is stopped by its next `grow`.
    """

    __slots__ = ("_in_flight", "_open", "_used_bytes")

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._used_bytes = 0
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._in_flight.lock:
            self._open = False
            self._in_flight.used_bytes -= self._used_bytes
            self._used_bytes = 0

    def grow(self, size_bytes: int) -> None:
        """Hold more.

        Raises:
            Refused: all requests together would hold too much, or this one has ended; nothing was counted.
        """
        every = self._in_flight
        with every.lock:
            if not self._open:
                raise Refused("the request has ended", limit="ended")
            if every.used_bytes + size_bytes > every.limit_bytes:
                raise Refused(
                    f"the server is working on {every.used_bytes} bytes of requests and takes at most {every.limit_bytes}; send again in a moment",
                    retry_after_s=1.0,
                    limit="in_flight",
                )
            every.used_bytes += size_bytes
            self._used_bytes += size_bytes

    def shrink(self, size_bytes: int) -> None:
        """Hold less."""
        with self._in_flight.lock:
            self._in_flight.used_bytes -= size_bytes
            self._used_bytes -= size_bytes
