"""Every setting: its type, default, unit and one sentence. `docs/configuration.md` is generated from this file.

Sources, the later ones win: defaults, `spyglass.yaml`, environment (`SPYGLASS_HTTP_PORT`, `SPYGLASS_RECEIVE__MAX_BODY_BYTES`), command line.
Unknown keys are errors. None of these settings is applied by a reload yet: a change needs a restart.

Nothing is read here: `load.py` does that. A verb takes its section as it is (`Receive`, `Log`, `Redact`, `Prices`, `Retention`, `Stream`); what is wrong with
one setting, or between two, is told by the model, before anything is opened.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PrivateAttr, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from spyglass.config.values import FactsUrl, StoreUrl, contradiction, embedded, hidden, network, regular

__all__ = [
    "Alerts",
    "Analyzers",
    "Executions",
    "Facts",
    "Log",
    "PriceOverride",
    "Prices",
    "Query",
    "Receive",
    "Redact",
    "Retention",
    "RunnerEntry",
    "Runners",
    "SecretPattern",
    "Settings",
    "Store",
    "Stream",
    "Watch",
    "Web",
]

Network = Annotated[str, AfterValidator(network)]
Port = Annotated[int, Field(ge=0, le=65535)]
Key = Annotated[SecretStr, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Receive(_Section):
    """Who may send, and how much."""

    api_keys: tuple[Key, ...] = Field((), description="Keys that senders must show (Bearer, x-api-key, or either half of Basic). Empty: everyone may send.")
    paths: tuple[Annotated[str, Field(pattern=r"^(/[^/\s]+)*/?$")], ...] = Field(
        ("/v1", "/otel/v1", "/api/public/otel/v1"), description="Path prefixes in front of /traces, /logs and /metrics."
    )
    allowed_origins: tuple[str, ...] = Field((), description="Origins of web pages that may send OTLP (CORS). Empty: none.")
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses of proxies whose X-Forwarded-For the OTLP/HTTP port believes. Empty: none.")
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="Largest request body after decompression.")
    max_compressed_bytes: int = Field(32 * 2**20, gt=0, description="Largest request body as sent.")
    max_in_flight_bytes: int = Field(192 * 2**20, gt=0, description="Bytes of all requests being worked on; beyond it senders are told to come back.")
    max_bytes_per_s: float = Field(0, ge=0, description="Bytes per second and project; 0 means no limit.")
    max_requests_per_s: float = Field(0, ge=0, description="Requests per second and project; 0 means no limit.")
    burst_s: float = Field(5, gt=0, description="How many seconds of its rate a sender that was quiet may send at once.")
    max_connections: int = Field(1_000, gt=0, description="Connections of one OTLP port at the same time.")
    read_timeout_s: float = Field(30, gt=0, description="How long a request body may take to arrive.")
    keep_timeout_s: float = Field(30, gt=0, description="How long keeping a body may take before its sender is told to come back.")
    keep_alive_s: float = Field(75, gt=0, description="How long an idle HTTP connection stays open; longer than the minute between two exports of metrics.")
    tls_certificate: Path | None = Field(None, description="PEM certificate for both OTLP ports.")
    tls_key: Path | None = Field(None, description="PEM key for both OTLP ports.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        largest = self.max_compressed_bytes + self.max_body_bytes
        if self.max_in_flight_bytes < largest:
            wanted = f"expected at least {largest} (max_compressed_bytes + max_body_bytes, the bytes of one largest request); raise it, or lower those"
            raise contradiction("max_in_flight_bytes", wanted, self.max_in_flight_bytes)
        if (self.tls_certificate is None) != (self.tls_key is None):
            missing = "tls_key" if self.tls_key is None else "tls_certificate"
            raise contradiction(missing, "expected tls_certificate and tls_key, or none of them; set this one too, or remove the other")
        return self


class Log(_Section):
    """The durable log between the senders and the store."""

    max_bytes: int = Field(4 * 2**30, gt=0, description="How much may wait for the store before senders are refused.")
    segment_bytes: int = Field(64 * 2**20, gt=0, description="Size of one segment file.")
    min_free_bytes: int = Field(512 * 2**20, ge=0, description="Free disk space below which senders are refused.")
    max_pending_bytes: int = Field(64 * 2**20, gt=0, description="How much may wait in memory for the disk before senders are refused.")
    max_keys: int = Field(200_000, ge=0, description="How many of the latest bodies are remembered, so that one which is sent again is kept once.")
    retry_after_s: float = Field(1, ge=0, description="When a sender that is refused is told to come back.")


class Retention(_Section):
    """How long each kind is kept, in days from its arrival."""

    spans_days: int = Field(30, ge=1, le=3650, description="Spans, their long values, and what lists and facets show of them.")
    messages_days: int = Field(30, ge=1, le=3650, description="Messages of conversations.")
    events_days: int = Field(30, ge=1, le=3650, description="Log records and events.")
    points_days: int = Field(30, ge=1, le=3650, description="Metric data points.")
    rollups_days: int = Field(400, ge=1, le=3650, description="Sums per minute and hour, and calls; never less than a day more than what they are made of.")
    daily_days: int = Field(1830, ge=1, le=36_500, description="Sums per day of calls and runs; never less than those per hour.")


class Store(_Section):
    """Where the records are kept."""

    url: StoreUrl | None = Field(
        None,
        description="`chdb:///path` for the embedded engine, `clickhouse://user:password@host:8123/database` for a server. "
        "Default: embedded, in the data directory.",
    )
    cluster: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.{}-]{1,64}$",
        description="Name of the server's cluster, where it is more than one machine: tables are made on all of them.",
    )
    readers: int = Field(4, ge=1, le=32, description="Queries that run at the same time.")
    max_memory_bytes: int = Field(2 * 2**30, gt=0, description="Memory of one query.")
    commit_interval_s: float = Field(0.7, ge=0.05, le=60, description="Least time between two commits under load; the first after a pause is made at once.")
    periodic_share: float = Field(
        0.02,
        gt=0,
        le=1,
        description="Share of the time that each work may ask the store which is done again and again (the registry's look, sums, health): "
        "what takes longer is done less often, at least every 20 s.",
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.cluster is not None and embedded(self.url):
            raise contradiction("cluster", "expected a server in store.url: the embedded engine has no cluster; set store.url, or remove this", self.cluster)
        return self


class Facts(_Section):
    """Where that is kept which people make and change: saved views, dashboards, queries."""

    url: FactsUrl | None = Field(
        None, description="`sqlite:////path/file.db` or `postgresql://user:password@host:5432/database`. Default: SQLite, in the data directory."
    )
    secret_keys: tuple[SecretStr, ...] = Field(
        (),
        max_length=20,
        description="Keys with which secrets of channels are kept: the first seals, all open; `spyglass alerts new-key` prints one. "
        "Default: a file `secrets.key` in the data directory, which is made with the first start.",
    )


class Query(_Section):
    """Limits of what users may ask with SQL."""

    timeout_s: float = Field(20, gt=0, description="Longest time of one query.")
    max_rows: int = Field(100_000, gt=0, description="Most rows of one answer.")
    max_memory_bytes: int = Field(2**30, gt=0, description="Most memory of one query.")


class SecretPattern(_Section):
    """A pattern of the operator's own."""

    name: str = Field(pattern=r"^[a-z0-9_]{1,64}$", description="Shown in place of what was found: `[redacted:name]`. Small letters, digits and `_`.")
    regex: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(regular)] = Field(description="RE2 syntax; must not match the empty text.")


