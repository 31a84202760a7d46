"""The durable log of one machine: batches in, receipts out once they are on the disk, and cursors that read them.

Many appends share one write and flush, done by one thread; callers get a future. The folder holds segments (`segment.py`), schemas, cursors
(`cursor.py`), the key journal (`keys.py`) and a lock. On the disk it takes at most `max_bytes`, one segment and the key journal; in memory at
most `max_pending_bytes` that wait for the disk, 56 bytes per append kept, and the keys.
"""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final, Self

import structlog

from spyglass.model.batch import Batch
from spyglass.model.clock import Clock, SystemClock
from spyglass.model.errors import ConfigError, Refused, StoreError, TooLarge
from spyglass.plugin.contracts import LogStatus, Receipt
from spyglass.publish import cursor, frame
from spyglass.publish.bounds import Bounds, Limits
from spyglass.publish.commit import Committer, resolved
from spyglass.publish.cursor import DiskCursor, State
from spyglass.publish.files import own
from spyglass.publish.frame import Encoded
from spyglass.publish.keys import Keys
from spyglass.publish.segment import Segment
from spyglass.publish.segments import Segments
from spyglass.telemetry import metrics

__all__ = ["DiskLog", "Limits"]

_CLOSE_TIMEOUT_S: Final = 30.0
_CURSOR_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")

log = structlog.get_logger()


