"""Follows transcripts: what is new in each, step by step, so that one large file does not hold up the rest.

In: `Found` files (find.py). Out: steps: the spans and events that one piece of one file led to, and a way to keep (ledger.py) that they were delivered.

A file of lines is read from where it was left, complete lines only; it is begun anew when what was read before does not stand there any more (cut off,
or written anew). A document is read whole, a folder of events file by file. When nothing was written for `settle_s`, what there is of a running turn is
told (`rest`). Whatever is read twice is told once: ids come from the records, and the ledger knows what was told.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final

import structlog

from spyglass.collect.transcripts.content import parse
from spyglass.collect.transcripts.find import Found
from spyglass.collect.transcripts.ledger import Known, Ledger, Sifted
from spyglass.collect.transcripts.pieces import WARN, Limits
from spyglass.collect.transcripts.session import Opening, Reader
from spyglass.model.clock import Clock
from spyglass.model.errors import DecodeError
from spyglass.model.told import Event, Span
from spyglass.plugin.contracts import Tally

__all__ = ["Bounds", "Follower", "Step"]

log = structlog.get_logger()

_PIECE: Final = 1 << 20  # bytes read at a time
_TAIL: Final = 256  # bytes before the end of what was read, by which a file is known again
_OPEN: Final = 64  # readers that are kept while their files grow
_COMPANION: Final = 1 << 20
_RETRY_S: Final = 30.0  # before a file that could not be opened is tried again
_FORBIDDEN: Final = (errno.EACCES, errno.EPERM)
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read, and how long is waited."""

    line: int = 32 << 20  # bytes
    document: int = 64 << 20  # bytes
    settle_s: float = 30.0
    patience_s: float = 120.0  # for a sub-agent's place
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Step:
    """What a piece of a file led to. `read_bytes`: of the file."""

    agent: str
    new: Sequence[Span | Event]
    sizes: Sequence[int]
    read_bytes: int
    known: Known
    sifted: Sifted


@dataclass(slots=True)
class _Open:
    """A file that is being read."""

    found: Found
    known: Known
    reader: Reader
    upto: int  # where the next piece begins
    size: int = 0  # bytes that there were when it was read last
    skipping: bool = False  # in the middle of a line that is too long


