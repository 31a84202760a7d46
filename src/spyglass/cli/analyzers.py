"""`spyglass analyzers list | show | start | stop | configure`: what looks for trouble, and how it does."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
import typer
from rich.table import Table

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Url, api, check
from spyglass.cli.show import clock_time, console, count, print_json
from spyglass.cli.table import Column, fitted
from spyglass.model.errors import InputError, NotFound

__all__ = ["app"]

app = typer.Typer(help="Look at the analyzers, let them rest, run, and go on with other settings.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of an analyzer, as `spyglass analyzers list` shows it.", show_default=False)]

_PATH: Final = "/api/v1/analyzers"


@app.command("list")
def list_(url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List all analyzers in the order in which they run: what each saw, found and took, and why one rests."""
    with api(url, api_key) as client:
        answer = check(client.get(_PATH)).json()
    if json:
        for item in answer["items"]:
            print_json(item)
        return
    columns = (
        Column("analyzer", lambda item: item["name"]),
        Column("state", lambda item: "running" if item["running"] else "rests"),
        Column("rows", lambda item: count(item["rows"]), right=True, drop=2),
        Column("missed", lambda item: count(item["missed_rows"]), right=True, drop=3),
        Column("findings", lambda item: count(item["findings"]), right=True, drop=1),
        Column("failures", lambda item: count(item["failures"]), right=True),
        Column("load", lambda item: f"{item['load']:.1%}", right=True, drop=4),
        Column("problem", _problem, flexible=True),
    )
    console.print(fitted(columns, answer["items"], console.width) if answer["items"] else "No analyzers.")
    for broken in answer["broken"]:
        console.print(f"plugin {broken['origin']}: {broken['problem']}", style="red", markup=False)


@app.command()
def show(analyzer: Name, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Show one analyzer: its counts, problems and settings."""
    with api(url, api_key) as client:
        items = check(client.get(_PATH)).json()["items"]
    item = next((one for one in items if one["name"] == analyzer), None)
    if item is None:
        raise NotFound(f"there is no analyzer {analyzer}; there are {', '.join(one['name'] for one in items)}")
    _print(item, json=json)


@app.command()
def start(analyzer: Name, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Let an analyzer run; at once, if it rests for a while."""
    _change(url, api_key, analyzer, {"running": True}, json=json)


@app.command()
def stop(analyzer: Name, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Let an analyzer rest, until it is started, or the server is."""
    _change(url, api_key, analyzer, {"running": False}, json=json)


@app.command()
def configure(
    analyzer: Name,
    settings: Annotated[str, typer.Argument(help="All its settings as a JSON object; what is left out gets its default.", show_default=False)],
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Let an analyzer go on with other settings, until the server is started again."""
    try:
        told = orjson.loads(settings)
    except ValueError as error:
        raise InputError(f"the settings are no JSON: {error}") from None
    _change(url, api_key, analyzer, {"settings": told}, json=json)


def _change(url: str, api_key: str, analyzer: str, change: dict[str, Any], *, json: bool) -> None:
    with api(url, api_key) as client:
        _print(check(client.put(f"{_PATH}/{quote(analyzer, safe='')}", json=change)).json(), json=json)


def _problem(item: dict[str, Any]) -> str:
    return str(item["suspended"] or item["problem"])


def _print(item: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(item)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(item):
        if value:
            table.add_row(name, value)
    console.print(table)


def _lines(item: dict[str, Any]) -> list[tuple[str, str]]:
    again = f", until {clock_time(item['resumes'])}" if item["resumes"] else ""
    return [
        ("analyzer", f"{item['name']} {item['version']}, {item['origin']}"),
        ("about", item["description"]),
        ("state", "running" if item["running"] else f"rests: {item['suspended']}{again}"),
        ("rows", f"{count(item['rows'])} seen, {count(item['missed_rows'])} missed, {count(item['old_rows'])} too old to be news"),
        ("findings", f"{count(item['findings'])} told, {count(item['withheld'])} withheld"),
        ("failures", count(item["failures"])),
        ("latest", item["problem"]),
        ("took", f"{item['seconds']:.1f} s of processor time, lately {item['load']:.1%} of a core"),
        ("settings", orjson.dumps(item["values"]).decode()),
    ]
