"""The kernel's records in, tuples of `collect.records` out. Runs in the collector, without rights.

State is bounded: what it remembers of actors, paths and streams is forgotten when it grows too much, at the price of a new tuple of the same value.
"""

from __future__ import annotations

import functools
import mmap
import os
import posixpath
import socket
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from spyglass.collect.probe.layout import (
    ACTOR,
    ACTOR_AT,
    ACTOR_END,
    BODY_AT,
    CHANGES,
    CHUNK,
    DATA_AT,
    DISCARDED,
    ENDS,
    HEAD,
    RECORD,
    RING_HEADER,
    WITHOUT_TLS,
    Kind,
)
from spyglass.collect.records import (
    Accept,
    Actor,
    Chunk,
    Close,
    Connect,
    Datagram,
    Endpoint,
    Exec,
    Exit,
    FileChange,
    FileIo,
    FileOpen,
    Fork,
    Record,
    Stream,
    StreamEnd,
)

__all__ = ["Decoder"]

REMEMBERED: Final = 4096  # of each kind of memory
STREAMS_MOST: Final = 8192
UNIX, INET, INET6 = int(socket.AF_UNIX), int(socket.AF_INET), int(socket.AF_INET6)
STREAM, DATAGRAM = 1, 2  # types of sockets
MAPPED: Final = b"\0" * 10 + b"\xff\xff"  # of an IPv4 address in an IPv6 one

Fields = tuple[int, ...]
Key = TypeVar("Key")
Value = TypeVar("Value")


def remember(memory: dict[Key, Value], key: Key, value: Value) -> Value:
    """Keep a value; when the memory is full it begins anew."""
    if len(memory) >= REMEMBERED:
        memory.clear()
    memory[key] = value
    return value


class _Flow:
    """A stream, and for each direction the last piece that came: operation, end of the piece, size of the operation."""

    __slots__ = ("last", "stream")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.last: list[tuple[int, int, int] | None] = [None, None]

    def misses(self, out: int, operation: int, offset: int, size: int, total: int) -> bool:
        """Whether something should have come between the piece before and this one."""
        before, self.last[out] = self.last[out], (operation, offset + size, total)
        if before is None:
            return bool(operation or offset)
        last, end, of = before
        return (operation, offset) != ((last + 1, 0) if end == of else (last, end))