class Follower:
    """Reads what is due, piece by piece. One thread."""

    def __init__(self, ledger: Ledger, clock: Clock, tally: Tally, bounds: Bounds) -> None:
        self._ledger, self._clock, self._tally, self._bounds = ledger, clock, tally, bounds
        self._due: dict[str, Found] = {}
        self._queue: deque[str] = deque()  # paths of what is due, in the order of their turn
        self._waits: dict[str, float] = {}  # path -> time (s, monotonic) before which there is nothing to do
        self._done: dict[str, tuple[int, int]] = {}  # path -> size and time when all was told
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self.problems: dict[str, str] = {}

    def look(self, found: dict[str, Found]) -> None:
        """All transcripts there are by now."""
        for path in [path for path in (*self._due, *self._done) if path not in found]:
            self._gone(path)
        for path, file in found.items():
            if self._done.get(path) != (file.size, file.modified_ns) and not self._rested(file):
                before = self._due.get(path)
                if before is None or (before.size, before.modified_ns) != (file.size, file.modified_ns):
                    self._waits.pop(path, None)
                self._due[path] = file
        self._queue = deque(file.path for file in sorted(self._due.values(), key=self._rank))

    def hot(self) -> list[str]:
        """Files to look at more often than at the rest: those that are not told to the end."""
        return list(self._due)

    def step(self) -> Step | None:
        """The next piece; None: there is nothing to do until the next look."""
        now_s = self._clock.monotonic()
        while self._queue:
            file = self._due.get(self._queue[0])
            if file is not None and self._waits.get(file.path, 0.0) <= now_s:
                try:
                    step = self._piece(file)
                except FileNotFoundError:
                    step = None
                    self._gone(file.path)
                except OSError as error:
                    step = None
                    self._problem(file, error)
                if step is not None:
                    return step
            self._queue.popleft()
        return None

    def keep(self, step: Step) -> None:
        """What a step told was delivered."""
        self._ledger.keep(step.known, step.sifted, self._clock.now_ns())

    def _rank(self, file: Found) -> tuple[bool, bool, int]:
        """What is written now goes first, then from old to new; sub-agents after those who start them."""
        live = self._clock.now_ns() - file.modified_ns < 60 * 10**9
        return (not live, file.child, file.modified_ns)

    def _rested(self, file: Found) -> bool:
        if file.path in self._due:
            return False
        known = self._ledger.file(_name(file.path))
        if known is None or not known.rested or (known.size, known.modified_ns) != (file.size, file.modified_ns):
            return False
        self._done[file.path] = (file.size, file.modified_ns)
        return True

    def _gone(self, path: str) -> None:
        """It lies there no more, or is passed over now. What of it was not read is counted: where it went, and whether that is read, nobody says."""
        file, opened = self._due.get(path), self._open.get(path)
        if file is not None and file.format.shape == "lines" and not _there(path):
            known = opened.known if opened is not None else self._ledger.file(_name(path))
            if file.size > (opened.upto if opened is not None else known.upto if known is not None else 0):
                self._tally.dropped("gone_unread")
        self._forget(path)

    def _forget(self, path: str) -> None:
        for place in (self._due, self._waits, self._done, self._open, self.problems):
            place.pop(path, None)

    def _problem(self, file: Found, error: OSError) -> None:
        if file.path not in self.problems:
            self._tally.dropped("unreadable")
        remedy = "; let the user that Spyglass runs as read it" if error.errno in _FORBIDDEN else ""
        self.problems[file.path] = f"{file.path}: {(error.strerror or 'unreadable').lower()}{remedy}"
        self._waits[file.path] = self._clock.monotonic() + _RETRY_S

    def _finished(self, file: Found) -> None:
        """All of it is told, as it is now."""
        self._due.pop(file.path, None)
        self._waits.pop(file.path, None)
        self._open.pop(file.path, None)  # when it goes on, it is opened where its turn began
        self._done[file.path] = (file.size, file.modified_ns)

    # one piece

    def _piece(self, file: Found) -> Step | None:
        opened = self._opened(file)
        if file.format.shape == "lines":
            read, ended = self._lines(opened)
        elif file.format.shape == "document":
            read, ended = self._document(opened)
        else:
            read, ended = self._events(opened)
        self.problems.pop(file.path, None)
        return self._told(opened, read, ended=ended)

    def _opened(self, file: Found) -> _Open:
        opened = self._open.get(file.path)
        if opened is not None and not opened.reader.waiting and file.format.shape != "document":
            opened.found = file
            self._open.move_to_end(file.path)
            return opened
        known = self._ledger.file(_name(file.path)) or Known(_name(file.path))
        opened = self._open[file.path] = self._fresh(file, known)
        while len(self._open) > _OPEN:
            self._open.popitem(last=False)
        return opened

    def _fresh(self, file: Found, known: Known) -> _Open:
        patient = file.child and self._age_s(file) < self._bounds.patience_s
        opening = Opening(
            _name(file.path),
            file.modified_ns,
            self._bounds.limits,
            known.memory,
            self._tally.dropped,
            self._ledger,
            lambda name: _companion(file.path, name),
            patient=patient,
        )
        return _Open(file, known, file.format.make(opening), known.place)

    def _age_s(self, file: Found) -> float:
        age_s = (self._clock.now_ns() - file.modified_ns) / 1e9
        return age_s if age_s > -self._bounds.settle_s else float("inf")  # a time to come says nothing

    def _quiet(self, file: Found) -> bool:
        return self._age_s(file) >= self._bounds.settle_s

    def _told(self, opened: _Open, read: int, *, ended: bool) -> Step | None:
        """The step that a piece became; nothing where nothing has changed."""
        file, known, session = opened.found, opened.known, opened.reader.session
        if opened.reader.waiting:
            self._ledger.undo()
            self._waits[file.path] = self._clock.monotonic() + 1.0
            return None
        rest = ended and self._quiet(file)
        items = session.take(rest=rest)
        sifted = self._ledger.sift(items)
        if sifted.copied:
            self._tally.dropped("copied", sifted.copied)
        point = session.checkpoint
        known.place, known.memory = point.place, point.memory
        if rest:
            known.rested, known.size, known.modified_ns = True, file.size, file.modified_ns
            self._finished(file)
        elif ended:
            known.rested = False
            self._waits[file.path] = self._clock.monotonic() + max(0.05, self._bounds.settle_s - self._age_s(file))
        if not sifted.new and not read and not rest:
            return None
        return Step(file.format.agent, sifted.new, sifted.sizes, read, known, sifted)

    # files of lines

    def _lines(self, opened: _Open) -> tuple[int, bool]:
        """Read on; bytes read, and whether that was the last of them."""
        with _reading(opened.found.path) as source:
            size = os.fstat(source.fileno()).st_size
            if size < opened.known.upto or not self._same(source, opened.known):
                if opened.size > opened.upto:
                    self._tally.dropped("rewritten_unread")
                self._again(opened)
            opened.size = size
            source.seek(opened.upto)
            piece = self._next(source, opened)
            at_end = opened.upto + len(piece) >= size
            if opened.skipping:
                taken = piece.find(b"\n") + 1 or len(piece)
                opened.skipping = not piece[:taken].endswith(b"\n")
                at_end = at_end and taken == len(piece)
            else:
                taken = self._taken(opened, piece, whole=at_end and self._quiet(opened.found))
            opened.upto += taken
            self._mark(source, opened)
        return taken, at_end

    def _next(self, source: BinaryIO, opened: _Open) -> bytes:
        """About a mebibyte, and more where that is not a complete line, up to the longest one allowed."""
        piece = source.read(_PIECE)
        parts, size = [piece], len(piece)
        while not opened.skipping and b"\n" not in piece and size < self._bounds.line and (piece := source.read(_PIECE)):
            parts.append(piece)
            size += len(piece)
        return b"".join(parts)

    def _taken(self, opened: _Open, piece: bytes, *, whole: bool) -> int:
        """Feed the complete lines; how many bytes they are. `whole`: nobody is writing any more, the rest is a line too if it can be read."""
        end = piece.rfind(b"\n") + 1
        if not end and len(piece) >= self._bounds.line:
            self._tally.dropped("too_long")
            opened.skipping = True
            return len(piece)
        at = 0
        while at < end:
            stop = piece.index(b"\n", at, end)
            self._feed(opened, piece[at:stop], opened.upto + at)
            at = stop + 1
        if whole and end < len(piece) and _complete(piece[end:]):
            self._feed(opened, piece[end:], opened.upto + end)
            return len(piece)
        return end

    def _same(self, source: BinaryIO, known: Known) -> bool:
        """Whether what was read before still stands there."""
        return not known.tail or _tail(source, known.upto) == known.tail

    def _again(self, opened: _Open) -> None:
        """The file was cut off or written anew: from its begin."""
        log.info("transcript was written anew", path=opened.found.path)
        fresh = self._fresh(opened.found, Known(_name(opened.found.path)))
        opened.known, opened.reader, opened.upto, opened.skipping = fresh.known, fresh.reader, 0, False

    def _mark(self, source: BinaryIO, opened: _Open) -> None:
        if opened.upto >= opened.known.upto:
            opened.known.upto, opened.known.tail = opened.upto, _tail(source, opened.upto)

    def _feed(self, opened: _Open, record: bytes, place: int) -> None:
        """One record; one that cannot be read is counted, and told as an event."""
        if not record.strip():
            return
        self._tally.seen()
        try:
            opened.reader.feed(record, place)
        except DecodeError as error:
            reason, why = "undecodable", error.message
        except Exception as error:  # formats are other people's, and change: a record that nobody foresaw must not end the runner, again at each start
            log.warning("record of a transcript could not be read", path=opened.found.path, place=place, error=type(error).__name__)
            reason, why = "unforeseen", type(error).__name__
        else:
            return
        self._tally.dropped(reason)
        opened.reader.session.note("transcript.unreadable", 0, {"spyglass.reason": why, "spyglass.record.size_bytes": len(record)}, None, WARN)

    # documents, and folders of events

    def _document(self, opened: _Open) -> tuple[int, bool]:
        file = opened.found
        if file.size > self._bounds.document:
            self._tally.dropped("too_large")
            self._finished(file)
            return 0, True
        with _reading(file.path) as source:
            body = source.read(self._bounds.document + 1)
        if self._quiet(file) or _complete(body) or file.path.endswith("l"):  # else it is being written
            self._feed(opened, body, 0)
        opened.known.upto = len(body)
        return len(body), True

    def _events(self, opened: _Open) -> tuple[int, bool]:
        folder, read = Path(opened.found.path), 0
        names = sorted((name.name for name in folder.iterdir() if name.suffix == ".json"), key=_numbered)
        opened.upto = min(opened.upto, len(names))
        while opened.upto < len(names) and read < _PIECE:
            body = self._event_file(folder / names[opened.upto])
            if body is None and not self._quiet(opened.found):
                return read, True  # the newest one is not complete
            if body is not None:
                self._feed(opened, body, opened.upto)
                read += len(body)
            opened.upto += 1
        opened.known.upto = opened.upto
        return read, opened.upto >= len(names)

    def _event_file(self, path: Path) -> bytes | None:
        with _reading(str(path)) as source:
            body = source.read(self._bounds.line + 1)
        if len(body) > self._bounds.line:
            self._tally.dropped("too_long")
            return b""
        return body if _complete(body) else None


