"""How much the receivers take: the limits, and the bytes held at any moment.

In: sizes as requests arrive and unfold. Out: `Refused` the moment that more would be held than allowed; nothing waits here.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from spyglass.model.errors import ConfigError, Refused

__all__ = ["Hold", "InFlight", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, one sender and all requests together may take. A rate of 0 means no limit.

    Raises:
        ConfigError: the limits contradict each other.
    """

    max_compressed_bytes: int = 32 * 2**20  # a body as sent; also a gRPC message, before and after its decompression
    max_body_bytes: int = 64 * 2**20  # a body after decompression
    max_in_flight_bytes: int = 192 * 2**20  # of all bodies, from the first byte read to the answer
    max_bytes_per_s: float = 0.0  # as sent, per sender (its project where it names one, else its address)
    max_requests_per_s: float = 0.0  # per sender
    burst_s: float = 5.0  # how many seconds of its rate a sender that was quiet may send at once
    max_connections: int = 1_000  # per port
    read_timeout_s: float = 30.0  # from the first byte of a request to its last
    keep_timeout_s: float = 30.0  # how long the road may take to keep a body, before the sender is told to come back
    keep_alive_s: float = 75.0  # an idle HTTP connection; longer than the minute between two exports of metrics

    def __post_init__(self) -> None:
        largest = self.max_compressed_bytes + self.max_body_bytes
        if self.max_in_flight_bytes < largest:
            raise ConfigError(
                f"receive.max_in_flight_bytes: expected at least {largest} (max_compressed_bytes + max_body_bytes, the bytes of one largest request), "
                f"got {self.max_in_flight_bytes}"
            )

    @property
    def grpc_reads(self) -> int:
        """How many gRPC messages may be on their way in at once: the gRPC core holds each of them whole before we see its size."""
        return max(8, self.max_in_flight_bytes // self.max_compressed_bytes)


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
