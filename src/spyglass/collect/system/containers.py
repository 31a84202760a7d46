"""Which container a process is in: control group in, container id out."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path
from typing import Final

__all__ = ["Containers", "container_of"]

_ID: Final = re.compile(
    r"(?:^|[/:-])(?<!conmon-)([0-9a-f]{64})(?:\.scope)?(?=$|/)"  # Docker, containerd, CRI-O and Podman, alone or behind a prefix; conmon is outside
    r"|/ecs/[^/]+/([0-9a-f]{32}-\d{1,20})(?=$|/)"  # Fargate
    r"|/lxc(?:\.payload\.|/)([^/\n]{1,128})(?=$|/)"
    r"|/machine\.slice/(?:systemd-nspawn@|machine-)([^/\n]{1,128}?)\.(?:service|scope)(?=$|/)"
)


def container_of(text: str) -> str:
    """The innermost container's id in what `/proc/<pid>/cgroup` says; empty: in none that is known."""
    for line in text.splitlines():
        path = line.partition(":")[2].partition(":")[2] or line
        found = [match[match.lastindex or 0] for match in _ID.finditer(path)]
        if found:
            return found[-1]
    return ""


class Containers:
    """Looks containers up, and remembers them by control group."""

    def __init__(self, proc: Path = Path("/proc"), bound: int = 4096) -> None:
        self._proc = proc
        self._bound = bound
        self._known: OrderedDict[int, str] = OrderedDict()

    def find(self, pid: int, cgroup: int) -> str | None:
        """The container of a process that lives; empty: none; None: it could not be seen, as it has ended or is another's. A read of `/proc` at most."""
        if cgroup and (known := self._known.get(cgroup)) is not None:
            return known
        try:
            text = (self._proc / str(pid) / "cgroup").read_text("utf-8", "replace")
        except OSError:
            return None
        container = container_of(text)
        if cgroup:
            self._known[cgroup] = container
            if len(self._known) > self._bound:
                self._known.popitem(last=False)
        return container
