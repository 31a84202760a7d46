"""`spyglass doctor`: whether everything is as it should be, and what to do where it is not."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import httpx
import typer
from rich.text import Text

from spyglass.cli import checks
from spyglass.cli.checks import Finding
from spyglass.cli.client import ApiKey, Json, api
from spyglass.cli.show import console, print_json
from spyglass.config.spec import Settings

__all__ = ["doctor"]

_COLOURS: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_INDENT: Final = " " * 26
_LOCAL: Final = {"localhost", "127.0.0.1", "::1"}


def doctor(
    send: Annotated[bool, typer.Option("--send/--no-send", help="Send a test span and wait until it can be asked for.")] = True,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", envvar="SPYGLASS_CONFIG", help="Settings file.", show_default="spyglass.yaml, if there")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Look at this data directory.", show_default="as the settings say")] = None,
    url: Annotated[
        str | None, typer.Option("--url", envvar="SPYGLASS_URL", help="Where the server is.", show_default="here, on the port of the settings")
    ] = None,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Check ports, server, store, disk, clock and permissions, and say what to do. Ends with code 1 when something fails."""
    failed = 0
    for finding in _findings(config, data_dir, url, api_key, send=send):
        failed += finding.level == "fail"
        if json:
            print_json(asdict(finding))
        else:
            _show(finding)
    if not json:
        console.print(f"\n{failed} of these must be put right." if failed else "\nEverything is as it should be.", style="red" if failed else "green")
    if failed:
        raise typer.Exit(1)


def _findings(config: Path | None, data_dir: Path | None, url: str | None, api_key: str, *, send: bool) -> Iterator[Finding]:
    yield from checks.check_versions()
    settings, found = checks.check_settings(config)
    settings = settings if data_dir is None else settings.model_copy(update={"data_dir": data_dir})
    yield from found
    where = url or f"http://localhost:{settings.http_port}"
    with api(where, api_key, timeout_s=10) as client:
        asked = time.time()
        health, told = _health(client, where)
        answered = time.time()
        yield told
        if urlsplit(where).hostname in _LOCAL:
            yield from _this_machine(settings, health)
        elif health is not None:
            yield checks.check_log(settings, health)
        yield from checks.check_clock(health, asked, answered)
        if send and health is not None:
            from spyglass.cli.probe import send_test_spans  # noqa: PLC0415 - gRPC and Arrow take half a second to load

            yield from send_test_spans(client, settings, urlsplit(where).hostname or "localhost", health["ports"])


def _health(client: httpx.Client, where: str) -> tuple[dict[str, Any] | None, Finding]:
    """What the server says of itself; None: there is none."""
    try:
        answer = client.get("/health")
        health: dict[str, Any] = answer.json()
        if answer.status_code == httpx.codes.UNAUTHORIZED or set(health) == {"status", "problems"}:
            return None, Finding("fail", "server", f"the server at {where} wants a key", "give it with --api-key or SPYGLASS_API_KEY")
        version, problems = health["version"], health["problems"]
    except httpx.TransportError:
        return None, Finding("ok", "server", f"none at {where}", "start one with `spyglass up`, or say where it is with --url")
    except (ValueError, KeyError, TypeError):
        return None, Finding("fail", "server", f"what answers at {where} is no Spyglass", "say where it is with --url, or start one on another --http-port")
    if problems:
        return health, Finding("fail", "server", "; ".join(problems), "docs/operating.md says what to do about each")
    return health, Finding("ok", "server", f"Spyglass {version} at {where}, data flows")


def _this_machine(settings: Settings, health: dict[str, Any] | None) -> Iterator[Finding]:
    yield from checks.check_ports(settings, health)
    yield from checks.check_data_dir(settings)
    if health is None:
        yield from checks.check_store(settings)
    yield checks.check_log(settings, health)
    yield from checks.check_limits()
    yield checks.check_evidence()


def _show(finding: Finding) -> None:
    colour = _COLOURS[finding.level]
    line = Text(f"{finding.level:5}", style=colour)
    line.append(f" {finding.what:19} ", style="bold" if finding.level != "ok" else "")
    line.append(_indented(finding.found), style="")
    console.print(line, soft_wrap=True)
    if finding.advice:
        console.print(Text(_INDENT + _indented(f"→ {finding.advice}"), style=colour if finding.level != "ok" else "dim"), soft_wrap=True)


def _indented(text: str) -> str:
    return f"\n{_INDENT}".join(textwrap.wrap(text, max(30, console.width - len(_INDENT)), break_long_words=False, break_on_hyphens=False))
