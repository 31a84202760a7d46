"""The probe's one loop: peers on Unix sockets, their requests, and the kernel's records on their way out.

Nothing is kept between the kernel's ring and a peer's socket but one frame. So when the only peer is slow the ring fills, and the kernel counts what it
cannot put there; when there are others, what a slow peer has no room for is dropped, counted, and told to it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from spyglass.collect.probe.attach import Attached, Attacher, Unread
from spyglass.collect.probe.clock import boot_offset_ns
from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.kernel import Kernel
from spyglass.collect.probe.layout import ACTOR, ACTOR_AT, BODY_AT, DATA_AT, HEAD, LOSSES, RECORD, VERSION, Kind
from spyglass.collect.probe.peer import Peer, credentials
from spyglass.collect.probe.protocol import MAX_RECORDS_BYTES, MAX_REQUEST_BYTES, Frame, content_of, header, message
from spyglass.collect.probe.requests import Requests
from spyglass.collect.probe.ring import Ring, Run, Wakes
from spyglass.collect.probe.track import Tracker

__all__ = ["Server"]

DRAIN_S: Final = 0.1  # how long records wait when nobody wakes us: the ring has room for more, and many at a time cost less than few
IDLE_S: Final = 0.5
LOST_S: Final = 1.0  # how often losses are told, when there are any
CLOCK_S: Final = 30.0
CLOCK_STEP_NS: Final = 10_000
PEERS_MOST: Final = 16
CONTROL_MOST: Final = 256 << 10  # bytes of answers that a peer has not read; then it is let go


class Server:
    """Serves peers until `stop`, or until the last one leaves when `only` is one socket that was handed over and no listener.

    Raises:
        ProbeError: the kernel's programs cannot be attached.
    """

    def __init__(self, kernel: Kernel, *, listener: socket.socket | None = None, only: socket.socket | None = None, only_uid: int | None = None) -> None:
        self._kernel, self._listener = kernel, listener
        self._selector = selectors.DefaultSelector()
        self._peers: dict[int, Peer] = {}
        self._numbers = 0
        self._ring, self._wakes = Ring(kernel.descriptor("ring"), kernel.ring_bytes, self._act), Wakes(kernel.descriptor("ring"))
        self._wake_in, self._wake_out = socket.socketpair()
        self._done: deque[Callable[[], None]] = deque()  # from the attacher's thread
        self._attacher = Attacher(kernel, self._attached)
        self._tracker = Tracker(kernel, {os.getpid()})
        self._requests = Requests(
            kernel, self._tracker, self._attacher, self._later, lambda: {"waiting_bytes": self._ring.waiting(), "peers": len(self._peers)}
        )
        self._stopping = False
        self._offset_ns = boot_offset_ns()
        self._counted = [0] * (len(LOSSES) + 1)
        self._next_lost = self._next_clock = 0.0
        for watched in (self._wake_in, self._wake_out):
            watched.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, self._woken)
        self._selector.register(self._wakes, selectors.EVENT_READ, lambda _mask: self._wakes.take())
        if listener is not None:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, lambda _mask: self._accept(listener))
        if only is not None:
            self._add(only, only_uid)

    def stop(self) -> None:
        """End the loop; may be called from a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Serve."""
        try:
            while not self._stopping and (self._listener is not None or self._peers):
                for key, mask in self._selector.select(IDLE_S if self._tracker.idle else DRAIN_S):
                    key.data(mask)
                self._drain()
                self._tick()
                self._look_after()
        finally:
            self._close()

    def _close(self) -> None:
        self._attacher.close()
        for peer in list(self._peers.values()):
            peer.flush()
            peer.socket.close()
        self._peers.clear()
        self._selector.close()
        self._wakes.close()
        self._ring.close()
        self._wake_in.close()
        self._wake_out.close()

    # ---- peers

    def _accept(self, listener: socket.socket) -> None:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        if len(self._peers) >= PEERS_MOST:
            link.close()
            return
        self._add(link, None)

    def _add(self, link: socket.socket, uid: int | None) -> None:
        pid, owner = credentials(link)
        link.setblocking(False)
        self._numbers = self._numbers % 0xFFFF + 1
        while self._numbers in self._peers:
            self._numbers = self._numbers % 0xFFFF + 1
        peer = self._peers[self._numbers] = Peer(link, self._numbers, owner if uid is None else uid, pid)
        self._tracker.never.add(pid)
        self._selector.register(link, selectors.EVENT_READ, lambda mask: self._ready(peer, mask))
        peer.push(message(Frame.HELLO, {"version": VERSION, "pid": os.getpid(), "offset_ns": self._offset_ns, "uid": peer.uid, "multi": self._kernel.multi}))

    def _ready(self, peer: Peer, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            peer.flush()
        if not mask & selectors.EVENT_READ:
            return
        try:
            data = peer.socket.recv(MAX_REQUEST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            peer.gone = True
            return
        try:
            for kind, body in peer.frames.feed(data):
                if kind == Frame.REQUEST:
                    self._requested(peer, content_of(body))
        except ProbeError as error:  # it does not speak our language
            peer.push(message(Frame.NOTICE, {"code": error.code, "message": error.message}))
            peer.gone = True

    def _look_after(self) -> None:
        """Wait for sockets that were full; end peers that left, or that read nothing."""
        for peer in list(self._peers.values()):
            if not peer.gone and peer.unsent_bytes <= MAX_RECORDS_BYTES + CONTROL_MOST:
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.unsent else 0)
                if self._selector.get_key(peer.socket).events != events:
                    self._selector.modify(peer.socket, events, self._selector.get_key(peer.socket).data)
                continue
            self._tracker.drop_peer(peer.number)
            self._tracker.never.discard(peer.pid)
            self._selector.unregister(peer.socket)
            peer.socket.close()
            del self._peers[peer.number]
            self._requests.rest()

    def _requested(self, peer: Peer, request: dict[str, Any]) -> None:
        self._requests.do(peer, request, lambda content: peer.push(message(Frame.REPLY, {"id": request.get("id"), **content})))

    # ---- the attacher's thread

    def _later(self, work: Callable[[], int], done: Callable[[int], None]) -> None:
        """Run in the attacher's thread, then back here."""

        def job() -> None:
            count = 0
            try:
                count = work()
            finally:  # whoever asked gets an answer
                self._done.append(lambda: done(count))
                self._wake()

        if not self._attacher.submit(job):
            done(0)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # a byte is there already
            self._wake_out.send(b"x")

    def _woken(self, _mask: int) -> None:
        self._wake_in.recv(4096)
        while self._done:
            self._done.popleft()()

    def _attached(self, what: Attached | Unread | ProbeError) -> None:
        """Tell the peers, or the one whom it is about, from the attacher's thread."""
        if isinstance(what, Attached):
            content: dict[str, Any] = {"code": "attached", "path": what.path, "probes": what.probes}
        elif isinstance(what, Unread):
            content = {"code": "unread", "path": what.path, "message": what.why}
        else:
            content = {"code": what.code, "message": what.message}
        only = what.peer if isinstance(what, Unread) else 0
        self._done.append(lambda: self._tell(message(Frame.NOTICE, content), only))
        self._wake()

    # ---- records

    def _act(self, record: bytes) -> None:
        """A watched process became another program, or opened a TLS library."""
        _, kind, peer, _ = HEAD.unpack_from(record)
        pid = ACTOR.unpack_from(record, ACTOR_AT)[0]
        fields = RECORD.unpack_from(record, BODY_AT)
        if kind == Kind.EXEC:
            if fields[1]:  # large enough, and its TLS is wanted
                self._attacher.submit(lambda: self._attacher.attach_executable(pid, peer))
            return
        names = record[DATA_AT : DATA_AT + fields[10]].split(b"\0")[-2::-1]
        path, inode = "/" + os.fsdecode(b"/".join(names)), fields[9]
        self._attacher.submit(lambda: self._attacher.attach_loaded(pid, path, inode, peer))

    def _drain(self) -> None:
        """Move what is complete, while somebody has room for it."""
        while self._peers:
            if len(self._peers) == 1 and next(iter(self._peers.values())).unsent:
                return  # what it has not taken stays in the ring, too: should we be killed, it is read there
            self._ring.release()
            runs = self._ring.take(MAX_RECORDS_BYTES)
            for run in runs:
                self._forward(run)
            if not runs:
                return

    def _forward(self, run: Run) -> None:
        peer = self._peers.get(run.peer)
        if peer is None or peer.gone:
            return
        if peer.unsent and len(self._peers) > 1:
            peer.dropped += run.records
            return
        peer.push(header(Frame.RECORDS, run.size), *run.pieces)

    def _tick(self) -> None:
        now = time.monotonic()
        if now >= self._next_lost:
            self._next_lost = now + LOST_S
            self._tell_lost()
        if now >= self._next_clock:
            self._next_clock = now + CLOCK_S
            offset = boot_offset_ns()
            if abs(offset - self._offset_ns) > CLOCK_STEP_NS:
                self._offset_ns = offset
                self._tell(message(Frame.CLOCK, {"offset_ns": offset}))

    def _tell_lost(self) -> None:
        counts = list(self._kernel.counts().values())
        fresh = {name: now - before for name, now, before in zip(LOSSES, counts[1:], self._counted[1:], strict=True) if now > before}
        self._counted = counts
        for peer in self._peers.values():
            lost = {**fresh, **({"slow_collector": peer.dropped} if peer.dropped else {})}
            if lost:
                peer.push(message(Frame.LOST, {"time": time.clock_gettime_ns(time.CLOCK_BOOTTIME), "counts": lost}))
                peer.dropped = 0

    def _tell(self, frame: bytes, only: int = 0) -> None:
        for peer in self._peers.values():
            if only in (0, peer.number):
                peer.push(frame)
