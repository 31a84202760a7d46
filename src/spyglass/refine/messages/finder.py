"""Which rows have messages, where, and which hashes they are.

In: a batch and the ranked sources of all dialects. Out: `Found`. Sources are read one after the other, the best first, each for all rows that still have none.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby, repeat
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from spyglass.model.batch import Batch
from spyglass.model.columns import flat
from spyglass.model.schema import Kind
from spyglass.refine.leaves import Ints
from spyglass.refine.messages.canonical import HASH_BYTES, Message
from spyglass.refine.messages.entries import Entries, SpanEvents, columns_of
from spyglass.refine.messages.events import read_body, read_event
from spyglass.refine.messages.flattened import Pairs, read_flattened
from spyglass.refine.messages.message import read_message
from spyglass.refine.messages.reader import Fresh, Reader
from spyglass.refine.messages.sources import CALLS, Direction, MessageSources, Source, ranked
from spyglass.refine.messages.values import decoded, plain_of_otlp

__all__ = ["Finder", "Found"]

_ROLE: Final[dict[Direction, str]] = {"input": "user", "output": "assistant", "system": "system"}
_OTLP: Final = (ord("A"), ord("K"))
Read = Iterator[tuple[int, bytes]]  # row, hashes


class Origin(NamedTuple):
    """Rows whose messages may be known by their hashes alone, and what parses those of the i-th of them (into `Found.fresh`)."""

    rows: list[int]
    parse: Callable[[int], object]


@dataclass(slots=True)
class Found:
    """Hashes by row, end to end; messages that were parsed; and where the others can be read again."""

    inputs: dict[int, bytes] = field(default_factory=dict)
    outputs: dict[int, bytes] = field(default_factory=dict)
    fresh: Fresh = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many messages the rows have."""
        return sum(len(told) for side in (self.inputs, self.outputs) for told in side.values()) // HASH_BYTES


