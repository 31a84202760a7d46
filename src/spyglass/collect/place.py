"""Which machine this is: nothing in, the resource attributes of the host out."""

from __future__ import annotations

import platform
import socket
from functools import cache
from pathlib import Path
from typing import Final

from spyglass.model.told import Value

__all__ = ["host_attributes"]

_IDS: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm32", "i686": "x86", "i386": "x86"}


@cache
def _known() -> tuple[tuple[str, str], ...]:
    name = socket.gethostname()
    machine = platform.machine()
    found = {
        "host.id": next((text for path in _IDS if (text := _read(path))), name),
        "host.name": name,
        "host.arch": _ARCHITECTURES.get(machine, machine.lower()),
        "os.type": platform.system().lower(),
    }
    return tuple(found.items())


def host_attributes() -> dict[str, Value]:
    """`host.id` (as OpenTelemetry's SDKs have it: the machine id), `host.name`, `host.arch`, `os.type`."""
    return dict(_known())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
