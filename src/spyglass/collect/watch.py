"""One watch: batches of records in, what they tell out: system evidence, and what was said over connections, as soon as each is known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.episodes import Episodes
from spyglass.collect.records import Lost, Record
from spyglass.collect.system.evidence import Evidence
from spyglass.model.clock import Clock
from spyglass.model.told import Event, Span, Told

__all__ = ["watch"]


async def watch(batches: AsyncIterator[Sequence[Record]], evidence: Evidence, flows: Flows, episodes: Episodes, clock: Clock) -> AsyncIterator[Told]:
    """Everything that a source brings, told, until it ends. `episodes` are the traces that `flows` puts its calls into; they are not ended here."""
    said: list[Span | Event] = []

    async def passing() -> AsyncIterator[Iterable[Record]]:
        async for batch in batches:
            lost = flows.losses()
            yield [*batch, Lost(clock.now_ns(), lost)] if lost else batch  # first, so that it is known who descends from whom
            for record in batch:
                said.extend(flows.take(record))
            episodes.sweep()
            said.extend(episodes.take())
        if lost := flows.losses():
            yield [Lost(clock.now_ns(), lost)]

    def telling() -> Iterator[Told]:
        if said:
            spans, events = [one for one in said if isinstance(one, Span)], [one for one in said if isinstance(one, Event)]
            said.clear()
            yield Told(evidence.resource(), events, spans)

    async for told in evidence.follow(passing(), telling):
        yield told
    said.extend(flows.end())
    said.extend(episodes.take())
    for told in telling():
        yield told