class Finder:
    """Reads the sources. Keeps no state but the reader's memory."""

    def __init__(self, sections: list[MessageSources], reader: Reader) -> None:
        self._reader = reader
        directions: tuple[Direction, ...] = ("input", "output", "system")
        self._sources = {direction: _grouped(ranked(sections, direction)) for direction in directions}
        self._events = frozenset(source.event for groups in self._sources.values() for group in groups for source in group if source.event)

    def find(self, batch: Batch) -> Found:
        """The messages of all rows."""
        found = Found()
        view = _View(batch, self._events)
        sides: tuple[tuple[Direction, dict[int, bytes]], ...] = (("input", found.inputs), ("output", found.outputs))
        for direction, into in sides:
            for group in self._sources[direction]:
                into.update(self._read(view, group, direction, into, found))
        self._lead(view, found)
        return found

    def _lead(self, view: _View, found: Found) -> None:
        """Instructions that stand apart lead the input, unless it has a system message already."""
        done: dict[int, bytes] = {}
        for group in self._sources["system"]:
            for row, hashes in self._read(view, group, "system", done, found):
                done[row] = hashes
                own = found.inputs.get(row, b"")
                if not own or not self._reader.is_system(own[:HASH_BYTES]):
                    found.inputs[row] = hashes + own

    def _read(self, view: _View, group: tuple[Source, ...], direction: Direction, done: dict[int, bytes], found: Found) -> list[tuple[int, bytes]]:
        """(row, hashes) of the rows in which these sources have messages and which are not done yet."""
        source = group[0]
        role = source.role or _ROLE[direction]
        if source.event:
            return list(self._of_events(view, group, direction, done, found))
        if source.flat:
            return list(self._of_flattened(view, source, role, done, found))
        if source.parts is not None:
            return list(self._of_parts(view, source, role, done, found))
        if source.key in view.entries:
            return self._of_key(view, view.rows_of(source, view.entries.of(source.key), done), role, found)
        return []

    def _of_key(self, view: _View, positions: Ints, role: str, found: Found) -> list[tuple[int, bytes]]:
        """The hot road: one attribute that holds a list of messages."""
        entries, read, fresh = view.entries, self._reader.hashes, found.fresh
        numbers = entries.rows(positions)
        if len(numbers) > 1:  # a key that is there twice: the first one counts
            once = np.concatenate(([True], numbers[1:] != numbers[:-1]))
            positions, numbers = positions[once], numbers[once]
        rows: list[int] = numbers.tolist()
        values, otlp = entries.values(positions), entries.are_otlp(positions)
        found.origins.append(Origin(rows, lambda at: self._reader.bodies(values[at], role, fresh, otlp=otlp is not None and otlp[at])))
        strict = repeat(False) if role == "system" else view.are_no_calls(numbers)
        hashes = map(read, values, repeat(role), repeat(fresh), otlp or repeat(False), strict)
        return [pair for pair in zip(rows, hashes, strict=True) if pair[1]]

    def _of_flattened(self, view: _View, source: Source, role: str, done: dict[int, bytes], found: Found) -> Read:
        """Attributes `<flat>.<index>.<field>`, put in order of their rows and indexes."""
        positions = view.rows_of(source, view.entries.below(source.flat), done)
        if not len(positions):
            return
        indexes, fields = view.entries.numbered(positions, source.flat)
        numbers = view.entries.rows(positions)
        order = np.lexsort((indexes, numbers))
        values = view.entries.texts(positions[order])
        told = zip(numbers[order].tolist(), indexes[order].tolist(), [fields[i] for i in order.tolist()], values, strict=True)
        rows: list[int] = []
        flattened: list[list[Pairs]] = []
        for row, entries in groupby(told, key=itemgetter(0)):
            rows.append(row)
            flattened.append([[(field, value) for _, _, field, value in message] for _, message in groupby(entries, key=itemgetter(1))])
        found.origins.append(Origin(rows, lambda at: self._reader.keep(read_flattened(flattened[at], role), found.fresh)))
        for row, messages in zip(rows, flattened, strict=True):
            if hashes := self._reader.of_flattened(messages, role, found.fresh):
                yield row, hashes

    def _of_parts(self, view: _View, source: Source, role: str, done: dict[int, bytes], found: Found) -> Read:
        told: dict[int, dict[str, str]] = {}
        for name, key in source.parts or ():
            if key in view.entries:
                positions = view.rows_of(source, view.entries.of(key), done)
                for row, value in zip(view.entries.rows(positions).tolist(), view.entries.texts(positions), strict=True):
                    told.setdefault(row, {}).setdefault(name, value)
        for row, parts in sorted(told.items()):
            content = parts.get("text") or parts.get("object")
            block = {"role": role, "content": content, "tool_calls": decoded(parts.get("tool_calls", "")), "reasoning": parts.get("reasoning")}
            message = read_message(block, role)
            yield from self._kept(row, [message] if message is not None else [], found)

    def _of_events(self, view: _View, group: tuple[Source, ...], direction: Direction, done: dict[int, bytes], found: Found) -> Read:
        by_name = {source.event: source for source in group}
        if view.kind is Kind.EVENT:
            yield from self._of_records(view, by_name, direction, done, found)
            return
        for row, events in view.span_events.items():
            hashes: list[bytes] = []
            for name, attributes, codes in events if row not in done else ():
                source = by_name.get(name)
                if source is None or not view.allows(source, row):
                    continue
                role = source.role or _ROLE[direction]
                if not source.key:
                    hashes += [message.hash for message in self._reader.keep(read_event(attributes, role), found.fresh)]
                elif value := attributes.get(source.key, "").encode():
                    otlp = ord(codes.get(source.key, "s")) in _OTLP
                    found.origins.append(Origin([row], partial(self._reader.bodies, value, role, found.fresh, otlp=otlp)))
                    hashes.append(self._reader.hashes(value, role, found.fresh, otlp))
            if told := b"".join(hashes):
                yield row, told

    def _of_records(self, view: _View, by_name: dict[str, Source], direction: Direction, done: dict[int, bytes], found: Found) -> Read:
        """Log records: one with a key holds a list, another one is a message itself."""
        for row, name in view.named_records(by_name):
            source = by_name[name]
            role = source.role or _ROLE[direction]
            if row in done:
                continue
            if source.key:
                yield from self._of_key(view, view.of_row(source.key, row), role, found)
                continue
            text, code = view.body(row)
            body = plain_of_otlp(decoded(text)) if ord(code or "s") in _OTLP else decoded(text)
            messages = read_body(body, role) if body not in (None, "") else []
            yield from self._kept(row, messages or read_event(view.attributes(row), role), found)

    def _kept(self, row: int, messages: list[Message], found: Found) -> Read:
        if hashes := b"".join([message.hash for message in self._reader.keep(messages, found.fresh)]):
            yield row, hashes


