"""Work for a client that may leave: a function that blocks in, its answer out; who leaves ends the work, so that nobody waits for what nobody reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from spyglass.model.errors import SpyglassError

__all__ = ["unless_gone"]

_AGAIN_S: Final = 0.25  # the work may not have come to what can be stopped

T = TypeVar("T")


async def unless_gone(request: Request, work: Callable[[], T], stop: Callable[[], object]) -> T:
    """The answer of `work`, which runs in a thread. When the client leaves first, `stop` is called (in a thread too) until the work has ended.

    Args:
        request: its body has been read.
        work: what takes long; raises, or ends early, after `stop`.
        stop: may be called before there is anything to stop, and more than once.
    """
    working = asyncio.ensure_future(run_in_threadpool(work))
    leaving = asyncio.create_task(_gone(request), name="client-leaves")
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        while not working.done():
            with suppress(SpyglassError):
                await asyncio.to_thread(stop)
            await asyncio.wait({working}, timeout=_AGAIN_S)
        return await working
    finally:
        leaving.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
