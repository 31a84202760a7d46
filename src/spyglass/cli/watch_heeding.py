"""Heeds what a server says of a watch: its runs in; those that shall stop are ended, and that is told as events in their traces.

Nothing is asked, and nothing ended, where nobody has allowed it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import httpx
from rich.console import Console

from spyglass.cli.watch_stops import Stop, Stops
from spyglass.collect.ending import end_all, watched_below
from spyglass.collect.flows.episodes import Episodes
from spyglass.collect.system.tree import Tree
from spyglass.config.spec import Watch
from spyglass.model.clock import SystemClock
from spyglass.model.errors import SpyglassError
from spyglass.model.told import Event, Value

__all__ = ["Heeding"]

_WARN: Final = 13  # severity number of OpenTelemetry's log data model

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


class Heeding:
    """Begins at once, in the running event loop; `close` ends it, after what is being ended has ended. `stops` None: it is not allowed."""

    def __init__(self, stops: Stops | None, episodes: Episodes, tree: Tree, rules: Watch, tell: Callable[[Event], None]) -> None:
        self._episodes, self._tree, self._rules, self._tell = episodes, tree, rules, tell
        self._stops = stops
        self._said = False
        self._done: set[str] = set()  # ids of runs that were ended
        self._endings: list[asyncio.Task[None]] = []
        self._asking = asyncio.create_task(self._ask(stops), name="stops") if stops is not None else None

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None and self._stops is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking
            await asyncio.gather(*self._endings)
            self._stops.close()

    async def _ask(self, stops: Stops) -> None:
        while True:
            runs = {known: agent for known, agent in self._episodes.open_runs().items() if known not in self._done}
            found = await self._found(stops, list(runs)) if runs else []
            for agent, stop in {runs[stop.id]: stop for stop in found}.items():  # under two ids it is the same
                self._done.update(known for known, pid in runs.items() if pid == agent)
                self._endings.append(asyncio.create_task(self._end(agent, stop), name="ending"))
            await asyncio.sleep(self._rules.stop_interval_s)

    async def _found(self, stops: Stops, ids: list[str]) -> list[Stop]:
        try:
            return await asyncio.to_thread(stops.ask, ids)
        except (SpyglassError, httpx.TransportError) as error:
            if not self._said:
                self._said = True
                stderr.print(f"spyglass: {stops.url} cannot be asked whether to stop: {error}; it is asked again", style="yellow", markup=False)
            return []

    async def _end(self, agent: int, stop: Stop) -> None:
        trace_id, span_id = self._episodes.context(agent)
        told: dict[str, Value] = {"process.pid": agent, "spyglass.stop.who": stop.who, "spyglass.stop.note": stop.note}

        def tell(what: str, more: dict[str, Value]) -> None:
            self._tell(Event(what, SystemClock().now_ns(), told | more, severity=_WARN, trace_id=trace_id, span_id=span_id))

        why = f": {stop.note}" if stop.note else ""
        stderr.print(f"spyglass: ending process {agent}: {stop.who or 'somebody'} asked for it{why}", style="yellow", markup=False)
        tell("watch.stopping", {})
        self._episodes.cancel(agent, told)
        outcome = await end_all(lambda: watched_below(self._tree, agent), self._rules.stop_grace_s)
        tell("watch.stopped", {f"spyglass.stop.{name}": count for name, count in outcome._asdict().items()})
