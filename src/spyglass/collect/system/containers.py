"""Which container a process is in: control group in, container id out."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

__all__ = ["Containers", "container_of"]

_LOOK_S: Final = 1.0  # between two looks at all groups
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

    def __init__(self, proc: Path = Path("/proc"), bound: int = 4096, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._proc = proc
        self._bound = bound
        self._monotonic = monotonic
        self._known: OrderedDict[int, str] = OrderedDict()
        self._looked_s = -_LOOK_S

    def find(self, pid: int, cgroup: int) -> str | None:
        """The container of a process; empty: none; None: it could not be seen, as it has ended and its group too, or is another's."""
        if cgroup and (known := self._known.get(cgroup)) is not None:
            return known
        try:
            text = (self._proc / str(pid) / "cgroup").read_text("utf-8", "replace")
        except OSError:
            self._look_around()
            return self._known.get(cgroup)
        container = container_of(text)
        if cgroup:
            self._remember(cgroup, container)
        return container

    def _remember(self, cgroup: int, container: str) -> None:
        self._known[cgroup] = container
        if len(self._known) > self._bound:
            self._known.popitem(last=False)

    def _look_around(self) -> None:
        """Processes end before they are looked at; their groups mostly stay: the number of a group is that of its folder."""
        if self._monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = self._monotonic()
        for root in _roots(self._proc):
            for folder, _, _ in islice(os.walk(root), self._bound):
                with suppress(OSError):
                    self._remember(Path(folder).stat().st_ino, container_of(folder))


def _roots(proc: Path) -> list[str]:
    """Where control groups of version 2 are mounted."""
    try:
        mounts = (proc / "mounts").read_text("utf-8", "replace")
    except OSError:
        return []
    return [parts[1] for line in mounts.splitlines() if len(parts := line.split()) > 2 and parts[2] == "cgroup2"]
