"""What has been read and told already, kept over restarts: a small SQLite file in the runner's own folder.

Three things: per file how far it was read, per span or event what was told of it (so that a copied, rewritten or re-read file tells nothing twice),
and where sub-agents hang. Everything of one step is written in one transaction, after what it told was delivered: what a crash undoes is told again
under the same ids.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from spyglass.collect.statements import statements
from spyglass.collect.transcripts.pieces import Place
from spyglass.model.told import Event, Span

__all__ = ["Known", "Ledger", "Sifted"]

log = structlog.get_logger()

_SQL: Final = statements("ledger")


@dataclass(slots=True)
class Known:
    """How far a file was read: bytes `upto` (or records), of which `tail` is a digest of the last; `place` and `memory` are where a reader begins again."""

    path: str
    size: int = -1
    modified_ns: int = 0
    upto: int = 0
    tail: bytes = b""
    place: int = 0
    memory: Mapping[str, Any] = field(default_factory=dict)
    rested: bool = False  # all was told, nothing more has come


@dataclass(frozen=True, slots=True)
class Sifted:
    """What of some spans and events is new; `marks` are for `keep`, `size_bytes` about what the new ones weigh."""

    new: Sequence[Span | Event]
    sizes: Sequence[int]
    marks: Mapping[bytes, tuple[bytes, bytes]]  # id -> digests of what it says, and of whose session it is
    copied: int  # another session has told them


class Ledger:
    """The only door to the file. Used by one thread."""

    def __init__(self, path: Path, now_ns: int) -> None:
        self._now_ns = now_ns
        try:
            self._open(path)
        except sqlite3.DatabaseError as error:
            log.warning("ledger of transcripts is unreadable, begun anew", error=str(error))
            for part in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                part.unlink(missing_ok=True)
            self._open(path)

    def close(self) -> None:
        """What was not kept is undone."""
        self._base.close()

    def file(self, path: str) -> Known | None:
        """What is known of a file."""
        row = self._base.execute(_SQL["file"], [path]).fetchone()
        return Known(row[0], row[1], row[2], row[3], row[4], row[5], orjson.loads(row[6]), rested=bool(row[7])) if row else None

    def sift(self, items: Iterable[Span | Event]) -> Sifted:
        """Those that were not told yet, or were told with less in them."""
        marks: dict[bytes, tuple[bytes, bytes]] = {}
        new: list[Span | Event] = []
        sizes: list[int] = []
        copied = 0
        for item in items:
            body = orjson.dumps(item, default=_plain, option=orjson.OPT_NON_STR_KEYS)
            digest, owner = _digest(body), _digest(str(item.attributes.get("session.id")).encode(errors="replace"))
            key = item.trace_id + (item.span_id if isinstance(item, Span) else _named(item))
            row = self._base.execute(_SQL["told"], [key]).fetchone()
            before = marks.get(key) or row
            if before and before[1] != owner:
                copied += 1
            elif (not before or before[0] != digest) and not (before and isinstance(item, Span) and "spyglass.pending" in item.attributes):
                marks[key] = digest, owner
                new.append(item)
                sizes.append(len(body))
        return Sifted(new, sizes, marks, copied)

    def keep(self, known: Known, sifted: Sifted, now_ns: int) -> None:
        """All that one step has changed, or nothing of it."""
        self._now_ns = now_ns
        self._base.executemany(_SQL["keep_told"], [(key, *mark, now_ns) for key, mark in sifted.marks.items()])
        memory = orjson.dumps(known.memory).decode()
        row = (known.path, known.size, known.modified_ns, known.upto, known.tail, known.place, memory, known.rested, now_ns)
        self._base.execute(_SQL["keep_file"], row)
        self._base.commit()

    def undo(self) -> None:
        """Forget what was not kept."""
        self._base.rollback()

    def prune(self, before_ns: int) -> None:
        """Forget what is so old that its files are gone, or will not change any more."""
        for table in ("told", "links", "files"):
            self._base.execute(_SQL[f"prune_{table}"], [before_ns])
        self._base.commit()

    def offer(self, session: str, prompt: str, call: str, place: Place) -> None:
        """A tool call that starts a sub-agent with this prompt."""
        row = (session, call, _digest(prompt.encode(errors="replace")), place.trace, place.parent, place.agent, self._now_ns)
        self._base.execute(_SQL["offer"], row)

    def bind(self, session: str, agent: str, call: str) -> None:
        """The sub-agent of this id was started by this tool call, unless it has a place already."""
        if self._base.execute(_SQL["by_agent"], [session, agent]).fetchone() is None:
            self._base.execute(_SQL["bind"], [agent, session, call])

    def find(self, session: str, agent: str, prompt: str, call: str) -> Place | None:
        """The place of a sub-agent, by what is surest: as it was found before, by the call's id, by the prompt."""
        if call:
            self.bind(session, agent, call)
        row = self._base.execute(_SQL["by_agent"], [session, agent]).fetchone()
        if row is None:
            digest = _digest(prompt.encode(errors="replace"))
            row = self._base.execute(_SQL["by_prompt"], [session, digest]).fetchone()
            if row is not None:
                self.bind(session, agent, row[3])
        return Place(row[0], row[1], row[2]) if row else None

    def adopt(self, session: str, agent: str, place: Place) -> None:
        """A sub-agent that nobody seems to have started has a trace of its own, for good."""
        row = (session, f"\0{agent}", agent, place.trace, place.parent, place.agent, self._now_ns)
        self._base.execute(_SQL["adopt"], row)

    def _open(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=10, check_same_thread=False)
        try:
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.executescript(_SQL["schema"])
            self._base.commit()
        except sqlite3.DatabaseError:
            self._base.close()
            raise


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=8).digest()


def _named(event: Event) -> bytes:
    """What makes an event the same one in a copy of its session, which has another id."""
    told = {name: value for name, value in event.attributes.items() if name not in {"session.id", "gen_ai.conversation.id"}}
    return _digest(orjson.dumps([event.name, event.time_ns, event.span_id, event.body, told], default=_plain, option=orjson.OPT_NON_STR_KEYS))


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)
