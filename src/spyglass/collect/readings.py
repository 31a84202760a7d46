"""Figures of this machine: psutil's counters in, points with OpenTelemetry's names for systems out.

Each reading is taken by itself: one that this machine does not have, or may not show, leaves the others.
"""

from __future__ import annotations

import fnmatch
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

from spyglass.model.told import Point, Value

__all__ = ["Host", "gauge", "level", "total"]

_MODES: Final = (("user", "user"), ("system", "system"), ("nice", "nice"), ("idle", "idle"), ("iowait", "iowait"), ("steal", "steal"))
_STATES: Final = {
    psutil.STATUS_RUNNING: "running",
    psutil.STATUS_STOPPED: "stopped",
    psutil.STATUS_TRACING_STOP: "stopped",
    psutil.STATUS_ZOMBIE: "defunct",
    psutil.STATUS_DEAD: "defunct",
}
_MOST: Final = 64  # devices, interfaces, file systems: of each
_FILES: Final = Path("/proc/sys/fs/file-nr")


def gauge(name: str, value: float, unit: str, time_ns: int, **attributes: Value) -> Point:
    """A value that is measured. In attribute names `__` stands for a dot."""
    return Point(name, time_ns, value, unit, _dotted(attributes))


def level(name: str, value: float, unit: str, time_ns: int, **attributes: Value) -> Point:
    """A sum that may fall, such as bytes in use."""
    return Point(name, time_ns, value, unit, _dotted(attributes), "sum")


def total(name: str, value: float, unit: str, time_ns: int, start_ns: int, **attributes: Value) -> Point:
    """A sum that never falls."""
    return Point(name, time_ns, value, unit, _dotted(attributes), "sum", True, start_ns)


def _dotted(attributes: dict[str, Value]) -> dict[str, Value]:
    return {name.replace("__", "."): value for name, value in attributes.items()}


