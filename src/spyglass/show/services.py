"""What the resources stand on: handed in once by app/build.py, asked for by `Depends`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from spyglass.alert.acting import Desk
from spyglass.alert.automatic import Performer
from spyglass.alert.evaluate import Evaluator
from spyglass.alert.found import Finder, Found
from spyglass.alert.judge import Ask
from spyglass.alert.sending import Sender
from spyglass.alert.setup import Setups
from spyglass.analyze.kinds import Wanted
from spyglass.analyze.member import Member
from spyglass.collect.manager import Manager
from spyglass.config.spec import Settings
from spyglass.facts.alerts import Alerts
from spyglass.facts.alerts_actions import Actions
from spyglass.facts.alerts_documents import Documents
from spyglass.facts.alerts_outbox import Outbox
from spyglass.facts.execution_stops import Stops
from spyglass.facts.findings import FindingMarks
from spyglass.facts.health_marks import HealthMarks
from spyglass.facts.saved import SavedThings
from spyglass.facts.vault import Vault
from spyglass.facts.verdicts import FindingVerdicts
from spyglass.facts.workflows import DeclaredWorkflows
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Analyzer, Announce, Examiner, Log
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import InFlight
from spyglass.refine.price import Pricer
from spyglass.registry.losses import Losses
from spyglass.registry.registry import Registry
from spyglass.registry.standing import Standings
from spyglass.store.engine import Engine
from spyglass.store.figures import Figures
from spyglass.store.sums import Sums
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub
from spyglass.telemetry.ledger import LossLedger

__all__ = ["AlertParts", "Analysis", "Demo", "Health", "Performance", "Road", "Services", "Using"]


class Road(Protocol):
    """`app.road.Road`, as far as health looks at it."""

    def depth(self) -> int:
        """Bodies that wait."""


@dataclass(slots=True, eq=False)
class Performance:
    """A demo, while it is told and after it."""

    project: str
    began_ns: int
    past_s: float
    live_s: float
    phase: Literal["none", "past", "live", "ended", "stopped", "failed"] = "past"
    records: Counter[str] = field(default_factory=Counter)  # kept so far, by signal
    rejected: int = 0
    sights: list[tuple[str, str]] = field(default_factory=list)  # what is worth looking at, and its trace
    problem: str = ""


class Standing(Protocol):
    """`app.analysis.Standing`."""

    @property
    def until_ns(self) -> int:
        """All that arrived until then has been observed."""

    @property
    def waiting_batches(self) -> int:
        """Batches that wait."""

    @property
    def lost_rows(self) -> int:
        """Rows that were dropped before analyzers saw them."""


class Analysis(Protocol):
    """`app.analysis.Analysis`, as far as the API moves it."""

    def members(self) -> Mapping[str, Member[Analyzer] | Member[Examiner]]:
        """All analyzers and how they do."""

    def standing(self) -> Standing:
        """How it goes."""

    def suspend(self, name: str, why: str) -> None:
        """Let one rest; NotFound."""

    def resume(self, name: str) -> None:
        """Let one run again; NotFound."""

    def configure(self, name: str, settings: Mapping[str, Any]) -> None:
        """Let one go on with these settings; NotFound, InputError."""

    def heed(self) -> None:
        """Let all know what people made of their findings, now."""


class Demo(Protocol):
    """`app.demo.Demo`, as far as the API moves it."""

    def start(self, project: str, past_s: float, live_s: float) -> Performance:
        """Begin; Conflict while one goes on."""

    def state(self) -> Performance | None:
        """The last one."""

    def stop(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """What health is judged by."""

    figures: Figures
    standings: Standings
    marks: HealthMarks
    losses: Losses


@dataclass(frozen=True, slots=True, eq=False)
class AlertParts:
    """What alerts are made of."""

    documents: Documents
    vault: Vault  # of their secrets
    alerts: Alerts
    outbox: Outbox
    setups: Setups
    desk: Desk
    sender: Sender
    evaluator: Evaluator
    finder: Finder
    ask: Ask
    findings: Callable[[str, str, int, int], Iterable[Sequence[Found]]]  # project, search, since, until: pages
    wake: Callable[[], None]  # something was changed: look at once
    actions: Actions
    performer: Performer
    stops: Stops


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """The parts of the running server that the API shows."""

    version: str
    settings: Settings
    clock: Clock
    engine: Engine
    log: Log
    writer: Writer
    road: Road
    hub: Hub
    ledger: Ledger
    losses: LossLedger
    pricer: Pricer
    saved: SavedThings
    findings: FindingMarks
    verdicts: FindingVerdicts
    health: Health
    sums: Sums
    workflows: DeclaredWorkflows
    announce: Announce
    analyzers: Wanted
    analysis: Analysis
    alerts: AlertParts
    redactions: Callable[[], Mapping[str, int]]
    demo: Demo
    runners: Manager
    registry: Registry
    in_flight: InFlight  # of the receivers
    ended: Callable[[], Sequence[str]]  # names of our threads that have ended though they should not
    ports: Mapping[str, Any]


def _services(connection: HTTPConnection) -> Services:
    return cast("Services", connection.app.state.services)


Using = Annotated[Services, Depends(_services)]
