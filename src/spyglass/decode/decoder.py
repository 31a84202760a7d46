"""The door of decode: bodies of one signal in, one batch of wire columns out, and an answer for each body.

Bodies are decoded together as columns, since setting up columns costs more than a small body. When that fails, the bad bodies are found
(upb looks at each) and answered, and the others are decoded again; a body on which only the columns fail goes the way of the reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
import structlog
from google.protobuf.message import DecodeError as ProtobufError

from spyglass.decode import events, points, ptars_door, reference, refusal, traces
from spyglass.decode.limits import LimitError, SlowError
from spyglass.decode.origin import Arrival
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.rules import SLOWEST
from spyglass.decode.shape import KINDS, WIRE
from spyglass.decode.table import Columns
from spyglass.decode.wire import RECORDS, parse_request
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.errors import DecodeError
from spyglass.telemetry.metrics import DECODE_FALLBACKS, DECODE_REFUSED, DROPPED

__all__ = ["Decoded", "Decoder"]

log = structlog.get_logger()

_TOGETHER: Final = 16 * 2**20  # bytes of bodies that are decoded together: enough to make set-up costs nothing, and memory stays bounded
_COLUMNS: Final = MappingProxyType({"traces": traces.decode, "logs": events.decode, "metrics": points.decode})


@dataclass(frozen=True, slots=True)
class Decoded:
    """`batch` has the rows of all good bodies, in order: `row_counts[i]` of them are from body i, `outcomes[i]` is its answer."""

    batch: Batch
    outcomes: list[Outcome | DecodeError]
    row_counts: list[int]


class Decoder:
    """Decodes bodies together, without letting one harm another. Safe to share between threads.

    Args:
        columns: whether to decode as columns; False takes the reference for all (25 times slower), as when ptars is not installed.
    """

    def __init__(self, *, columns: bool = True) -> None:
        self._columns = columns and ptars_door.AVAILABLE

    def decode(self, signal: Signal, bodies: Sequence[Body], received_ns: int | Sequence[int]) -> Decoded:
        """One batch of the wire columns (`shape.WIRE`) of the signal's kind.

        Args:
            signal: what all the bodies are.
            bodies: any number; a bad one becomes a DecodeError in `outcomes`, it is not raised.
            received_ns: when they arrived (Unix time), one for all or one for each.
        """
        times = [received_ns] * len(bodies) if isinstance(received_ns, int) else list(received_ns)
        work = _Work(signal, len(bodies))
        todo = []
        for number, (body, time) in enumerate(zip(bodies, times, strict=True)):
            try:
                data = to_protobuf(signal, body.data) if body.encoding == "json" else body.data
                todo.append(_Wire(number, data, body.project, time))
            except DecodeError as error:
                work.refuse(number, error)
        for group in _groups(todo):
            if self._columns:
                work.together(group)
            else:
                work.one_by_one(group)
        return work.decoded()


@dataclass(frozen=True, slots=True)
class _Wire:
    """A body as protobuf; `number` is its place in what was handed in."""

    number: int
    data: bytes
    project: str | None
    received_ns: int


def _groups(bodies: Sequence[_Wire]) -> Iterator[list[_Wire]]:
    """Neighbours of up to `_TOGETHER` bytes."""
    group: list[_Wire] = []
    size = 0
    for body in bodies:
        if group and size + len(body.data) > _TOGETHER:
            yield group
            group, size = [], 0
        group.append(body)
        size += len(body.data)
    if group:
        yield group


@dataclass(slots=True)
class _Work:
    """What has been decoded so far: tables in the order of the bodies, and per body what became of it."""

    signal: Signal
    count: int
    tables: list[pa.Table] = field(default_factory=list)
    kept: Counter[int] = field(default_factory=Counter)
    rejected: dict[int, Counter[str]] = field(default_factory=dict)
    errors: dict[int, DecodeError] = field(default_factory=dict)

    def together(self, bodies: list[_Wire]) -> None:
        """Decode neighbours as columns, each as if it were alone."""
        try:
            columns = self._as_columns(bodies)
        except LimitError as error:
            self._split(bodies, refusal.from_limit(self.signal, error))
        except Exception as error:  # ptars is young: where columns fail, upb and the reference decide
            self._sift(bodies, error)
        else:
            self._take(columns, bodies)

    def one_by_one(self, bodies: list[_Wire]) -> None:
        """Decode by the reference."""
        for body in bodies:
            try:
                rows = reference.decode(self.signal, body.data, body.project, body.received_ns)
            except DecodeError as error:
                self.refuse(body.number, error)
                continue
            self.tables.append(rows.table)
            self.kept[body.number] = rows.table.num_rows
            if rows.rejected:
                self.rejected[body.number] = rows.rejected

    def refuse(self, number: int, error: DecodeError) -> None:
        """A body is bad."""
        self.errors[number] = error
        DECODE_REFUSED.labels(signal=self.signal, reason=error.details["reason"]).inc()

    def decoded(self) -> Decoded:
        """All of it."""
        kind = KINDS[self.signal]
        table = pa.concat_tables(self.tables) if self.tables else WIRE[kind].empty_table()
        outcomes = [self.errors.get(number) or self._outcome(number) for number in range(self.count)]
        return Decoded(Batch(kind, table), outcomes, [self.kept[number] for number in range(self.count)])

    def _as_columns(self, bodies: list[_Wire]) -> Columns:
        root = ptars_door.parse(self.signal, [body.data for body in bodies])
        arrival = Arrival([body.project for body in bodies], np.array([body.received_ns for body in bodies], np.int64))
        return _COLUMNS[self.signal](root, arrival)

    def _take(self, columns: Columns, bodies: list[_Wire]) -> None:
        self.tables.append(columns.table)
        for place, rows in enumerate(np.bincount(columns.body_of, minlength=len(bodies)).tolist()):
            self.kept[bodies[place].number] = rows
        for reason, places in columns.rejected.items():
            for place, rows in zip(*(values.tolist() for values in np.unique(places, return_counts=True)), strict=True):
                self.rejected.setdefault(bodies[place].number, Counter())[reason] += rows

    def _split(self, bodies: list[_Wire], refused: DecodeError) -> None:
        """Decode the halves by themselves: a limit may hold for each and not for all. One body by itself is refused."""
        if len(bodies) == 1:
            self.refuse(bodies[0].number, refused)
            return
        half = len(bodies) // 2
        self.together(bodies[:half])
        self.together(bodies[half:])

    def _sift(self, bodies: list[_Wire], error: Exception) -> None:
        """Refuse what upb refuses, and decode the others again."""
        good = [body for body in bodies if self._is_valid(body)]
        if len(good) < len(bodies):
            if good:
                self.together(good)
        elif len(bodies) > 1:
            self.together(bodies[: len(bodies) // 2])
            self.together(bodies[len(bodies) // 2 :])
        else:
            self._without_columns(bodies[0], error)

    def _without_columns(self, body: _Wire, error: Exception) -> None:
        size = len(body.data)
        log.warning("body not readable as columns", signal=self.signal, bytes=size, error=type(error).__name__)
        DECODE_FALLBACKS.labels(signal=self.signal, reason=type(error).__name__).inc()
        if size > SLOWEST:
            self.refuse(body.number, refusal.from_limit(self.signal, SlowError(size)))
        else:
            self.one_by_one([body])

    def _is_valid(self, body: _Wire) -> bool:
        try:
            parse_request(self.signal, body.data)
        except ProtobufError as error:
            self.refuse(body.number, refusal.from_upb(self.signal, error))
            return False
        return True

    def _outcome(self, number: int) -> Outcome:
        kept, reasons = self.kept[number], self.rejected.get(number)
        if not reasons:
            return Outcome(kept)
        for reason, count in reasons.items():
            DROPPED.labels(room="decode", reason=reason).inc(count)
        told = ", ".join(f"{reason}: {count}" for reason, count in sorted(reasons.items()))
        rejected = reasons.total()
        return Outcome(kept, rejected, f"{rejected} of {kept + rejected} {RECORDS[self.signal]} rejected ({told})", dict(reasons))
