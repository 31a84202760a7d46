"""The same questions as `proc` answers, asked of psutil: for systems without `/proc`. Dearer, and nothing raises either."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

from spyglass.collect.fallback.proc import Look, Program

__all__ = ["all_stats", "children", "look", "newest_pid", "program", "user"]


def look(pid: int) -> Look | None:
    """The process; None: there is none, or it may not be seen at all."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            gone, cpu = process.status() == psutil.STATUS_ZOMBIE, process.cpu_times()
            started_ns, cpu_ns = round(process.create_time() * 1e9), round((cpu.user + cpu.system) * 1e9)
            image = (_path(process), "\0".join(_arguments(process)))
            return Look(pid, process.name(), gone, process.ppid(), _session(pid), cpu_ns, process.num_threads(), started_ns, image, 0)
    except (psutil.Error, OSError):
        return None


def all_stats() -> Iterator[Look]:
    """All processes that can be seen and live."""
    for pid in psutil.pids():
        seen = look(pid)
        if seen is not None and not seen.gone:
            yield seen


def user(pid: int) -> int:
    """The effective user id of a process; 0 when it has ended."""
    try:
        return int(psutil.Process(pid).uids().effective)
    except (psutil.Error, OSError):
        return 0


def program(pid: int) -> Program:
    """What it runs."""
    try:
        process = psutil.Process(pid)
        return Program(_path(process), _arguments(process), _folder(process), False)
    except (psutil.Error, OSError):
        return Program("", (), "", False)


def children(pid: int, threads: int) -> list[int] | None:  # noqa: ARG001 as `proc` has it
    """None: only a look at all processes finds them."""
    return None


def newest_pid() -> str:
    """Empty: not known here."""
    return ""


def _path(process: psutil.Process) -> str:
    try:
        return str(process.exe())
    except (psutil.Error, OSError):
        return ""


def _arguments(process: psutil.Process) -> tuple[str, ...]:
    try:
        return tuple(process.cmdline())
    except (psutil.Error, OSError):
        return ()


def _folder(process: psutil.Process) -> str:
    try:
        return str(process.cwd())
    except (psutil.Error, OSError):
        return ""


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0