class Host:
    """The machine, looked at again and again."""

    def __init__(self, skip_interfaces: Sequence[str] = ()) -> None:
        self._skip = skip_interfaces
        self._start_ns = int(psutil.boot_time() * 1e9)
        self._cpu: dict[str, float] = {}
        self.problems: tuple[str, ...] = ()  # of the last look

    def look(self, now_ns: int) -> list[Point]:
        """Everything there is, at this time."""
        found: list[Point] = []
        problems: list[str] = []
        readings: tuple[Callable[[int], Iterable[Point]], ...] = (self._cpus, self._memory, self._disks, self._filesystems, self._network, self._kernel)
        for reading in readings:
            try:
                found += reading(now_ns)
            except (OSError, psutil.Error, RuntimeError, ValueError, NotImplementedError) as error:
                problems.append(f"{reading.__name__.strip('_')} cannot be read: {type(error).__name__}: {error}")
        self.problems = tuple(problems)
        return found

    def _cpus(self, now: int) -> Iterator[Point]:
        times = psutil.cpu_times()
        seconds = {mode: getattr(times, name) for mode, name in _MODES if hasattr(times, name)}
        seconds["interrupt"] = getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0)
        yield from (total("system.cpu.time", value, "s", now, self._start_ns, cpu__mode=mode) for mode, value in seconds.items())
        spent = {mode: max(0.0, value - self._cpu.get(mode, value)) for mode, value in seconds.items()}
        if all_of_it := sum(spent.values()):
            yield from (gauge("system.cpu.utilization", value / all_of_it, "1", now, cpu__mode=mode) for mode, value in spent.items())
        self._cpu = seconds
        yield level("system.cpu.logical.count", psutil.cpu_count() or 1, "{cpu}", now)
        if physical := psutil.cpu_count(logical=False):
            yield level("system.cpu.physical.count", physical, "{cpu}", now)
        for minutes, load in zip((1, 5, 15), psutil.getloadavg(), strict=True):
            yield gauge(f"system.cpu.load_average.{minutes}m", load, "{thread}", now)

    def _memory(self, now: int) -> Iterator[Point]:
        memory = psutil.virtual_memory()
        yield level("system.memory.limit", memory.total, "By", now)
        for state in ("used", "free", "cached", "buffers"):
            if (value := getattr(memory, state, None)) is not None:
                yield level("system.memory.usage", value, "By", now, system__memory__state=state)
                yield gauge("system.memory.utilization", value / memory.total, "1", now, system__memory__state=state)
        yield level("system.memory.linux.available", memory.available, "By", now)
        swap = psutil.swap_memory()
        for state, value in (("used", swap.used), ("free", swap.free)):
            yield level("system.paging.usage", value, "By", now, system__paging__state=state)

    def _disks(self, now: int) -> Iterator[Point]:
        counters = psutil.disk_io_counters(perdisk=True) or {}
        for name, disk in list(_named(counters, _is_disk))[:_MOST]:
            for direction in ("read", "write"):
                told: dict[str, Any] = {"system__device": name, "disk__io__direction": direction}
                yield total("system.disk.io", getattr(disk, f"{direction}_bytes"), "By", now, self._start_ns, **told)
                yield total("system.disk.operations", getattr(disk, f"{direction}_count"), "{operation}", now, self._start_ns, **told)
                yield total("system.disk.operation_time", getattr(disk, f"{direction}_time") / 1e3, "s", now, self._start_ns, **told)
            if hasattr(disk, "busy_time"):
                yield total("system.disk.io_time", disk.busy_time / 1e3, "s", now, self._start_ns, system__device=name)

    def _filesystems(self, now: int) -> Iterator[Point]:
        mounted = {part.device: part for part in reversed(psutil.disk_partitions(all=False))}
        for part in [*mounted.values(), *_root(mounted.values())][:_MOST]:
            try:
                usage = psutil.disk_usage(part.mountpoint)
            except OSError:
                continue  # not for us to see
            mode = "ro" if "ro" in part.opts.split(",") else "rw"
            told: dict[str, Any] = {
                "system__device": part.device,
                "system__filesystem__mountpoint": part.mountpoint,
                "system__filesystem__type": part.fstype,
                "system__filesystem__mode": mode,
            }
            for state, value in (("used", usage.used), ("free", usage.free), ("reserved", max(0, usage.total - usage.used - usage.free))):
                yield level("system.filesystem.usage", value, "By", now, **told, system__filesystem__state=state)
            yield gauge("system.filesystem.utilization", usage.percent / 100, "1", now, **told)

    def _network(self, now: int) -> Iterator[Point]:
        for name, interface in list(_named(psutil.net_io_counters(pernic=True), self._is_shown))[:_MOST]:
            for direction, word, letters in (("transmit", "sent", "out"), ("receive", "recv", "in")):
                told: dict[str, Any] = {"network__interface__name": name, "network__io__direction": direction}
                yield total("system.network.io", getattr(interface, f"bytes_{word}"), "By", now, self._start_ns, **told)
                of_device = {"system__device": name, "network__io__direction": direction}
                yield total("system.network.packet.count", getattr(interface, f"packets_{word}"), "{packet}", now, self._start_ns, **of_device)
                yield total("system.network.packet.dropped", getattr(interface, f"drop{letters}"), "{packet}", now, self._start_ns, **told)
                yield total("system.network.errors", getattr(interface, f"err{letters}"), "{error}", now, self._start_ns, **told)

    def _kernel(self, now: int) -> Iterator[Point]:
        yield gauge("system.uptime", max(0.0, (now - self._start_ns) / 1e9), "s", now)
        if _FILES.exists():
            yield level("system.file_descriptor.count", int(_FILES.read_text(encoding="utf-8").split()[0]), "{file_descriptor}", now)
        states = Counter(_STATES.get(process.info["status"], "sleeping") for process in psutil.process_iter(["status"]))
        yield from (level("system.process.count", count, "{process}", now, process__state=state) for state, count in states.items())

    def _is_shown(self, name: str) -> bool:
        return not any(fnmatch.fnmatchcase(name, pattern) for pattern in self._skip)


def _named(counters: dict[str, Any], wanted: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    yield from ((name, counter) for name, counter in sorted(counters.items()) if wanted(name))


def _is_disk(name: str) -> bool:
    """Not a partition, nor memory, nor a file that plays a disk."""
    blocks = Path("/sys/block")
    return not name.startswith(("loop", "ram", "zram")) and (not blocks.is_dir() or (blocks / name.replace("/", "!")).exists())


def _root(found: Iterable[Any]) -> list[Any]:
    """In a container `/` is on no device of its own."""
    if os.name != "posix" or any(part.mountpoint == "/" for part in found):
        return []
    return [part for part in psutil.disk_partitions(all=True) if part.mountpoint == "/"][:1]
