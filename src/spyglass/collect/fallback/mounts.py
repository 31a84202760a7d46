"""The file systems of this machine: what is mounted where, and paths of folders by the handles that fanotify tells."""

from __future__ import annotations

import ctypes
import os
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Folders", "Mount", "mounts"]

_FILES: Final = frozenset("ext2 ext3 ext4 xfs btrfs tmpfs ramfs overlay f2fs zfs bcachefs vfat exfat ntfs3 fuseblk erofs squashfs jfs".split())
_CACHED: Final = 20_000
_HANDLE: Final = struct.Struct("<Ii")  # length and type; the handle's bytes follow
_libc: Final = ctypes.CDLL(None, use_errno=True)


class Mount(NamedTuple):
    """A place where files are."""

    path: str
    kind: str


def mounts(table: str = "/proc/self/mountinfo") -> list[Mount]:
    """One mount of each file system that keeps files: the one nearest to the root of its tree."""
    found: dict[str, tuple[int, Mount]] = {}
    for line in Path(table).read_bytes().splitlines():
        fields, _, rest = line.decode("utf-8", "surrogateescape").partition(" - ")
        device, root, path = fields.split(" ")[2:5]
        kind = rest.partition(" ")[0]
        if kind in _FILES and (device not in found or len(root) < found[device][0]):
            found[device] = (len(root), Mount(_unescaped(path), kind))
    return [mount for _, mount in found.values()]


def _unescaped(path: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, char)
    return path


class Folders:
    """Turns a folder's handle into its path. Remembers what it found: a folder that was deleted meanwhile still has a name."""

    def __init__(self) -> None:
        self._at: dict[bytes, int] = {}  # an open folder of each file system, by the system's id
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def add(self, mount: Mount) -> None:
        """Know a file system.

        Raises:
            OSError: it cannot be opened.
        """
        fd = os.open(mount.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        number = os.fstatvfs(fd).f_fsid & 0xFFFF_FFFF_FFFF_FFFF
        if number.to_bytes(8, "little") in self._at:
            os.close(fd)
        else:
            self._at[number.to_bytes(8, "little")] = fd

    def close(self) -> None:
        """Let go of all."""
        for fd in self._at.values():
            os.close(fd)
        self._at.clear()

    def forget(self) -> None:
        """A folder has another name: nothing that is remembered can be relied on."""
        self._known.clear()

    def path(self, system: bytes, handle: bytes) -> str | None:
        """The folder's path; None: it is gone and was not seen before, or its file system is unknown."""
        key = system + handle
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._find(system, handle)
        if found is not None:
            self._known[key] = found
            if len(self._known) > _CACHED:
                self._known.popitem(last=False)
        return found

    def _find(self, system: bytes, handle: bytes) -> str | None:
        at = self._at.get(system)
        if at is None:
            return None
        memory = ctypes.create_string_buffer(handle, len(handle))
        fd = _libc.open_by_handle_at(at, memory, os.O_PATH | os.O_CLOEXEC)
        if fd < 0:
            return None
        try:
            path = os.readlink(f"/proc/self/fd/{fd}")  # noqa: PTH115 text in, text out
        except OSError:
            return None
        finally:
            os.close(fd)
        return None if path.endswith(" (deleted)") else path
