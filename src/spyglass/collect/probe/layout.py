"""The kernel's records byte for byte (bpf/agent.h: change both together, and VERSION), and the scopes and counters that the kernel keeps.

Records travel as they lie in the ring: a word with their length, a word of the ring's own, the record, and up to the next multiple of 8 nothing.
"""

from __future__ import annotations

import struct
from typing import Final, Literal, NamedTuple

__all__ = [
    "ANY_USER",
    "CHANGES",
    "CHUNK",
    "COUNTERS",
    "ENDS",
    "FILE",
    "HEAD",
    "LOSSES",
    "RECORD",
    "RING_HEADER",
    "SCOPE",
    "VERSION",
    "WANTS",
    "WITHOUT_TLS",
    "Kind",
    "Scope",
]

VERSION: Final = 2  # of records and frames: probe and collector must have the same

RING_HEADER: Final = 8
BUSY, DISCARDED = 1 << 31, 1 << 30  # bits of the length

# All positions are from the ring's header on.
HEAD: Final = struct.Struct("<I4xHH4xQ")  # length, kind, peer, time (CLOCK_BOOTTIME)
ACTOR_AT, ACTOR_END = 24, 80
ACTOR: Final = struct.Struct("<5I4xQQ16s")  # pid, tid, ppid, uid, root, started, cgroup, command
BODY_AT: Final = 80
RECORD: Final = struct.Struct("<iIII6Q4H")  # result, op, flags, mode, v[6], len[4]
CHUNK: Final = struct.Struct("<QQIIIIHHHBB16s16s")  # handle, generation, total, offset, size, operation, family, ports, direction, guessed, local, remote
DATA_AT: Final = 152
WITHOUT_TLS: Final = 1 << 63  # bit of a chunk's handle: a socket, and not the object of a TLS library
ENDS: Final = struct.Struct("<HHH16s16s")  # family, local port, remote port, local, remote


class Kind:
    """Kinds of records."""

    EXEC, FORK, EXIT, OPEN, CHANGE, IO, CONNECT, ACCEPT, CLOSE, LIBRARY, END = range(1, 12)
    TLS, STDIO, DATAGRAM = 16, 17, 18


Change = Literal["delete", "rename", "mkdir", "rmdir", "chmod", "chown", "truncate", "link", "symlink"]
CHANGES: Final[dict[int, Change]] = {
    1: "delete",
    2: "rename",
    3: "mkdir",
    4: "rmdir",
    5: "chmod",
    6: "chown",
    7: "truncate",
    8: "link",
    9: "symlink",
}

# What a scope can want told beside processes: the name in requests, and its bit.
WANTS: Final = {"files": 1, "reads": 2, "opens": 4, "network": 8, "tls": 16, "stdio": 32}

# The kernel's counters in their order; all but the first are losses, by reason.
COUNTERS: Final = ("events", "ring_full", "ring_full_payload", "unreadable", "cut", "untracked", "foreign_user", "32_bit")
LOSSES: Final = COUNTERS[1:]

FILE: Final = struct.Struct("<QQQ")  # inode, device as the kernel has it, and when its content was changed (ns)

ANY_USER: Final = 0xFFFFFFFF
SCOPE: Final = struct.Struct("<IIIHxx")


class Scope(NamedTuple):
    """What the kernel knows of a watched process: its root, whose processes alone may be seen, what is wanted, and for which peer."""

    root: int
    uid: int
    wants: int
    peer: int

    def pack(self) -> bytes:
        """As the kernel's tables hold it."""
        return SCOPE.pack(*self)
