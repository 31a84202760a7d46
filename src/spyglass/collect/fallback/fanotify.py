"""fanotify as a source: which watched process created, wrote, read, renamed or deleted which file. Needs root.

It tells neither sizes nor what failed, nor changes of mode or owner; times are those of reading. One mark covers a whole file system.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import time
from collections import OrderedDict
from typing import Final, NamedTuple

from spyglass.collect.fallback.mounts import Folders, Mount, mounts
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Actor, FileChange, FileIo, FileOpen, Lost, Record
from spyglass.model.errors import ConfigError

__all__ = ["Fanotify"]

_MODIFY, _CLOSE_WRITE, _CLOSE_READ, _CREATE, _DELETE = 0x2, 0x8, 0x10, 0x100, 0x200
_OPEN_EXEC, _OVERFLOW, _RENAME, _ONDIR = 0x1000, 0x4000, 0x1000_0000, 0x4000_0000
_ALL: Final = _MODIFY | _CLOSE_WRITE | _CLOSE_READ | _CREATE | _DELETE | _OPEN_EXEC | _RENAME | _ONDIR
_INIT: Final = 0x1 | 0x2 | 0x400 | 0x800  # close on exec, do not block, report a folder's handle and the name in it
_MARK: Final = 0x1 | 0x100  # add, whole file system
_METADATA: Final = struct.Struct("<IBBHQii")
_INFO: Final = struct.Struct("<BBH8s")
_HANDLE: Final = struct.Struct("<Ii")
_IN, _FROM, _TO = 2, 10, 12  # kinds of information: folder and name; of a rename, the old and the new ones
_MAX_EXECS: Final = 4096
_EXEC_S: Final = 2.0  # between the open and the exec; later it was an attempt that failed, or the pid is another's
_READ_BYTES: Final = 256 << 10
_MAX_READS: Final = 64  # at once
_SYSCALL_FAILED: Final = -1
_libc: Final = ctypes.CDLL(None, use_errno=True)


class _Place(NamedTuple):
    system: bytes
    handle: bytes
    name: str


class _Raw(NamedTuple):
    mask: int
    pid: int
    places: dict[int, _Place]


class Fanotify:
    """Reads events of all file systems, tells those of watched processes. One thread.

    `problems` names the file systems that it cannot see.

    Raises:
        ConfigError: it is not to be had here.
    """

    def __init__(self, tracked: Tracked, places: list[Mount] | None = None) -> None:
        self.problems: list[str] = []
        self._tracked, self._folders = tracked, Folders()
        self._raw: list[_Raw] = []
        self._execs: OrderedDict[int, tuple[_Place, float]] = OrderedDict()  # what was opened to be run since the process last became another program
        self._lost: dict[str, int] = {}
        self._fd = _init()
        try:
            self._mark(mounts() if places is None else places)
        except BaseException:
            self.close()
            raise

    def fileno(self) -> int:
        """Readable when there is something to fetch."""
        return self._fd

    def close(self) -> None:
        """Stop."""
        os.close(self._fd)
        self._folders.close()

    def fetch(self) -> int:
        """Read what waits, without looking at whose it is; how much waits to be taken. Never blocks."""
        for _ in range(_MAX_READS):
            try:
                data = os.read(self._fd, _READ_BYTES)
            except BlockingIOError:
                return len(self._raw)
            except OSError as error:
                if error.errno != errno.EINTR:
                    raise
                continue
            self._split(data)
        return len(self._raw)

    def program(self, pid: int) -> str:
        """The path that the process opened to become what it is; empty: not seen."""
        place, since = self._execs.pop(pid, (None, 0.0))
        if place is None or time.monotonic() - since > _EXEC_S:
            return ""
        return self._path(place) or ""

    def take(self, count: int) -> list[Record]:
        """Records of the oldest `count` that wait; whose fork is not known by now is a stranger's."""
        raw, self._raw = self._raw[:count], self._raw[count:]
        out: list[Record] = []
        for event in raw:
            actor = self._tracked.get(event.pid)
            if actor is not None:
                out.extend(self._tell(event, actor))
            elif event.mask & _ONDIR and event.mask & _RENAME:
                self._folders.forget()
        if self._lost:
            out.append(Lost(time.time_ns(), self._lost))
            self._lost = {}
        return out

    def _mark(self, places: list[Mount]) -> None:
        marked, refused = 0, 0
        for mount in places:
            if _libc.fanotify_mark(self._fd, _MARK, ctypes.c_uint64(_ALL), -100, os.fsencode(mount.path)) == _SYSCALL_FAILED:
                refused = ctypes.get_errno()
                self.problems.append(f"files of {mount.path} ({mount.kind}) are not seen: {os.strerror(refused)}")
                continue
            try:
                self._folders.add(mount)
            except OSError as error:
                self.problems.append(f"files of {mount.path} ({mount.kind}) have no paths: {error.strerror}")
            marked += 1
        if not marked:
            raise ConfigError(f"fanotify: refused ({os.strerror(refused)}); it needs root (CAP_SYS_ADMIN) and Linux 5.17 or later")

    def _split(self, data: bytes) -> None:
        at, end = 0, len(data)
        while at + _METADATA.size <= end:
            length, _, _, header, mask, _, pid = _METADATA.unpack_from(data, at)
            if length < header or length <= 0:
                return
            if mask & _OVERFLOW:
                self._lost["fanotify_queue_full"] = self._lost.get("fanotify_queue_full", 0) + 1
            elif not (mask & _ONDIR and not mask & (_CREATE | _DELETE | _RENAME)):
                self._keep(_Raw(mask, pid, _places(data, at + header, at + length)))
            at += length

    def _keep(self, event: _Raw) -> None:
        if event.mask & _OPEN_EXEC and _IN in event.places:
            self._execs.setdefault(event.pid, (event.places[_IN], time.monotonic()))  # the first is the program; then come its interpreter and the loader
            if len(self._execs) > _MAX_EXECS:
                self._execs.popitem(last=False)
        if event.mask & ~_OPEN_EXEC:
            self._raw.append(event)

    def _path(self, place: _Place | None) -> str | None:
        if place is None:
            return None
        folder = self._folders.path(place.system, place.handle)
        if folder is None:
            self._lost["folders_unresolved"] = self._lost.get("folders_unresolved", 0) + 1
            return f"?/{place.name}"
        return folder if place.name == "." else f"{folder.rstrip('/')}/{place.name}"

    def _tell(self, event: _Raw, actor: Actor) -> list[Record]:
        """Events of one file that came together are one; what happened is told in the order in which it can have happened."""
        now, mask = time.time_ns(), event.mask
        out: list[Record] = []
        if mask & _RENAME:
            old, new = self._path(event.places.get(_FROM)), self._path(event.places.get(_TO))
            out.append(FileChange(now, actor, "rename", old or "?", 0, target=new or "?"))
            if mask & _ONDIR:
                self._folders.forget()
        path = self._path(event.places.get(_IN))
        if path is None:
            return out
        if mask & _ONDIR:
            if mask & _CREATE:
                out.append(FileChange(now, actor, "mkdir", path, 0))
            if mask & _DELETE:
                out.append(FileChange(now, actor, "rmdir", path, 0))
            return out
        return out + self._tell_file(mask, path, actor, now)

    def _tell_file(self, mask: int, path: str, actor: Actor, now: int) -> list[Record]:
        out: list[Record] = []
        if mask & _CREATE:
            out.append(_created(path, actor, now))
        elif mask & _CLOSE_WRITE:
            out.append(FileOpen(now, actor, path, os.O_WRONLY, 0))
        if mask & _MODIFY:
            out.append(FileIo(now, actor, path, 0, -1, 0, 1, now, closed=bool(mask & _CLOSE_WRITE)))
        if mask & _CLOSE_READ:
            out.append(FileOpen(now, actor, path, os.O_RDONLY, 0))
        if mask & _DELETE:
            out.append(FileChange(now, actor, "delete", path, 0))
        return out


