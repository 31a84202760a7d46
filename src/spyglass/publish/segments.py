"""The files of the log as one sequence of entries: encoded appends in, entries out, oldest files away.

Not safe for threads by itself. `write` belongs to one writer thread and touches only the disk; what it wrote becomes part of the sequence with
`add`, which the caller guards with the lock that also guards every reading method but `load`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from spyglass.model.batch import Batch
from spyglass.plugin.contracts import Entry
from spyglass.publish import frame
from spyglass.publish.files import flush_directory
from spyglass.publish.frame import Encoded
from spyglass.publish.recent import Recent
from spyglass.publish.schemas import Schemas
from spyglass.publish.segment import SUFFIX, Appender, Place, Segment, identity_of, recover
from spyglass.telemetry.metrics import LOG_UNREADABLE

__all__ = ["Segments", "Source", "Written"]

log = structlog.get_logger()


class Source(NamedTuple):
    """Where to read a frame."""

    path: Path
    identity: int
    place: Place


class Written(NamedTuple):
    """A frame that is on the disk and not yet part of the sequence."""

    segment: Segment
    place: Place
    keys: tuple[bytes, ...]
    batches: tuple[Batch, ...]


class Segments:
    """The sequence. `end` is the next offset to be given out; `unreadable` counts entries that were lost to damage."""

    def __init__(self, directory: Path, segment_bytes: int) -> None:
        """Take up what is there; damage is counted and logged, never an error. Raises OSError."""
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._schemas = Schemas(directory)
        self._schemas.keep()
        self._current: tuple[Segment, Appender] | None = None  # the writer's; joins the sequence with its first frame
        self.unreadable = 0
        self.recent = Recent()
        for leftover in directory.glob("*.new"):
            leftover.unlink()
        paths = sorted(path for path in directory.glob(f"*{SUFFIX}") if path.stem.isdecimal())
        identities = [identity_of(path) for path in paths]
        self.identity = next((known for known in reversed(identities) if known is not None), secrets.randbits(63) | 1)
        ends = [*(int(path.stem) for path in paths[1:]), None]
        self._all = [recover(path, known or self.identity, end) for path, known, end in zip(paths, identities, ends, strict=False)]
        for segment, end in zip(self._all, ends, strict=False):
            self._count_lost(segment, segment.end if end is None else end)

    def start(self, floor: int) -> None:
        """Begin a new file for what comes, at `floor` or later: no offset that a cursor has passed is given out again. Raises OSError."""
        self.end = max(floor, self._all[-1].end if self._all else 0)
        current, _ = self._begin()
        for segment in self._all:
            if not len(segment.places) and segment.path != current.path:
                self._put_aside(segment)
        self._all = [segment for segment in self._all if len(segment.places)]

    @property
    def first(self) -> int:
        """The oldest offset kept, else the next one to be given out."""
        return self._all[0].places[0].first if self._all else self.end

    @property
    def count(self) -> int:
        """Files."""
        return len(self._all)

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(segment.size_bytes for segment in self._all)

    def keys(self) -> Iterator[bytes]:
        """The keys of all entries kept, oldest first."""
        return (key for segment in self._all for key in segment.keys)

    def write(self, appends: Sequence[Encoded], now_ns: int) -> list[Written]:
        """Put appends on the disk, all or none.

        Raises:
            OSError: none of them is kept.
        """
        segment, appender = self._room_for(sum(each.size_bytes for each in appends))
        position, end = segment.size_bytes, self.end
        written: list[Written] = []
        buffers: list[Any] = []
        for each in appends:
            buffers += frame.seal(each, end, now_ns, segment.identity)
            place = Place(end, end + each.count - 1, position, each.size_bytes, each.memory_bytes, sum(each.rows.values()), now_ns)
            written.append(Written(segment, place, each.keys, each.batches))
            position += each.size_bytes
            end += each.count
        try:
            appender.write(buffers)
        except BaseException:
            self.close()
            raise
        return written

    def add(self, written: Sequence[Written]) -> None:
        """Make what was written part of the sequence."""
        for segment, place, keys, batches in written:
            if not len(segment.places):
                self._all.append(segment)
            segment.add(place, keys)
            self.recent.add(place, batches)
            self.end = segment.end

    def select(self, position: int, max_rows: int, max_bytes: int) -> tuple[int, int] | None:
        """First and last offset of the frames from `position` on that together keep to the limits; at least one frame. None: there is none."""
        span: tuple[int, int] | None = None
        rows = size_bytes = 0
        for source in self._since(position):
            rows += source.place.rows
            size_bytes += source.place.memory_bytes
            if span and (rows > max_rows or size_bytes > max_bytes):
                break
            span = (span[0] if span else source.place.first, source.place.last)
        return span

    def sources(self, first: int, last: int) -> list[Source]:
        """Where the frames of these offsets are."""
        found = []
        for source in self._since(first):
            if source.place.first > last:
                break
            found.append(source)
        return found

    def oldest(self, position: int) -> Place | None:
        """The frame that holds `position`, else the first one after it."""
        return next((source.place for source in self._since(position)), None)

    def bytes_since(self, position: int) -> int:
        """Bytes on the disk of the frames from `position` on."""
        return sum(segment.bytes_since(position) for segment in self._all if segment.end > position)

    def load(self, sources: Sequence[Source]) -> list[Entry]:
        """Read entries, without those that are damaged. Safe in any thread. Raises OSError."""
        entries: list[Entry] = []
        for path, identity, place in sources:
            found = self.recent.get(place.first) or self._read(path, identity, place)
            if found is None:
                self.unreadable += place.last - place.first + 1
                LOG_UNREADABLE.labels("damaged").inc(place.last - place.first + 1)
                log.error("log entries unreadable", file=path.name, first=place.first, last=place.last, rows=place.rows)
            else:
                entries += found
        return entries

    def passed(self, position: int) -> list[Segment]:
        """Take the files out of the sequence whose entries all come before `position`, but for the newest. The caller removes them."""
        count = sum(1 for following in self._all[1:] if following.first <= position)
        gone, self._all = self._all[:count], self._all[count:]
        return gone

    def remove(self, segment: Segment) -> None:
        """Delete a file which is out of the sequence. Raises OSError."""
        segment.path.unlink(missing_ok=True)
        flush_directory(self._directory)

    def close(self) -> None:
        """Let go of the current file; the next write begins a new one."""
        if self._current is not None:
            self._current[1].close()
            self._current = None

    def _room_for(self, size_bytes: int) -> tuple[Segment, Appender]:
        if self._current is None or (len(self._current[0].places) and self._current[0].size_bytes + size_bytes > self._segment_bytes):
            return self._begin()
        return self._current

    def _begin(self) -> tuple[Segment, Appender]:
        self.close()
        path = self._directory / f"{self.end:020d}{SUFFIX}"
        self._current = (Segment(path, self.identity), Appender(path, self.identity))
        return self._current

    def _put_aside(self, segment: Segment) -> None:
        """A file without a single entry that can be read: what is in it may still be of use to somebody."""
        if segment.path.stat().st_size > segment.size_bytes:
            segment.path.rename(segment.path.with_suffix(".damaged"))
        else:
            self.remove(segment)

    def _count_lost(self, segment: Segment, end: int) -> None:
        kept = sum(place.last - place.first + 1 for place in segment.since(0))
        lost = end - segment.first - kept
        if lost > 0:
            self.unreadable += lost
            LOG_UNREADABLE.labels("damaged").inc(lost)
            log.error("log entries unreadable", file=segment.path.name, first=segment.first, last=end - 1, entries=lost)

    def _since(self, position: int) -> Iterator[Source]:
        for segment in self._all:
            if segment.end > position:
                for place in segment.since(position):
                    yield Source(segment.path, segment.identity, place)

    def _read(self, path: Path, identity: int, place: Place) -> list[Entry] | None:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            data = memoryview(os.pread(fd, place.size_bytes, place.position))
        finally:
            os.close(fd)
        head = frame.read_head(data, 0, identity)
        if head is None or not frame.whole(head, data[head.head_bytes :], identity):
            return None
        batches = frame.decode(head, data[head.head_bytes :], self._schemas)
        if batches is None:
            return None
        return [Entry(head.first + at, batch, head.appended_ns) for at, batch in enumerate(batches)]
