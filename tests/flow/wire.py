"""A cable between two programs that can be pulled out and put back: TCP in, TCP out."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

__all__ = ["Wire", "wire"]


class Wire:
    """Listens on `port` and carries to `target`. While it is cut, connections end at once."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._whole = threading.Event()
        self._whole.set()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Pull it out."""
        self._whole.clear()
        for each in list(self._open):
            _end(each)

    def mend(self) -> None:
        """Put it back."""
        self._whole.set()

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {near, far}
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()
                if not self._whole.is_set():  # it was cut meanwhile
                    _end(near)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with source:  # each end is closed by who reads it: what another closes under a read that waits stays open
            with contextlib.suppress(OSError):
                while data := source.recv(65_536):
                    sink.sendall(data)
            _end(source)
            _end(sink)
            self._open.discard(source)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def wire(target: int) -> Iterator[Wire]:
    """A wire to a port of this machine."""
    made = Wire(target)
    try:
        yield made
    finally:
        made.close()
