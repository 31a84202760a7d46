"""What runners tell, on the road of all other telemetry: bodies from their threads in, outcomes back, each counted in the ledger and the metrics.

The sink and the ledger belong to the server's loop, so that is where bodies are handed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from spyglass.collect.delivery import Submit
from spyglass.collect.manager import Manager
from spyglass.model.body import Body, Outcome, Sink
from spyglass.model.errors import Conflict, SpyglassError
from spyglass.receive.ledger import Ledger
from spyglass.telemetry.metrics import RECEIVE_REFUSED, RECEIVED_BYTES, RECEIVED_REQUESTS, RECEIVED_ROWS

__all__ = ["restarting", "submitting"]

_RESTS: Final = ("stopped", "stopping", "ended", "failed")


def submitting(sink: Sink, ledger: Ledger, loop: asyncio.AbstractEventLoop) -> Submit:
    """A way to the sink for other threads."""

    def submit(body: Body) -> Future[Outcome]:
        return asyncio.run_coroutine_threadsafe(_submit(sink, ledger, body), loop)

    return submit


def restarting(manager: Manager) -> Callable[[str], str]:
    """Stop a runner and start it, and say how it is then; for automatic actions."""

    def restart(name: str) -> str:
        if manager.status(name).worker.state in _RESTS:
            raise Conflict(f"runner {name} was stopped by somebody, or has ended; nobody but they start it")
        try:
            manager.stop(name)
        finally:
            told = manager.start(name)
        return f"runner {name} is {told.worker.state}, after {told.worker.crashes} crashes so far"

    return restart


async def _submit(sink: Sink, ledger: Ledger, body: Body) -> Outcome:
    account = ledger.account(body.client, body.project)
    account.requests += 1
    account.bytes += len(body.data)
    RECEIVED_REQUESTS.labels(body.transport).inc()
    RECEIVED_BYTES.labels(body.transport).inc(len(body.data))
    try:
        outcome = await sink.submit(body)
    except SpyglassError as error:
        account.refused[error.code] = account.refused.get(error.code, 0) + 1
        RECEIVE_REFUSED.labels(body.transport, error.code).inc()
        raise
    account.accepted_rows += outcome.accepted
    account.rejected_rows += outcome.rejected
    RECEIVED_ROWS.labels(body.signal, "accepted").inc(outcome.accepted)
    RECEIVED_ROWS.labels(body.signal, "rejected").inc(outcome.rejected)
    return outcome
