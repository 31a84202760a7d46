"""Where the receivers listen and what they answer to. Filled from `config.spec` by `app/build.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["GrpcSettings", "HttpSettings", "Tls"]


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of a port's certificate chain and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The OTLP/HTTP port."""

    # Both loopbacks, because `localhost` may mean either; an IPv6 loopback that the machine has not is left out.
    hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = 4318  # 0: any free one
    paths: tuple[str, ...] = ("/v1", "/otel/v1", "/api/public/otel/v1")  # in front of /traces, /logs and /metrics; the last is Langfuse's
    allowed_origins: tuple[str, ...] = ()  # of web pages that may send; `*` stands for any run of characters
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class GrpcSettings:
    """The OTLP/gRPC port."""

    hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = 4317
    tls: Tls | None = None
