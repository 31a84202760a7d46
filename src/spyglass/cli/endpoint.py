"""Where OTLP is sent, as OpenTelemetry's environment variables say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import unquote

import typer

from spyglass.model.errors import InputError

__all__ = ["DEFAULT_ENDPOINT", "Endpoint", "headers_of"]

DEFAULT_ENDPOINT: Final = "http://localhost:4318"
Endpoint = Annotated[str, typer.Option("--endpoint", "-e", envvar="OTEL_EXPORTER_OTLP_ENDPOINT", help="Where to send: the address of an OTLP/HTTP port.")]


def headers_of(text: str) -> Mapping[str, str]:
    """`OTEL_EXPORTER_OTLP_HEADERS`: `key1=value1,key2=value2`, values percent-encoded.

    Raises:
        InputError: it is something else.
    """
    headers = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise InputError("OTEL_EXPORTER_OTLP_HEADERS: expected `name=value,name=value`")
        headers[name.strip().lower()] = unquote(value.strip())
    return headers