class _View:
    """A batch as the sources see it; everything is made when first asked for."""

    def __init__(self, batch: Batch, events: frozenset[str]) -> None:
        self.kind = batch.kind
        self._rows = batch.rows
        self._wanted_events = events
        kinds = flat(batch.rows["kind"]).dictionary_encode()
        self._kind_names: list[str] = kinds.dictionary.to_pylist()
        self._kind_of: npt.NDArray[np.int32] = kinds.indices.to_numpy(zero_copy_only=False)
        self._allowed: dict[frozenset[str], npt.NDArray[np.bool_]] = {}

    @cached_property
    def entries(self) -> Entries:
        return Entries(*columns_of(self._rows))

    @cached_property
    def span_events(self) -> dict[int, list[tuple[str, dict[str, str], dict[str, str]]]]:
        return SpanEvents(flat(self._rows["events"]), self._wanted_events).by_row()

    def rows_of(self, source: Source, positions: Ints, done: dict[int, bytes]) -> Ints:
        """Of these entries those whose row may have the source and has no messages yet."""
        if not len(positions):
            return positions
        rows = self.entries.rows(positions)
        mask = self._mask(source)[rows]
        if done:
            mask &= ~np.isin(rows, np.fromiter(done, np.int64, len(done)))
        return positions[mask]

    def are_no_calls(self, rows: Ints) -> Iterable[bool]:
        """Whether a text without a shape is no message: it is one in model calls, and in records that stand for messages."""
        if self.kind is Kind.EVENT:
            return repeat(False)
        flags = np.array([name not in CALLS for name in self._kind_names], bool)[self._kind_of[rows]]
        return list(flags.tolist()) if flags.any() else repeat(False)

    def allows(self, source: Source, row: int) -> bool:
        """Whether the kind of the row is one of the source's."""
        return bool(self._mask(source)[row])

    def _mask(self, source: Source) -> npt.NDArray[np.bool_]:
        kinds = source.kinds - CALLS if source.history else source.kinds
        mask = self._allowed.get(kinds)
        if mask is None:
            mask = self._allowed[kinds] = np.array([name in kinds for name in self._kind_names], bool)[self._kind_of]
        return mask

    def named_records(self, names: Container[str]) -> list[tuple[int, str]]:
        """The log records with one of these event names."""
        return [(row, name) for row, name in self._named if name in names]

    @cached_property
    def _named(self) -> list[tuple[int, str]]:
        names = flat(self._rows["event_name"]).dictionary_encode()
        words = names.dictionary.to_pylist()
        places = [i for i, name in enumerate(words) if name in self._wanted_events]
        indices = names.indices.to_numpy(zero_copy_only=False)
        return [(row, words[indices[row]]) for row in np.flatnonzero(np.isin(indices, places)).tolist()]

    def of_row(self, key: str, row: int) -> Ints:
        """Positions of the entries of one row with this key."""
        positions = self.entries.of(key)
        mine: Ints = positions[self.entries.rows(positions) == row]
        return mine

    def body(self, row: int) -> tuple[str, str]:
        """Text and type code of a log record's body."""
        return self._rows["body"][row].as_py() or "", self._rows["body_type"][row].as_py() or ""

    def attributes(self, row: int) -> dict[str, str]:
        """A row's attributes."""
        return dict(self._rows["attributes"][row].as_py() or ())


def _grouped(sources: tuple[Source, ...]) -> list[tuple[Source, ...]]:
    """Each source by itself, except that events of one rank make one list."""
    groups: list[tuple[Source, ...]] = []
    for _, same in groupby(sources, key=lambda source: (source.rank, bool(source.event))):
        told = tuple(same)
        groups += [told] if told[0].event else [(source,) for source in told]
    return groups
