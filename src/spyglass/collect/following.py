"""Files that grow, as they grow: glob patterns in, batches of records out, each file from where it was left, also over restarts.

Followed by what they are, not by name: a file that is renamed is read to its end while the new one of that name begins; one that is truncated begins anew; a
copy of what was read (`copytruncate`) goes on where the original was left. Reads block; a runner has a thread of its own for that.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from spyglass.collect.positions import HEAD_BYTES, Key, Pending, Position, Positions, fingerprint, moved
from spyglass.collect.splitting import Piece, Splitter
from spyglass.model.clock import Clock

__all__ = ["Chunk", "Follower", "Wanted"]

_BATCH_BYTES: Final = 512 * 1024
_SCAN_S: Final = 1.0  # between two looks for new files
_LINGER_S: Final = 5.0  # a file that was renamed or deleted may still be written by who has it open
_QUIET_S: Final = 1.0  # after which the last record of several lines is taken to be whole
_COPY_BYTES: Final = 256  # a file that begins with so much of another one is taken for its copy
_SCAN_SHARE: Final = 20  # a look for files takes at most this part of the time
_MOST_NAMES: Final = 100_000
_PACKED: Final = (".gz", ".zst", ".xz", ".bz2", ".zip", ".lz4")
_MORE: Final = -1  # a size that no file has: there is more to read
_SKIPS: Final = 100  # batches of a line that is too long, at once
_PAST: Final = 200  # positions of files that are gone, by which their copies are known


class Wanted(NamedTuple):
    """Which files, and how."""

    paths: Sequence[str]  # glob patterns, `**` for all folders below
    exclude: Sequence[str]
    splitter: Splitter
    from_start: bool = False  # of files that are there when nothing was ever read; what comes later is read from its start
    most_files: int = 1_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one file, read at once. `time_ns` is when; the same when the same are given out again after a crash."""

    path: str
    start: int  # offset in the file
    pieces: list[Piece]
    time_ns: int
    end: int
    skipping: bool


@dataclass(slots=True)
class _File:
    """A file that is open."""

    descriptor: int
    position: Position
    size: int = _MORE  # when it was last read without gain
    gone_at: float | None = None  # since when its name is another file's, or nobody's
    grew_at: float = 0.0


