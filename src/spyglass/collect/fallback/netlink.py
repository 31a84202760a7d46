"""The kernel's process connector as a socket: which processes were forked, became another program, changed their user or ended. Bytes in, `News` out."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from spyglass.model.errors import ConfigError

__all__ = ["BUFFER_BYTES", "Connector", "News", "Overrun"]

_NETLINK_CONNECTOR, _PROC = 11, 1
_LISTEN, _IGNORE = 1, 2
_ACK, _FORK, _EXEC, _UID, _EXIT = 0, 0x1, 0x2, 0x4, 0x80000000
_HEADERS: Final = struct.Struct("<IHHII IIIIHH")  # of netlink and of the connector
_EVENT: Final = struct.Struct("<IIQ")  # what, CPU, nanoseconds (monotonic)
_AT: Final = _HEADERS.size
_BODY: Final = _AT + _EVENT.size
_FOUR: Final = struct.Struct("<4I")
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE = 26, 33
BUFFER_BYTES: Final = 32 << 20
_ANSWER_S: Final = 2.0


class News(NamedTuple):
    """Something about a process. `other`: child of a fork, user id, or wait status of an exit."""

    what: Literal["fork", "exec", "user", "exit"]
    monotonic_ns: int
    pid: int
    other: int


class Overrun(NamedTuple):
    """The socket's buffer was full: news were lost here."""

    monotonic_ns: int


def _filter() -> bytes:
    """A classic BPF program: forks, execs, changes of user, and exits of processes pass, threads do not, nor what browsers tell of each thread's name."""
    load, equal, equal_x, to_x, give = 0x20, 0x15, 0x1D, 0x07, 0x06
    ack, fork, exec_, user, exit_ = (socket.htonl(what) for what in (_ACK, _FORK, _EXEC, _UID, _EXIT))  # a load swaps bytes
    forked, exited, passes = 7, 12, 17  # numbers of steps
    steps = (  # operation, step to go to when equal, operand
        (load, 0, _AT),
        (equal, passes, exec_),
        (equal, passes, user),
        (equal, passes, ack),
        (equal, forked, fork),
        (equal, exited, exit_),
        (give, 0, 0),
        (load, 0, _BODY + 8),  # the child's thread, and its process: the same, or it is a thread
        (to_x, 0, 0),
        (load, 0, _BODY + 12),
        (equal_x, passes, 0),
        (give, 0, 0),
        (load, 0, _BODY),  # the thread that ended, and its process
        (to_x, 0, 0),
        (load, 0, _BODY + 4),
        (equal_x, passes, 0),
        (give, 0, 0),
        (give, 0, 0xFFFFFFFF),
    )
    return b"".join(struct.pack("HBBI", operation, to and to - at - 1, 0, operand) for at, (operation, to, operand) in enumerate(steps))


class Connector:
    """The socket.

    Raises:
        ConfigError: it is not to be had here; the message says why, and what to do.
    """

    def __init__(self, buffer_bytes: int = BUFFER_BYTES) -> None:
        self._socket = self._connect(buffer_bytes)
        try:
            self._listen()
        except BaseException:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Readable when there is news."""
        return self._socket.fileno()

    def close(self) -> None:
        """Stop."""
        with contextlib.suppress(OSError):  # the kernel forgets a closed socket anyway
            self._say(_IGNORE)
        self._socket.close()

    def news(self) -> Iterator[News | Overrun]:
        """All that waits; never blocks."""
        while True:
            try:
                data = self._socket.recv(4096)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                yield Overrun(time.monotonic_ns())
                continue
            if len(data) >= _BODY and (told := _parse(data)) is not None:
                yield told

    def _connect(self, buffer_bytes: int) -> socket.socket:
        try:
            made = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, _NETLINK_CONNECTOR)
        except (OSError, AttributeError) as error:
            raise ConfigError(f"process connector: expected a Linux kernel with CONFIG_PROC_EVENTS, found none ({error})") from error
        code = _filter()
        memory = ctypes.create_string_buffer(code)
        try:
            made.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(memory)))
            try:
                made.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, buffer_bytes)
            except PermissionError:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
            made.bind((0, _PROC))
        except OSError as error:
            made.close()
            raise ConfigError(
                f"process connector: refused ({os.strerror(error.errno or 0)}); it needs root or CAP_NET_ADMIN, or Linux 6.6 and later"
            ) from error
        return made

    def _say(self, operation: int) -> None:
        body = struct.pack("<I", operation)
        self._socket.send(_HEADERS.pack(_AT + len(body), 3, 0, 0, 0, _PROC, _PROC, 0, 0, len(body), 0) + body)

    def _listen(self) -> None:
        """Ask for news, and wait for the kernel's answer: in a container it gives none."""
        self._say(_LISTEN)
        until, poll = time.monotonic() + _ANSWER_S, select.poll()
        poll.register(self._socket, select.POLLIN)
        while (left := until - time.monotonic()) > 0:
            if not poll.poll(left * 1000):
                break
            data = self._socket.recv(4096)
            what, _, _ = _EVENT.unpack_from(data, _AT)
            if what != _ACK:
                return  # others listen too, and so news comes
            code = struct.unpack_from("<I", data, _BODY)[0]
            if code:
                raise ConfigError(f"process connector: refused ({os.strerror(code)}); it needs root or CAP_NET_ADMIN, or Linux 6.6 and later")
            return
        raise ConfigError("process connector: no answer from the kernel; it does not work inside containers (another pid or user namespace): run on the host")


def _parse(data: bytes) -> News | None:
    what, _, time_ns = _EVENT.unpack_from(data, _AT)
    if len(data) < _BODY + _FOUR.size:
        return None
    first, second, third, fourth = _FOUR.unpack_from(data, _BODY)
    if what == _FORK and third == fourth:
        return News("fork", time_ns, second, fourth)
    if what == _EXEC:
        return News("exec", time_ns, second, 0)
    if what == _UID:
        return News("user", time_ns, second, fourth)
    if what == _EXIT and first == second:
        return News("exit", time_ns, second, third)
    return None
