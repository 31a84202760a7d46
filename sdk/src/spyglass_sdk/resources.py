"""Nothing in, what this process uses of the machine out: CPU, memory, disk. psutil where it is installed, else what the operating system tells by itself."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from spyglass_sdk.guard import harmless

__all__ = ["Sample", "Usage", "memory_bytes", "sample"]

try:
    psutil: Any = import_module("psutil")
except ImportError:
    psutil = None

_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. What cannot be known is None.

    Attributes:
        cpu_time_s: of this process, all threads, since it began.
        memory_bytes: resident, of this process.
        machine_memory_percent: of all memory, used by all.
        disk_percent: of the disk of the working directory, used.
        load: runnable processes over the last minute, machine-wide.
    """

    cpu_time_s: float
    memory_bytes: int | None
    machine_memory_percent: float | None
    disk_percent: float | None
    load: float | None


class Usage:
    """What was used between its making and each `take`."""

    def __init__(self, memory: bool, performance: bool) -> None:
        self._before_bytes = memory_bytes() if memory else None
        self._cpu_s = time.process_time() if performance else None
        self._began_s = time.perf_counter()
        self._peak_bytes = self._before_bytes or 0

    @harmless({})
    def take(self) -> dict[str, float | int]:
        """Attributes `spyglass.memory.*`, `spyglass.cpu.*`: those that are tracked and known."""
        told: dict[str, float | int] = {}
        if self._before_bytes is not None and (now := memory_bytes()) is not None:
            self._peak_bytes = max(self._peak_bytes, now)
            told |= {"spyglass.memory.before_bytes": self._before_bytes, "spyglass.memory.now_bytes": now, "spyglass.memory.peak_bytes": self._peak_bytes}
        if self._cpu_s is not None:
            cpu_s, wall_s = time.process_time() - self._cpu_s, time.perf_counter() - self._began_s
            told |= {"spyglass.cpu.time_s": round(cpu_s, 6), "spyglass.cpu.percent": round(100 * cpu_s / wall_s, 1) if wall_s > 0 else 0.0}
        return told


@harmless(None)
def memory_bytes() -> int | None:
    """Resident memory of this process."""
    if psutil is not None:
        return int(_process().memory_info().rss)
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):  # no Linux
        return None


def sample() -> Sample:
    """Look once."""
    try:
        disk = shutil.disk_usage(Path.cwd())
        disk_percent: float | None = round(100 * disk.used / disk.total, 1) if disk.total else None
    except OSError:
        disk_percent = None
    return Sample(
        cpu_time_s=time.process_time(),
        memory_bytes=memory_bytes(),
        machine_memory_percent=float(psutil.virtual_memory().percent) if psutil is not None else _used_percent(),
        disk_percent=disk_percent,
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )


def _process() -> Any:
    return psutil.Process()


def _used_percent() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        told = {name: float(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if rest.split()}
        return round(100 * (1 - told["MemAvailable"] / told["MemTotal"]), 1)
    except (OSError, ValueError, KeyError, ZeroDivisionError):  # as above
        return None
