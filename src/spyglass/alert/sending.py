"""Notices of the outbox in; attempts to deliver them, and what came of each, out. Each channel apart: one that is dead or slow delays its own notices only.

A notice is claimed, sent, and marked. Who dies after sending and before marking leaves a claim that ends, and the notice is sent once more under the same id: a
channel cannot be asked what it has got, so that this is the only time at which something may arrive twice, and the receiver can tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from spyglass.alert.notify.kinds import read_settings
from spyglass.alert.retry import pause_s
from spyglass.alert.setup import ChannelSetup, Setups
from spyglass.facts.alerts import Alerts
from spyglass.facts.alerts_outbox import Delivery, Outbox
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError, Refused, SpyglassError
from spyglass.model.notice import Notice, notice_of
from spyglass.plugin.contracts import ChannelContext, ChannelKind
from spyglass.telemetry.metrics import ALERT_DELIVERIES

__all__ = ["LOG", "Sender"]

log = structlog.get_logger()

LOG: Final = ChannelSetup("log", {}, 0)  # there without being set up
_LEASE_S: Final = 15.0  # beyond the time that a delivery may take
_AT_ONCE: Final = 1_000  # channels
_MOST_BUSY: Final = 32  # channels that are sent to at the same time
_LONGEST_REST_S: Final = 60.0  # of a channel that takes nothing, unless it says itself when to come back


@dataclass(frozen=True, slots=True)
class _Rest:
    """A channel that did not take what it was sent: a dead one is asked now and then, not once for each notice that waits."""

    failures: int  # in a row
    until_s: float  # of the monotonic clock
    version: int  # of the channel: one that was changed is asked at once


class Sender:
    """Delivers. Used by the tasks of one event loop."""

    def __init__(
        self,
        alerts: Alerts,
        outbox: Outbox,
        setups: Setups,
        kinds: Mapping[str, ChannelKind],
        context: ChannelContext,
        clock: Clock,
        *,
        give_up_s: float = 86_400.0,
        after: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """`give_up_s`: so long a notice is tried. `after` is called with the name of each step that is done."""
        self._alerts, self._outbox, self._setups, self.kinds, self._context, self._clock = alerts, outbox, setups, kinds, context, clock
        self._give_up_ns, self._after = round(give_up_s * 1e9), after
        self.busy: set[tuple[str, str]] = set()  # project and channel that is sent to now
        self._rests: dict[tuple[str, str], _Rest] = {}  # those that took nothing lately

    def hears(self, project: str, channel: str) -> bool:
        """Whether a channel is told of acknowledgements."""
        setup = self._setups.of(project).channels.get(channel)
        return setup is not None and setup.kind in self.kinds and self.kinds[setup.kind].acknowledged

    async def round(self) -> list[Delivery]:
        """What may be sent now, one of each channel that is neither busy nor rests.

        Raises:
            Refused: the database of the facts is away.
        """
        due = await asyncio.to_thread(self._outbox.due, self._clock.now_ns(), _AT_ONCE)
        if self._rests:
            await asyncio.to_thread(self._setups.all)  # so that what is asked of it below has it in memory
        free: dict[tuple[str, str], Delivery] = {}
        for one in due:
            key = (one.project, one.channel)
            if key not in self.busy and len(self.busy) + len(free) < _MOST_BUSY and not self._rests_now(key):
                free.setdefault(key, one)
        return list(free.values())

    async def send(self, delivery: Delivery) -> str:
        """Try one, and give how that ended: `sent`, `failed`, `later`, `taken` (somebody else has it).

        Raises:
            Refused: the database of the facts is away; it is tried again when its claim ends.
        """
        self.busy.add((delivery.project, delivery.channel))
        try:
            lease_ns = round((self._context.timeout_s + _LEASE_S) * 1e9)
            if not await asyncio.to_thread(self._outbox.claim, delivery, self._clock.now_ns(), lease_ns):
                return "taken"
            self._after("claimed")
            outcome = await self._attempt(delivery)
            self._after("marked")
            return outcome
        finally:
            self.busy.discard((delivery.project, delivery.channel))

    async def try_out(self, project: str, channel: str, notice: Notice) -> str:
        """Send a notice past the outbox, and give what the other side said.

        Raises:
            InputError: there is no such channel, its settings are wrong, or it will never take this.
            Refused: it did not take it now.
        """
        try:
            return await self._deliver(project, channel, notice)
        except SpyglassError:
            raise
        except Exception as error:
            raise Refused(f"channel {channel} failed: {type(error).__name__}; the server's log says more") from error

    async def _attempt(self, delivery: Delivery) -> str:
        attempts, now_ns, told_s = delivery.attempts + 1, self._clock.now_ns, 0.0
        try:
            answer = await self._deliver(delivery.project, delivery.channel, replace(notice_of(delivery.notice), attempt=attempts))
            self._after("sent")
            outcome = "sent"
        except InputError as error:
            outcome, answer = "failed", error.message
        except Refused as error:
            outcome, answer, told_s = "later", error.message, error.retry_after_s
        except Exception as error:  # a channel of whoever; its notices are tried again
            log.exception("channel failed", project=delivery.project, channel=delivery.channel)
            outcome, answer = "later", f"{type(error).__name__}"
        self._rest(delivery, told_s, took=outcome != "later")
        if outcome == "later" and now_ns() - delivery.created_ns > self._give_up_ns:
            outcome, answer = "failed", f"given up after {attempts} attempts; the last: {answer}"
        if outcome == "later":
            due_ns = now_ns() + round(1e9 * pause_s(attempts, delivery.id, told_s))
            await asyncio.to_thread(self._outbox.later, delivery.id, due_ns, answer)
        else:
            await asyncio.to_thread(self._done, delivery.id, outcome, answer)
        self._count(delivery, outcome)
        return outcome

    async def _deliver(self, project: str, channel: str, notice: Notice) -> str:
        setup = (await asyncio.to_thread(self._setups.of, project)).channels.get(channel) or (LOG if channel == "log" else None)
        if setup is None:
            raise Refused(f"project {project} has no channel {channel}; make it, or take it out of the routing", retry_after_s=60)
        if setup.problem:
            raise Refused(f"channel {channel}: {setup.problem}", retry_after_s=60)
        kind = self.kinds.get(setup.kind)
        if kind is None:
            raise Refused(f"channel {channel} is of the kind {setup.kind}, which is not installed", retry_after_s=300)
        try:
            settings = read_settings(kind, setup.settings)
        except InputError as error:
            raise Refused(f"channel {channel}: {error.message}; put its settings right", retry_after_s=60) from error
        try:
            async with asyncio.timeout(self._context.timeout_s):
                return (await kind.make(settings, self._context).send(notice))[:1000]
        except TimeoutError as error:
            raise Refused(f"no answer within {self._context.timeout_s:g} s", retry_after_s=0) from error

    def _rests_now(self, key: tuple[str, str]) -> bool:
        rest = self._rests.get(key)
        return rest is not None and rest.version == self._version(key) and self._clock.monotonic() < rest.until_s

    def _rest(self, delivery: Delivery, told_s: float, *, took: bool) -> None:
        key = (delivery.project, delivery.channel)
        old = self._rests.pop(key, None)
        if not took:
            failures = old.failures + 1 if old else 1
            rest_s = max(min(pause_s(failures, delivery.channel), _LONGEST_REST_S), min(told_s, 3_600.0))
            self._rests[key] = _Rest(failures, self._clock.monotonic() + rest_s, self._version(key))

    def _version(self, key: tuple[str, str]) -> int:
        setup = self._setups.of(key[0]).channels.get(key[1])
        return setup.version if setup else 0

    def _done(self, delivery_id: str, state: str, answer: str) -> None:
        with self._alerts.writing() as book:
            book.done(delivery_id, state, self._clock.now_ns(), answer)

    def _count(self, delivery: Delivery, outcome: str) -> None:
        setup = self._setups.of(delivery.project).channels.get(delivery.channel)
        kind = setup.kind if setup and setup.kind in self.kinds else "log" if delivery.channel == "log" else "unknown"
        ALERT_DELIVERIES.labels(kind, outcome).inc()
        if outcome == "failed":
            log.error("notice not delivered", project=delivery.project, channel=delivery.channel, notice=delivery.id)