class Follower:
    """All files that match. `take` and `done` in turn, by one thread."""

    def __init__(self, wanted: Wanted, folder: Path, clock: Clock) -> None:
        self._wanted, self._clock = wanted, clock
        self._positions = Positions(folder)
        saved = list(self._positions.all())
        self._saved: dict[Key, Position] = {position.key: position for position in saved}
        self._past: list[Position] = saved[:_PAST]
        self._files: dict[Key, _File] = {}
        self._first = self._positions.is_new
        self._scan_at = float("-inf")
        self._partial: dict[Key, int] = {}  # sizes of files that look like copies which are not whole
        self._again = self._positions.pending()
        self._out: tuple[_File, Chunk] | None = None
        self._dirty: dict[Key, Position] = {}
        self._problems: dict[str, str] = {}
        self._turn = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """What is in the way, each with what to do."""
        return tuple(filter(None, (self._positions.problem, *list(self._problems.values())[:10])))

    @property
    def open_files(self) -> int:
        """Files that are followed at this moment."""
        return len(self._files)

    def take(self) -> Chunk | None:
        """The next records of some file, which then are remembered as given out; None: there is nothing new at this moment.

        Raises:
            OSError: what was read cannot be remembered, so nothing is given out.
        """
        self._scan()
        if self._again is not None and (chunk := self._retake(self._again)):
            return chunk
        files = list(self._files.values())
        for number in range(len(files)):
            file = files[(self._turn + number) % len(files)]
            chunk = self._read(file)
            for _ in range(_SKIPS):
                if chunk or file.size != _MORE:
                    break
                chunk = self._read(file)
            if chunk:
                self._turn += number + 1  # no file keeps the others waiting
                return self._give(file, chunk)
        if self._dirty:
            self._save(None)
        return None

    def done(self) -> None:
        """What was taken last is kept; it is not given out again."""
        if self._out is None:
            return
        file, chunk = self._out
        self._out = None
        file.position = moved(file.position, chunk.end, file.descriptor, skipping=chunk.skipping, now_ns=self._clock.now_ns())
        self._dirty[file.position.key] = file.position

    def close(self) -> None:
        """Remember everything and close all files. What was taken and is not done is given out again next time."""
        out = self._out
        try:
            self._save(_pending(*out) if out else self._again)
        finally:
            for file in self._files.values():
                os.close(file.descriptor)
            self._files.clear()
            self._positions.close()

    def _give(self, file: _File, chunk: Chunk) -> Chunk:
        self._save(_pending(file, chunk))
        self._out = (file, chunk)
        return chunk

    def _save(self, pending: Pending | None) -> None:
        self._positions.save(list(self._dirty.values()), pending)
        self._dirty.clear()

    def _retake(self, pending: Pending) -> Chunk | None:
        """What was given out before a crash, exactly as it was; None: its file is gone."""
        self._again = None
        file = self._files.get(pending.key)
        if file is None or file.position.offset != pending.start:
            return None
        data = os.pread(file.descriptor, pending.stop - pending.start, pending.start)
        split = self._wanted.splitter.split(data, final=True, skipping=pending.skipping)
        if len(data) < pending.stop - pending.start or not split.pieces:
            return None
        skipping = not data.endswith(b"\n") and file.gone_at is None
        chunk = Chunk(pending.path, pending.start, split.pieces, pending.time_ns, pending.stop, skipping)
        self._out = (file, chunk)
        return chunk

    def _read(self, file: _File) -> Chunk | None:
        size, position, now = os.fstat(file.descriptor).st_size, file.position, self._clock.monotonic()
        if size != file.size:
            file.grew_at = now
            if size < position.offset or not position.is_of(file.descriptor):
                position = file.position = self._begin_anew(file, size)
        final = file.gone_at is not None and now - max(file.gone_at, file.grew_at) >= _LINGER_S
        quiet = self._wanted.splitter.first is not None and now - file.grew_at >= _QUIET_S
        if size == file.size and not final and not quiet:
            return None
        data = os.pread(file.descriptor, _BATCH_BYTES, position.offset)
        ends = position.offset + len(data) >= size
        whole = ends and (final or (quiet and data.endswith(b"\n")))
        split = self._wanted.splitter.split(data, final=whole, skipping=position.skipping)
        if split.pieces:
            file.size = _MORE if split.consumed < len(data) or not ends else size
            return Chunk(position.path, position.offset, split.pieces, self._clock.now_ns(), position.offset + split.consumed, split.skipping)
        file.size = size
        if split.consumed:
            file.position = moved(position, position.offset + split.consumed, file.descriptor, skipping=split.skipping, now_ns=self._clock.now_ns())
            self._dirty[position.key] = file.position
            file.size = size if ends else _MORE
        if final and ends:
            self._forget(file)
        return None

    def _begin_anew(self, file: _File, size: int) -> Position:
        """It was truncated, or written anew in its place; by a copy, perhaps."""
        self._past = [file.position, *self._past][:_PAST]
        original = self._copied(file.descriptor, size, file.position.key)
        offset = original.offset if original else 0
        position = replace(file.position, offset=offset, skipping=False, print=fingerprint(file.descriptor, offset))
        self._dirty[position.key] = position
        return position

    def _forget(self, file: _File) -> None:
        """It is gone, and read to its end."""
        self._past = [file.position, *self._past][:_PAST]
        os.close(file.descriptor)
        del self._files[file.position.key]

    def _scan(self) -> None:
        """Look for files that have come, and for those that are gone."""
        now = self._clock.monotonic()
        if now < self._scan_at:
            return
        self._problems.clear()
        there: set[Key] = set()
        for path in self._matching():
            key = self._look(path)
            if key is not None:
                there.add(key)
        for key, file in self._files.items():
            if key in there:
                file.gone_at = None
            elif file.gone_at is None:
                file.gone_at = now
        if self._saved:
            self._find_renamed(there)
            self._saved.clear()
        self._first = False
        self._partial = {key: size for key, size in self._partial.items() if key not in self._files}
        ended = self._clock.monotonic()
        self._scan_at = ended + max(_SCAN_S, _SCAN_SHARE * (ended - now))

    def _matching(self) -> Iterator[str]:
        """Paths of files that match, in order, each once."""
        excluded = self._wanted.exclude
        names = (path for pattern in self._wanted.paths for path in glob.iglob(os.path.expanduser(pattern), recursive=True))  # noqa: PTH111, PTH207
        found = set(islice(names, _MOST_NAMES))
        wanted = [path for path in sorted(found) if not path.endswith(_PACKED) and not any(Path(path).match(pattern) for pattern in excluded)]
        if not wanted:
            self._problems["none"] = f"no file matches {', '.join(self._wanted.paths)}; they are read as soon as they are there"
        return iter(wanted)

    def _look(self, path: str) -> Key | None:
        """What is at a path now; opened, if it is new."""
        try:
            status = os.stat(path)  # noqa: PTH116 -- symbolic links are followed
            key = (status.st_dev, status.st_ino)
            if not stat.S_ISREG(status.st_mode):
                return None
            if key in self._files:
                file = self._files[key]
                if file.position.path != path and file.gone_at is None and not _is_at(file.position.path, key):
                    file.position = replace(file.position, path=path)  # renamed, and still one that is wanted
                return key
            if len(self._files) >= self._wanted.most_files:
                self._problems["many"] = f"more than {self._wanted.most_files} files match, and the others are not read; narrow the paths, or raise `max_files`"
                return None
            return self._open(path, key)
        except OSError as error:
            self._problems[path] = f"{path} cannot be read: {error.strerror}; give the server's user the right to, or exclude it"
            return None

    def _open(self, path: str, key: Key) -> Key | None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != key or not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise OSError(0, "it was replaced just now")
        known = self._saved.get(key)
        if known is not None and known.offset <= status.st_size and known.is_of(descriptor):
            position = replace(known, path=path)
        elif self._may_be_half_a_copy(descriptor, status.st_size, key):
            os.close(descriptor)
            return None
        else:
            position = self._start(path, key, descriptor, status.st_size)
            self._dirty[key] = position
        self._files[key] = _File(descriptor, position, grew_at=self._clock.monotonic())
        return key

    def _start(self, path: str, key: Key, descriptor: int, size: int) -> Position:
        """Where a file that is not known begins to be read."""
        now_ns = self._clock.now_ns()
        offset, skipping = 0, False
        if self._first and not self._wanted.from_start:
            offset = size
            skipping = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        elif key in self._partial:
            offset = size  # a copy of the begin of a file; all of it was told
        elif (original := self._copied(descriptor, size, key)) is not None:
            offset, skipping = original.offset, original.skipping
        return Position(key, path, offset, skipping, fingerprint(descriptor, offset), now_ns)

    def _copied(self, descriptor: int, size: int, key: Key) -> Position | None:
        """The position of the file of which this is a copy."""
        for one in self._others(key):
            if _COPY_BYTES <= one.offset <= size and one.print.head_bytes >= _COPY_BYTES and one.is_of(descriptor):
                return one
        return None

    def _may_be_half_a_copy(self, descriptor: int, size: int, key: Key) -> bool:
        """Whether it begins as a file does of which more was read: then it is looked at again when it has grown, or at the next look."""
        if self._partial.get(key) == size:
            return False
        for one in self._others(key):
            if one.print.head_bytes == HEAD_BYTES and size < one.offset and one.begins(descriptor):
                self._partial[key] = size
                return True
        return False

    def _others(self, key: Key) -> Iterator[Position]:
        yield from (file.position for file in self._files.values() if file.position.key != key)
        yield from (position for position in self._past if position.key != key)

    def _find_renamed(self, there: set[Key]) -> None:
        """Files that were renamed while nobody looked, to names that do not match: what was not read of them is read."""
        missing = {key: position for key, position in self._saved.items() if key not in there}
        for folder in {os.path.dirname(position.path) for position in missing.values()}:  # noqa: PTH120 -- a text
            try:
                entries = [(entry.inode(), entry.path) for entry in os.scandir(folder) if entry.is_file()]
            except OSError:
                continue
            for inode, path in entries:
                key = next((key for key in missing if key[1] == inode), None)
                if key is not None and not path.endswith(_PACKED):
                    self._reopen(path, missing[key])

    def _reopen(self, path: str, known: Position) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == known.key and known.offset < status.st_size and known.is_of(descriptor):
            now = self._clock.monotonic()
            self._files[known.key] = _File(descriptor, known, gone_at=now, grew_at=now)
        else:
            os.close(descriptor)


def _pending(file: _File, chunk: Chunk) -> Pending:
    return Pending(file.position.key, chunk.start, chunk.end, file.position.skipping, chunk.time_ns, chunk.path)


def _is_at(path: str, key: Key) -> bool:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == key
