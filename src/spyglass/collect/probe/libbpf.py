"""Our binding of the system's libbpf (1.0 or later) by ctypes: loads an object of kernel programs, attaches them, reads and writes their maps.

Everything closes with the `Object`; the kernel detaches what a process that dies has left. Not for use from several threads at once, but for attaching.
"""

from __future__ import annotations

import ctypes as c
import errno
import mmap
import os
import platform
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from spyglass.collect.probe.failures import ProbeError

__all__ = ["Libbpf", "Link", "Object"]

PAGE: Final = mmap.PAGESIZE
UPROBE_MULTI: Final = 48  # BPF_TRACE_UPROBE_MULTI: a link of many probes that needs no perf event, Linux 6.6
LINK_CREATE: Final = 28  # BPF_LINK_CREATE
BPF_CALL: Final = {"x86_64": 321, "aarch64": 280}  # number of the system call
NO_EXIST: Final = 1  # BPF_NOEXIST
LOG_LINES, LOG_BYTES = 40, 3000  # of libbpf, for messages of errors
FORBIDDEN: Final = (
    "it has the rights, so a sandbox forbids the call bpf (a container's seccomp profile, a service's SystemCallFilter, a security module). "
    "Allow it there, or watch from outside of the sandbox"
)

Pointer, Int, Size, Text = c.c_void_p, c.c_int, c.c_size_t, c.c_char_p
Print = c.CFUNCTYPE(Int, Int, Text, Pointer)

# name: result, arguments
SIGNATURES: Final = {
    "libbpf_major_version": (c.c_uint32, ()),
    "libbpf_minor_version": (c.c_uint32, ()),
    "libbpf_num_possible_cpus": (Int, ()),
    "libbpf_set_print": (Pointer, (Pointer,)),
    "bpf_object__open_file": (Pointer, (Text, Pointer)),
    "bpf_object__load": (Int, (Pointer,)),
    "bpf_object__close": (None, (Pointer,)),
    "bpf_object__find_map_by_name": (Pointer, (Pointer, Text)),
    "bpf_object__find_program_by_name": (Pointer, (Pointer, Text)),
    "bpf_map__fd": (Int, (Pointer,)),
    "bpf_map__set_max_entries": (Int, (Pointer, c.c_uint32)),
    "bpf_program__fd": (Int, (Pointer,)),
    "bpf_program__set_expected_attach_type": (Int, (Pointer, Int)),
    "bpf_program__attach": (Pointer, (Pointer,)),
    "bpf_program__attach_uprobe": (Pointer, (Pointer, c.c_bool, Int, Text, Size)),
    "bpf_link__destroy": (Int, (Pointer,)),
    "bpf_link__fd": (Int, (Pointer,)),
    "bpf_map_update_elem": (Int, (Int, Pointer, Pointer, c.c_uint64)),
    "bpf_map_lookup_elem": (Int, (Int, Pointer, Pointer)),
    "bpf_map_delete_elem": (Int, (Int, Pointer)),
    "bpf_map_get_next_key": (Int, (Int, Pointer, Pointer)),
}


class Libbpf:
    """The library itself.

    Raises:
        ProbeError: it is not on this machine, or too old.
    """

    def __init__(self) -> None:
        try:
            self.calls = c.CDLL("libbpf.so.1", use_errno=True)
        except OSError as error:
            raise ProbeError(
                "libbpf",
                "libbpf.so.1, which loads kernel programs, was not found. Debian, Ubuntu 22.10 or later: apt-get install libbpf1; Fedora: dnf install libbpf",
            ) from error
        for name, (result, arguments) in SIGNATURES.items():
            call = getattr(self.calls, name)
            call.restype, call.argtypes = result, arguments
        self.version = (self.calls.libbpf_major_version(), self.calls.libbpf_minor_version())
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._print = Print(self._said)
        self.calls.libbpf_set_print(c.cast(self._print, Pointer))

    def _said(self, level: int, form: bytes, arguments: int | None) -> int:
        """Keep what the library says. A va_list comes as a pointer on both machines that we know, and libc takes it so."""
        if level <= 1 and platform.machine() in BPF_CALL:
            room = c.create_string_buffer(1 << 20)  # of the verifier's account only the end is of use
            c.CDLL(None).vsnprintf(room, Size(len(room)), form, Pointer(arguments))
            self.log.append(room.value[-LOG_BYTES:].decode(errors="replace").rstrip())
        return 0

    def verdict(self) -> bool:
        """Whether the kernel has read a program and found fault with it, as against letting us load none."""
        return any("PROG LOAD LOG --" in line for line in self.log)  # of a long one we keep the end alone

    def said(self) -> str:
        """The last lines of the library's own account; empty when it said nothing."""
        return "; ".join(line for line in list(self.log)[-4:] if line)