class Redact(_Section):
    """Secrets are taken out before anything is stored or streamed."""

    enabled: bool = Field(True, description="Whether secrets are taken out.")
    disabled: tuple[str, ...] = Field((), description="Names of built-in patterns to leave out.")
    extra: tuple[SecretPattern, ...] = Field((), description="More patterns.")
    extra_keys: tuple[str, ...] = Field((), description="More attribute names (with `*`) whose values are always taken out.")


class PriceOverride(_Section):
    """A price of the operator's own; USD per million tokens. Case does not matter in `provider` and `model`."""

    model_config = ConfigDict(populate_by_name=True)

    provider: str = Field("*", description="Provider, with `*`.")
    model: str = Field(description="Model, with `*`.")
    input: float = Field(ge=0, description="Input tokens.")
    output: float = Field(ge=0, description="Output tokens.")
    cache_read: float | None = Field(None, ge=0, description="Cached input tokens; default: as input.")
    cache_write: float | None = Field(None, ge=0, description="Input tokens written to the cache; default: as input.")
    since: date | None = Field(None, alias="from", description="First day (UTC) on which it holds; default: it always did.")
    until: date | None = Field(None, description="First day (UTC) on which it does not hold any more; default: none.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.since and self.until and self.until <= self.since:
            raise contradiction("until", f"expected a day after `from` ({self.since})", str(self.until))
        return self


class Prices(_Section):
    """How calls are priced."""

    prefer_reported: bool = Field(True, description="Whether a cost that the source reports wins over the price table.")
    overrides: tuple[PriceOverride, ...] = Field((), description="Prices that win over the table.")


class Stream(_Section):
    """Live viewers."""

    queue_frames: int = Field(2_000, ge=10, description="Frames that may wait for one viewer; the oldest are dropped and counted.")
    max_viewers: int = Field(500, ge=1, description="Viewers at the same time.")


class RunnerEntry(_Section):
    """A runner: something that goes and looks, and tells what it saw."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$", description="What it is: `host`, `tail`, `scrape`, `poll` …, or the name of a plugin.")
    id: str | None = Field(
        None, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Its name in the API, in metrics and in what it tells; default: its kind. Each has its own."
    )
    enabled: bool = Field(True, description="Whether it is started with the server; else somebody may start it later.")
    project: str | None = Field(
        None, pattern=r"^[A-Za-z0-9._-]{1,128}$", description="The tenant who gets what it tells; default: what it says itself, else `default`."
    )
    max_records_per_s: float = Field(10_000, ge=0, description="Records a second beyond which it has to wait; 0: it never has to.")
    sample: float = Field(1.0, gt=0, le=1, description="Share of its events and spans that is kept, of a trace all or nothing; points are always kept.")
    settings: Annotated[dict[str, Any], PlainSerializer(hidden, when_used="json")] = Field(
        default_factory=dict, description="Its own settings; the page about runners has those of each kind."
    )

    @property
    def name(self) -> str:
        """Its id, or what stands for it."""
        return self.id or self.kind


class Runners(_Section):
    """Runners of the server: they look at this machine, at files and at pages, and tell what they see."""

    defaults: bool = Field(True, description="Whether runners that need no settings (`host`: figures of this machine) run without an entry of their own.")
    plugins_dir: Path | None = Field(None, description="Folder with runners of the operator's own, a Python file each.")
    entries: tuple[RunnerEntry, ...] = Field((), description="The runners.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        taken: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            if (other := taken.setdefault(entry.name, number)) != number:
                raise contradiction(f"entries.{number}.id", f"expected a name of its own, and `{entry.name}` is that of runners.entries.{other}; set `id`")
        return self


class Executions(_Section):
    """Runs of agents whose silence is watched."""

    abandoned_after_s: float = Field(86_400, ge=60, description="Silence after which a run that stalled is given up.")
    max_watched: int = Field(50_000, ge=100, le=1_000_000, description="Runs that are watched at the same time; those that were silent longest are let go.")


class Analyzers(_Section):
    """What the server notices by itself."""

    enabled: bool = Field(True, description="Whether anything is analyzed.")
    disabled: tuple[str, ...] = Field((), description="Names of analyzers that do not run.")
    share: float = Field(0.5, gt=0, le=1, description="Share of a core that one analyzer may take before it rests.")
    busy_share: float = Field(0.03, gt=0, le=1, description="Share of all cores that analyzers together take while the server is busy: ingest goes first.")
    news_s: float = Field(
        300.0, gt=0, description="What ended longer before it arrived (an import, a backfill) is no news: analyzers that count by arrival are not shown it."
    )
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Settings by the name of the analyzer; GET /api/v1/analyzers tells them.")
    plugins_dir: Path | None = Field(None, description="Folder with analyzers of the operator's own, a Python file each.")
    plugin_answer_s: float = Field(10.0, gt=0, description="How long one of these may take for a batch before it is ended and rests; nobody else waits for it.")
    plugin_memory_bytes: int = Field(2**30, ge=2**26, description="How much memory the process of one may write to.")


class Alerts(_Section):
    """Rules, and whom they tell."""

    enabled: bool = Field(True, description="Whether rules are evaluated and notices are sent.")
    public_url: str | None = Field(
        None, pattern=r"^https?://[^\s?#]+$", description="Address of the web app as people reach it, for links in notices. Default: notices have no links."
    )
    allowed_networks: tuple[Network, ...] = Field(
        (), description="Private networks that channels may reach all the same, such as `10.1.2.0/24`. Empty: none but the public internet."
    )
    timeout_s: float = Field(10.0, gt=0, le=60, description="Longest time of one delivery.")
    give_up_s: float = Field(86_400, ge=60, le=2_592_000, description="How long a notice is tried that its channel does not take.")
    max_alerts: int = Field(
        200, ge=1, le=10_000, description="Alerts of one rule at the same time; what it would raise beyond them is withheld, and told with the rule."
    )
    live_actions: bool = Field(False, description="Whether policies whose mode is `live` may act; else it is only written down what they would do.")
    history_days: int = Field(400, ge=1, le=3650, description="How long resolved alerts and finished deliveries are kept.")


def _ports(spans: tuple[str, ...]) -> tuple[str, ...]:
    for span in spans:
        low, _, high = span.partition("-")
        if not (low.isdecimal() and (high or low).isdecimal() and int(low) <= int(high or low) <= 65535):
            raise ValueError(f"expected a port or a range such as 8000-8999, got {span!r}")
    return spans


Globs = tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...]
Ports = Annotated[tuple[str, ...], AfterValidator(_ports)]
Share = Annotated[float, Field(ge=0, le=1)]


class Watch(_Section):
    """What `spyglass watch` looks at on a machine, and how much of it is told."""

    level: Literal["auto", "full", "partial", "minimal"] = Field(
        "auto", description="How much has to be seen: the best that is to be had, or this and nothing else."
    )
    processes: bool = Field(True, description="Whether programs are told: their arguments, births and ends.")
    files: bool = Field(True, description="Whether files are told.")
    reads: bool = Field(False, description="Whether what is read from files is told, too; what is interesting always is.")
    network: bool = Field(True, description="Whether connections are told.")
    tls: bool = Field(True, description="Whether connections are read, of TLS the plaintext: model calls with their messages.")
    stdio: bool = Field(True, description="Whether pipes between a program and its children are read: MCP.")
    content: bool = Field(
        True, description="Whether messages, prompts, tools' arguments and their results are told; else calls keep model, tokens, times and outcome."
    )
    only_commands: Globs = Field((), description="Programs that are told, by path or name (with `*`). Empty: all.")
    skip_commands: Globs = Field((), description="Programs that are not told.")
    only_paths: Globs = Field((), description="Files that are told (with `*`, which matches `/` too; `~/` stands for any folder). Empty: all.")
    skip_paths: Globs = Field((), description="Files that are not told.")
    only_hosts: Globs = Field((), description="Peers that are told: names or addresses (with `*`), or networks such as `10.0.0.0/8`. Empty: all.")
    skip_hosts: Globs = Field((), description="Peers that are not told.")
    only_ports: Ports = Field((), description="Ports of peers that are told: numbers or ranges such as `8000-8999`. Empty: all.")
    skip_ports: Ports = Field((), description="Ports of peers that are not told.")
    interesting_paths: Globs = Field((), description="More files whose reading is told each time, beside keys, credentials and shell histories.")
    noise_paths: Globs = Field((), description="More files that are only counted, beside shared libraries, caches and the like.")
    min_file_bytes: int = Field(0, ge=0, description="Files of which fewer bytes were read and written in a window are not told.")
    sample_processes: Share = Field(1.0, description="Share of processes that is told, of each all or nothing.")
    sample_files: Share = Field(1.0, description="Share of files that is told, chosen by path.")
    sample_connections: Share = Field(1.0, description="Share of connections that is told.")
    sample_calls: Share = Field(1.0, description="Share of model calls, MCP calls and HTTP exchanges that is told.")
    max_body_bytes: int = Field(
        8 * 2**20, ge=1024, le=2**30, description="How much of one request or answer is read, decoded; what is longer is told without its end."
    )
    max_held_bytes: int = Field(48 * 2**20, ge=2**20, le=2**34, description="How much of all connections is held at once.")
    max_arguments: int = Field(512, ge=1, le=100_000, description="Arguments of a program that are told.")
    max_argument_chars: int = Field(4096, ge=16, le=1_000_000, description="Characters of one argument that are told.")
    hide_options: Globs = Field(
        (), description="More options of programs (with `*`) whose values are never told, beside `*password*`, `*token`, `*secret*` and the like."
    )
    redact: bool = Field(False, description="Whether secrets (as `redact` has them) are taken out before anything leaves the watch; else the server does it.")
    window_s: float = Field(5.0, gt=0, le=3600, description="How long bytes of a file are added up before they are told.")
    idle_s: float = Field(900, ge=1, le=86_400, description="After so long without a call, what comes next is a trace of its own.")
    max_trace_calls: int = Field(1000, ge=1, le=100_000, description="Calls of one trace; what comes then is another one.")
    stoppable: bool = Field(False, description="Whether people and policies on the server may end what is watched (`/execution-stops`).")
    stop_interval_s: float = Field(5.0, ge=0.1, le=3600, description="How often the server is asked whether to end it.")
    stop_grace_s: float = Field(10.0, ge=0, le=3600, description="After so long what was asked to end (SIGTERM) is killed (SIGKILL).")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_held_bytes < self.max_body_bytes:
            raise contradiction("max_held_bytes", f"expected at least {self.max_body_bytes} (max_body_bytes); raise it, or lower that", self.max_held_bytes)
        return self


class Web(_Section):
    """The web app."""

    embed_origins: tuple[Annotated[str, Field(pattern=r"^[^\s;,]+$")], ...] = Field(
        (), description="Origins whose pages may show `/embed/…` in a frame, such as `https://wiki.example.com`; `*` for all. Empty: none but our own."
    )
    max_body_bytes: int = Field(4 * 2**20, gt=0, description="Largest body of a request to the API, such as a SQL text or a dashboard.")
    max_in_flight_bytes: int = Field(32 * 2**20, gt=0, description="Bodies of all API requests being worked on; beyond it clients are told to come back.")
    max_connections: int = Field(2_000, gt=0, description="Connections of the web port at the same time.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_in_flight_bytes < self.max_body_bytes:
            wanted = f"expected at least {self.max_body_bytes} (max_body_bytes); raise it, or lower that"
            raise contradiction("max_in_flight_bytes", wanted, self.max_in_flight_bytes)
        return self


class Settings(BaseSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="SPYGLASS_", env_nested_delimiter="__", extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(cls, settings_cls: type[BaseSettings], init_settings: Source, *_: Source, **__: Source) -> tuple[Source, ...]:  # noqa: ARG003
        """What `load.py` gives, and nothing else: it knows where each value came from, for its messages."""
        return (init_settings,)

    data_dir: Path = Field(default_factory=lambda: user_data_path("spyglass"), description="Where everything is kept.")
    host: tuple[str, ...] = Field(("127.0.0.1", "::1"), min_length=1, description="Addresses to listen on; `0.0.0.0` for all.")
    http_port: Port = Field(7700, description="Web app and API.")
    otlp_http_port: Port = Field(4318, description="OTLP over HTTP.")
    otlp_grpc_port: Port = Field(4317, description="OTLP over gRPC.")
    api_keys: tuple[Key, ...] = Field((), description="Keys that readers of the API must show. Empty: everyone who reaches the port may read.")
    dialects_dir: Path | None = Field(None, description="Folder with the operator's own dialect files.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    log_format: Literal["auto", "console", "json"] = Field("auto", description="`auto`: console on a terminal, else json.")
    receive: Receive = Field(default_factory=Receive, description="Who may send, and how much.")
    log: Log = Field(default_factory=Log, description="The durable log between senders and store.")
    store: Store = Field(default_factory=Store, description="Where the records are kept.")
    retention: Retention = Field(default_factory=Retention, description="How long each kind is kept.")
    facts: Facts = Field(default_factory=Facts, description="Where saved views, dashboards and queries are kept.")
    query: Query = Field(default_factory=Query, description="Limits of user SQL.")
    redact: Redact = Field(default_factory=Redact, description="Secrets are taken out before anything is stored.")
    prices: Prices = Field(default_factory=Prices, description="How calls are priced.")
    stream: Stream = Field(default_factory=Stream, description="Live viewers.")
    executions: Executions = Field(default_factory=Executions, description="Runs of agents whose silence is watched.")
    runners: Runners = Field(default_factory=Runners, description="What the server goes and looks at by itself.")
    analyzers: Analyzers = Field(default_factory=Analyzers, description="What the server notices by itself.")
    alerts: Alerts = Field(default_factory=Alerts, description="Rules, and whom they tell.")
    watch: Watch = Field(default_factory=Watch, description="What `spyglass watch` looks at on a machine.")
    web: Web = Field(default_factory=Web, description="The web app.")
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> dict[str, str]:
        """What set each setting that something set, by path: a file, `environment <VARIABLE>`, `command line`. What is left out has its default."""
        return self._origins

    @model_validator(mode="after")
    def _agree(self) -> Self:
        taken: dict[int, str] = {}
        for name in ("http_port", "otlp_http_port", "otlp_grpc_port"):
            port: int = getattr(self, name)
            if port and (other := taken.setdefault(port, name)) != name:
                raise contradiction(name, f"expected another port than {other}", port)
        return self

    @property
    def facts_url(self) -> str:
        """Where the mutable facts are: as set, else in the data directory."""
        return self.facts.url or f"sqlite:///{(self.data_dir / 'facts.db').absolute()}"

    @property
    def store_url(self) -> str:
        """Where the store is: as set, else embedded in the data directory."""
        return self.store.url or f"chdb://{(self.data_dir / 'store').absolute()}"