class Decoder:
    """Of one connection to a probe. `offset_ns`: what to add to CLOCK_BOOTTIME for time since 1970."""

    def __init__(self, offset_ns: int) -> None:
        self.offset_ns = offset_ns
        self._started_offset = offset_ns  # never changes: a process is known by when it started
        self._actors: dict[bytes, Actor] = {}
        self._paths: dict[bytes, str] = {}
        self._names: dict[tuple[bytes, bytes], str] = {}
        self._flows: dict[tuple[bool, int, int, int, int], _Flow] = {}  # the one that was quiet for longest stands first
        self._kinds: dict[int, Callable[[bytes, int, int, Actor], Record | None]] = {
            Kind.EXEC: self._exec,
            Kind.FORK: self._fork,
            Kind.EXIT: self._exit,
            Kind.OPEN: self._open,
            Kind.CHANGE: self._change,
            Kind.IO: self._io,
            Kind.CONNECT: self._connect,
            Kind.ACCEPT: self._accept,
            Kind.CLOSE: self._close,
            Kind.END: self._end,
            Kind.TLS: self._tls,
            Kind.STDIO: self._stdio,
            Kind.DATAGRAM: self._datagram,
        }

    def records(self, frame: bytes) -> list[Record]:
        """Every record of a RECORDS frame, in order."""
        found: list[Record] = []
        at, end, head, kinds, actors, offset = 0, len(frame), HEAD.unpack_from, self._kinds, self._actors, self.offset_ns
        while at < end:
            length, kind, _, time = head(frame, at)
            decode = kinds.get(kind)
            if decode is not None and not length & DISCARDED:
                key = frame[at + ACTOR_AT : at + ACTOR_END]
                record = decode(frame, at, time + offset, actors.get(key) or self._actor(key))
                if record is not None:
                    found.append(record)
            at += (length & ~DISCARDED) + RING_HEADER + 7 & ~7
        return found

    def _actor(self, key: bytes) -> Actor:
        pid, tid, ppid, uid, root, started, cgroup, command = ACTOR.unpack(key)
        name = command.partition(b"\0")[0].decode(errors="replace")
        return remember(self._actors, key, Actor(pid, started + self._started_offset, ppid, uid, root, tid, name, cgroup))

    def _path(self, names: bytes) -> str:
        """Names from the last to the first, each ended by NUL, as a path."""
        known = self._paths.get(names)
        if known is not None:
            return known
        parts = names.split(b"\0")
        parts.pop()
        parts.reverse()
        return remember(self._paths, names, "/" + os.fsdecode(b"/".join(parts)))

    def _named(self, text: bytes, base: bytes) -> str:
        """The name that a program gave, made absolute and plain (no dots, no needless slashes); symbolic links in it stay as they are.

        `base` is the directory that it starts from; of an absolute name the root of a program that has another than its machine or container (chroot).
        """
        if not text and not base:
            return ""
        known = self._names.get((text, base))
        if known is not None:
            return known
        name = os.fsdecode(text.partition(b"\0")[0])
        given = posixpath.join(self._path(base) if base else "", name.lstrip("/") if base else name)
        return remember(self._names, (text, base), f"/{posixpath.normpath(given).lstrip('/')}" if given.startswith("/") else given)

    def _exec(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        fields = RECORD.unpack_from(frame, at + BODY_AT)
        path, cwd, arguments = fields[10], fields[11], fields[13]
        data = at + DATA_AT
        raw = frame[data + path + cwd : data + path + cwd + arguments]
        argv = tuple(os.fsdecode(part) for part in raw.removesuffix(b"\0").split(b"\0")) if raw else ()
        cut = fields[4] > arguments
        count = fields[5] if cut else 0
        return Exec(time, actor, self._path(frame[data : data + path]), argv, self._path(frame[data + path : data + path + cwd]), cut, count)

    def _fork(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        fields = RECORD.unpack_from(frame, at + BODY_AT)
        return Fork(time, actor, fields[1], fields[4] + self._started_offset)

    def _exit(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        status, _, _, _, cpu, pages, read, written, *_ = RECORD.unpack_from(frame, at + BODY_AT)
        return Exit(time, actor, status >> 8 & 0xFF, status & 0x7F, cpu, pages * mmap.PAGESIZE, read, written)

    def _open(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        fields = RECORD.unpack_from(frame, at + BODY_AT)
        walked, text, base = fields[10], fields[11], fields[12]
        data = at + DATA_AT
        path = self._path(frame[data : data + walked]) if walked else self._named(frame[data : data + text], frame[data + text : data + text + base])
        return FileOpen(time, actor, path, fields[2], fields[0], bool(fields[1]))

    def _change(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        result, change, _, mode, _, _, _, _, _, _, path, base, target, target_base = RECORD.unpack_from(frame, at + BODY_AT)
        one = at + DATA_AT
        two = one + path
        name = self._named(frame[one:two], frame[two : two + base])
        if not target:
            return FileChange(time, actor, CHANGES[change], name, result, "", mode)
        one = two + base
        two = one + target
        given = frame[one:two]
        known = os.fsdecode(given.partition(b"\0")[0]) if CHANGES[change] == "symlink" else self._named(given, frame[two : two + target_base])
        return FileChange(time, actor, CHANGES[change], name, result, known, mode)

    def _io(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        fields = RECORD.unpack_from(frame, at + BODY_AT)
        reads, read, writes, written, first = fields[4:9]
        data = at + DATA_AT
        return FileIo(time, actor, self._path(frame[data : data + fields[10]]), read, written, reads, writes, first + self.offset_ns, bool(fields[2]))

    def _connect(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        fields, transport, local, remote = self._socket(frame, at)
        place = at + DATA_AT + fields[10]
        asked = socket_address(frame[place : place + fields[11]]) or remote
        if transport is None or asked is None:
            return None
        return Connect(time, actor, fields[9], asked, local, transport, fields[0], bool(fields[2]) and transport == "udp")

    def _accept(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        fields, transport, local, remote = self._socket(frame, at)
        if transport is None or transport == "udp":
            return None
        return Accept(time, actor, fields[9], remote or Endpoint("", 0), local, transport)

    def _close(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        fields, transport, local, remote = self._socket(frame, at)
        if transport is None:
            return None
        opened = fields[4] + self.offset_ns if fields[4] else 0
        return Close(time, actor, fields[9], remote or Endpoint("", 0), local, transport, fields[7], fields[5], opened)

    def _socket(self, frame: bytes, at: int) -> tuple[Fields, Literal["tcp", "udp", "unix"] | None, Endpoint | None, Endpoint | None]:
        """Fields, transport (None: one that is not told, such as netlink), this end and the other."""
        fields = RECORD.unpack_from(frame, at + BODY_AT)
        family, local_port, remote_port, local, remote = ENDS.unpack_from(frame, at + DATA_AT)
        if family == UNIX:
            return fields, "unix", None, None
        if family not in (INET, INET6) or fields[3] not in (STREAM, DATAGRAM):
            return fields, None, None, None
        return fields, "tcp" if fields[3] == STREAM else "udp", endpoint(family, local, local_port), endpoint(family, remote, remote_port)

    def _flow(self, tls: bool, actor: Actor, handle: int, generation: int) -> _Flow:
        key = tls, actor.pid, actor.started_ns, handle, generation
        known = self._flows.pop(key, None)
        if known is None:
            if len(self._flows) >= STREAMS_MOST:
                del self._flows[next(iter(self._flows))]
            kind: Literal["tls", "http", "stdio"] = "stdio" if not tls else "http" if handle & WITHOUT_TLS else "tls"
            known = _Flow(Stream(kind, actor.pid, actor.started_ns, handle, generation))
        self._flows[key] = known
        return known

    def _tls(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        return self._chunk(True, frame, at, time, actor)

    def _stdio(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        return self._chunk(False, frame, at, time, actor)

    def _chunk(self, tls: bool, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        handle, generation, total, offset, size, operation, family, local_port, remote_port, out, guessed, local, remote = CHUNK.unpack_from(
            frame, at + BODY_AT
        )
        if not size:
            return None  # could not be read; counted by the kernel, and a gap for the piece that follows
        flow = self._flow(tls, actor, handle, generation)
        missing = flow.misses(out, operation, offset, size, total)
        data = frame[at + DATA_AT : at + DATA_AT + size]
        far, near = (endpoint(family, remote, remote_port), endpoint(family, local, local_port)) if family in (INET, INET6) else (None, None)
        return Chunk(time, actor, flow.stream, "out" if out else "in", operation, offset, total, data, far, near, bool(guessed), missing)

    def _end(self, frame: bytes, at: int, time: int, actor: Actor) -> Record:
        handle, generation, *_ = CHUNK.unpack_from(frame, at + BODY_AT)
        stream = self._flow(True, actor, handle, generation).stream
        del self._flows[True, actor.pid, actor.started_ns, handle, generation]
        return StreamEnd(time, actor, stream)

    def _datagram(self, frame: bytes, at: int, time: int, actor: Actor) -> Record | None:
        _, _, _, _, size, _, family, _, port, out, _, _, remote = CHUNK.unpack_from(frame, at + BODY_AT)
        if not size:
            return None
        return Datagram(time, actor, "out" if out else "in", endpoint(family, remote, port), frame[at + DATA_AT : at + DATA_AT + size])


@functools.lru_cache(REMEMBERED)
def endpoint(family: int, address: bytes, port: int) -> Endpoint:
    """An IP address and port; an IPv4 address in IPv6 clothes is told as IPv4."""
    if family == INET:
        return Endpoint(socket.inet_ntop(socket.AF_INET, address[:4]), port)
    if address.startswith(MAPPED):
        return Endpoint(socket.inet_ntop(socket.AF_INET, address[12:]), port)
    return Endpoint(socket.inet_ntop(socket.AF_INET6, address), port)


def socket_address(raw: bytes) -> Endpoint | None:
    """What a `struct sockaddr` says; None: nothing, or of another family."""
    family = int.from_bytes(raw[:2], "little")
    if family == INET and len(raw) >= 8:
        return endpoint(INET, raw[4:8], int.from_bytes(raw[2:4], "big"))
    if family == INET6 and len(raw) >= 24:
        return endpoint(INET6, raw[8:24], int.from_bytes(raw[2:4], "big"))
    if family == UNIX:
        name = raw[2:]
        abstract = name.startswith(b"\0")
        return Endpoint("@" + os.fsdecode(name[1:]) if abstract else os.fsdecode(name.partition(b"\0")[0]), 0)
    return None
