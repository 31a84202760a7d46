"""What the sources of system evidence see, each kind a small tuple: kernel programs, the process connector and fanotify, or a look at /proc, all tell it so.

Times are nanoseconds since 1970 (UTC). Paths and arguments are text with undecodable bytes kept as surrogates (`os.fsdecode`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "Accept",
    "Actor",
    "Chunk",
    "Close",
    "Connect",
    "Datagram",
    "Endpoint",
    "Exec",
    "Exit",
    "FileChange",
    "FileIo",
    "FileOpen",
    "Fork",
    "Lost",
    "Record",
    "Stream",
    "StreamEnd",
]


class Actor(NamedTuple):
    """The process that did it. Pids are used again: a process is its pid and when it started."""

    pid: int  # of the process (thread group)
    started_ns: int  # 0: not known
    ppid: int
    uid: int
    root: int  # pid of the watched process that it descends from
    tid: int = 0
    command: str = ""  # the kernel's short name, 15 bytes at most
    cgroup: int = 0  # id of its control group; 0: not known


class Endpoint(NamedTuple):
    """One end of a connection; a Unix socket has its path as address and port 0."""

    address: str
    port: int


class Exec(NamedTuple):
    """A process has become another program."""

    time_ns: int
    actor: Actor
    path: str
    argv: tuple[str, ...]
    cwd: str
    truncated: bool = False  # the arguments were longer than what was read …
    args_count: int = 0  # … and so many; 0: as many as were read, or not known


class Fork(NamedTuple):
    """A process has a child (threads are not told)."""

    time_ns: int
    actor: Actor  # the parent
    child: int
    child_started_ns: int


class Exit(NamedTuple):
    """A process has ended. Figures are its own, without its children's; -1 where the source does not tell them."""

    time_ns: int
    actor: Actor
    code: int  # exit status; 0 when a signal ended it
    signal: int  # 0: none
    cpu_ns: int = -1
    max_memory_bytes: int = -1
    read_bytes: int = -1
    written_bytes: int = -1


class FileOpen(NamedTuple):
    """A file was opened or could not be (`result` is negative: -errno)."""

    time_ns: int
    actor: Actor
    path: str
    flags: int  # of open(2)
    result: int
    created: bool = False


class FileIo(NamedTuple):
    """What a process has read from and written to a file since it was told last."""

    time_ns: int
    actor: Actor
    path: str
    read_bytes: int
    written_bytes: int
    reads: int
    writes: int
    since_ns: int  # first of these operations
    closed: bool = False


class FileChange(NamedTuple):
    """A name or the state of a file changed, or could not be (`result`: -errno)."""

    time_ns: int
    actor: Actor
    change: Literal["delete", "rename", "mkdir", "rmdir", "chmod", "chown", "truncate", "link", "symlink"]
    path: str
    result: int
    target: str = ""  # new name, or what a link points at
    mode: int = 0  # of chmod and mkdir


class Connect(NamedTuple):
    """A connection was asked for. `result` 0: made; -EINPROGRESS: under way; else -errno. `message`: none, but the first message to this peer (UDP)."""

    time_ns: int
    actor: Actor
    socket: int  # identity of the socket while it lives
    remote: Endpoint
    local: Endpoint | None
    transport: Literal["tcp", "udp", "unix"]
    result: int
    message: bool = False


class Accept(NamedTuple):
    """A connection came in."""

    time_ns: int
    actor: Actor
    socket: int
    remote: Endpoint
    local: Endpoint | None
    transport: Literal["tcp", "unix"]


class Close(NamedTuple):
    """A connection has ended, and what went over it in this process."""

    time_ns: int
    actor: Actor
    socket: int
    remote: Endpoint
    local: Endpoint | None
    transport: Literal["tcp", "udp", "unix"]
    sent_bytes: int
    received_bytes: int
    opened_ns: int  # 0: before the watch began


class Datagram(NamedTuple):
    """The begin of a message to or from a name server (port 53), at most 512 bytes."""

    time_ns: int
    actor: Actor
    direction: Literal["out", "in"]
    remote: Endpoint
    data: bytes


class Stream(NamedTuple):
    """A stream of plaintext: a TLS connection of a process, one of HTTP without TLS, or a standard pipe. The same tuple as long as it is the same stream."""

    kind: Literal["tls", "http", "stdio"]
    pid: int
    started_ns: int
    handle: int  # address of the TLS library's object, what stands for the socket, or the number of the standard stream
    generation: int = 0  # addresses are used again


class Chunk(NamedTuple):
    """A piece of one read or write. Pieces of one operation come in order; `offset + len(data) == total` ends it."""

    time_ns: int
    actor: Actor
    stream: Stream
    direction: Literal["out", "in"]
    operation: int  # counts the stream's reads, or writes; a number that was left out is a gap
    offset: int
    total: int  # of the operation, also when not all of it was read
    data: bytes
    remote: Endpoint | None = None
    local: Endpoint | None = None
    guessed: bool = False  # the endpoints are those of the socket that the thread used next
    missing: bool = False  # what stood between this piece and the one before was lost, or was cut off


class StreamEnd(NamedTuple):
    """A stream will bring nothing more."""

    time_ns: int
    actor: Actor
    stream: Stream


class Lost(NamedTuple):
    """Records that were not told, by reason, since the last time."""

    time_ns: int
    counts: dict[str, int]


Record: TypeAlias = Exec | Fork | Exit | FileOpen | FileIo | FileChange | Connect | Accept | Close | Datagram | Chunk | StreamEnd | Lost
