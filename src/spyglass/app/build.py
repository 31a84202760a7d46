"""From settings to a server: who is handed what. Read it as the arrow of DESIGN.md.

receive → road (decode → refine → publish) → log → writer → store → show; and from the road over the bus to the live viewers. Runners begin at the road.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from spyglass.analyze.kinds import Wanted, wanted
from spyglass.app.alerts import Alerting
from spyglass.app.analysis import Analysis, make_analysis
from spyglass.app.announce import Announcer
from spyglass.app.demo import Demo
from spyglass.app.health import make_health
from spyglass.app.periodic import Periodic
from spyglass.app.pulse import Watching, make_pulse
from spyglass.app.registry import make_registry
from spyglass.app.road import Refinery, Road
from spyglass.app.runners import restarting
from spyglass.app.sums import make_sums
from spyglass.app.watch import Watch
from spyglass.collect.manager import Manager
from spyglass.collect.plan import Plan, plans
from spyglass.collect.plugins import RUNNERS
from spyglass.config.spec import Settings
from spyglass.decode.decoder import Decoder
from spyglass.facts.database import Facts
from spyglass.facts.findings import FindingMarks
from spyglass.facts.saved import SavedThings
from spyglass.facts.vault import Vault
from spyglass.facts.verdicts import FindingVerdicts
from spyglass.facts.workflows import DeclaredWorkflows
from spyglass.model.clock import Clock, SystemClock
from spyglass.model.errors import ConfigError
from spyglass.plugin.contracts import Subscription
from spyglass.plugin.loading import load as load_plugins
from spyglass.publish.bus import Bus
from spyglass.publish.log import DiskLog
from spyglass.publish.policy import Policy
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import InFlight
from spyglass.receive.settings import GrpcSettings, HttpSettings, Tls
from spyglass.receive.tls import http_context
from spyglass.refine.chain import Chain, Step
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.stage import Messages
from spyglass.refine.normalise import Normaliser
from spyglass.refine.price import Pricer
from spyglass.refine.redact import Redactor
from spyglass.refine.snapshots import Snapshots
from spyglass.registry.registry import Registry
from spyglass.show.services import Health, Services
from spyglass.store.address import parse
from spyglass.store.engine import Engine, EngineSettings
from spyglass.store.migrate import migrate
from spyglass.store.retention import retain
from spyglass.store.sums import Sums
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub
from spyglass.telemetry.ledger import LossLedger

__all__ = ["Parts", "build", "check", "refinery"]

_THREADS: Final = ("road", "log-writer", "store-writer", "ledger")  # whose end would stop the flow


@dataclass(frozen=True, slots=True)
class Receivers:
    """How the receivers are set up."""

    http: HttpSettings
    grpc: GrpcSettings
    in_flight: InFlight


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs; `lifecycle.py` starts and stops it."""

    settings: Settings
    clock: Clock
    engine: Engine
    facts: Facts
    log: DiskLog
    bus: Bus
    writer: Writer
    road: Road
    hub: Hub
    ledger: Ledger
    losses: LossLedger
    pricer: Pricer
    redactor: Redactor
    demo: Demo
    runners: Manager
    announcer: Announcer
    analyzed: Wanted
    analysis: Analysis
    alerting: Alerting
    periodic: Periodic
    registry: Registry
    health: Health
    sums: Sums
    pulse: Watching
    receivers: Receivers
    watch: Watch

    def services(self, ports: dict[str, int]) -> Services:
        """What the API shows of it."""
        return Services(
            version=version("spyglass"),
            settings=self.settings,
            clock=self.clock,
            engine=self.engine,
            log=self.log,
            writer=self.writer,
            road=self.road,
            hub=self.hub,
            ledger=self.ledger,
            losses=self.losses,
            pricer=self.pricer,
            saved=SavedThings(self.facts, self.clock),
            findings=FindingMarks(self.facts, self.clock),
            verdicts=FindingVerdicts(self.facts, self.clock),
            health=self.health,
            sums=self.sums,
            workflows=DeclaredWorkflows(self.facts, self.clock),
            announce=self.announcer,
            analyzers=self.analyzed,
            analysis=self.analysis,
            alerts=self.alerting.parts,
            redactions=self.redactor.counts,
            demo=self.demo,
            runners=self.runners,
            registry=self.registry,
            in_flight=self.receivers.in_flight,
            ended=self.watch.ended,
            ports=ports,
        )


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """Open what must be open, and hand each room what it needs.

    Raises:
        ConfigError: the data directory, the store or a setting cannot be used; nothing is left open.
    """
    clock = clock or SystemClock()
    _make_private(settings.data_dir)
    redactor, pricer = Redactor(settings.redact), Pricer(settings.prices)
    dialects = Dialects.load(settings.dialects_dir)
    found = load_plugins(RUNNERS, settings.runners.plugins_dir)
    planned = plans(settings.runners, found)
    analyzed = wanted(settings.analyzers)
    with ExitStack() as opened:  # is closed again when the rest cannot be opened
        # Store and log are claimed before anything in the directory is changed: it may belong to another process.
        engine = opened.enter_context(closing(Engine.open(settings.store_url, data_dir=settings.data_dir, settings=_engine_settings(settings))))
        log = opened.enter_context(closing(DiskLog(settings.data_dir / "log", settings.log, clock)))
        facts = opened.enter_context(closing(Facts.open(settings.facts_url)))
        vault = Vault.open(settings.data_dir, [key.get_secret_value() for key in settings.facts.secret_keys])
        migrate(engine, clock)
        retain(engine, settings.retention)
        opened.pop_all()
    bus = Bus()
    losses = LossLedger(clock, settings.data_dir / "ledger.json")
    road = Road(Decoder().decode, refinery(dialects, redactor, pricer), log, bus.publish, clock, losses)
    writer = Writer(engine, log.cursor("store"), clock, losses, interval_s=settings.store.commit_interval_s)
    hub = Hub(bus.subscribe("live", Policy.DROP_OLDEST, capacity=256), settings.stream, clock)
    ledger = Ledger()
    receivers = Receivers(_http(settings), _grpc(settings), InFlight(settings.receive.max_in_flight_bytes))
    demo = Demo(road, ledger, clock)
    runners = Manager(planned, found, settings.data_dir / "runners", clock)
    announcer, periodic = Announcer(clock), Periodic(settings.store.periodic_share)
    analysis = make_analysis(analyzed, settings, engine, log, bus, announcer, FindingVerdicts(facts, clock).heard, periodic, clock)
    alerting = Alerting(settings.alerts, facts, vault, engine, log, _told(bus, settings), clock, restarting(runners))
    registry = make_registry(facts, engine, announcer, clock, writer, periodic)
    health = make_health(engine, facts, clock, writer, log, losses, periodic)
    sums = make_sums(engine, clock, writer, log, settings.retention, periodic)
    pulse = make_pulse(engine, bus, announcer, clock, settings.executions, periodic)
    return Parts(
        settings,
        clock,
        engine,
        facts,
        log,
        bus,
        writer,
        road,
        hub,
        ledger,
        losses,
        pricer,
        redactor,
        demo,
        runners,
        announcer,
        analyzed,
        analysis,
        alerting,
        periodic,
        registry,
        health,
        sums,
        pulse,
        receivers,
        Watch(_THREADS),
    )


