"""`spyglass executions`: runs of agents, also those that go on; or one of them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
import typer
from rich.table import Table
from rich.text import Text

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api, check, pages
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json
from spyglass.cli.table import Column, fitted
from spyglass.model.errors import NotFound

__all__ = ["executions"]

Status = StrEnum("Status", ["created", "running", "waiting", "stalled", "succeeded", "failed", "cancelled", "abandoned"])  # typer knows no lists of literals
_MOST_STEPS: Final = 1_000
_COLOURS: Final = {"failed": "red", "stalled": "yellow", "abandoned": "yellow", "waiting": "cyan", "running": "green"}


def executions(
    execution_id: Annotated[str, typer.Argument(help="Id of one execution; none: list them.")] = "",
    query: Annotated[str, typer.Option("--query", "-q", help="A search; see docs/search.md.")] = "",
    status: Annotated[list[Status] | None, typer.Option("--status", "-s", help="Only these; may be given more than once.")] = None,
    agent: Annotated[list[str] | None, typer.Option("--agent", "-a", help="Only of this agent; may be given more than once.")] = None,
    session: Annotated[list[str] | None, typer.Option("--session", help="Only of this session; may be given more than once.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most executions.")] = 20,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List the runs of agents, latest start first, or show one with its steps. Ends with code 4 when there is nothing to show."""
    with api(url, api_key) as client:
        if execution_id:
            _one(client, execution_id, project, json=json)
            return
        chosen = {"status": [one.value for one in status or []], "agent": agent or [], "session": session or []}
        items = list(pages(client, "/api/v1/executions", {"query": query, "project": project, "from": since, "to": until, **chosen}, limit))
    for item in items if json else ():
        print_json(item)
    if not items:
        if not json:
            console.print(f"No execution matches in this time range (--from {since}).")
        raise typer.Exit(4)
    if not json:
        console.print(fitted(_COLUMNS, items, console.width))


def _one(client: httpx.Client, execution_id: str, project: str, *, json: bool) -> None:
    path = f"/api/v1/executions/{quote(execution_id, safe='')}"
    try:
        told = check(client.get(path, params={"project": project})).json()
    except NotFound as error:
        console.print(error.message, style="yellow", markup=False)
        raise typer.Exit(4) from None
    steps = list(pages(client, f"{path}/steps", {"project": project}, _MOST_STEPS))
    if json:
        print_json({**told, "steps_told": steps})
        return
    console.print(_head(told))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, text in _facts(told):
        table.add_row(name, Text(text))
    console.print(table)
    if steps:
        console.print(Text("\nSteps", style="bold"))
        console.print(fitted(_STEP_COLUMNS, steps, console.width))


def _head(told: dict[str, Any]) -> Text:
    line = Text(told["status"], style=f"bold {_COLOURS.get(told['status'], '')}".strip())
    return line.append(f"  {told['agent'] or 'unnamed agent'}", style="bold").append(f"  {told['name']}", style="default")


def _facts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What there is to say, each with its name."""
    yield "id", told["id"]
    yield "started", f"{clock_time(told['start'])}, {'took' if told['end'] else 'for'} {duration(told['duration_ns'])}"
    if not told["end"]:
        yield "last heard", clock_time(told["last_heard"])
    facts = {
        "waits for": told["waiting_for"],
        "silent since": clock_time(told["stalled_since"]) if told["stalled_since"] else "",
        "error": " ".join(filter(None, (told["error_type"], told["status_message"]))),
        "session": told["session_id"],
        "trace": told["trace_id"],
        "in": told["input"].replace("\n", " "),
        "out": told["output"].replace("\n", " "),
        "spent": _spent(told),
        "parent": told["parent_id"],
        "forked from": f"{told['forked_from']} after step {told['forked_at_step']}" if told["forked_from"] else "",
        "children": ", ".join(f"{one['agent'] or one['id']} {one['status']}" for one in told["children"][:10]),
        "forks": ", ".join(one["id"] for one in told["forks"][:10]),
        "odd": ", ".join(told["issues"]),
    }
    yield from ((name, text) for name, text in facts.items() if text)


def _spent(told: dict[str, Any]) -> str:
    if told["partial"]:
        return "its trace is too large to sum up here"
    parts = [f"{count(told['model_calls'])} model calls", f"{count(told['tool_calls'])} tool calls", f"{_tokens(told) or 0} tokens", cost(told["cost_usd"])]
    if told["errors"]:
        parts.append(f"{count(told['errors'])} errors")
    return ", ".join(filter(None, parts))


def _tokens(item: dict[str, Any]) -> str:
    tokens = (item["input_tokens"] or 0) + (item["output_tokens"] or 0)
    return count(tokens) if tokens else ""


_COLUMNS: Final = [
    Column("started", lambda item: clock_time(item["start"]), drop=2),
    Column("status", lambda item: str(item["status"])),
    Column("agent", lambda item: str(item["agent"]), flexible=True),
    Column("took", lambda item: duration(item["duration_ns"]), right=True, drop=3),
    Column("steps", lambda item: count(item["steps"]), right=True, drop=5),
    Column("last step", lambda item: str(item["last_step"])[:24], drop=7),
    Column("tokens", _tokens, right=True, drop=6),
    Column("cost", lambda item: cost(item["cost_usd"] or 0), right=True, drop=4),
    Column("execution", lambda item: str(item["id"]), drop=1),  # what the next command asks for
]
_STEP_COLUMNS: Final = [
    Column("time", lambda item: clock_time(item["time"])),
    Column("kind", lambda item: str(item["kind"]), drop=1),
    Column("step", lambda item: str(item["name"]), flexible=True),
    Column("status", lambda item: str(item["status"])),
    Column("took", lambda item: duration(item["duration_ns"]) if item["duration_ns"] is not None else "", right=True),
]
