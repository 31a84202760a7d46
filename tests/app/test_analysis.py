"""Analysis goes on where it was, however much comes at once."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pyarrow.compute as pc

from spyglass.analyze.kinds import wanted
from spyglass.analyze.looks import Looks
from spyglass.analyze.loop import Loop
from spyglass.app.analysis import Analysis, Past
from spyglass.app.courtesy import Courtesy
from spyglass.app.telling import Telling
from spyglass.config.spec import Analyzers
from spyglass.model.batch import Batch
from spyglass.model.clock import SystemClock
from spyglass.model.schema import Kind
from spyglass.publish.bus import Bus
from spyglass.testing.rows import spans


def arriving(batches: int, rows: int) -> list[Batch]:
    """Spans that arrive now, a microsecond after one another."""
    now_ns = time.time_ns()
    made = []
    for number in range(batches):
        at = [now_ns + 1000 * (number * rows + row) for row in range(rows)]
        made.append(Batch(Kind.SPAN, spans(rows, received=at, start=at, duration_ns=[1] * rows, kind="tool", agent="planner")))
    return made


async def test_what_comes_too_fast_is_seen_later(tmp_path: Path, soon: Callable[[Callable[[], bool]], Awaitable[None]]) -> None:
    """Each row once: what waited too long is read from the store, and what comes then from the bus again."""
    stored: list[Batch] = []

    def read(kinds: Sequence[Kind], after_ns: int, until_ns: int) -> Iterator[list[Batch]]:
        for batch in stored:
            arrived = batch.rows["received"].cast("int64")
            rows = batch.rows.filter(pc.and_(pc.greater(arrived, after_ns), pc.less(arrived, until_ns)))
            if rows.num_rows:
                yield [Batch(batch.kind, rows)]

    found = wanted(Analyzers(disabled=[]))
    bus, loop = Bus(), Loop([found.stages[0][:1]], found.settings)
    (name,) = loop.members
    analysis = Analysis(
        loop,
        Looks([], {}, lambda *_: None, 1.0),  # type: ignore[arg-type, return-value]
        bus.subscribe("analyzers", capacity=64),
        Telling(lambda *_: None),
        Past(lambda: 0, lambda: 0, read),
        list,
        Courtesy(1.0),
        tmp_path / "state",
        SystemClock(),
    )
    async with analysis.running():
        for number, batch in enumerate(made := arriving(60, 1_000)):
            bus.publish(number, batch)
        stored += made
        await soon(lambda: loop.members[name].status.rows == 60_000)
        for number, batch in enumerate(arriving(2, 10)):
            bus.publish(100 + number, batch)
        await soon(lambda: loop.members[name].status.rows == 60_020)
    assert analysis.standing().lost_rows == 0
