"""What the process lost that belongs to no source."""

from __future__ import annotations

from spyglass.telemetry.losses import process_losses
from spyglass.telemetry.metrics import BUS_DROPPED, UNTOLD


def test_losses_of_the_process_are_told_by_room_and_reason() -> None:
    """What the metrics count, in the ledger's words."""
    BUS_DROPPED.labels("losses-test", "oldest").inc(3)
    UNTOLD.labels("losses-test").inc()
    told = {(loss.room, loss.what, loss.reason): loss.count for loss in process_losses()}
    assert told["publish", "rows for the live view", "oldest"] >= 3
    assert told["store", "commits whose calls are not told", "losses-test"] == 1