def check(settings: Settings) -> None:
    """Make everything that opens nothing.

    Raises:
        ConfigError: one line for each setting with which the server would not start, as far as that can be known before.
    """
    tls = _tls(settings)
    problems = []
    for make in (
        lambda: Redactor(settings.redact),
        lambda: Pricer(settings.prices),
        lambda: Dialects.load(settings.dialects_dir),
        lambda: parse(settings.store_url, directory=settings.data_dir, database=EngineSettings().database),
        lambda: http_context(tls) if tls else None,
        lambda: _plans_strictly(settings),
        lambda: wanted(settings.analyzers, strict=True),
        lambda: Vault([key.get_secret_value() for key in settings.facts.secret_keys]),
    ):
        try:
            make()
        except ConfigError as error:
            problems.append(error.message)
    if problems:
        raise ConfigError("\n".join(problems))


def _plans_strictly(settings: Settings) -> list[Plan]:
    """A plugin that cannot be used does not keep the server from starting, but whoever asks for a check wants to know."""
    return plans(settings.runners, load_plugins(RUNNERS, settings.runners.plugins_dir), strict=True)


def refinery(dialects: Dialects, redactor: Redactor, pricer: Pricer) -> Refinery:
    """The stages in their order: secrets are gone before anything else looks."""
    messages = Messages([dialect.messages for _, dialect in dialects])
    snapshots = Snapshots()
    steps = [Step("redact", redactor, required=True), Step("snapshots", snapshots)]
    steps += [Step("normalise", Normaliser(dialects)), Step("messages", messages), Step("price", pricer)]
    return Refinery(Chain(steps), messages.forget, snapshots.kept)


def _told(bus: Bus, settings: Settings) -> Subscription | None:
    """Findings, for alerts; what is dropped here is found again in the store."""
    return bus.subscribe("alerts", Policy.DROP_OLDEST, capacity=256) if settings.alerts.enabled else None


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"data_dir: {folder} cannot be made: {error.strerror}; choose another with --data-dir") from error


def _engine_settings(settings: Settings) -> EngineSettings:
    told = settings.store
    return EngineSettings(readers=told.readers, query_memory_bytes=told.max_memory_bytes, cluster=told.cluster)


def _http(settings: Settings) -> HttpSettings:
    told = settings.receive
    return HttpSettings(settings.host, settings.otlp_http_port, told.paths, told.allowed_origins, told.trusted_proxies, _tls(settings))


def _grpc(settings: Settings) -> GrpcSettings:
    return GrpcSettings(settings.host, settings.otlp_grpc_port, _tls(settings))


def _tls(settings: Settings) -> Tls | None:
    certificate, key = settings.receive.tls_certificate, settings.receive.tls_key  # both or none
    return Tls(certificate, key) if certificate and key else None
