"""`spyglass query`: the search bar in the terminal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api, pages
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json

__all__ = ["query"]

What = Literal["traces", "spans", "events", "sessions", "agents", "executions"]


def query(
    text: Annotated[str, typer.Argument(help="A search, such as `status:error duration>2s`; see docs/search.md.")] = "",
    what: Annotated[What, typer.Option("--what", "-w", help="What to list.")] = "traces",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most items.")] = 20,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List what matches a search, latest first. Ends with code 4 when nothing does."""
    parameters = {"query": text, "project": project, "from": since, "to": until}
    with api(url, api_key) as client:
        items = list(pages(client, f"/api/v1/{what}", parameters, limit))
    for item in items if json else ():
        print_json(item)
    if not json and items:
        console.print(_table(what, items))
    if not items:
        if not json:
            console.print(f"No {what} match in this time range (--from {since}).")
        raise typer.Exit(4)


def _table(what: What, items: list[dict[str, Any]]) -> Table:
    columns = _COLUMNS[what]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, right, _ in columns:
        table.add_column(title, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    for item in items:
        table.add_row(*(cell(item) for _, _, cell in columns), style="red" if item.get("status") == "error" else None)
    return table


def _tokens(item: dict[str, Any]) -> str:
    return count(item["input_tokens"] + item["output_tokens"]) if item["input_tokens"] + item["output_tokens"] else ""


_COLUMNS: dict[str, list[tuple[str, bool, Any]]] = {
    "traces": [
        ("time", False, lambda item: clock_time(item["start"])),
        ("trace", False, lambda item: item["trace_id"]),
        ("name", False, lambda item: item["name"]),
        ("took", True, lambda item: duration(item["duration_ns"])),
        ("spans", True, lambda item: count(item["spans"])),
        ("tokens", True, _tokens),
        ("cost", True, lambda item: cost(item["cost_usd"])),
    ],
    "spans": [
        ("time", False, lambda item: clock_time(item["start"])),
        ("kind", False, lambda item: item["kind"]),
        ("name", False, lambda item: item["name"]),
        ("agent", False, lambda item: item["agent"]),
        ("took", True, lambda item: duration(item["duration_ns"])),
        ("tokens", True, _tokens),
        ("cost", True, lambda item: cost(item["cost_usd"])),
    ],
    "events": [
        ("time", False, lambda item: clock_time(item["time"])),
        ("severity", False, lambda item: item["severity"]),
        ("event", False, lambda item: item["event_name"]),
        ("source", False, lambda item: item["source"]),
        ("body", False, lambda item: str(item["body"]).replace("\n", " ")),
    ],
    "sessions": [
        ("last", False, lambda item: clock_time(item["end"])),
        ("session", False, lambda item: item["session_id"]),
        ("traces", True, lambda item: count(item["traces"])),
        ("calls", True, lambda item: count(item["model_calls"])),
        ("tokens", True, _tokens),
        ("cost", True, lambda item: cost(item["cost_usd"])),
    ],
    "agents": [
        ("agent", False, lambda item: item["agent"]),
        ("runs", True, lambda item: count(item["runs"])),
        ("failed", True, lambda item: count(item["failed_runs"])),
        ("p95", True, lambda item: duration(item["p95_ns"] or 0)),
        ("calls", True, lambda item: count(item["model_calls"])),
        ("tokens", True, _tokens),
        ("cost", True, lambda item: cost(item["cost_usd"])),
    ],
    "executions": [
        ("time", False, lambda item: clock_time(item["start"])),
        ("agent", False, lambda item: item["agent"]),
        ("status", False, lambda item: item["status"]),
        ("took", True, lambda item: duration(item["duration_ns"])),
        ("session", False, lambda item: item["session_id"]),
    ],
}
