"""`spyglass query`: the search bar in the terminal."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import typer

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api, pages
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json
from spyglass.cli.table import Column, fitted

__all__ = ["query"]

What = Literal["traces", "spans", "events", "sessions", "agents", "executions"]
Sort = Literal["start", "duration", "cost", "tokens", "errors", "spans", "calls", "tools", "name"]


def query(
    text: Annotated[str, typer.Argument(help="A search, such as `status:error duration>2s`; see docs/search.md.")] = "",
    what: Annotated[What, typer.Option("--what", "-w", help="What to list.")] = "traces",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most items.")] = 20,
    sort: Annotated[Sort, typer.Option("--sort", "-s", help="What traces are listed by.")] = "start",
    order: Annotated[Literal["desc", "asc"] | None, typer.Option("--order", help="desc: latest or largest first (names: asc).")] = None,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List what matches a search, latest first. Ends with code 4 when nothing does."""
    parameters = {"query": text, "project": project, "from": since, "to": until, **_ordered(what, sort, order)}
    with api(url, api_key) as client:
        items = list(pages(client, f"/api/v1/{what}", parameters, limit))
    for item in items if json else ():
        print_json(item)
    if not json and items:
        console.print(fitted(_COLUMNS[what], items, console.width))
    if not items:
        if not json:
            console.print(f"No {what} match in this time range (--from {since}).")
        raise typer.Exit(4)


def _ordered(what: What, sort: Sort, order: str | None) -> dict[str, str]:
    if what == "traces":
        return {"sort": sort, **({"order": order} if order else {})}
    if sort != "start" or order:
        raise typer.BadParameter(f"only traces can be sorted; {what} are listed latest first")
    return {}


def _tokens(item: dict[str, Any]) -> str:
    return count(item["input_tokens"] + item["output_tokens"]) if item["input_tokens"] + item["output_tokens"] else ""


def _body(item: dict[str, Any]) -> str:
    return "" if item["body"] is None else str(item["body"])


_COLUMNS: Final[dict[What, list[Column]]] = {
    "traces": [
        Column("time", lambda item: clock_time(item["start"])),
        Column("trace", lambda item: item["trace_id"]),
        Column("name", lambda item: item["name"], flexible=True),
        Column("took", lambda item: duration(item["duration_ns"]), right=True, drop=1),
        Column("spans", lambda item: count(item["spans"]), right=True, drop=4),
        Column("tokens", _tokens, right=True, drop=3),
        Column("cost", lambda item: cost(item["cost_usd"]), right=True, drop=2),
    ],
    "spans": [
        Column("time", lambda item: clock_time(item["start"])),
        Column("kind", lambda item: item["kind"]),
        Column("name", lambda item: item["name"], flexible=True),
        Column("agent", lambda item: item["agent"], drop=2),
        Column("took", lambda item: duration(item["duration_ns"]), right=True),
        Column("tokens", _tokens, right=True, drop=1),
        Column("cost", lambda item: cost(item["cost_usd"]), right=True, drop=1),
    ],
    "events": [
        Column("time", lambda item: clock_time(item["time"])),
        Column("severity", lambda item: item["severity"]),
        Column("event", lambda item: item["event_name"], drop=1),
        Column("source", lambda item: item["source"], drop=2),
        Column("body", _body, flexible=True),
    ],
    "sessions": [
        Column("last", lambda item: clock_time(item["end"])),
        Column("session", lambda item: item["session_id"], flexible=True),
        Column("traces", lambda item: count(item["traces"]), right=True),
        Column("calls", lambda item: count(item["model_calls"]), right=True),
        Column("tokens", _tokens, right=True),
        Column("cost", lambda item: cost(item["cost_usd"]), right=True),
    ],
    "agents": [
        Column("agent", lambda item: item["agent"], flexible=True),
        Column("runs", lambda item: count(item["runs"]), right=True),
        Column("failed", lambda item: count(item["failed_runs"]), right=True),
        Column("p95", lambda item: duration(item["p95_ns"]) if item["p95_ns"] is not None else "", right=True),
        Column("calls", lambda item: count(item["model_calls"]), right=True),
        Column("tokens", _tokens, right=True),
        Column("cost", lambda item: cost(item["cost_usd"]), right=True),
    ],
    "executions": [
        Column("time", lambda item: clock_time(item["start"])),
        Column("agent", lambda item: item["agent"], flexible=True),
        Column("status", lambda item: item["status"]),
        Column("took", lambda item: duration(item["duration_ns"]), right=True),
        Column("session", lambda item: item["session_id"], drop=1),
    ],
}
