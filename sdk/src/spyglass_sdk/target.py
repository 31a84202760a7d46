"""Arguments and environment in, where to send (`Target`) out. Reads nothing but the mapping it is given."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

__all__ = ["DEFAULT_ENDPOINT", "PROJECT_HEADER", "Target", "resolve"]

DEFAULT_ENDPOINT = "http://localhost:4318"
PROJECT_HEADER = "x-spyglass-project"

_log = logging.getLogger("spyglass_sdk")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send, and as whom. A URL or header that is None or absent is left to the exporter, which reads `OTEL_*` itself."""

    traces_url: str | None
    logs_url: str | None
    metrics_url: str | None
    headers: dict[str, str]  # lower-case names
    service_name: str | None


def resolve(
    environ: Mapping[str, str],
    *,
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
    service_name: str | None = None,
    project: str | None = None,
) -> Target:
    """Settle each value: the argument, else its `SPYGLASS_*` variable, else `OTEL_*`, else the default.

    Headers are merged in the same order, name by name.

    Raises:
        ValueError: the endpoint is no http(s) URL, or a header cannot be sent; the text names it, never its value.
    """
    base = endpoint or environ.get("SPYGLASS_ENDPOINT")
    if not base and environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc":
        _log.warning("OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and this sends OTLP/HTTP: using %s; set SPYGLASS_ENDPOINT", DEFAULT_ENDPOINT)
        base = DEFAULT_ENDPOINT
    base = _base_url(base) if base else None
    return Target(
        traces_url=base and f"{base}/v1/traces",
        logs_url=base and f"{base}/v1/logs",
        metrics_url=base and f"{base}/v1/metrics",
        headers=_headers(environ, headers or {}, project),
        service_name=service_name or environ.get("SPYGLASS_SERVICE_NAME"),
    )


def _base_url(text: str) -> str:
    url = text.strip().rstrip("/").removesuffix("/v1/traces").removesuffix("/v1/logs").removesuffix("/v1/metrics")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"endpoint: expected a URL such as {DEFAULT_ENDPOINT}, got a text without http:// or https:// and a host")
    return url


def _headers(environ: Mapping[str, str], given: Mapping[str, str], project: str | None) -> dict[str, str]:
    merged = _parse_headers(environ.get("SPYGLASS_HEADERS", ""))
    if environ.get("SPYGLASS_PROJECT"):
        merged[PROJECT_HEADER] = environ["SPYGLASS_PROJECT"]
    merged |= {name.lower(): value for name, value in given.items()}
    if project:
        merged[PROJECT_HEADER] = project
    for name, value in merged.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"header {name}: expected printable ASCII")
    return merged


def _parse_headers(text: str) -> dict[str, str]:
    """`a=b,c=d`, values percent-encoded where they must be: as OpenTelemetry writes headers, but no complaint quotes a value."""
    parsed = {}
    for number, item in enumerate(filter(None, map(str.strip, text.split(","))), 1):
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"SPYGLASS_HEADERS: expected name=value,name=value; entry {number} has no name or no =")
        parsed[name.strip().lower()] = unquote(value.strip())
    return parsed
