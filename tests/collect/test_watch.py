"""One watch as a whole: what is said over connections is told beside what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from tests.collect.flows.conftest import CHAT, COMPLETION, chunks, post, reply

from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.episodes import Episodes
from spyglass.collect.records import Record
from spyglass.collect.system.evidence import Evidence, Watch
from spyglass.collect.system.settings import Settings
from spyglass.collect.watch import watch
from spyglass.model.clock import SystemClock
from spyglass.model.errors import Refused
from spyglass.model.told import Told

CALL = chunks([("out", post("/v1/chat/completions", CHAT)), ("in", reply(COMPLETION))])


class Silent:
    """Counts nothing."""

    def seen(self, count: int = 1) -> None:
        pass

    def dropped(self, reason: str, count: int = 1) -> None:
        pass


def telling(batches: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Told]:
    """What a watch of these records tells."""
    clock = SystemClock()
    episodes = Episodes("w", clock, lambda _pid: "agent")
    return watch(batches, Evidence(Settings(containers=False), Watch("h", "h", "r", "w"), clock, Silent()), Flows(episodes), episodes, clock)


async def called(stream: AsyncIterator[Told]) -> str:
    """The name of the first call that is told."""
    async for told in stream:
        for span in told.spans:
            if span.name.startswith("chat"):
                return span.name
    return ""


async def test_a_call_is_told_while_the_agent_does_nothing_else() -> None:
    """An agent that only talks starts no program and writes no file."""

    async def batches() -> AsyncIterator[Sequence[Record]]:
        yield CALL
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        assert await called(telling(batches())) == "chat gpt-test"


async def test_what_was_said_before_a_source_failed_is_told() -> None:
    """And then its error is raised."""

    async def batches() -> AsyncIterator[Sequence[Record]]:
        yield CALL
        raise Refused("gone")

    stream = telling(batches())
    assert await called(stream) == "chat gpt-test"
    with pytest.raises(Refused, match="gone"):
        await called(stream)
