"""`spyglass sql`: read-only SQL."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.table import Table

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check
from spyglass.cli.show import console, print_json

__all__ = ["sql"]

_ACCEPT = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "arrow": "application/vnd.apache.arrow.stream"}


def sql(
    text: Annotated[str, typer.Argument(help="One SELECT over spans, events, points, messages, calls, traces. `-` reads it from standard input.")],
    parameter: Annotated[list[str] | None, typer.Option("--parameter", "-P", help="name=value for a `{name:Type}` in the text; may be repeated.")] = None,
    output: Annotated[Literal["table", "csv", "parquet", "arrow"], typer.Option("--format", "-f", help="What to print.")] = "table",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Ask the store with SQL. Nothing can be changed with it."""
    if json and output != "table":
        raise typer.BadParameter(f"--json and --format {output} are two formats: give one of them")
    body = {"sql": sys.stdin.read() if text == "-" else text, "parameters": dict(_pair(item) for item in parameter or ())}
    with api(url, api_key) as client:
        accept = _ACCEPT.get(output, "application/json")
        answer = check(client.post("/api/v1/sql", params={"project": project}, json=body, headers={"accept": accept}))
    if output != "table":
        sys.stdout.buffer.write(answer.content)
        return
    rows = answer.json()["items"]
    if json:
        for row in rows:
            print_json(row)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table if rows else "No rows.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"expected name=value, got {text!r}")
    return name, value
