"""Alerts that fire and policies in; what is done about them, or would be, on record, out. Each is done once at most.

Deciding (`Planner`) is one transaction with the limits, so that they hold for several servers, too; doing (`Performer`) claims what was decided. Who dies
between finds it waiting; who dies while doing leaves it on record as unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
import xxhash

from spyglass.alert.match import matches
from spyglass.alert.mute import silenced_by
from spyglass.alert.policy import CHANNEL_KINDS, Policy, RestartRunner, StopRun
from spyglass.alert.sending import Sender
from spyglass.alert.setup import Project, Setups
from spyglass.alert.telling import told_alert
from spyglass.facts.alerts import Alert, Alerts, Book, Step
from spyglass.facts.alerts_actions import Action, Actions, count_since, known, plan
from spyglass.facts.execution_stops import Stops
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, SpyglassError
from spyglass.model.notice import RANKS, Notice, notice_of
from spyglass.telemetry.metrics import ALERT_ACTIONS

__all__ = ["Performer", "Planner"]

log = structlog.get_logger()

_HOUR_NS: Final = 3_600 * 10**9
_AT_ONCE: Final = 20
_LOST_NS: Final = 180 * 10**9  # doing one takes less: a minute for a channel, ten seconds and a start for a runner
_LOOK_S: Final = 30.0  # between two looks for those that were lost
_WHO: Final = "policy {}"
_WORDS: Final = {"webhook": "call", "open_issue": "open an issue through", "stop_run": "stop the execution", "restart_runner": "restart the runner"}


@dataclass(frozen=True, slots=True)
class _Case:
    """A policy that has something to say of an alert."""

    name: str
    policy: Policy
    version: int
    alert: Alert
    id: str


class Planner:
    """Decides."""

    def __init__(self, alerts: Alerts, setups: Setups, clock: Clock, *, live: bool, public_url: str = "") -> None:
        """`live`: whether the operator lets anything be done; else all are dry runs."""
        self._alerts, self._setups, self._clock, self._live, self._url = alerts, setups, clock, live, public_url.rstrip("/")

    def round(self) -> int:
        """Look at what fires; how many actions were put on record.

        Raises:
            Refused: the database of the facts is away.
        """
        planned = 0
        for project, setup in self._setups.all().items():
            if any(policy.enabled for policy, _, _ in setup.policies.values()):
                with self._alerts.reading() as book:
                    cases = _fresh(book, list(self._cases(setup, book.firing(project))))
                if cases:
                    planned += self._decide(cases)
        return planned

    def _cases(self, setup: Project, firing: Iterable[Alert]) -> Iterable[_Case]:
        now_ns = self._clock.now_ns()
        for alert in firing:
            for name, (policy, version, since_ns) in setup.policies.items():
                if not policy.enabled or RANKS[alert.severity] < RANKS[policy.severity] or not matches(policy.match, alert.labels):
                    continue
                began_ns = max(alert.fired_ns, alert.true_ns if alert.flaps else 0)
                if began_ns < since_ns or now_ns - alert.fired_ns < policy.after_s * 10**9:
                    continue  # nothing is done about what was there before the policy was
                if policy.unless_acknowledged and (alert.owner or silenced_by(setup.silences, alert.labels, now_ns)):
                    continue
                action_id = xxhash.xxh3_128_hexdigest(f"{alert.project}\0{name}\0{alert.id}\0{alert.flaps}".encode())
                yield _Case(name, policy, version, alert, action_id)

    def _decide(self, cases: list[_Case]) -> int:
        now_ns = self._clock.now_ns()
        with self._alerts.writing() as book:
            fresh = _fresh(book, cases)
            for case in fresh:
                action = self._action(book, case, now_ns)
                plan(book, action)
                book.note(case.alert.id, Step("action", now_ns, _WHO.format(case.name), _said(action)))
                if action.state != "waiting":
                    ALERT_ACTIONS.labels(action.kind, action.state).inc()
        return len(fresh)

    def _action(self, book: Book, case: _Case, now_ns: int) -> Action:
        policy, alert = case.policy, case.alert
        subject = _subject(policy, alert)
        notice = self._notice(case, now_ns)
        told = {"action": policy.action.model_dump(mode="json"), "notice": notice.json()}
        action = Action(case.id, alert.project, case.name, case.version, policy.action.kind, alert.id, subject, told, "waiting", now_ns)
        if not subject:
            return replace(action, state="failed", answer="the alert does not say what it is about: it has no such label", done_ns=now_ns)
        dry = policy.mode != "live" or not self._live
        limit = _limit(book, case, subject, now_ns, dry=dry)
        if limit:
            return replace(action, state="limited", answer=limit)
        return replace(action, state="dry_run", answer=_dry(policy)) if dry else action

    def _notice(self, case: _Case, now_ns: int) -> Notice:
        alert, kind = case.alert, case.policy.action.kind
        group = xxhash.xxh3_64_hexdigest(f"action\0{case.id}".encode())
        channel = getattr(case.policy.action, "channel", "")
        note = f"action {case.id} of policy {case.name} ({kind})"
        told = (told_alert(alert, self._url),)
        return Notice(case.id, alert.project, group, channel, "action", now_ns, {"rule": alert.rule, "policy": case.name}, told, note=note)


class Performer:
    """Does. Used by the tasks of one event loop."""

    def __init__(self, actions: Actions, stops: Stops, sender: Sender, setups: Setups, restart: Callable[[str], str], clock: Clock, timeout_s: float) -> None:
        """`restart`: stops and starts a runner, and says how it is then. `timeout_s`: of one action."""
        self._actions, self._stops, self._sender, self._setups = actions, stops, sender, setups
        self._restart, self._clock, self._timeout_s = restart, clock, timeout_s
        self._looked_s: float | None = None

    async def round(self) -> int:
        """Do what was decided; how many that were.

        Raises:
            Refused: the database of the facts is away.
        """
        now_s = self._clock.monotonic()
        if self._looked_s is None or now_s - self._looked_s >= _LOOK_S:
            self._looked_s = now_s
            await asyncio.to_thread(self._actions.lose, self._clock.now_ns() - _LOST_NS)
        due = await asyncio.to_thread(self._actions.due, _AT_ONCE)
        for action in due:
            if await asyncio.to_thread(self._actions.claim, action.id, self._clock.now_ns()):
                state, answer = await self._try(action)
                await asyncio.to_thread(self._actions.finish, action.id, state, answer, self._clock.now_ns())
                ALERT_ACTIONS.labels(action.kind, state).inc()
                log.warning("action", kind=action.kind, project=action.project, policy=action.policy, subject=action.subject[:200], state=state)
        return len(due)

    async def undo(self, project: str, action_id: str, who: str, note: str = "") -> Action:
        """Take one back, as far as that goes.

        Raises:
            NotFound: there is none.
            Conflict: it was not done, or cannot be taken back.
            Refused: its channel did not take it now.
        """
        action = await asyncio.to_thread(self._actions.one, project, action_id)
        if action.state not in ("waiting", "done"):
            raise Conflict(f"action {action_id} is {action.state}; there is nothing to take back")
        answer = "it had not been done yet" if action.state == "waiting" else await self._take_back(action, who, note)
        if not await asyncio.to_thread(self._actions.undone, action_id, action.state, who, answer, self._clock.now_ns()):
            raise Conflict(f"action {action_id} has changed meanwhile; look at it again")
        ALERT_ACTIONS.labels(action.kind, "undone").inc()
        log.warning("action undone", kind=action.kind, project=project, policy=action.policy, who=who)
        return await asyncio.to_thread(self._actions.one, project, action_id)

    async def _try(self, action: Action) -> tuple[str, str]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return "done", await self._do(action)
        except SpyglassError as error:
            return "failed", error.message
        except TimeoutError:
            return "unknown", f"no end within {self._timeout_s:g} s; it is not done again"
        except Exception as error:  # of a channel or a runner of whoever
            log.exception("action failed", kind=action.kind, policy=action.policy)
            return "failed", f"{type(error).__name__}; the server's log says more"

    async def _do(self, action: Action) -> str:
        match action.kind:
            case "stop_run":
                await asyncio.to_thread(self._stops.ask, action.project, action.subject, _WHO.format(action.policy), f"alert {action.alert_id}")
                return "asked to stop: it ends at its next step, if its program is stoppable"
            case "restart_runner":
                return await asyncio.to_thread(self._restart, action.subject)
        notice = notice_of(action.told["notice"])
        return await self._send(action, notice)

    async def _take_back(self, action: Action, who: str, note: str) -> str:
        match action.kind:
            case "stop_run":
                await asyncio.to_thread(self._stops.withdraw, action.project, action.subject)
                return "withdrawn before its program heard of it"
            case "restart_runner":
                raise Conflict("a runner that was restarted runs; there is nothing to take back")
        notice = notice_of(action.told["notice"])
        over = tuple(replace(one, status="resolved", resolved_ns=self._clock.now_ns()) for one in notice.alerts)
        said = f"{notice.note} undone by {who or 'somebody'}" + (f": {note}" if note else "")
        back = replace(notice, id=xxhash.xxh3_128_hexdigest(f"{notice.id}\0undo".encode()), alerts=over, note=said)
        return f"taken back: {await self._send(action, back)}"

    async def _send(self, action: Action, notice: Notice) -> str:
        setup = (await asyncio.to_thread(self._setups.of, action.project)).channels.get(notice.channel)
        wanted = CHANNEL_KINDS[action.kind]
        if setup is None or setup.kind != wanted:
            raise InputError(f"project {action.project} has no channel {notice.channel} of the kind {wanted}")
        return await self._sender.try_out(action.project, notice.channel, notice)


def _fresh(book: Book, cases: list[_Case]) -> list[_Case]:
    """Those that are not on record."""
    there = known(book, [case.id for case in cases]) if cases else set[str]()
    return [case for case in cases if case.id not in there]


def _subject(policy: Policy, alert: Alert) -> str:
    match policy.action:
        case StopRun(label=label):
            return alert.labels.get(label) or alert.annotations.get("run", "")
        case RestartRunner(runner=runner):
            return runner or alert.labels.get("runner", "")
    return alert.fingerprint


def _limit(book: Book, case: _Case, subject: str, now_ns: int, *, dry: bool) -> str:
    """Why it is not done again; empty: it may be."""
    policy, since_ns, project = case.policy, now_ns - _HOUR_NS, case.alert.project
    if count_since(book, project, case.name, since_ns, subject=subject, dry=dry) >= policy.per_subject:
        return f"it was done {policy.per_subject}× to the same subject within an hour (per_subject)"
    if count_since(book, project, case.name, since_ns, dry=dry) >= policy.per_hour:
        return f"it was done {policy.per_hour}× within an hour (per_hour)"
    return ""


def _dry(policy: Policy) -> str:
    return "dry run: mode of the policy" if policy.mode != "live" else "dry run: the operator does not allow it (alerts.live_actions)"


def _said(action: Action) -> str:
    to: Any = action.told["action"].get("channel") or action.subject
    what = f"{_WORDS[action.kind]} {to}"[:300]
    match action.state:
        case "dry_run":
            return f"would {what} ({action.answer})"
        case "waiting":
            return f"{what} ({action.id})"
    return f"does not {what}: {action.answer}"
