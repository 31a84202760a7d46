"""From a runner to the road: a Told in, its bodies handed over one after the other, each kept before the next is made.

So a runner that tells much waits, and never holds more than one body beside what it made itself. A road that is busy is asked again for as long as the
runner runs; what the road cannot keep is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

import structlog

from spyglass.collect.counts import Counts
from spyglass.collect.otlp import Bounds, Encoded, Scope, encode
from spyglass.model.body import Body, Outcome
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused, SpyglassError, StoreError
from spyglass.model.told import Told
from spyglass.telemetry.metrics import RUNNER_WAITS

__all__ = ["Delivery", "Source", "Submit"]

log = structlog.get_logger()

_ANSWER_S: Final = 120.0  # after which the road is asked again; it keeps an equal body once
_FAILURES: Final = 5  # of the store, for one body
_LONGEST_PAUSE_S: Final = 30.0

Submit = Callable[[Body], "Future[Outcome]"]
"""Hands a body to the sink, from any thread; `app` makes it of `model.body.Sink`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells."""

    id: str
    scope: Scope
    project: str | None  # None: the resource decides
    max_records_per_s: float  # 0: no limit
    runner: bool = True  # False: the server itself


class Delivery:
    """The way of one runner's records. Used by the runner's loop alone."""

    def __init__(self, source: Source, submit: Submit, counts: Counts, clock: Clock, bounds: Bounds | None = None) -> None:
        self._source, self._submit, self._counts, self._clock = source, submit, counts, clock
        self._bounds = bounds or Bounds()
        self._free_at = 0.0

    async def deliver(self, told: Told) -> None:
        """Return when all of it is kept, or counted as not kept.

        Raises:
            TypeError, ValueError: it is no Told, or its resource cannot be told: the runner's fault.
        """
        if not isinstance(told, Told):
            raise TypeError(f"a runner yields Told (spyglass.model.told), got {type(told).__name__}")
        named = {"service.name": self._source.id} | ({"spyglass.runner": self._source.id} if self._source.runner else {})
        resource = {**named, **told.resource}
        for encoded in encode(replace(told, resource=resource), self._source.scope, self._counts.dropped, self._bounds):
            await self._hand_over(encoded)
            await self._pause(encoded.records)

    async def _hand_over(self, encoded: Encoded) -> None:
        body = Body(encoded.signal, "protobuf", encoded.data, self._source.project, f"runner:{self._source.id}", "runner" if self._source.runner else "server")
        failures = 0
        while True:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    outcome = await asyncio.wrap_future(self._submit(body))
            except (Refused, TimeoutError) as refusal:
                RUNNER_WAITS.labels(self._source.id, "refused" if isinstance(refusal, Refused) else "slow").inc()
                await asyncio.sleep(min(getattr(refusal, "retry_after_s", 1.0), _LONGEST_PAUSE_S))
            except StoreError as error:
                failures += 1
                RUNNER_WAITS.labels(self._source.id, error.code).inc()
                if failures == _FAILURES:
                    self._give_up(encoded, error)
                    return
                await asyncio.sleep(1.0)
            except SpyglassError as error:
                self._give_up(encoded, error)
                return
            else:
                self._count(encoded, outcome)
                return

    def _give_up(self, encoded: Encoded, error: SpyglassError) -> None:
        log.error("runner's records not kept", runner=self._source.id, records=encoded.records, code=error.code, error=error.message)
        self._counts.dropped(error.code, encoded.records)

    def _count(self, encoded: Encoded, outcome: Outcome) -> None:
        """Rows that are neither accepted nor rejected were kept before: the runner told them again after a crash."""
        self._counts.kept(outcome.accepted)
        if outcome.rejected:
            self._counts.dropped("rejected", outcome.rejected)
        if (again := encoded.records - outcome.accepted - outcome.rejected) > 0:
            self._counts.dropped("duplicate", again)

    async def _pause(self, records: int) -> None:
        """Hold the runner to its rate: a second's worth may come at once."""
        if not self._source.max_records_per_s:
            return
        now = self._clock.monotonic()
        self._free_at = max(now - 1.0, self._free_at) + records / self._source.max_records_per_s
        if self._free_at > now:
            RUNNER_WAITS.labels(self._source.id, "rate").inc()
            await asyncio.sleep(self._free_at - now)
