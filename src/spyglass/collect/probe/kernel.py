"""The kernel's side as one thing: the object of programs, loaded once, its tracepoints attached while somebody watches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from spyglass.collect.probe.deposit import Deposit
from spyglass.collect.probe.layout import COUNTERS, FILE
from spyglass.collect.probe.libbpf import Libbpf, Link, Object

__all__ = ["Kernel"]

TRACEPOINTS: Final = ("on_fork", "on_exec", "on_exit", "on_sys_enter", "on_sys_exit", "on_state")
PROBES: Final = (
    *("ssl_write", "ssl_read", "ssl_write_ex", "ssl_read_ex", "ssl_write_return", "ssl_read_return", "ssl_set_fd", "ssl_free"),
    *("go_write", "go_read_return", "go_close"),
)
MULTI_SINCE: Final = (6, 6)


class Kernel(Object):
    """Loads `path` with a ring of `ring_bytes` (a power of two). `multi`: the kind of probe that needs no perf event; by default where the kernel has it.

    What it attaches goes into `deposit`, too.

    Raises:
        ProbeError: it cannot be loaded.
    """

    def __init__(self, library: Libbpf, path: Path, ring_bytes: int, *, multi: bool | None = None, deposit: Deposit | None = None) -> None:
        super().__init__(library, path)
        self.ring_bytes = ring_bytes
        self._working = False
        self._deposit = deposit or Deposit(None)
        try:
            self.resize("ring", ring_bytes)
            self.load(PROBES if (release() >= MULTI_SINCE if multi is None else multi) else ())
        except BaseException:
            self.close()
            raise

    def work(self) -> None:
        """Attach the tracepoints, which every process of the machine pays for a little."""
        if self._working:
            return
        links = [self.attach(name) for name in TRACEPOINTS]
        self._working = True
        self._deposit.ring(self.descriptor("ring"))
        self._deposit.links([link.descriptor for link in links])

    def attach_probe(self, name: str, path: Path, offset: int, *, returning: bool) -> Link:
        """Attach a program to a place in a file, `offset` bytes from its begin; `returning`: to the return of the function that begins there."""
        link = super().attach_probe(name, path, offset, returning=returning)
        self._deposit.links([link.descriptor])
        return link

    def know(self, device: int, inode: int, changed_ns: int) -> None:
        """Whoever runs or opens this file wakes nobody any more."""
        self.put("known", FILE.pack(inode, os.major(device) << 20 | os.minor(device), changed_ns), bytes(4))

    def forget(self) -> None:
        """Every file does again."""
        for key in list(self.keys("known", FILE.size)):
            self.drop("known", key)

    def rest(self) -> None:
        """Detach them."""
        self.detach()
        self._working = False

    def counts(self) -> dict[str, int]:
        """The kernel's counters since loading."""
        return dict(zip(COUNTERS, self.per_cpu_sums("counters", len(COUNTERS)), strict=True))


def release() -> tuple[int, int]:
    """Version of the running kernel."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(digit for digit in minor if digit.isdigit()) or 0)
