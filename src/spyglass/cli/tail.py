"""`spyglass tail`: what arrives, as it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Annotated, Any, Final

import httpx
import orjson
import typer
from rich.console import Console
from rich.text import Text

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json
from spyglass.cli.sse import events
from spyglass.model.errors import InputError, StoreError

__all__ = ["Tail", "line", "tail"]

Frame = dict[str, Any]


class RecordKind(StrEnum):
    """As `model.schema.Kind`, without loading Arrow."""

    SPAN = "span"
    EVENT = "event"
    POINT = "point"


_SILENCE_S: Final = 45.0  # the server gives a sign of life every 15 s
_WAITS_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_COLOURS: Final = {"llm": "magenta", "tool": "cyan", "agent": "green", "workflow": "green", "retriever": "blue", "embedding": "blue", "mcp": "cyan"}
_SEVERITIES: Final = {"error": "red", "critical": "bold red", "warning": "yellow", "debug": "dim", "trace": "dim"}
_LOST: Final = {
    "rate": "more than --rate",
    "slow": "this terminal was too slow",
    "server": "the server could not keep up",
    "expired": "away for too long",
}

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def tail(
    query: Annotated[str, typer.Argument(help="A search, such as `kind:llm tokens>1000`; see docs/search.md. Nothing: everything.")] = "",
    kind: Annotated[list[RecordKind] | None, typer.Option("--kind", "-k", help="Kinds of record; may be repeated.")] = None,
    severity: Annotated[str | None, typer.Option("--severity", "-s", help="Lowest severity: debug, info, warning, error, critical.")] = None,
    rate: Annotated[float, typer.Option("--rate", "-r", min=0.1, max=2000, help="Most lines a second; what is over it is counted, not shown.")] = 50,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Stop after so many records.")] = None,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show records as they arrive, until Ctrl-C. Goes on by itself where it stopped when the connection breaks."""
    wanted = {"query": query, "project": project, "rate": rate, "kind": [one.value for one in kind or []], "severity": severity}
    with api(url, api_key) as client, suppress(KeyboardInterrupt):
        watched = Tail(client, {name: value for name, value in wanted.items() if value not in (None, "", [])})
        watched.on_break = lambda why, wait_s: stderr.print(f"{why}; again in {wait_s:g} s", style="dim", markup=False)
        shown = 0
        for frame in watched.frames():
            _show(frame, json=json)
            shown += frame["type"] in ("span", "event", "point")
            if limit is not None and shown >= limit:
                return


class Tail:
    """The frames of a live stream, over any number of connections."""

    def __init__(self, client: httpx.Client, wanted: dict[str, Any]) -> None:
        self._client, self._wanted = client, wanted
        self.cursor = ""
        self.sleep: Callable[[float], None] = time.sleep
        self.on_break: Callable[[str, float], None] = _say_nothing  # told why a connection broke, and when it is tried again

    def frames(self) -> Iterator[Frame]:
        """Without end; all but signs of life.

        Raises:
            InputError: the server does not understand the question.
            httpx.TransportError, StoreError: the first connection fails; later ones are tried again and again.
        """
        failures = 0
        connected = False
        while True:
            try:
                for frame in self._connection():
                    connected, failures = True, 0
                    if frame["type"] not in ("hello", "heartbeat"):
                        yield frame
                why = "the server ended the stream"
            except (httpx.TransportError, StoreError) as error:
                if not connected:
                    raise
                why = f"the connection broke ({error.message if isinstance(error, StoreError) else type(error).__name__})"
            wait_s = _WAITS_S[min(failures, len(_WAITS_S) - 1)]
            failures += 1
            self.on_break(why, wait_s)
            self.sleep(wait_s)

    def _connection(self) -> Iterator[Frame]:
        headers = {"accept": "text/event-stream"} | ({"last-event-id": self.cursor} if self.cursor else {})
        timeout = httpx.Timeout(10.0, read=_SILENCE_S)
        with self._client.stream("GET", "/events/stream", params=self._wanted, headers=headers, timeout=timeout) as response:
            check(response)
            for event in events(response.iter_lines()):
                if event.data:
                    yield from orjson.loads(event.data)
                self.cursor = event.id or self.cursor


def _say_nothing(_why: str, _wait_s: float) -> None:
    """Say nothing."""


def _show(frame: Frame, *, json: bool) -> None:
    if json:
        print_json(frame)
    elif frame["type"] == "error":
        raise InputError(str(frame["detail"]))
    elif console.is_terminal:
        console.print(line(frame), no_wrap=True, overflow="ellipsis")
    else:
        console.print(line(frame), soft_wrap=True)


def line(frame: Frame) -> Text:
    """One frame as one line; what matters most stands first, so that a narrow terminal cuts what matters least."""
    if frame["type"] == "lost":
        number = "records" if frame["count"] is None else f"{frame['count']:,} records"
        return Text(f"… {number} not shown: {_LOST.get(frame['reason'], frame['reason'])}", style="yellow")
    out = Text(clock_time(frame["time"]), style="dim")
    return _LINES[frame["type"]](frame, out)


def _span(frame: Frame, out: Text) -> Text:
    failed = frame["status"] == "error"
    out.append(f" {frame['kind']:9.9}", style=_COLOURS.get(frame["kind"], "dim"))
    out.append(f" {_name(frame):24.24}", style="red" if failed else "bold" if frame["kind"] in _COLOURS else "")
    out.append(f" {'running' if frame['pending'] else duration(frame['duration_ns']):>8}", style="" if not frame["pending"] else "cyan")
    tokens = frame["input_tokens"] + frame["output_tokens"]
    out.append(f" {count(tokens) if tokens else '':>6}")
    out.append(f" {cost(frame['cost_usd']):>8}", style="green")
    if frame["agent"] and frame["agent"] != _name(frame):
        out.append(f" {frame['agent']}", style="dim green")
    if failed:
        out.append(" ✗", style="red")
    return out.append(f" {frame['summary']}", style="red" if failed else "")


def _name(frame: Frame) -> str:
    told = {"llm": frame["model"], "tool": frame["tool"], "agent": frame["agent"]}.get(frame["kind"])
    return str(told or frame["name"])


def _event(frame: Frame, out: Text) -> Text:
    colour = _SEVERITIES.get(frame["severity"], "")
    out.append(f" {frame['severity'] or 'event':9.9}", style=colour or "dim")
    out.append(f" {frame['name'] or frame['source']:24.24}", style=colour or "bold")
    if frame["agent"]:
        out.append(f" {frame['agent']}", style="dim green")
    return out.append(f" {frame['summary']}", style=colour)


def _point(frame: Frame, out: Text) -> Text:
    out.append(" metric   ", style="dim")
    out.append(f" {frame['name']:40.40}", style="bold")
    return out.append(f" {frame['summary']}")


_LINES: Final[dict[str, Callable[[Frame, Text], Text]]] = {"span": _span, "event": _event, "point": _point}
