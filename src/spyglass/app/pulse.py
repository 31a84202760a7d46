"""The watch over executions, handed what it reads of the store, and fed by the bus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from spyglass.app.periodic import Periodic
from spyglass.config.spec import Executions
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Announce, Subscription
from spyglass.publish.bus import Bus
from spyglass.publish.policy import Policy
from spyglass.registry.pulse import Known, Pulse
from spyglass.store.carry import carry
from spyglass.store.engine import Engine
from spyglass.store.read.runs import going_on, standing

__all__ = ["Watching", "make_pulse"]

log = structlog.get_logger()

_JUDGE_EVERY_S: Final = 1.0
_CARRY_EVERY_S: Final = 1_800.0
_WAITING_BATCHES: Final = 256
_DAY_NS: Final = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Watching:
    """The pulse, and what it hears."""

    pulse: Pulse
    subscription: Subscription

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen for as long as the block lasts."""
        listening = asyncio.create_task(self._listen(), name="pulse")
        try:
            yield
        finally:
            self.subscription.close()
            await listening

    async def _listen(self) -> None:
        async for delivery in self.subscription:
            try:
                await asyncio.to_thread(self.pulse.take, delivery.batch, delivery.lost)
            except Exception:  # the next batch may go well
                log.exception("signs of life not heeded", kind=str(delivery.batch.kind), rows=len(delivery.batch))


def make_pulse(engine: Engine, bus: Bus, announce: Announce, clock: Clock, settings: Executions, periodic: Periodic) -> Watching:
    """All of it; `periodic` makes it judge, and carries long runs from day to day."""

    def restore(most: int) -> list[Known]:
        since_ns = clock.now_ns() - round(settings.abandoned_after_s * 1e9) - _DAY_NS
        return [Known(**row) for row in going_on(engine.read, max(0, since_ns), most)]

    pulse = Pulse(announce, clock, restore, partial(standing, engine.read), abandoned_after_s=settings.abandoned_after_s, most=settings.max_watched)
    periodic.add("pulse", _JUDGE_EVERY_S, pulse.judge)
    periodic.add("carry", _CARRY_EVERY_S, partial(carry, engine, clock))
    return Watching(pulse, bus.subscribe("pulse", Policy.DROP_OLDEST, capacity=_WAITING_BATCHES))
