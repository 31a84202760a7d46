"""Where OTLP is sent and how, as OpenTelemetry's environment variables say; a variable of one signal goes before the one of all.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ is the reference. `http/json` is sent as protobuf, which every OTLP/HTTP port takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, get_args
from urllib.parse import unquote, urlsplit

import typer

from spyglass.cli.client import DEFAULT_URL, api
from spyglass.model.body import Signal
from spyglass.model.errors import InputError

__all__ = ["Endpoint", "Target", "beside", "headers_of", "targets"]

_HELP: Final = "Where to send: the address of an OTLP port.  [env var: OTEL_EXPORTER_OTLP_ENDPOINT; OTEL_EXPORTER_OTLP_PROTOCOL=grpc speaks gRPC]"
Endpoint = Annotated[str | None, typer.Option("--endpoint", "-e", help=_HELP, show_default="http://localhost:4318")]

_PROTOCOLS: Final = ("http/protobuf", "http/json", "grpc")
_SIGNALS: Final[tuple[Signal, ...]] = get_args(Signal)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the bodies of one signal go. `url` is `http…://host:4318/v1/traces`, or `grpc://host:4317` (`grpcs` with TLS)."""

    url: str
    headers: Mapping[str, str]

    @property
    def local(self) -> bool:
        """Whether it is on this machine, where no proxy stands between."""
        return urlsplit(self.url).hostname in {"localhost", "127.0.0.1", "::1"}


def targets(given: str | None, environment: Mapping[str, str]) -> dict[Signal, Target]:
    """Where each signal goes. `given` on the command line, an address goes before those of the environment.

    Raises:
        InputError: a variable has a value that means nothing; says which.
    """
    return {signal: _target(signal, given, environment) for signal in _SIGNALS}


def beside(url: str, environment: Mapping[str, str]) -> str | None:
    """The OTLP port of the server at `url`, which that server tells; None where the environment says another address, nobody was named, or it does not tell.

    Raises:
        httpx.TransportError: no server is there.
    """
    said = any(environment.get(f"OTEL_EXPORTER_OTLP_{of}ENDPOINT", "").strip() for of in ("", *(f"{signal.upper()}_" for signal in _SIGNALS)))
    if said or url.rstrip("/") == DEFAULT_URL:
        return None
    with api(url, environment.get("SPYGLASS_API_KEY", ""), timeout_s=10) as client:
        health = client.get("/health")  # 503 where something is amiss there, and without ports where it wants a key
    ports = health.json().get("ports") if health.headers.get("content-type", "").startswith("application/json") else None
    if ports is None:
        return None
    port = ports["otlp_grpc" if _told("PROTOCOL", "traces", environment)[1] == "grpc" else "otlp_http"]
    parts = urlsplit(url)
    return f"{parts.scheme}://{f'[{parts.hostname}]' if ':' in (parts.hostname or '') else parts.hostname}:{port}"


def _target(signal: Signal, given: str | None, environment: Mapping[str, str]) -> Target:
    name, protocol = _told("PROTOCOL", signal, environment)
    if protocol and protocol not in _PROTOCOLS:
        raise InputError(f"{name}: expected {', '.join(_PROTOCOLS)}, got {protocol!r}")
    common, headers = _told("HEADERS", signal, environment)
    shown = headers_of(headers, common)
    own = "" if given else environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "").strip()
    base = given or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    if protocol == "grpc":
        return Target(_grpc_url(own or base or "http://localhost:4317"), shown)
    return Target(own or _http_url(base or "http://localhost:4318", signal), shown)


def _told(what: str, signal: Signal, environment: Mapping[str, str]) -> tuple[str, str]:
    """The variable that says it, and what it says."""
    names = (f"OTEL_EXPORTER_OTLP_{signal.upper()}_{what}", f"OTEL_EXPORTER_OTLP_{what}")
    return next(((name, value) for name in names if (value := environment.get(name, "").strip())), (names[1], ""))


def _http_url(base: str, signal: Signal) -> str:
    """The path of the signal below the base; an address that has one already may be of another signal."""
    for known in _SIGNALS:
        base = base.rstrip("/").removesuffix(f"/v1/{known}")
    return f"{base}/v1/{signal}"


def _grpc_url(address: str) -> str:
    """The scheme alone says whether it is TLS; a path means nothing to gRPC."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    return f"{'grpcs' if parts.scheme in {'https', 'grpcs'} else 'grpc'}://{parts.netloc}"


def headers_of(text: str, name: str = "OTEL_EXPORTER_OTLP_HEADERS") -> dict[str, str]:
    """`OTEL_EXPORTER_OTLP_HEADERS`: `key1=value1,key2=value2`, values percent-encoded.

    Raises:
        InputError: it is something else.
    """
    headers = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise InputError(f"{name}: expected `name=value,name=value`")
        headers[key.strip().lower()] = unquote(value.strip())
    return headers
