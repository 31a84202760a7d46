"""What a watch tells, on its way to a server: bounded in memory, sent by a thread of its own, so that neither a slow server nor none slows the watch.

In: Told. Out: OTLP over the sender that all commands use. What could not be delivered is counted. When more waits than a server that is there ever lets wait,
it waits compressed. What comes after a pause is sent at once, what comes without end in turns: a server that is often given little computes more than one that
is given much at a time, and on one machine it computes where the agent does.
"""

from __future__ import annotations

import math
import queue
import threading
import time
import zlib
from collections import Counter
from typing import Final, NamedTuple

import httpx

from spyglass.cli.otlp import Sender
from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.decode.pieces import Piece
from spyglass.model.errors import SpyglassError
from spyglass.model.told import Told

__all__ = ["Outbox"]

_MOST_BYTES: Final = 32 * 2**20  # as they are kept
_PLAIN: Final = 1 / 8  # what comes when more of the room than this is taken is compressed: to a tenth if it tells of files
_LONGEST_PAUSE_S: Final = 2.0  # before a server that was away is asked again: what the watch tells is looked at now, and its end waits for it
_GATHER_S: Final = 0.2  # how long the first record waits for others to go with …
_EVERY_S: Final = 4.0  # … and how far beginnings of two sendings are apart: what OpenTelemetry's batches wait at most is 1 s for log records, and 5 s for spans


class _Kept(NamedTuple):
    """A piece that waits."""

    piece: Piece
    packed: bool

    def taken(self) -> Piece:
        """As it was."""
        piece = self.piece
        return Piece(piece.signal, zlib.decompress(piece.data), piece.records, piece.place) if self.packed else piece


class Outbox:
    """Made with a sender; `close` delivers what waits."""

    def __init__(self, sender: Sender, scope: Scope, most_bytes: int = _MOST_BYTES, every_s: float = _EVERY_S) -> None:
        self.lost: Counter[str] = Counter()  # records by reason
        self.problem = ""
        self._sender, self._scope, self._most, self._every_s = sender, scope, most_bytes, every_s
        sender.sleep = lambda wait_s: time.sleep(min(wait_s, _LONGEST_PAUSE_S))
        self._waiting: queue.SimpleQueue[_Kept | None] = queue.SimpleQueue()
        self._bytes = 0  # that wait
        self._records = sender.sent.accepted + sum(sender.sent.rejected.values())  # that the sender was given, by others before us too
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def put(self, told: Told) -> None:
        """Take it; what there is no room for is counted as lost."""
        for encoded in encode(told, self._scope, self._drop, Bounds()):
            packed = self._bytes > self._most * _PLAIN
            data = zlib.compress(encoded.data, zlib.Z_BEST_SPEED) if packed else encoded.data
            with self._lock:
                fits = self._bytes + len(data) <= self._most
                self._bytes += len(data) if fits else 0
                self._records += encoded.records if fits else 0
            if fits:
                self._waiting.put(_Kept(Piece(encoded.signal, data, encoded.records, ""), packed))
            else:
                self._drop("no_room", encoded.records)

    def close(self, timeout_s: float) -> int:
        """Deliver what waits, for so long at most; gives how many records the server has kept."""
        self._waiting.put(None)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.problem = self.problem or f"the server took nothing more for {timeout_s:.0f} s"
        sent = self._sender.sent
        rejected = sum(sent.rejected.values())
        for reason, count in (("rejected", rejected), ("not_delivered", self._records - sent.accepted - rejected)):
            if count > 0:
                self._drop(reason, count)
        if rejected and not self.problem:
            self.problem = "; ".join(list(sent.rejected)[:3])
        return sent.accepted

    def _drop(self, reason: str, count: int) -> None:
        with self._lock:
            self.lost[reason] += count

    def _run(self) -> None:
        sent_s = -math.inf
        due_s: float | None = None  # when what the sender holds is to go
        while True:
            try:
                kept = self._waiting.get(timeout=None if due_s is None else max(0.0, due_s - time.monotonic()))
            except queue.Empty:
                sent_s, due_s = time.monotonic(), None
                self._send(None)
                continue
            self._send(kept)
            if kept is None:
                return
            due_s = due_s or max(time.monotonic() + _GATHER_S, sent_s + self._every_s)

    def _send(self, kept: _Kept | None) -> None:
        """Give it to the sender, which sends when it has a body full; None: now whatever it has."""
        try:
            if kept is not None:
                self._sender.add(kept.taken())
            else:
                self._sender.flush()
        except (SpyglassError, httpx.HTTPError) as error:
            self.problem = error.message if isinstance(error, SpyglassError) else str(error)
        if kept is not None:
            with self._lock:
                self._bytes -= len(kept.piece.data)
