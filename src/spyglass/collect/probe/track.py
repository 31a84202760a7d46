"""Who is watched: process trees, control groups and commands, written into the kernel's tables; and what a peer may ask for.

A peer that is root may watch everything; any other only processes of its own user, and the kernel leaves out what runs with other rights (setuid).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.layout import ANY_USER, SCOPE, Scope

__all__ = ["Process", "Tables", "Tracker", "descendants", "processes"]

PROC: Final = Path("/proc")
PID: Final = struct.Struct("<I")
CGROUP: Final = struct.Struct("<Q")
COMMAND_BYTES: Final = 15


class Process(NamedTuple):
    """A process as /proc shows it; `started` in clock ticks since boot."""

    pid: int
    ppid: int
    started: int


class Tables(Protocol):
    """The kernel's tables, as `libbpf.Object` has them."""

    def put(self, name: str, key: bytes, value: bytes, *, fresh: bool = False) -> bool:
        """Set an entry; False: `fresh`, and there is one already."""

    def get(self, name: str, key: bytes, size: int) -> bytes | None:
        """The value."""

    def drop(self, name: str, key: bytes) -> bool:
        """Remove an entry."""

    def keys(self, name: str, size: int) -> Iterable[bytes]:
        """All keys."""


def process_of(pid: int) -> Process | None:
    """What /proc says of it; None: it has ended (a zombie too)."""
    try:
        told = (PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    fields = told.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else Process(pid, int(fields[1]), int(fields[19]))


def processes() -> list[Process]:
    """Every process there is now."""
    found = (process_of(int(name)) for name in os.listdir(PROC) if name.isdigit())  # noqa: PTH208 - names, and quick
    return [process for process in found if process is not None]


def descendants(root: int, every: Iterable[Process], leave_out: Iterable[int] = ()) -> list[Process]:
    """Children of `root` and theirs, without those left out and what descends from them."""
    children: dict[int, list[Process]] = {}
    for process in every:
        children.setdefault(process.ppid, []).append(process)
    found, ahead, never = [], [root], set(leave_out)
    while ahead:
        for child in children.pop(ahead.pop(), ()):
            if child.pid not in never:
                found.append(child)
                ahead.append(child.pid)
    return found


class Tracker:
    """Keeps the kernel's tables of who is watched. `never`: pids that are not watched, such as the probe's own."""

    def __init__(self, tables: Tables, never: Iterable[int] = ()) -> None:
        self._tables, self.never = tables, set(never)
        self.roots: dict[tuple[int, int], Scope] = {}  # (peer, pid of the root)
        self._joining: dict[tuple[str, bytes], int] = {}  # (table, key) of control groups and commands: the peer

    def follow_pid(self, pid: int, uid: int, wants: int, peer: int) -> list[int]:
        """Watch a process and what descends from it, now and later; gives the pids that are there now.

        Raises:
            ProbeError: it does not exist or ended meanwhile, or the peer may not watch it.
        """
        if pid in self.never or pid <= 0:
            raise ProbeError("refused", f"process {pid} belongs to Spyglass itself and is not watched")
        root = process_of(pid)
        if root is None:
            raise ProbeError("pid", f"process {pid} cannot be watched: it does not exist, or has ended")
        may_watch(pid, uid)
        before = self._scope(PID.pack(pid))
        if before is not None and before.peer != peer:
            raise ProbeError("refused", f"process {pid} is watched by another collector already; stop that one first, or watch another process")
        scope = Scope(pid, ANY_USER if uid == 0 else uid, wants, peer)
        self._take(root, scope, fresh=False)
        found = {pid}
        while True:  # children that were born while the table was being filled are found by looking again
            fresh = [process for process in descendants(pid, processes(), self.never) if process.pid not in found]
            if not fresh:
                break
            found.update(process.pid for process in fresh if self._take(process, scope, fresh=True))
            found.update(process.pid for process in fresh)
        if process_of(pid) != root and len(found) == 1:
            raise ProbeError("pid", f"process {pid} ended while it was being attached")
        self.roots[peer, pid] = scope
        return sorted(found)

    def _take(self, process: Process, scope: Scope, *, fresh: bool) -> bool:
        key = PID.pack(process.pid)
        taken = self._tables.put("tracked", key, scope.pack(), fresh=fresh)
        now = process_of(process.pid)
        if taken and (now is None or now.started != process.started):  # it ended meanwhile, and the number may be another's
            self._tables.drop("tracked", key)
            return False
        return taken

    def follow_command(self, name: str, uid: int, wants: int, peer: int) -> None:
        """Watch every program that starts with this name (the kernel's: 15 bytes at most), and what descends from it."""
        raw = os.fsencode(name)
        if not raw or b"\0" in raw:
            raise ProbeError("request", "the name of a command to watch is empty or not a name")
        self._join("commands", raw[:COMMAND_BYTES].ljust(16, b"\0"), uid, wants, peer)

    def follow_cgroup(self, path: Path, uid: int, wants: int, peer: int) -> list[int]:
        """Watch every program that starts in a control group (version 2), and what is in it now; gives those pids."""
        try:
            number = path.stat().st_ino
            pids = [int(line) for line in (path / "cgroup.procs").read_text(encoding="utf-8").split()]
        except (OSError, ValueError) as error:
            raise ProbeError("request", f"{path} is not a control group (a folder below /sys/fs/cgroup): {error}") from error
        self._join("cgroups", CGROUP.pack(number), uid, wants, peer)
        found = []
        for pid in pids:
            try:
                found += self.follow_pid(pid, uid, wants, peer)
            except ProbeError:
                continue  # ended meanwhile, or another user's
        return sorted(set(found))

    def _join(self, table: str, key: bytes, uid: int, wants: int, peer: int) -> None:
        owner = self._joining.get((table, key))
        if owner is not None and owner != peer:
            raise ProbeError("refused", "another collector watches this command or control group already; stop it, or watch by pid")
        self._tables.put(table, key, Scope(0, ANY_USER if uid == 0 else uid, wants, peer).pack())
        self._joining[table, key] = peer

    def unfollow(self, root: int, peer: int) -> int:
        """Forget a tree; gives how many of its processes were watched."""
        if self.roots.pop((peer, root), None) is None:
            raise ProbeError("request", f"process {root} is not watched by this collector")
        return self._forget(lambda scope: scope.peer == peer and scope.root == root)

    def drop_peer(self, peer: int) -> None:
        """Forget everything that a peer watches."""
        for table, key in [where for where, owner in self._joining.items() if owner == peer]:
            self._tables.drop(table, key)
            del self._joining[table, key]
        for where in [where for where in self.roots if where[0] == peer]:
            del self.roots[where]
        self._forget(lambda scope: scope.peer == peer)

    def _forget(self, ours: Callable[[Scope], bool]) -> int:
        """Drop entries until none is left: children are born meanwhile."""
        dropped = 0
        while True:
            found = [key for key in list(self._tables.keys("tracked", PID.size)) if (scope := self._scope(key)) is not None and ours(scope)]
            if not found:
                return dropped
            dropped += sum(self._tables.drop("tracked", key) for key in found)

    def _scope(self, key: bytes) -> Scope | None:
        value = self._tables.get("tracked", key, SCOPE.size)
        return Scope(*SCOPE.unpack(value)) if value else None

    @property
    def idle(self) -> bool:
        """Nothing is watched."""
        return not self.roots and not self._joining


def may_watch(pid: int, uid: int) -> None:
    """Check that a peer may watch a process.

    Raises:
        ProbeError: it may not, or the process has ended.
    """
    try:
        owner = (PROC / str(pid)).stat().st_uid
    except OSError as error:
        raise ProbeError("pid", f"process {pid} ended while it was being attached") from error
    if uid not in (0, owner):
        what = f"process {pid} belongs to user {owner}; user {uid} may watch its own processes only"
        raise ProbeError("refused", f"{what}. To watch others, run the collector as root")
