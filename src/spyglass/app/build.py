"""From settings to a server: who is handed what. Read it as the arrow of DESIGN.md.

receive → road (decode → refine → publish) → log → writer → store → show; and from the road over the bus to the live viewers.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from spyglass.app.road import Refinery, Road
from spyglass.config.spec import Settings
from spyglass.decode.decoder import Decoder
from spyglass.facts.database import Facts
from spyglass.facts.saved import SavedThings
from spyglass.model.clock import Clock, SystemClock
from spyglass.model.errors import ConfigError
from spyglass.publish.bounds import Limits as LogLimits
from spyglass.publish.bus import Bus
from spyglass.publish.log import DiskLog
from spyglass.publish.policy import Policy
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import Limits
from spyglass.receive.settings import GrpcSettings, HttpSettings, Tls
from spyglass.refine.chain import Chain, Step
from spyglass.refine.dialect import Dialects
from spyglass.refine.messages.stage import Messages
from spyglass.refine.normalise import Normaliser
from spyglass.refine.price import Pricer, Pricing
from spyglass.refine.prices import PriceOverride
from spyglass.refine.redact import ExtraPattern, Redaction, Redactor
from spyglass.show.services import Services
from spyglass.store.engine import Engine, EngineSettings
from spyglass.store.migrate import migrate
from spyglass.store.retention import retain
from spyglass.store.writer import Writer
from spyglass.stream.hub import Hub

__all__ = ["Parts", "build", "refinery"]


@dataclass(frozen=True, slots=True)
class Receivers:
    """How the receivers are set up."""

    http: HttpSettings
    grpc: GrpcSettings
    limits: Limits


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
    pricer: Pricer
    redactor: Redactor
    receivers: Receivers

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
            pricer=self.pricer,
            saved=SavedThings(self.facts, self.clock),
            redactions=self.redactor.counts,
            ports=ports,
        )


def build(settings: Settings, clock: Clock | None = None) -> Parts:
    """Open what must be open, and hand each room what it needs.

    Raises:
        ConfigError: the data directory, the store or a setting cannot be used; nothing is left open.
    """
    clock = clock or SystemClock()
    _make_private(settings.data_dir)
    redactor, pricer = _redactor(settings), _pricer(settings)
    http, grpc, limits = _http(settings), _grpc(settings), _limits(settings)
    dialects = Dialects.load(settings.dialects_dir)
    with ExitStack() as opened:  # is closed again when the rest cannot be opened
        facts = opened.enter_context(closing(Facts.open(settings.facts_url)))
        engine = opened.enter_context(closing(Engine.open(settings.store_url, data_dir=settings.data_dir, settings=_engine_settings(settings))))
        migrate(engine, clock)
        retain(engine, settings.retention)
        log = DiskLog(settings.data_dir / "log", _log_limits(settings), clock)
        opened.pop_all()
    bus = Bus()
    road = Road(Decoder().decode, refinery(dialects, redactor, pricer), log, bus.publish, clock)
    writer = Writer(engine, log.cursor("store"), clock, interval_s=settings.store.commit_interval_s)
    hub = Hub(bus.subscribe("live", Policy.DROP_OLDEST, capacity=256), settings.stream, clock)
    return Parts(settings, clock, engine, facts, log, bus, writer, road, hub, Ledger(), pricer, redactor, Receivers(http, grpc, limits))


def refinery(dialects: Dialects, redactor: Redactor, pricer: Pricer) -> Refinery:
    """The stages in their order: secrets are gone before anything else looks."""
    messages = Messages([dialect.messages for _, dialect in dialects])
    chain = Chain([Step("redact", redactor, required=True), Step("normalise", Normaliser(dialects)), Step("messages", messages), Step("price", pricer)])
    return Refinery(chain, messages.forget)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"data_dir: {folder} cannot be made: {error.strerror}; choose another with --data-dir") from error


def _redactor(settings: Settings) -> Redactor:
    told = settings.redact
    extra = tuple(ExtraPattern(name=pattern.name, regex=pattern.regex) for pattern in told.extra)
    return Redactor(Redaction(enabled=told.enabled, disabled=frozenset(told.disabled), extra=extra, extra_keys=told.extra_keys))


def _pricer(settings: Settings) -> Pricer:
    overrides = tuple(PriceOverride.model_validate(override.model_dump(by_alias=True)) for override in settings.prices.overrides)
    return Pricer(Pricing(prefer_reported=settings.prices.prefer_reported, overrides=overrides))


def _engine_settings(settings: Settings) -> EngineSettings:
    return EngineSettings(readers=settings.store.readers, query_memory_bytes=settings.store.max_memory_bytes)


def _log_limits(settings: Settings) -> LogLimits:
    told = settings.log
    return LogLimits(max_bytes=told.max_bytes, segment_bytes=told.segment_bytes, min_free_bytes=told.min_free_bytes)


def _limits(settings: Settings) -> Limits:
    told = settings.receive
    return Limits(
        max_compressed_bytes=told.max_compressed_bytes,
        max_body_bytes=told.max_body_bytes,
        max_in_flight_bytes=told.max_in_flight_bytes,
        max_bytes_per_s=told.max_bytes_per_s,
        max_requests_per_s=told.max_requests_per_s,
        read_timeout_s=told.read_timeout_s,
    )


def _http(settings: Settings) -> HttpSettings:
    told = settings.receive
    return HttpSettings(settings.host, settings.otlp_http_port, told.paths, told.allowed_origins, tls=_tls(settings))


def _grpc(settings: Settings) -> GrpcSettings:
    return GrpcSettings(settings.host, settings.otlp_grpc_port, _tls(settings))


def _tls(settings: Settings) -> Tls | None:
    certificate, key = settings.receive.tls_certificate, settings.receive.tls_key
    if (certificate is None) != (key is None):
        raise ConfigError("receive.tls_certificate and receive.tls_key: expected both or none of them")
    return Tls(certificate, key) if certificate and key else None
