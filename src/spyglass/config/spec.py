"""Every setting: its type, default, unit and one sentence. `docs/configuration.md` is generated from this file.

Sources, the later ones win: defaults, `spyglass.yaml`, environment (`SPYGLASS_HTTP_PORT`, `SPYGLASS_RECEIVE__MAX_BODY_BYTES`), command line.
Unknown keys are errors. None of these settings is applied by a reload yet: a change needs a restart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Log", "PriceOverride", "Prices", "Query", "Receive", "Redact", "Retention", "SecretPattern", "Settings", "Store", "Stream", "Web"]

Port = Annotated[int, Field(ge=0, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Receive(_Section):
    """Who may send, and how much."""

    api_keys: tuple[SecretStr, ...] = Field(
        (), description="Keys that senders must show (Bearer, x-api-key, or either half of Basic). Empty: everyone may send."
    )
    paths: tuple[str, ...] = Field(("/v1", "/otel/v1", "/api/public/otel/v1"), description="Path prefixes in front of /traces, /logs and /metrics.")
    allowed_origins: tuple[str, ...] = Field((), description="Origins of web pages that may send OTLP (CORS). Empty: none.")
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="Largest request body after decompression.")
    max_compressed_bytes: int = Field(32 * 2**20, gt=0, description="Largest request body as sent.")
    max_in_flight_bytes: int = Field(192 * 2**20, gt=0, description="Bytes of all requests being worked on; beyond it senders are told to come back.")
    max_bytes_per_s: float = Field(0, ge=0, description="Bytes per second and project; 0 means no limit.")
    max_requests_per_s: float = Field(0, ge=0, description="Requests per second and project; 0 means no limit.")
    read_timeout_s: float = Field(30, gt=0, description="How long a request body may take to arrive.")
    tls_certificate: Path | None = Field(None, description="PEM certificate for both OTLP ports.")
    tls_key: Path | None = Field(None, description="PEM key for both OTLP ports.")


class Log(_Section):
    """The durable log between the senders and the store."""

    max_bytes: int = Field(4 * 2**30, gt=0, description="How much may wait for the store before senders are refused.")
    segment_bytes: int = Field(64 * 2**20, gt=0, description="Size of one segment file.")
    min_free_bytes: int = Field(512 * 2**20, ge=0, description="Free disk space below which senders are refused.")


class Retention(_Section):
    """How long each kind is kept, in days from its arrival."""

    spans_days: int = Field(30, ge=1, le=3650, description="Spans, their long values, and what lists and facets show of them.")
    messages_days: int = Field(30, ge=1, le=3650, description="Messages of conversations.")
    events_days: int = Field(30, ge=1, le=3650, description="Log records and events.")
    points_days: int = Field(30, ge=1, le=3650, description="Metric data points.")
    rollups_days: int = Field(400, ge=1, le=3650, description="Sums per minute and calls; never less than a day more than what they are made of.")


class Store(_Section):
    """Where the records are kept."""

    url: str | None = Field(
        None,
        description="`chdb:///path` for the embedded engine, `clickhouse://user:password@host:8123/database` for a server. "
        "Default: embedded, in the data directory.",
    )
    readers: int = Field(4, ge=1, le=32, description="Queries that run at the same time.")
    max_memory_bytes: int = Field(2 * 2**30, gt=0, description="Memory of one query.")
    commit_interval_s: float = Field(0.7, ge=0.05, le=60, description="Least time between two commits under load; the first after a pause is made at once.")


class Facts(_Section):
    """Where that is kept which people make and change: saved views, dashboards, queries."""

    url: str | None = Field(
        None, description="`sqlite:////path/file.db` or `postgresql://user:password@host:5432/database`. Default: SQLite, in the data directory."
    )


class Query(_Section):
    """Limits of what users may ask with SQL."""

    timeout_s: float = Field(20, gt=0, description="Longest time of one query.")
    max_rows: int = Field(100_000, gt=0, description="Most rows of one answer.")
    max_memory_bytes: int = Field(2**30, gt=0, description="Most memory of one query.")


class SecretPattern(_Section):
    """A pattern of the operator's own."""

    name: str = Field(description="Shown in place of what was found: `[redacted:name]`.")
    regex: str = Field(description="RE2 syntax.")


class Redact(_Section):
    """Secrets are taken out before anything is stored or streamed."""

    enabled: bool = Field(True, description="Whether secrets are taken out.")
    disabled: tuple[str, ...] = Field((), description="Names of built-in patterns to leave out.")
    extra: tuple[SecretPattern, ...] = Field((), description="More patterns.")
    extra_keys: tuple[str, ...] = Field((), description="More attribute names (with `*`) whose values are always taken out.")


class PriceOverride(_Section):
    """A price of the operator's own; USD per million tokens."""

    provider: str = Field("*", description="Provider, with `*`.")
    model: str = Field(description="Model, with `*`.")
    input: float = Field(ge=0, description="Input tokens.")
    output: float = Field(ge=0, description="Output tokens.")
    cache_read: float | None = Field(None, ge=0, description="Cached input tokens; default: as input.")
    cache_write: float | None = Field(None, ge=0, description="Input tokens written to the cache; default: as input.")


class Prices(_Section):
    """How calls are priced."""

    prefer_reported: bool = Field(True, description="Whether a cost that the source reports wins over the price table.")
    overrides: tuple[PriceOverride, ...] = Field((), description="Prices that win over the table.")


class Stream(_Section):
    """Live viewers."""

    queue_frames: int = Field(2_000, ge=10, description="Frames that may wait for one viewer; the oldest are dropped and counted.")
    max_viewers: int = Field(500, ge=1, description="Viewers at the same time.")


class Web(_Section):
    """The web app."""

    embed_origins: tuple[str, ...] = Field(
        (), description="Origins whose pages may show `/embed/…` in a frame, such as `https://wiki.example.com`; `*` for all. Empty: none but our own."
    )


class Settings(BaseSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="SPYGLASS_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Field(default_factory=lambda: user_data_path("spyglass"), description="Where everything is kept.")
    host: tuple[str, ...] = Field(("127.0.0.1", "::1"), description="Addresses to listen on; `0.0.0.0` for all.")
    http_port: Port = Field(7700, description="Web app and API.")
    otlp_http_port: Port = Field(4318, description="OTLP over HTTP.")
    otlp_grpc_port: Port = Field(4317, description="OTLP over gRPC.")
    api_keys: tuple[SecretStr, ...] = Field((), description="Keys that readers of the API must show. Empty: everyone who reaches the port may read.")
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
    web: Web = Field(default_factory=Web, description="The web app.")

    @property
    def facts_url(self) -> str:
        """Where the mutable facts are: as set, else in the data directory."""
        return self.facts.url or f"sqlite:///{(self.data_dir / 'facts.db').absolute()}"

    @property
    def store_url(self) -> str:
        """Where the store is: as set, else embedded in the data directory."""
        return self.store.url or f"chdb://{(self.data_dir / 'store').absolute()}"
