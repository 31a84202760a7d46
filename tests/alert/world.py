"""All of alerts over a real database, with a clock that is moved and figures that are set: what tests of this room, and their children, stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spyglass.alert.acting import Desk
from spyglass.alert.automatic import Performer, Planner
from spyglass.alert.evaluate import Evaluator
from spyglass.alert.flushing import Flusher
from spyglass.alert.found import Finder
from spyglass.alert.judge import Figures, Measured, Question
from spyglass.alert.notify.kinds import known
from spyglass.alert.sending import Sender
from spyglass.alert.setup import Setups
from spyglass.facts.alerts import Alert, Alerts
from spyglass.facts.alerts_actions import Actions
from spyglass.facts.alerts_documents import Documents
from spyglass.facts.alerts_outbox import Delivery, Outbox
from spyglass.facts.database import Facts
from spyglass.facts.execution_stops import Stops
from spyglass.plugin.contracts import ChannelContext
from spyglass.testing.clock import ManualClock

LOCAL = ("127.0.0.0/8", "::1/128")
START_S = 1_750_000_000.0


class World:
    """Rules, routing and channels of the project `p`; `figures` is what the store answers."""

    def __init__(
        self, path: Path | str, after: Callable[[str], None] = lambda _step: None, start_s: float = START_S, *, most: int = 200, live: bool = True
    ) -> None:
        """`path`: of a SQLite database, or the URL of another."""
        self.facts = Facts.open(str(path) if "://" in str(path) else f"sqlite:///{path}")
        self.clock = ManualClock(start_s)
        self.figures: dict[tuple[str, ...], Figures] = {}
        self.asked: list[Question] = []
        self.versions: dict[str, str] = {}
        self.documents = Documents(self.facts, self.clock)
        self.alerts, self.outbox = Alerts(self.facts), Outbox(self.facts)
        self.setups = Setups(self.documents, self.clock)
        self.evaluator = Evaluator(self.alerts, self.setups, self.ask, self.clock, most, after=after)
        self.finder = Finder(self.alerts, self.setups, self.clock, most)
        self.flusher = Flusher(self.alerts, self.setups, self.clock, version_of=self.version_of, after=after, public_url="https://spyglass.example")
        self.sender = Sender(self.alerts, self.outbox, self.setups, known(), ChannelContext(LOCAL, 15.0), self.clock, after=after)
        self.actions, self.stops, self.restarted = Actions(self.facts), Stops(self.facts, self.clock), list[str]()
        self.planner = Planner(self.alerts, self.setups, self.clock, live=live)
        self.performer = Performer(self.actions, self.stops, self.sender, self.setups, self.restart, self.clock, 20.0)
        self.desk = Desk(self.alerts, self.setups, self.clock, self.version_of, hears=self.sender.hears)

    def version_of(self, _project: str, agent: str) -> str:
        return self.versions.get(agent, "")

    def restart(self, runner: str) -> str:
        self.restarted.append(runner)
        return "running"

    def policy(self, name: str = "act", **told: Any) -> None:
        self.documents.put("p", "action", name, {"mode": "live", "match": ["rule=r"], "severity": "info", **told})

    def act(self) -> list[str]:
        """Decide and do; what came of all there ever was, in order."""
        self.planner.round()
        asyncio.run(self.performer.round())
        return [one.state for one in self.actions.page("p", "", (), 0, 1000)[::-1]]

    def ask(self, question: Question) -> Sequence[Measured]:
        self.asked.append(question)
        return [Measured(question.first_ns, groups, figures) for groups, figures in self.figures.items() if len(groups) == len(question.group_by)]

    def rule(self, name: str = "r", **told: Any) -> None:
        condition = {"kind": "threshold", "measure": "errors", "value": 5}
        self.documents.put("p", "rule", name, {"condition": condition, "interval_s": 5, "keep_firing_s": 0, **told})

    def channel(self, name: str, url: str, **settings: Any) -> None:
        self.documents.put("p", "channel", name, {"kind": "webhook", "settings": {"url": url, **settings}})

    def routing(self, **told: Any) -> None:
        self.documents.put("p", "routing", "routing", told)

    def look(self, seconds: float = 0.0) -> int:
        """Let time pass, evaluate, group; how many notices that queued."""
        self.clock.now_s += seconds
        self.evaluator.round()
        return self.flusher.round()

    def send(self) -> list[str]:
        """Send what is due; how each ended."""

        async def all_of_it() -> list[str]:
            ended: list[str] = []
            while due := await self.sender.round():
                ended += [await self.sender.send(one) for one in due]
            return ended

        return asyncio.run(all_of_it())

    def run(self, seconds: int, step_s: float = 1.0) -> None:
        """Let time pass in steps, with all that happens in it."""
        for _ in range(round(seconds / step_s)):
            self.look(step_s)
            self.send()

    def all(self, *states: str) -> list[Alert]:
        with self.alerts.reading() as book:
            return book.page("p", states or ("pending", "firing", "resolved"), "", 0, 1000)

    def one(self) -> Alert:
        (found,) = self.all()
        return found

    def history(self) -> list[str]:
        with self.alerts.reading() as book:
            return [step.step for step in book.history(self.one().id)]

    def deliveries(self) -> list[Delivery]:
        return self.outbox.page("p", "", (), 0, 1000)[::-1]

    def told(self, channel: str = "") -> list[tuple[str, str]]:
        """Why and what of each notice, in order."""
        return [(one.notice["reason"], _status(one.notice)) for one in self.deliveries() if not channel or one.channel == channel]

    def close(self) -> None:
        self.facts.close()


def _status(notice: dict[str, Any]) -> str:
    return "firing" if any(one["status"] == "firing" for one in notice["alerts"]) else "resolved"