def _name(path: str) -> str:
    """The path as text that can be kept and told, whatever bytes it is made of."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _reading(path: str) -> BinaryIO:
    """The file, opened so that a pipe in its place does not hold us up.

    Raises:
        OSError: it cannot be opened, or something else has come into its place since it was found.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file any more")
    return os.fdopen(descriptor, "rb")


def _there(path: str) -> bool:
    """Whether it lies there; also when that cannot be seen."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - what Path has for it forgives too much or too little
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def _tail(source: BinaryIO, upto: int) -> bytes:
    begin = max(0, upto - _TAIL)
    source.seek(begin)
    return blake2b(source.read(upto - begin), digest_size=16).digest() if upto else b""


def _complete(record: bytes) -> bool:
    try:
        parse(record)
    except DecodeError:
        return False
    return True


def _numbered(name: str) -> tuple[int, str]:
    found = _NUMBER.search(name)
    return (int(found[0]) if found else 0, name)


def _companion(path: str, name: str) -> Any:
    """The JSON of a small file beside a transcript; of a pattern, the paths that it fits."""
    folder = Path(path).parent
    if "*" in name:
        return [str(found) for found in folder.glob(name)]
    try:
        with _reading(str(folder / name)) as source:
            return parse(source.read(_COMPANION))
    except (OSError, DecodeError):
        return None