class Link:
    """Programs attached to a place; ends with `close`."""

    def __init__(self, library: Libbpf, *, pointer: int = 0, descriptor: int = -1) -> None:
        self._library, self._pointer, self._descriptor = library, pointer, descriptor

    @property
    def descriptor(self) -> int:
        """As long as this file descriptor, or a copy of it, is open, they stay attached."""
        if not self._pointer:
            return self._descriptor
        number: int = self._library.calls.bpf_link__fd(self._pointer)
        return number

    def close(self) -> None:
        """Detach."""
        if self._pointer:
            self._library.calls.bpf_link__destroy(self._pointer)
        elif self._descriptor >= 0:
            os.close(self._descriptor)
        self._pointer, self._descriptor = 0, -1


class Object:
    """One loaded object: its programs and maps by name."""

    def __init__(self, library: Libbpf, path: Path) -> None:
        self.library = library
        self.multi = False
        self._calls = library.calls
        self._links: list[Link] = []
        self._maps: dict[str, int] = {}
        self._object: int = self._calls.bpf_object__open_file(os.fsencode(path), None) or 0
        if not self._object:
            raise self._failure("object", f"{path} cannot be opened as an object of kernel programs", c.get_errno())

    def _failure(self, code: str, what: str, number: int) -> ProbeError:
        said = self.library.said()
        return ProbeError(code, f"{what}: {os.strerror(number)}{f' (libbpf: {said})' if said else ''}", number=number)

    def _program(self, name: str) -> int:
        found: int | None = self._calls.bpf_object__find_program_by_name(self._object, name.encode())
        if not found:
            raise ProbeError("object", f"the kernel programs have no {name}, so they are of another version; build them again: python hatch_build.py probe")
        return found

    def _map(self, name: str) -> int:
        found: int | None = self._calls.bpf_object__find_map_by_name(self._object, name.encode())
        if not found:
            raise ProbeError("object", f"the kernel programs have no map {name}, so they are of another version; build them again: python hatch_build.py probe")
        return found

    def resize(self, name: str, entries: int) -> None:
        """Before loading: how much a map holds (bytes for a ring, a power of two)."""
        self._calls.bpf_map__set_max_entries(self._map(name), entries)

    def load(self, multi: Sequence[str] = ()) -> None:
        """Hand it to the kernel. `multi`: programs to be attached by `attach_many`.

        Raises:
            ProbeError: the kernel refused; says why as far as it told.
        """
        for name in multi:
            self._calls.bpf_program__set_expected_attach_type(self._program(name), UPROBE_MULTI)
        self.multi = bool(multi)
        result: int = self._calls.bpf_object__load(self._object)
        if -result in (errno.EPERM, errno.EACCES) and not self.library.verdict():
            raise ProbeError("load", f"the kernel lets this process load no programs ({os.strerror(-result)}): {FORBIDDEN}", number=-result)
        if result:
            raise self._failure("load", "the kernel refused the programs", -result)

    def attach(self, name: str) -> Link:
        """Attach a program where its section says, until the object closes."""
        link: int | None = self._calls.bpf_program__attach(self._program(name))
        if not link:
            raise self._failure("attach", f"the program {name} cannot be attached", c.get_errno())
        self._links.append(Link(self.library, pointer=link))
        return self._links[-1]

    def attach_probe(self, name: str, path: Path, offset: int, *, returning: bool) -> Link:
        """Attach a program to a place in a file, `offset` bytes from its begin; `returning`: to the return of the function that begins there."""
        if self.multi:
            return self._attach_multi(name, path, offset, returning=returning)
        link: int | None = self._calls.bpf_program__attach_uprobe(self._program(name), returning, -1, os.fsencode(path), offset)
        if not link:
            raise self._failure("attach", f"{name} cannot be attached to {path}+{offset:#x}", c.get_errno())
        return Link(self.library, pointer=link)

    def _attach_multi(self, name: str, path: Path, offset: int, *, returning: bool) -> Link:
        """By the system call itself, as libbpf 1.1 does not know this kind of link."""
        program: int = self._calls.bpf_program__fd(self._program(name))
        where, offsets = c.create_string_buffer(os.fsencode(path)), (c.c_uint64 * 1)(offset)
        fields = (program, 0, UPROBE_MULTI, 0, c.addressof(where), c.addressof(offsets), 0, 0, 1, int(returning), 0)
        attributes = struct.pack("<IIIIQQQQIII", *fields).ljust(128, b"\0")
        descriptor: int = c.CDLL(None, use_errno=True).syscall(BPF_CALL[platform.machine()], LINK_CREATE, attributes, len(attributes))
        if descriptor < 0:
            raise self._failure("attach", f"{name} cannot be attached to {path}+{offset:#x}", c.get_errno())
        return Link(self.library, descriptor=descriptor)

    def descriptor(self, name: str) -> int:
        """The file descriptor of a map."""
        if name not in self._maps:
            self._maps[name] = self._calls.bpf_map__fd(self._map(name))
        return self._maps[name]

    def put(self, name: str, key: bytes, value: bytes, *, fresh: bool = False) -> bool:
        """Set an entry; with `fresh` only if there is none. False: there was one, and it stays.

        Raises:
            ProbeError: the map is full.
        """
        if self._calls.bpf_map_update_elem(self.descriptor(name), key, value, NO_EXIST if fresh else 0) == 0:
            return True
        if (number := c.get_errno()) == errno.EEXIST:
            return False
        raise self._failure("map", f"the kernel's table {name} takes no more entries", number)

    def get(self, name: str, key: bytes, size: int) -> bytes | None:
        """The value of an entry; None: there is none."""
        room = c.create_string_buffer(size)
        return room.raw if self._calls.bpf_map_lookup_elem(self.descriptor(name), key, room) == 0 else None

    def drop(self, name: str, key: bytes) -> bool:
        """Remove an entry; False: there was none."""
        return bool(self._calls.bpf_map_delete_elem(self.descriptor(name), key) == 0)

    def keys(self, name: str, size: int) -> Iterator[bytes]:
        """Every key. Entries that come and go meanwhile may be seen or not; an entry that goes can bring the walk back to the begin, so it is bounded."""
        here, following = None, c.create_string_buffer(size)
        for _ in range(1 << 17):
            if self._calls.bpf_map_get_next_key(self.descriptor(name), here, following):
                return
            yield following.raw
            here = c.create_string_buffer(following.raw, size)

    def per_cpu_sums(self, name: str, count: int) -> list[int]:
        """The first `count` numbers of a per-CPU array, added up over the CPUs."""
        cpus: int = self._calls.libbpf_num_possible_cpus()
        found = (self.get(name, struct.pack("<I", index), 8 * cpus) for index in range(count))
        return [sum(struct.unpack(f"<{cpus}Q", value)) if value else 0 for value in found]

    def detach(self) -> None:
        """Undo every `attach`."""
        for link in self._links:
            link.close()
        self._links.clear()

    def close(self) -> None:
        """Detach and unload everything."""
        self.detach()
        if self._object:
            self._calls.bpf_object__close(self._object)
            self._object = 0
