"""The stages of refine, run in order over a batch.

In: a batch as decode made it. Out: the batch as publish keeps it, and what the stages dropped of it.

Each stage is counted: rows in, out and dropped, and its seconds. A stage that fails does not take the others with it, nor one row its neighbours: the batch
is halved until the rows at fault are alone, which go on as they were before and say so (`<stage>_failed`). Only where going on would be wrong (redaction) is
the batch refused; the caller knows which rows came together and may bring them apart.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import structlog

from spyglass.model.batch import Batch
from spyglass.model.errors import InputError, Refused, SpyglassError
from spyglass.refine.issues import with_issue
from spyglass.telemetry.ledger import Counts, counts_of
from spyglass.telemetry.metrics import DROPPED, STAGE_FAILURES, STAGE_ROWS, STAGE_SECONDS

__all__ = ["Chain", "Refined", "Stage", "Step"]

log = structlog.get_logger()

_MOST_FAILURES: Final = 16  # of a stage on one batch; what is left then goes on together, because the stage and not a row is at fault

Stage = Callable[[Batch], Batch | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in its place. `required`: where it fails the batch is refused, for without it nothing may be kept."""

    name: str
    run: Stage
    required: bool = False


@dataclass(frozen=True, slots=True)
class Refined:
    """What is left of a batch (None: nothing), and the rows that are not, by the stage that dropped them."""

    batch: Batch | None
    dropped: tuple[tuple[str, Counts], ...] = ()


class Chain:
    """Runs the steps in order. Safe to share between threads when its stages are."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    def __call__(self, batch: Batch) -> Refined:
        """What is left of `batch` after all steps.

        Raises:
            InputError: a required step failed on it; nothing of the batch may be kept.
            Refused: it failed because the machine is short of something; nothing of the batch may be kept now.
        """
        dropped: list[tuple[str, Counts]] = []
        for step in self.steps:
            result = _run(step, batch)
            if result is None or len(result) < len(batch):
                dropped.append((step.name, _missing(batch, result)))
            if result is None:
                return Refined(None, tuple(dropped))
            batch = result
        return Refined(batch, tuple(dropped))


def _run(step: Step, batch: Batch) -> Batch | None:
    start = time.perf_counter()
    result = _Attempt(step).run(batch)
    STAGE_SECONDS.labels(stage=step.name).inc(time.perf_counter() - start)
    _count(step.name, len(batch), len(result) if result is not None else 0)
    return result


class _Attempt:
    """One step on one batch, and on its parts where it fails."""

    def __init__(self, step: Step) -> None:
        self._step, self._failures = step, 0

    def run(self, batch: Batch) -> Batch | None:
        try:
            return self._step.run(batch)
        except Exception as error:  # a stage is called here: whatever it raises must not harm the others
            if self._step.required:
                _tell(self._step, batch, error, "refused")
                raise _refusal(self._step, batch, error) from None
            if len(batch) > 1 and self._failures < _MOST_FAILURES:
                return self._halved(batch)
            self._failures += 1
            _tell(self._step, batch, error, "went on")
            return batch.with_rows(with_issue(batch.rows, f"{self._step.name}_failed"))

    def _halved(self, batch: Batch) -> Batch | None:
        middle = len(batch) // 2
        halves = [self.run(Batch(batch.kind, rows)) for rows in (batch.rows.slice(0, middle), batch.rows.slice(middle))]
        kept = [half for half in halves if half is not None]
        if not kept:
            return None
        messages = [part.messages for part in (batch, *kept) if part.messages is not None]
        pieces = [part.pieces for part in (batch, *kept) if part.pieces is not None]
        rows = pa.concat_tables([half.rows for half in kept], promote_options="default")
        return Batch(batch.kind, rows, pa.concat_tables(messages) if messages else None, pa.concat_tables(pieces) if pieces else None)


def _tell(step: Step, batch: Batch, error: Exception, outcome: str) -> None:
    """Errors may quote what was in a row, so only their type and place are logged."""
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    log.error("stage failed", stage=step.name, kind=batch.kind.value, rows=len(batch), outcome=outcome, error=type(error).__name__, at=places)
    STAGE_FAILURES.labels(stage=step.name, outcome=outcome).inc()


def _refusal(step: Step, batch: Batch, error: Exception) -> SpyglassError:
    text = f"refine: {step.name} failed on {len(batch)} rows ({type(error).__name__}); nothing of them was kept"
    if isinstance(error, MemoryError | OSError):
        return Refused(text, retry_after_s=30.0)
    return InputError(text, reason=f"{step.name}_failed")


def _missing(before: Batch, after: Batch | None) -> Counts:
    left = counts_of(after.rows) if after is not None else {}
    return {source: rows - left.get(source, 0) for source, rows in counts_of(before.rows).items() if rows > left.get(source, 0)}


def _count(stage: str, before: int, after: int) -> None:
    STAGE_ROWS.labels(stage=stage, direction="in").inc(before)
    STAGE_ROWS.labels(stage=stage, direction="out").inc(after)
    if after < before:
        STAGE_ROWS.labels(stage=stage, direction="dropped").inc(before - after)
        DROPPED.labels(room="refine", reason=stage).inc(before - after)
