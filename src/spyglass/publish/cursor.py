"""A durable position in the log: claims out, positions to the disk.

The state is one small file, replaced as a whole: the position, and the claim that is out. A claim is written before its rows are handed out, so
that after a crash the same entries go out under the same token, whatever limits are asked for then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
import xxhash

from spyglass.model.errors import StoreError
from spyglass.plugin.contracts import Claim, CursorStatus, Lag
from spyglass.publish.files import replace
from spyglass.publish.segments import Segments

__all__ = ["DiskCursor", "State", "load"]

log = structlog.get_logger()


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a cursor's file says. `claimed`: first and last offset of the claim that is out."""

    log: str
    position: int
    claimed: tuple[int, int] | None = None

    @property
    def floor(self) -> int:
        """Offsets before this one have been given out."""
        return self.claimed[1] + 1 if self.claimed else self.position


def load(path: Path, log_id: str) -> State | None:
    """The state that a file holds; None when there is none for this log. Raises OSError."""
    if not path.exists():
        return None
    body, _, checksum = path.read_bytes().strip().partition(b"\n")
    try:
        state = msgspec.json.decode(body, type=State)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        state = None
    if state is None or checksum != _checksum(body):
        log.error("log cursor unreadable, starts at the oldest entry", cursor=path.stem)
        return None
    if state.log != log_id:
        log.warning("log cursor belongs to another log, starts at the oldest entry", cursor=path.stem)
        return None
    return state


class DiskCursor:
    """A `contracts.Cursor`. `grown` guards the sequence and is notified when it grows or closes."""

    def __init__(self, path: Path, state: State, segments: Segments, grown: threading.Condition, moved: Callable[[], None]) -> None:
        self.name = path.stem
        self._path = path
        self._state = state
        self._segments = segments
        self._grown = grown
        self._moved = moved
        self._using = threading.Lock()  # taken before `grown`, never after
        self._closed = False  # guarded by `grown`

    @property
    def position(self) -> int:
        """The next offset that is not done."""
        return self._state.position

    def claim(self, max_rows: int, max_bytes: int) -> Claim | None:
        """See `contracts.Cursor`."""
        with self._using:
            with self._grown:
                self._check_open()
                state = self._state
                span = state.claimed or self._segments.select(state.position, max_rows, max_bytes)
                sources = self._segments.sources(*span) if span else []
            if span is None:
                return None
            if state.claimed is None:
                self._write(State(state.log, state.position, span))
            try:
                entries = self._segments.load(sources)
            except OSError as error:
                raise StoreError(f"log: entries {span[0]} to {span[1]} cannot be read: {error.strerror}") from error
            return Claim(f"{state.log}-{span[0]}-{span[1]}", *span, tuple(entries))

    def done(self, claim: Claim) -> None:
        """See `contracts.Cursor`."""
        with self._using:
            if self._state.claimed != (claim.first, claim.last):
                raise StoreError(f"log: cursor {self.name}: expected the claim that is out, {self._state.claimed}, got {claim.first} to {claim.last}")
            self._write(State(self._state.log, claim.last + 1))
        self._moved()

    def save(self) -> None:
        """Write the state, so that the cursor is there after a restart. Raises StoreError."""
        with self._using:
            self._write(self._state)

    def lag(self) -> Lag:
        """See `contracts.Cursor`."""
        with self._grown:
            return self.behind()

    def wait(self, timeout_s: float) -> bool:
        """See `contracts.Cursor`."""
        with self._grown:
            self._grown.wait_for(lambda: self._closed or self._ready(), timeout_s)
            return not self._closed and self._ready()

    def close(self) -> None:
        """Let a claim or a move that is under way end, refuse others, and wake who waits."""
        with self._using, self._grown:
            self._closed = True
            self._grown.notify_all()

    def status(self) -> CursorStatus:
        """Where it stands. The caller holds `grown`."""
        return CursorStatus(self.name, self.position, self.behind(), self._state.claimed is not None)

    def behind(self) -> Lag:
        """The lag. The caller holds `grown`."""
        oldest = self._segments.oldest(self.position)
        if oldest is None:
            return Lag(0, 0)
        return Lag(self._segments.end - oldest.first, self._segments.bytes_since(self.position))

    def _ready(self) -> bool:
        return self._state.claimed is not None or self._segments.oldest(self.position) is not None

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"log: cursor {self.name}: closed")

    def _write(self, state: State) -> None:
        self._check_open()
        body = msgspec.json.encode(state)
        try:
            replace(self._path, body + b"\n" + _checksum(body) + b"\n")
        except OSError as error:
            raise StoreError(f"log: cursor {self.name}: its position cannot be written: {error.strerror}") from error
        with self._grown:
            self._state = state


def _checksum(body: bytes) -> bytes:
    return xxhash.xxh3_64_hexdigest(body).encode()
