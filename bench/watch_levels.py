"""What is seen without programs in the kernel: `partial` (root's rights) and `minimal` (none), of programs that are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from spyglass.collect.probe.spawn import hold
from spyglass.collect.records import Exec, Exit
from spyglass.collect.sources import Target, Wish, open_source

__all__ = ["minimal", "partial"]

SHORT, LONG = 500, 240
LASTS_S = 0.21
PATIENCE_S = 120.0


async def _seen(wish: Wish, argv: Sequence[str], program: str) -> tuple[int, int]:
    """How many starts of `program` a watch of `argv` tells, and how many of them with arguments."""
    held = hold(argv)
    source = await open_source(Target((held.process.pid,)), ["files", "network"], wish)
    found: dict[tuple[int, int], bool] = {}

    async def read() -> None:
        async for batch in source.batches:
            for each in batch:
                if isinstance(each, Exec) and each.actor.command == program:
                    found[each.actor.pid, each.actor.started_ns] = bool(each.argv)
            if any(isinstance(each, Exit) and each.actor.pid == held.process.pid for each in batch):
                return

    try:
        reader = asyncio.create_task(read())
        await asyncio.to_thread(held.release)
        await asyncio.to_thread(held.process.wait)
        await asyncio.wait_for(reader, PATIENCE_S)
    finally:
        await source.close()
    return len(found), sum(found.values())


def partial() -> tuple[int, int, int]:
    """Of so many programs that end at once: how many were seen, and how many of them with arguments."""
    loop = f"i=0; while [ $i -lt {SHORT} ]; do /bin/true; i=$((i+1)); done"
    return SHORT, *asyncio.run(_seen("partial", ["sh", "-c", loop], "true"))


def minimal() -> tuple[int, int]:
    """Of so many programs that live a little longer than 0.2 s: how many were seen."""
    loop = f"i=0; while [ $i -lt {LONG // 10} ]; do for j in 1 2 3 4 5 6 7 8 9 10; do sleep {LASTS_S} & done; wait; i=$((i+1)); done; exit 0"
    return LONG, asyncio.run(_seen("minimal", ["sh", "-c", loop], "sleep"))[0]


if __name__ == "__main__":
    print(partial())
    print(minimal())
