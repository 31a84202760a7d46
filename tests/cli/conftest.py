"""The command line of the tests: commands run in this process, against the shared server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from spyglass.cli.main import app
from spyglass.cli.show import console

_numbers = itertools.count(1)

Run = Callable[..., Result]

_UNSET: dict[str, str | None] = {f"OTEL_EXPORTER_OTLP_{name}": None for name in ("ENDPOINT", "HEADERS", "PROTOCOL", "TRACES_ENDPOINT")}


@pytest.fixture
def project() -> str:
    """A project that nobody else uses."""
    return f"cli-{next(_numbers)}"


@pytest.fixture
def run() -> Run:
    """Run a command; errors of ours are raised."""

    def invoke(*arguments: object, **variables: str) -> Result:
        environment: dict[str, str | None] = {"COLUMNS": "80", "NO_COLOR": "1", **_UNSET}
        console.width = int(variables.get("COLUMNS", "80"))  # who distributes tests sets COLUMNS, too, and a console that was made then keeps to it
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment | dict(variables))
        console.width = 80
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def told() -> Callable[[Result], list[dict[str, Any]]]:
    """The JSON objects that a command printed."""
    return lambda result: [orjson.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


@pytest.fixture
def send(run: Run, server: Any) -> Iterator[Run]:
    """`spyglass import` to the shared server; the records are in the store afterwards."""

    def send_files(*arguments: object) -> Result:
        result = run("import", "--endpoint", server.endpoint, *arguments)
        server.settled()
        return result

    yield send_files


@pytest.fixture
def fetch(run: Run, server: Any) -> Run:
    """`spyglass export` from the shared server."""
    return lambda *arguments: run("export", "--url", server.url, *arguments)
