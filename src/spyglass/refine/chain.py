"""The stages of refine, run in order over a batch.

In: a batch as decode made it. Out: the batch as publish keeps it; None when a stage dropped all of it.

Each stage is counted: rows in, out and dropped, and its seconds. A stage that fails does not take the others with it: the batch goes on as it was
before, and its rows say so (`<stage>_failed`). Only where going on would be wrong (redaction) is the batch refused.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from spyglass.model.batch import Batch
from spyglass.model.errors import Refused
from spyglass.refine.issues import with_issue
from spyglass.telemetry.metrics import DROPPED, STAGE_FAILURES, STAGE_ROWS, STAGE_SECONDS

__all__ = ["Chain", "Stage", "Step"]

log = structlog.get_logger()

Stage = Callable[[Batch], Batch | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in its place. `required`: where it fails the batch is refused, for without it nothing may be kept."""

    name: str
    run: Stage
    required: bool = False


class Chain:
    """Runs the steps in order. Safe to share between threads when its stages are."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    def __call__(self, batch: Batch) -> Batch | None:
        """What is left of `batch` after all steps.

        Raises:
            Refused: a required step failed; nothing of the batch may be kept.
        """
        for step in self.steps:
            result = self._run(step, batch)
            if result is None:
                return None
            batch = result
        return batch

    def _run(self, step: Step, batch: Batch) -> Batch | None:
        start = time.perf_counter()
        try:
            result = step.run(batch)
        except Exception as error:  # a stage is called here: whatever it raises must not harm the others
            result = _failed(step, batch, error)
        STAGE_SECONDS.labels(stage=step.name).inc(time.perf_counter() - start)
        _count(step.name, len(batch), len(result) if result is not None else 0)
        return result


def _failed(step: Step, batch: Batch, error: Exception) -> Batch:
    """The batch as it was, its rows marked; errors may quote what was in a row, so only their type and place are logged."""
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    outcome = "refused" if step.required else "went on"
    log.error("stage failed", stage=step.name, kind=batch.kind.value, rows=len(batch), outcome=outcome, error=type(error).__name__, at=places)
    STAGE_FAILURES.labels(stage=step.name, outcome=outcome).inc()
    if step.required:
        raise Refused(f"refine: {step.name} failed on {len(batch)} rows ({type(error).__name__}); nothing of them was kept", retry_after_s=30.0) from None
    return batch.with_rows(with_issue(batch.rows, f"{step.name}_failed"))


def _count(stage: str, before: int, after: int) -> None:
    STAGE_ROWS.labels(stage=stage, direction="in").inc(before)
    STAGE_ROWS.labels(stage=stage, direction="out").inc(after)
    if after < before:
        STAGE_ROWS.labels(stage=stage, direction="dropped").inc(before - after)
        DROPPED.labels(room="refine", reason=stage).inc(before - after)
