"""Connections of watched processes, by looking at `/proc` now and then. What lives shorter than a look apart is missed, and sizes are not told."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from errno import EINPROGRESS
from pathlib import Path
from typing import Final, Literal, NamedTuple

from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Accept, Actor, Close, Connect, Endpoint, Record

__all__ = ["Sockets", "sockets_of"]

_SHORTEST_S, _LONGEST_S = 0.5, 5.0
_SHARE: Final = 0.03  # of one CPU that looking may take
_MAX_DESCRIPTORS: Final = 4096  # of one process that are looked at
_MAX_OPEN: Final = 20_000
_LISTENING, _ASKED = "0A", "02"
_PREFIX: Final = "socket:["


class _Socket(NamedTuple):
    transport: Literal["tcp", "udp"]
    local: Endpoint
    remote: Endpoint
    state: str


class _Open(NamedTuple):
    actor: Actor
    socket: _Socket
    opened_ns: int


def sockets_of(pid: int) -> set[int]:
    """Inode numbers of the sockets that a process has open; none when that may not be seen."""
    found: set[int] = set()
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            for count, entry in enumerate(entries):
                if count >= _MAX_DESCRIPTORS:
                    break
                try:
                    target = os.readlink(entry.path)  # noqa: PTH115 called per descriptor
                except OSError:
                    continue
                if target.startswith(_PREFIX):
                    found.add(int(target[len(_PREFIX) : -1]))
    except OSError:
        pass  # ended, or another user's
    return found


class Sockets:
    """Looks, and tells records. One thread."""

    def __init__(self, tracked: Tracked) -> None:
        self._tracked = tracked
        self._open: dict[int, _Open] = {}  # by inode: a socket that children inherited is one socket
        self._look_at = 0.0
        self._first = True

    @property
    def due_s(self) -> float:
        """It wants to be asked again after so many seconds at the latest."""
        return max(0.0, self._look_at - time.monotonic())

    def take(self) -> list[Record]:
        """What was seen to have happened; looks only when it is due."""
        if time.monotonic() < self._look_at:
            return []
        busy, now_ns = time.thread_time(), time.time_ns()
        seen = self._seen()
        out = self._ended(seen, now_ns) + self._begun(seen, now_ns)
        self._first = False
        self._look_at = time.monotonic() + min(max(_SHORTEST_S, (time.thread_time() - busy) / _SHARE), _LONGEST_S)
        return out

    def _seen(self) -> dict[int, tuple[Actor, _Socket]]:
        """Connections of all watched processes. Tables are read once for each network namespace."""
        by_space: dict[int, list[tuple[Actor, set[int]]]] = {}
        for actor in list(self._tracked.live.values()):
            inodes = sockets_of(actor.pid)
            if inodes:
                by_space.setdefault(_namespace(actor.pid), []).append((actor, inodes))
        out: dict[int, tuple[Actor, _Socket]] = {}
        for owners in by_space.values():
            table = dict(_table(owners[0][0].pid, set().union(*(inodes for _, inodes in owners))))
            for actor, inodes in sorted(owners, key=lambda owner: -owner[0].started_ns):  # the eldest is told to be the owner
                out.update((inode, (actor, table[inode])) for inode in inodes & table.keys())
        return out

    def _begun(self, seen: dict[int, tuple[Actor, _Socket]], now_ns: int) -> list[Record]:
        listening = {known.local.port for _, known in seen.values() if known.transport == "tcp" and known.state == _LISTENING}
        out: list[Record] = []
        for inode, (actor, known) in seen.items():
            if inode in self._open or known.state == _LISTENING or not known.remote.port or len(self._open) >= _MAX_OPEN:
                continue
            self._open[inode] = _Open(actor, known, 0 if self._first else now_ns)
            if known.transport == "tcp" and known.local.port in listening:
                out.append(Accept(now_ns, actor, inode, known.remote, known.local, "tcp"))
            else:
                out.append(Connect(now_ns, actor, inode, known.remote, known.local, known.transport, -EINPROGRESS if known.state == _ASKED else 0))
        return out

    def _ended(self, seen: dict[int, tuple[Actor, _Socket]], now_ns: int) -> list[Record]:
        out: list[Record] = []
        for inode in [inode for inode in self._open if inode not in seen]:
            actor, known, opened_ns = self._open.pop(inode)
            actor = self._tracked.get(actor.pid) or actor
            out.append(Close(now_ns, actor, inode, known.remote, known.local, known.transport, -1, -1, opened_ns))
        return out


def _namespace(pid: int) -> int:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino  # noqa: PTH116 called per process
    except OSError:
        return 0


def _table(pid: int, wanted: set[int]) -> Iterator[tuple[int, _Socket]]:
    """The sockets among those wanted that the process's network namespace lists."""
    for transport in ("tcp", "udp"):
        for version in ("", "6"):
            try:
                lines = Path(f"/proc/{pid}/net/{transport}{version}").read_text("ascii").splitlines()[1:]
            except OSError:
                continue
            for line in lines:
                fields = line.split()
                if len(fields) > 9 and fields[9].isdecimal() and int(fields[9]) in wanted:
                    yield int(fields[9]), _Socket(transport, _endpoint(fields[1]), _endpoint(fields[2]), fields[3])


def _endpoint(text: str) -> Endpoint:
    """`127.0.0.1`, 80 for `0100007F:0050`: words are in the machine's order."""
    host, _, port = text.partition(":")
    raw = bytes.fromhex(host)
    if sys.byteorder == "little":
        count = len(raw) // 4
        raw = struct.pack(f">{count}I", *struct.unpack(f"<{count}I", raw))
    address = socket.inet_ntop(socket.AF_INET6 if len(raw) == 16 else socket.AF_INET, raw)
    return Endpoint(address, int(port, 16))
