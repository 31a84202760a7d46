"""A viewer without a socket: whatever it does, every row that it wants comes once and in order."""

import asyncio
import random
from contextlib import ExitStack

import pytest
from orjson import loads

from spyglass.config.spec import Stream
from spyglass.model.batch import Batch
from spyglass.model.clock import SystemClock
from spyglass.model.schema import Kind
from spyglass.publish.bus import Bus
from spyglass.show.live import whole
from spyglass.stream.cursor import read_cursor
from spyglass.stream.filter import understand
from spyglass.stream.hub import Hub
from spyglass.stream.wants import Wants
from spyglass.testing.rows import spans

TABLES = [spans(rows) for rows in (1, 2, 5, 40)]
WANT = understand(Wants(rate=2000, burst=10_000, query="kind:llm or kind:agent"))


class Tape:
    """Reads one connection after the other, and writes down what came."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.viewer, self.cursors = hub, None, []
        self._cursor: str | None = None
        self._stack, self._reading = ExitStack(), None
        self._came = asyncio.Condition()

    async def connect(self) -> None:
        """Leave, and come back with the newest cursor that was seen."""
        await self.leave()
        cursor = None if self._cursor is None else read_cursor(self._cursor)
        self.viewer = self._stack.enter_context(self.hub.join(WANT, whole, cursor))
        self._reading = asyncio.create_task(self._read(self.viewer))
        async with self._came:  # not before hello was read: it has the first cursor
            await self._came.wait_for(lambda: self._cursor is not None)

    async def until(self, rows: int) -> None:
        """Wait until so many rows came."""
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: len(self.cursors) >= rows)

    async def leave(self) -> None:
        """Go; what was not read yet is lost."""
        self._stack.close()
        if self._reading is not None:
            await self._reading

    async def _read(self, viewer) -> None:
        while (group := await viewer.next()) is not None:
            frames = [loads(body) for body in group.bodies]
            assert not [frame for frame in frames if frame["type"] == "lost"]
            self.cursors += [frame["cursor"] for frame in frames if frame["type"] == "span"]
            self._cursor = next((frame["cursor"] for frame in reversed(frames) if "cursor" in frame), self._cursor)
            async with self._came:
                self._came.notify_all()


@pytest.mark.parametrize("seed", range(6))
async def test_every_row_comes_once_and_in_order(seed):
    """Batches come at any time, while the viewer pauses, resumes, leaves and comes back."""
    chance, bus, wanted = random.Random(seed), Bus(), []
    hub = Hub(bus.subscribe("live", capacity=1000), Stream(), SystemClock())
    async with hub.running():
        tape = Tape(hub)
        await tape.connect()
        for offset in range(150):
            rows = chance.choice(TABLES)
            wanted += [(offset, row) for row, kind in enumerate(rows["kind"].to_pylist()) if kind in {"llm", "agent"}]
            bus.publish(offset, Batch(Kind.SPAN, rows))
            match chance.choice(["pause", "resume", "connect", "wait", "wait", "nothing", "nothing"]):
                case "pause":
                    tape.viewer.pause()
                case "resume":
                    tape.viewer.resume()
                case "connect":
                    await tape.connect()
                case "wait":
                    await asyncio.sleep(chance.choice([0, 0.001, 0.01]))
        tape.viewer.resume()
        await tape.until(len(wanted))
        await tape.leave()
    assert [(cursor.offset, cursor.row) for cursor in map(read_cursor, tape.cursors)] == wanted
