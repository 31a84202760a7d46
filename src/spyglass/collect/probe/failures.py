"""What can go wrong in the probe, as one error with a stable word; it crosses the socket to the collector, which turns it into an error of Spyglass."""

from __future__ import annotations

__all__ = ["ProbeError"]


class ProbeError(Exception):
    """`code`: a stable word (libbpf, object, load, attach, map, pid, refused, request …); the message says what to do; `number`: errno, or 0."""

    def __init__(self, code: str, message: str, *, number: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.number = code, message, number
