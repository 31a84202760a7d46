"""Two sources that looked at the same time: what the earlier one told is not told again by the one that takes over.

In: batches of records of both, the earlier one's first. Out: the same batches, without what came twice. Both have to look for a moment, as nothing would
be seen in between. What only one of them can tell (plaintext, sizes) goes through; a program that had ended when the earlier one looked at it is left to the
later, which saw its arguments.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from typing import Final, TypeAlias

from spyglass.collect.records import Accept, Close, Connect, Exec, Exit, FileChange, FileOpen, Fork, Lost, Record

__all__ = ["Cut", "Overlap"]

_EARLY_NS: Final = 100_000_000  # clocks of two sources differ by no more
_EXACT_NS: Final = 10_000_000  # the same, for what the kernel itself gives the time of
_LATE_NS: Final = 5_000_000_000  # on a busy machine, a source that looks now and then tells so long after it happened
_UNSEEN: Final = {"arguments_unseen": 1}
_MOST: Final = 200_000  # records that are remembered
_ARGUMENTS, _CHARS = 8, 512  # of a command line that are compared: each source has its own limit

Key: TypeAlias = tuple[Hashable, ...]


class Cut:
    """Two sources that see the same by the same clock: up to a moment the earlier one tells everything, from there on the later one."""

    def __init__(self) -> None:
        self._since_ns = 0

    async def noted(self, batches: AsyncIterator[Sequence[Record]], since_ns: Callable[[], int]) -> AsyncIterator[Sequence[Record]]:
        """Of the earlier source. `since_ns`: from when on the later one sees everything; 0: not yet."""
        async for batch in batches:
            self._since_ns = since_ns()
            if kept := [record for record in batch if record.time_ns <= self._since_ns] if self._since_ns else batch:
                yield kept
        self._since_ns = since_ns()

    async def fresh(self, batches: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Sequence[Record]]:
        """Of the later one."""
        async for batch in batches:
            if kept := [record for record in batch if record.time_ns > self._since_ns]:
                yield kept


class Overlap:
    """What one source told lately, to be compared with what the next one tells. Each record stands for one only: what happened twice is told twice."""

    def __init__(self) -> None:
        self._lately: deque[tuple[int, Key]] = deque(maxlen=_MOST)
        self._told: defaultdict[Key, list[int]] | None = None  # times of what can still come again
        self._last_ns = 0
        self._left: set[int] = set()  # pids of processes that the later source tells better

    async def noted(self, batches: AsyncIterator[Sequence[Record]], since_ns: Callable[[], int] = lambda: 0) -> AsyncIterator[Sequence[Record]]:
        """Of the earlier source, but for what it knows less of. `since_ns`: from when on the later one sees everything; 0: not yet."""
        async for batch in batches:
            if kept := self.better(batch, since_ns()):
                self.note(kept)
                yield kept

    def better(self, batch: Sequence[Record], since_ns: int) -> Sequence[Record]:
        """What of this the earlier source shall tell: all, but for programs that it came too late for and that began under the eyes of the later one.

        Who runs them is left to the later one from there on, so that its end does not come before its begin.
        """
        if not since_ns:
            return batch
        kept: list[Record] = []
        unseen = False  # the record before was left: what follows of arguments that were not seen is of it
        for record in batch:
            if isinstance(record, Lost):
                if not unseen or record.counts != _UNSEEN:
                    kept.append(record)
                unseen = False
                continue
            unseen = isinstance(record, Exec) and not record.argv and record.time_ns > since_ns + _EXACT_NS
            if unseen:
                self._left.add(record.actor.pid)
            if record.actor.pid not in self._left:
                kept.append(record)
        return kept

    async def fresh(self, batches: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Sequence[Record]]:
        """Of the later source, what is new."""
        async for batch in batches:
            if batch := self.sift(batch):
                yield batch

    def note(self, batch: Sequence[Record]) -> None:
        """The earlier source told this."""
        for record in batch:
            if (key := _key(record)) is not None:
                self._lately.append((record.time_ns, key))
                self._last_ns = max(self._last_ns, record.time_ns)
        while self._lately and self._lately[0][0] < self._last_ns - _LATE_NS:
            self._lately.popleft()

    def sift(self, batch: Sequence[Record]) -> Sequence[Record]:
        """What of this the earlier source has not told."""
        if self._told is None:
            self._told = defaultdict(list)
            for time_ns, key in self._lately:
                self._told[key].append(time_ns)
            self._lately.clear()
        if not self._told or not batch:
            return batch
        found = [record for record in batch if not self._again(record, self._told)]
        if batch[-1].time_ns > self._last_ns + _LATE_NS:  # it told nothing of what happens now
            self._told.clear()
        return found

    def _again(self, record: Record, told: dict[Key, list[int]]) -> bool:
        key = _key(record)
        if key is None or record.time_ns > self._last_ns + _EARLY_NS:
            return False
        for same in (key, (Exec, record.actor.pid)) if type(record) is Exec else (key,):  # it had ended when it was looked at: its arguments are not known
            times = told.get(same)
            if not times:
                continue
            nearest = min(times, key=lambda time_ns: abs(time_ns - record.time_ns))
            if -_EARLY_NS <= nearest - record.time_ns <= _LATE_NS:
                times.remove(nearest)
                return True
        return False


def _key(record: Record) -> Key | None:
    """What both sources tell of the same deed; None: what is told of it adds up, or one of them alone tells it."""
    match record:
        case Exec():
            line = tuple(text[:_CHARS] for text in record.argv[:_ARGUMENTS])
            return (Exec, record.actor.pid, line) if line else (Exec, record.actor.pid)
        case Exit():
            return Exit, record.actor.pid
        case Fork():
            return Fork, record.actor.pid, record.child
        case FileChange() if not record.result:
            return FileChange, record.actor.pid, record.change, record.path
        case FileOpen() if record.result >= 0:
            return FileOpen, record.actor.pid, record.created, record.path
        case Connect() | Accept() | Close():
            return type(record).__name__, record.actor.pid, record.remote, record.local
        case _:
            return None
