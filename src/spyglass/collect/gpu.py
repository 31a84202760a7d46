"""Figures of NVIDIA's graphics processors, where its library (`nvidia-ml-py`) is installed and finds any. Nothing in, points with OpenTelemetry's names out."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from spyglass.collect.readings import gauge, level
from spyglass.model.told import Point

__all__ = ["Gpus"]


class Gpus:
    """All of this machine, looked at again and again."""

    def __init__(self) -> None:
        self._library: Any = None
        self._devices: list[tuple[Any, dict[str, Any]]] = []
        self.problem = ""  # why a library that is installed shows nothing

    def open(self) -> None:
        """Find them. Without the library there are none."""
        try:
            self._library = importlib.import_module("pynvml")
        except ImportError:
            return
        try:
            self._library.nvmlInit()
            handles = [self._library.nvmlDeviceGetHandleByIndex(number) for number in range(self._library.nvmlDeviceGetCount())]
            self._devices = [(handle, self._attributes(handle)) for handle in handles]
        except self._library.NVMLError as error:
            self.problem = f"the graphics processors cannot be read: {error}; is the driver loaded?"

    def close(self) -> None:
        """Let go of the driver."""
        if self._devices:
            with contextlib.suppress(self._library.NVMLError):
                self._library.nvmlShutdown()
        self._devices = []

    def look(self, now_ns: int) -> Iterator[Point]:
        """What each shows; a figure that a model does not have is left out."""
        for handle, told in self._devices:
            with contextlib.suppress(self._library.NVMLError):
                busy = self._library.nvmlDeviceGetUtilizationRates(handle)
                yield gauge("hw.gpu.utilization", busy.gpu / 100, "1", now_ns, hw__gpu__task="general", **told)
            with contextlib.suppress(self._library.NVMLError):
                memory = self._library.nvmlDeviceGetMemoryInfo(handle)
                yield level("hw.gpu.memory.usage", int(memory.used), "By", now_ns, **told)
                yield level("hw.gpu.memory.limit", int(memory.total), "By", now_ns, **told)
                yield gauge("hw.gpu.memory.utilization", memory.used / memory.total, "1", now_ns, **told)
            with contextlib.suppress(self._library.NVMLError):
                degrees = self._library.nvmlDeviceGetTemperature(handle, self._library.NVML_TEMPERATURE_GPU)
                yield gauge("hw.temperature", degrees, "Cel", now_ns, **told)
            with contextlib.suppress(self._library.NVMLError):
                watts = self._library.nvmlDeviceGetPowerUsage(handle) / 1e3
                yield gauge("hw.power", watts, "W", now_ns, hw__type="gpu", **told)

    def _attributes(self, handle: Any) -> dict[str, Any]:
        name, serial = self._library.nvmlDeviceGetName(handle), self._library.nvmlDeviceGetUUID(handle)
        return {"hw__id": _text(serial), "hw__name": _text(name), "hw__vendor": "NVIDIA"}


def _text(told: str | bytes) -> str:
    """Older versions of the library give bytes."""
    return told.decode(errors="replace") if isinstance(told, bytes) else told
