"""What `/proc` says about a process, read as cheaply as Python can. Nothing raises: who has ended is None."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["Look", "Program", "all_stats", "children", "look", "newest_pid", "pids", "program", "short_name", "user", "wall_of_boot_ns"]

_TICK_NS: Final = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the module is imported elsewhere than on Linux, too
_MAX_ARGUMENTS: Final = 256 << 10  # bytes read of a command line, which may be megabytes
_GONE: Final = frozenset("ZX")
_COMMAND_CHARACTERS: Final = 15  # of the kernel's short name


class Look(NamedTuple):
    """A process as its `stat` shows it."""

    pid: int
    command: str
    gone: bool  # it has ended and waits for its parent
    ppid: int
    session: int
    cpu_ns: int
    threads: int
    started_ns: int
    image: tuple[str, str]  # where its program and stack are: another after each exec, the same after a fork; zeros where that may not be seen
    status: int  # how it ended, as of wait(2); 0 also where that may not be seen


class Program(NamedTuple):
    """What a process runs; empty where it may not be seen."""

    path: str
    argv: tuple[str, ...]
    cwd: str
    truncated: bool


def wall_of_boot_ns() -> int:
    """Nanoseconds since 1970 at which the machine's clock of processes began, by the narrowest of some readings."""
    best, width = 0, 1 << 62
    for _ in range(20):
        before, now, after = time.clock_gettime_ns(_CLOCK), time.time_ns(), time.clock_gettime_ns(_CLOCK)
        if after - before < width:
            best, width = now - (before + after) // 2, after - before
    return best


_BOOT_NS: Final = wall_of_boot_ns()  # once: a process must not start at another time when the clock was set


def _read(path: str, size: int = 4096) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, size)
    finally:
        os.close(fd)


def look(pid: int) -> Look | None:
    """The process; None: there is none."""
    try:
        text = _read(f"/proc/{pid}/stat").decode("utf-8", "surrogateescape")
        command, _, rest = text.rpartition(")")  # a name may hold parentheses and spaces
        fields = rest.split()
        cpu = (int(fields[11]) + int(fields[12])) * _TICK_NS
        started = _BOOT_NS + int(fields[19]) * _TICK_NS
        name = command.partition("(")[2]
        return Look(pid, name, fields[0] in _GONE, int(fields[1]), int(fields[3]), cpu, int(fields[17]), started, (fields[23], fields[25]), int(fields[49]))
    except (OSError, IndexError, ValueError):
        return None


def user(pid: int) -> int:
    """The effective user id of a process; 0 when it has ended."""
    try:
        return os.stat(f"/proc/{pid}").st_uid  # noqa: PTH116 called per process; a Path costs as much again
    except OSError:
        return 0


def program(pid: int) -> Program:
    """What it runs. Arguments can be anything, also wrong: a program may write over them."""
    try:
        line = _read_whole(f"/proc/{pid}/cmdline")
    except OSError:
        line = b""
    truncated = len(line) >= _MAX_ARGUMENTS
    argv = tuple(os.fsdecode(arg) for arg in line.removesuffix(b"\0").split(b"\0")) if line else ()
    return Program(_link(pid, "exe").removesuffix(" (deleted)"), argv, _link(pid, "cwd"), truncated)


def short_name(path: str) -> str:
    """What the kernel calls a process that runs this program; empty where the path is."""
    return path.rpartition("/")[2][:_COMMAND_CHARACTERS]


def _read_whole(path: str) -> bytes:
    """Up to the limit: one read of `/proc` gives a page at most."""
    pieces, size = [], 0
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while size < _MAX_ARGUMENTS and (piece := os.read(fd, _MAX_ARGUMENTS - size)):
            pieces.append(piece)
            size += len(piece)
    finally:
        os.close(fd)
    return b"".join(pieces)


def _link(pid: int, name: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/{name}")  # noqa: PTH115 as above
    except OSError:
        return ""


def children(pid: int, threads: int) -> list[int] | None:
    """Pids of its children, those of each of its threads; None: the kernel does not list them (`CONFIG_PROC_CHILDREN`), or it has ended."""
    try:
        tasks = [str(pid)] if threads == 1 else os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 as above
    except OSError:
        return None
    out: list[int] = []
    for task in tasks:
        try:
            out.extend(map(int, _read(f"/proc/{pid}/task/{task}/children", 65536).split()))
        except OSError:
            if task == str(pid):
                return None
    return out


def pids() -> list[int]:
    """All processes that can be seen."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208 as above


def all_stats() -> Iterator[Look]:
    """All processes that can be seen and live."""
    for pid in pids():
        seen = look(pid)
        if seen is not None and not seen.gone:
            yield seen


def newest_pid() -> str:
    """The process or thread that was made last, on the whole machine: as long as it is the same, there is none that is new."""
    try:
        return _read("/proc/loadavg", 256).decode().rpartition(" ")[2]
    except OSError:
        return ""