class DiskLog:
    """A `contracts.Log` in a folder of this machine. Close it, or use it in a `with`."""

    def __init__(self, directory: Path, limits: Limits | None = None, clock: Clock | None = None) -> None:
        """Open, or begin, the log in `directory`.

        Raises:
            ConfigError: another process uses the folder, or it cannot be read and written.
        """
        self._directory = directory
        self._clock = clock or SystemClock()
        self._bounds = Bounds(limits or Limits(), directory, self._clock)
        self._lock = threading.Lock()
        self._grown = threading.Condition(self._lock)  # readers wait here
        self._unconsumed_bytes = self._appended = self._duplicates = 0
        self._closing = False
        self._trimming = threading.Lock()
        self._doomed: deque[Segment] = deque()  # passed by every cursor, not removed yet
        self._owner = own(directory)
        try:
            self._open()
        except BaseException as error:
            os.close(self._owner)
            if isinstance(error, OSError):
                raise ConfigError(f"{directory}: the log cannot be opened: {error}; check the permissions and the disk") from error
            raise
        self._committer = Committer(self._lock, self._write, self._bounds.counted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, batches: Sequence[Batch], keys: Sequence[bytes] = ()) -> Future[Receipt]:
        """See `contracts.Log`. Where only some of the keys are known, all batches are kept: bring the bodies one by one to avoid that.

        Raises:
            StoreError: a batch has not the columns of its kind, or a key is longer than 255 bytes.
        """
        with self._lock:
            answer = self._answer(keys, 0)
        if answer is not None:
            return answer
        encoded = frame.encode(batches, keys, self._segments.identity)
        with self._lock:  # asks again: another thread may have brought the same body meanwhile
            answer = self._answer(keys, encoded.size_bytes)
            if answer is not None:
                return answer
            return self._committer.submit(encoded) if batches else resolved(self._nothing())

    def seen(self, key: bytes) -> bytes | None:
        """See `contracts.Log`. Knows the latest `max_keys` keys, after a restart too."""
        with self._lock:
            return self._keys.note(key)

    def cursor(self, name: str) -> DiskCursor:
        """See `contracts.Log`. The same name gives the same object. A name once used keeps entries from removal."""
        _check_name(name)
        with self._lock:
            if self._closing:
                raise StoreError("log: closed")
            found = self._cursors.get(name)
        return found or self._add_cursor(name)

    def status(self) -> LogStatus:
        """See `contracts.Log`."""
        space = self._bounds.space(0)
        with self._lock:
            oldest = self._segments.oldest(self._passed())
            refusal = self._refusal(0) or space
            return LogStatus(
                first=self._segments.first,
                last=self._segments.end - 1,
                size_bytes=self._segments.size_bytes,
                segments=self._segments.count,
                unconsumed_bytes=self._unconsumed_bytes,
                max_bytes=self._bounds.limits.max_bytes,
                oldest_unconsumed_s=max(0, self._clock.now_ns() - oldest.appended_ns) / 1e9 if oldest else 0.0,
                cursors=tuple(each.status() for each in self._cursors.values()),
                appended=self._appended,
                duplicates=self._duplicates,
                refused=self._bounds.refused,
                unreadable=self._segments.unreadable,
                refusing=refusal.message if refusal else "",
            )

    def close(self) -> None:
        """Write what is queued, refuse what comes, end the cursors, and let go of the folder. Waits up to 30 s for the disk."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            cursors = list(self._cursors.values())
        for each in cursors:
            each.close()
        if not self._committer.close(_CLOSE_TIMEOUT_S):
            log.error("log not closed, the disk does not answer", timeout_s=_CLOSE_TIMEOUT_S)
            return
        with self._trimming:
            self._segments.close()
            os.close(self._owner)

    def _open(self) -> None:
        folder = self._directory / "cursors"
        folder.mkdir(exist_ok=True, mode=0o700)
        self._segments = Segments(self._directory, self._bounds.limits.segment_bytes)
        self._keys = Keys(self._directory / "keys", self._bounds.limits.max_keys)
        self._keys.add(self._segments.keys())
        states = {path.stem: cursor.load(path, self._log_id) for path in sorted(folder.glob("*.json")) if _CURSOR_NAME.fullmatch(path.stem)}
        self._segments.start(max((state.floor for state in states.values() if state), default=0))
        self._cursors = {name: self._make_cursor(name, state) for name, state in states.items()}
        self._moved()

    @property
    def _log_id(self) -> str:
        return f"{self._segments.identity:016x}"

    def _cursor_path(self, name: str) -> Path:
        return self._directory / "cursors" / f"{name}.json"

    def _make_cursor(self, name: str, state: State | None) -> DiskCursor:
        start = state or State(self._log_id, self._segments.first)
        return DiskCursor(self._cursor_path(name), start, self._segments, self._grown, self._moved)

    def _add_cursor(self, name: str) -> DiskCursor:
        with self._lock:
            added = self._cursors.setdefault(name, self._make_cursor(name, None))
        added.save()
        self._moved()
        return added

    def _answer(self, keys: Sequence[bytes], size_bytes: int) -> Future[Receipt] | None:
        """What an append gets without being written: an earlier one's receipt, or an error. The caller holds the lock."""
        twin = resolved(self._nothing(duplicate=True)) if keys and all(key in self._keys for key in keys) else self._committer.join(keys)
        if twin is not None:
            self._duplicates += 1
            metrics.LOG_DUPLICATES.inc()
            return twin
        limit = self._bounds.limits.max_bytes
        future: Future[Receipt] = Future()
        if size_bytes > limit:
            future.set_exception(TooLarge(f"log: expected an append of at most {limit} bytes, got {size_bytes}; send smaller requests"))
        elif refusal := self._refusal(size_bytes):
            future.set_exception(self._bounds.counted(refusal))
        else:
            return None
        return future

    def _nothing(self, *, duplicate: bool = False) -> Receipt:
        return Receipt(self._segments.end, self._segments.end - 1, duplicate)

    def _refusal(self, size_bytes: int) -> Refused | None:
        """Why an append of this size is refused now, as far as memory tells. The caller holds the lock."""
        if self._closing:
            return self._bounds.no("closing", "log: closing; send again later")
        return self._bounds.memory(size_bytes, self._unconsumed_bytes, self._committer.pending_bytes)

    def _write(self, group: Sequence[Encoded]) -> list[Receipt]:
        """Put a group on the disk and into the sequence, all or none. In the writer's thread. Raises Refused."""
        refusal = self._bounds.space(sum(each.size_bytes for each in group))
        if refusal is None:
            try:
                with metrics.LOG_FLUSH.time():
                    written = self._segments.write(group, self._clock.now_ns())
            except OSError as error:
                refusal = self._bounds.failure(error)
        if refusal is not None:
            self._bounds.fail(refusal)
            raise refusal
        with self._lock:
            self._segments.add(written)
            for each in group:
                self._keys.add(each.keys)
            self._appended += sum(each.count for each in group)
            self._account()
            self._grown.notify_all()
        for each in group:
            for kind, rows in each.rows.items():
                metrics.LOG_ROWS.labels(kind).inc(rows)
        return [Receipt(each.place.first, each.place.last) for each in written]

    def _moved(self) -> None:
        """A cursor moved: remove the segments that every cursor has passed. What cannot be removed now is tried again at the next move."""
        with self._lock:
            self._segments.recent.passed(self._passed())
            self._doomed.extend(self._segments.passed(self._passed()))
            self._account()
        with self._trimming:
            while self._doomed and not self._closing:
                try:
                    self._keys.retire(self._doomed[0].keys)
                    self._segments.remove(self._doomed[0])
                except OSError as error:
                    log.warning("log segment not removed", file=self._doomed[0].path.name, error=str(error))
                    return
                self._doomed.popleft()

    def _passed(self) -> int:
        """Every cursor has done the offsets before this one. The caller holds the lock."""
        return min((each.position for each in self._cursors.values()), default=0)

    def _account(self) -> None:
        """The caller holds the lock."""
        self._unconsumed_bytes = self._segments.bytes_since(self._passed())
        metrics.LOG_UNCONSUMED.set(self._unconsumed_bytes)
        for each in self._cursors.values():
            metrics.LOG_LAG.labels(each.name).set(each.behind().entries)


def _check_name(name: str) -> None:
    if not _CURSOR_NAME.fullmatch(name):
        raise ConfigError(f"log: expected a cursor name of 1 to 64 of a-z, 0-9, - and _, got {name!r}")
