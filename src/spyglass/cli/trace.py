"""`spyglass trace ID`: a trace as a tree in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json
from spyglass.model.errors import NotFound

__all__ = ["name_of", "read_trace", "stderr", "trace"]

stderr = Console(stderr=True, highlight=False, soft_wrap=True)

_COLOURS = {"llm": "magenta", "tool": "cyan", "agent": "green", "workflow": "green", "retriever": "blue", "embedding": "blue"}


def trace(
    trace_id: Annotated[str, typer.Argument(help="Trace id, 32 hex digits.")],
    everything: Annotated[bool, typer.Option("--all", "-a", help="Show the inner spans of frameworks too.")] = False,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show one trace: who did what, for how long, at what cost. Ends with code 4 when there is none."""
    with api(url, api_key) as client:
        try:
            head, spans = read_trace(client, trace_id, project)
        except NotFound as error:
            stderr.print(error.message, style="yellow", markup=False)
            raise typer.Exit(4) from None
    if json:
        for span in spans:
            print_json(span)
        return
    shown = spans if everything else list(_folded(spans))
    console.print(_title(head))
    console.print(_tree(shown))
    if len(shown) < len(spans):
        console.print(f"{len(spans) - len(shown)} inner spans of frameworks are hidden; --all shows them.", style="dim")


def read_trace(client: httpx.Client, trace_id: str, project: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the trace comes to, and all of its spans in tree order."""
    offset: int | None = 0
    spans: list[dict[str, Any]] = []
    head: dict[str, Any] = {}
    while offset is not None:
        answer = check(client.get(f"/api/v1/traces/{trace_id}", params={"project": project, "offset": offset, "limit": 10_000})).json()
        head, offset = answer["trace"], answer["next_offset"]
        spans += answer["items"]
    return head, spans


def _folded(spans: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without plumbing; what hangs below it moves up by as many levels."""
    hidden: list[int] = []  # depths of the hidden spans above
    for span in spans:
        while hidden and hidden[-1] >= span["depth"]:
            hidden.pop()
        if span["plumbing"]:
            hidden.append(span["depth"])
        else:
            yield span | {"depth": span["depth"] - len(hidden)}


def _title(head: dict[str, Any]) -> Text:
    facts = [
        clock_time(head["start"]),
        duration(head["duration_ns"]),
        f"{head['spans']} spans",
        f"{head['model_calls']} model calls",
        f"{head['tool_calls']} tool calls",
    ]
    if head["input_tokens"] + head["output_tokens"]:
        facts.append(f"{count(head['input_tokens'])} → {count(head['output_tokens'])} tokens")
    facts += [cost(head["cost_usd"])] if head["cost_usd"] else []
    title = Text(head["name"], style="bold red" if head["status"] == "error" else "bold")
    return title.append("  " + " · ".join(facts), style="dim")


def _tree(spans: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=False)
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    for span in spans:
        tokens = span["input_tokens"] + span["output_tokens"]
        table.add_row(
            _label(span), duration(span["duration_ns"]) if not span["pending"] else "running", count(tokens) if tokens else "", cost(span["cost_usd"])
        )
    return table


def _label(span: dict[str, Any]) -> Text:
    line = Text("  " * span["depth"])
    line.append(f"{span['kind']} ", style=_COLOURS.get(span["kind"], "dim"))
    line.append(name_of(span), style="red" if span["status"] == "error" else "")
    if span["status"] == "error":
        line.append(f" ✗ {span['error_type']}".rstrip(), style="red")
    if span["orphan"]:
        line.append(" (its parent has not come)", style="yellow")
    return line


def name_of(span: dict[str, Any]) -> str:
    """What a reader calls the span."""
    told = {"llm": span["model"], "tool": span["tool"], "agent": span["agent"]}.get(span["kind"])
    return told or str(span["name"])
