"""A handle on a process: becomes readable when it ends, and then says how it ended where the kernel tells (Linux 6.15; of one's own children, 5.4)."""

from __future__ import annotations

import os
import struct
from typing import Final, NamedTuple

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["UNKNOWN", "Ended", "ended", "open_pidfd"]

_INFO: Final = struct.Struct("<QQ11Ii")  # mask, control group, pids and ids, wait status
_GET_INFO: Final = 3 << 30 | _INFO.size << 16 | 0xFF << 8 | 11
_EXIT: Final = 1 << 3


class Ended(NamedTuple):
    """How a process ended; -1: not known."""

    code: int
    signal: int


UNKNOWN: Final = Ended(-1, 0)


def open_pidfd(pid: int) -> int:
    """The handle; -1: there is no such process, or no such handles here."""
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return -1


def ended(fd: int) -> Ended | None:
    """How it ended; None: its parent has not asked yet, and only then will the kernel say."""
    try:
        child = os.waitid(os.P_PIDFD, fd, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if child is not None:
            return Ended(child.si_status, 0) if child.si_code == os.CLD_EXITED else Ended(0, child.si_status)
    except (ChildProcessError, OSError, AttributeError):
        pass  # not ours
    return _asked(fd)


def _asked(fd: int) -> Ended | None:
    memory = bytearray(_INFO.pack(_EXIT, *[0] * 13))
    try:
        fcntl.ioctl(fd, _GET_INFO, memory)
    except OSError as error:
        return None if isinstance(error, ProcessLookupError) else UNKNOWN
    mask, *_, status = _INFO.unpack(memory)
    if not mask & _EXIT:
        return None
    return Ended(status >> 8 & 0xFF, status & 0x7F)
