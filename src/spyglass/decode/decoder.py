"""The door of decode: bodies of one signal in, one batch of wire columns out, and an answer for each body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from spyglass.decode import reference
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.reference import Rows
from spyglass.decode.wire import KINDS, RECORDS, WIRE
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.errors import DecodeError
from spyglass.telemetry.metrics import DROPPED

__all__ = ["Decoded", "Decoder"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """`batch` has the rows of all good bodies, in order: `row_counts[i]` of them are from body i, `outcomes[i]` is its answer."""

    batch: Batch
    outcomes: list[Outcome | DecodeError]
    row_counts: list[int]


class Decoder:
    """Decodes bodies together, without letting one harm another. Safe to share between threads."""

    def decode(self, signal: Signal, bodies: Sequence[Body], received_ns: int | Sequence[int]) -> Decoded:
        """One batch of the wire columns (`wire.WIRE`) of the signal's kind.

        Args:
            signal: what all the bodies are.
            bodies: any number; a bad one becomes a DecodeError in `outcomes`, it is not raised.
            received_ns: when they arrived (Unix time), one for all or one for each.
        """
        times = [received_ns] * len(bodies) if isinstance(received_ns, int) else list(received_ns)
        results = [self._one(signal, body, time) for body, time in zip(bodies, times, strict=True)]
        good = [result.table for result in results if isinstance(result, Rows)]
        table = pa.concat_tables(good) if good else WIRE[KINDS[signal]].empty_table()
        outcomes = [_outcome(signal, result) if isinstance(result, Rows) else result for result in results]
        counts = [result.table.num_rows if isinstance(result, Rows) else 0 for result in results]
        return Decoded(Batch(KINDS[signal], table), outcomes, counts)

    def _one(self, signal: Signal, body: Body, received_ns: int) -> Rows | DecodeError:
        try:
            data = to_protobuf(signal, body.data) if body.encoding == "json" else body.data
            return reference.decode(signal, data, body.project, received_ns)
        except DecodeError as error:
            return error


def _outcome(signal: Signal, rows: Rows) -> Outcome:
    kept, reasons = rows.table.num_rows, rows.rejected
    return Outcome(kept, reasons.total(), _message(signal, kept, reasons))


def _message(signal: Signal, kept: int, reasons: Counter[str]) -> str:
    if not reasons:
        return ""
    for reason, count in reasons.items():
        DROPPED.labels(room="decode", reason=reason).inc(count)
    told = ", ".join(f"{reason}: {count}" for reason, count in sorted(reasons.items()))
    return f"{reasons.total()} of {kept + reasons.total()} {RECORDS[signal]} rejected ({told})"
