"""One collector as the probe sees it: its socket, who it is, and what it has not taken yet."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections import deque
from typing import Final

from spyglass.collect.probe.protocol import MAX_REQUEST_BYTES, Frames

__all__ = ["Peer", "credentials"]

SO_SNDBUFFORCE: Final = 32
SEND_BYTES: Final = 4 << 20
CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid


def credentials(link: socket.socket) -> tuple[int, int]:
    """Pid and uid of the other side, as the kernel knows them."""
    pid, uid, _ = CREDENTIALS.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return pid, uid


class Peer:
    """`uid` decides what it may watch. Its socket does not block; a frame is kept here only until the socket takes it."""

    def __init__(self, link: socket.socket, number: int, uid: int, pid: int) -> None:
        self.socket, self.number, self.uid, self.pid = link, number, uid, pid
        self.frames = Frames(MAX_REQUEST_BYTES)
        self.unsent: deque[bytes] = deque()
        self.unsent_bytes = 0
        self.dropped = 0  # records that it had no room for, not told to it yet
        self.gone = False
        for option in (SO_SNDBUFFORCE, socket.SO_SNDBUF):  # the first may take more than the machine's limit, and needs CAP_NET_ADMIN
            with contextlib.suppress(OSError):
                link.setsockopt(socket.SOL_SOCKET, option, SEND_BYTES)
                break

    def push(self, *parts: bytes | memoryview) -> None:
        """Send a frame; what the socket does not take now is copied, and goes first next time."""
        sent = 0 if self.unsent or self.gone else self._send(parts)
        for part in parts:
            if sent < len(part):
                self.unsent.append(bytes(part[sent:]))
                self.unsent_bytes += len(part) - sent
            sent = max(0, sent - len(part))

    def _send(self, parts: tuple[bytes | memoryview, ...]) -> int:
        try:
            return self.socket.sendmsg(parts)
        except BlockingIOError:
            return 0
        except OSError:
            self.gone = True
            return 0

    def flush(self) -> None:
        """Send what waits."""
        while self.unsent and not self.gone:
            first = self.unsent[0]
            sent = self._send((first,))
            if not sent:
                return
            self.unsent_bytes -= sent
            self.unsent.popleft()
            if sent < len(first):
                self.unsent.appendleft(first[sent:])