def _init() -> int:
    try:
        fd: int = _libc.fanotify_init(_INIT, os.O_RDONLY | os.O_LARGEFILE)
    except AttributeError as error:
        raise ConfigError("fanotify: expected Linux, found a system without it") from error
    if fd == _SYSCALL_FAILED:
        raise ConfigError(f"fanotify: refused ({os.strerror(ctypes.get_errno())}); it needs root (CAP_SYS_ADMIN) and Linux 5.17 or later")
    return fd


def _created(path: str, actor: Actor, now: int) -> Record:
    """A new name: of a file, or a symbolic link."""
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            return FileChange(now, actor, "symlink", path, 0, target=os.readlink(path))  # noqa: PTH115 text in, text out
    except OSError:
        pass  # gone again: then it is told as a file
    return FileOpen(now, actor, path, os.O_WRONLY | os.O_CREAT, 0, created=True)


def _places(data: bytes, at: int, end: int) -> dict[int, _Place]:
    """Folders and names by kind of information."""
    out: dict[int, _Place] = {}
    while at + _INFO.size + _HANDLE.size <= end:
        kind, _, length, system = _INFO.unpack_from(data, at)
        size, _ = _HANDLE.unpack_from(data, at + _INFO.size)
        name_at = at + _INFO.size + _HANDLE.size + size
        if length <= 0 or at + length > end or name_at > at + length:
            return out
        name = data[name_at : at + length].partition(b"\0")[0]
        out[kind] = _Place(system, data[at + _INFO.size : name_at], os.fsdecode(name))
        at += length
    return out
