"""What a probe leaves with its collector for the case that it is killed: the kernel's ring, and what holds the kernel's programs where they are attached.

A descriptor that lies unread in a socket counts as open. So as long as the collector lives the programs outlive the probe, and what they tell waits in the
ring; when the collector goes as well, its socket goes, and with it the programs. It is of use to a probe that serves one collector alone.
"""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, NamedTuple

__all__ = ["Deposit", "Left", "take"]

RING, LINKS = b"R", b"L"
CLOSING: Final = 16  # at the same time
AT_ONCE: Final = 64  # descriptors in one message; Linux takes 253


class Deposit:
    """The probe's end of the socket; without one nothing is left."""

    def __init__(self, link: socket.socket | None) -> None:
        self._link = link
        if link is not None:
            link.setblocking(False)

    def ring(self, descriptor: int) -> None:
        """Leave the ring; it may be left again."""
        self._send(RING, [descriptor])

    def links(self, descriptors: list[int]) -> None:
        """Leave what holds programs; where there is no room for more, those end with the probe."""
        for begin in range(0, len(descriptors), AT_ONCE):
            self._send(LINKS, descriptors[begin : begin + AT_ONCE])

    def _send(self, what: bytes, descriptors: list[int]) -> None:
        if self._link is not None:
            with suppress(OSError):
                socket.send_fds(self._link, [what], descriptors)


class Left(NamedTuple):
    """What was taken out; whoever has it closes it."""

    ring: int
    links: list[int]

    def close(self) -> None:
        """The kernel's programs end. Many at once: for each the kernel waits until nobody is inside of it."""
        with ThreadPoolExecutor(CLOSING, "let go") as closing:
            for _ in closing.map(os.close, (self.ring, *self.links)):
                pass


def take(link: socket.socket) -> Left | None:
    """Everything that lies in the collector's end of the socket; None: no ring."""
    link.setblocking(False)
    rings, links = list[int](), list[int]()
    with suppress(OSError):
        while True:
            what, found, _, _ = socket.recv_fds(link, 1, AT_ONCE, socket.MSG_CMSG_CLOEXEC)
            if not what:
                break
            (rings if what == RING else links).extend(found)
    if rings:
        return Left(rings[0], [*rings[1:], *links])
    for each in links:
        os.close(each)
    return None
