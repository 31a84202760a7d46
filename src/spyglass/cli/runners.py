"""`spyglass runners list | kinds | show | start | stop`: what the server goes and looks at by itself."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

import typer
from rich.table import Table

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Url, api, check
from spyglass.cli.show import clock_time, console, count, print_json
from spyglass.cli.table import Column, fitted

__all__ = ["app"]

app = typer.Typer(help="Look at the runners, start and stop them.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="Name of a runner, as `spyglass runners list` shows it.", show_default=False)]

_PATH: Final = "/api/v1/runners"
_STYLES: Final = {"running": "green", "ended": "green", "stopped": "dim", "stopping": "dim", "waiting": "yellow", "hanging": "red", "failed": "red"}


@app.command("list")
def list_(url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List all runners: how each is doing, and what it saw, kept and dropped."""
    with api(url, api_key) as client:
        answer = check(client.get(_PATH)).json()
    if json:
        for item in answer["items"]:
            print_json(item)
        return
    columns = (
        Column("runner", lambda item: item["id"]),
        Column("kind", lambda item: item["kind"], drop=3),
        Column("state", lambda item: item["state"]),
        Column("since", lambda item: clock_time(item["since"]), drop=2),
        Column("sees", lambda item: item["level"], drop=1),
        Column("seen", lambda item: count(item["seen"]), right=True, drop=4),
        Column("kept", lambda item: count(item["kept"]), right=True),
        Column("dropped", lambda item: count(sum(item["dropped"].values())), right=True),
        Column("problem", _problem, flexible=True),
    )
    console.print(fitted(columns, answer["items"], console.width) if answer["items"] else "No runners.")
    _print_broken(answer)


@app.command()
def kinds(url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List the kinds of runners that the settings may name, built-in ones and plugins."""
    with api(url, api_key) as client:
        answer = check(client.get(_PATH)).json()
    if json:
        for kind in answer["kinds"]:
            print_json(kind)
        return
    columns = (
        Column("kind", lambda kind: kind["name"]),
        Column("version", lambda kind: kind["version"]),
        Column("from", lambda kind: kind["origin"], drop=1),
        Column("looks at", lambda kind: kind["description"], flexible=True),
    )
    console.print(fitted(columns, answer["kinds"], console.width))
    _print_broken(answer)


@app.command()
def show(runner: Id, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Show one runner: its counts, problems and settings."""
    with api(url, api_key) as client:
        _print(check(client.get(_at(runner))).json(), json=json)


@app.command()
def start(runner: Id, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Start a runner; at once, if it waits after a crash."""
    with api(url, api_key) as client:
        _print(check(client.post(f"{_at(runner)}/start")).json(), json=json)


@app.command()
def stop(runner: Id, url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Stop a runner, over restarts of the server too. Code 1 if it hangs."""
    with api(url, api_key) as client:
        item = check(client.post(f"{_at(runner)}/stop")).json()
    _print(item, json=json)
    if item["state"] == "hanging":
        raise typer.Exit(1)


def _print_broken(answer: dict[str, Any]) -> None:
    for broken in answer["broken"]:
        console.print(f"plugin {broken['origin']}: {broken['problem']}", style="red", markup=False)


def _at(runner: str) -> str:
    return f"{_PATH}/{quote(runner, safe='')}"


def _problem(item: dict[str, Any]) -> str:
    return str(next(iter(item["problems"]), item["last_error"] or ""))


def _print(item: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(item)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(item):
        table.add_row(name, value)
    console.print(table)


def _lines(item: dict[str, Any]) -> list[tuple[str, str]]:
    style = _STYLES.get(item["state"], "")
    origin = f", {item['origin']}" if item["origin"] else ""
    lines = [
        ("runner", item["id"]),
        ("kind", f"{item['kind']} {item['version']}{origin}"),
        ("state", f"[{style}]{item['state']}[/] since {clock_time(item['since'])}"),
        ("sees", item["level"]),
        *(("problem", _plain(problem)) for problem in item["problems"]),
        ("seen", str(item["seen"])),
        ("kept", str(item["kept"])),
        *(("dropped", f"{number} {_plain(reason)}") for reason, number in item["dropped"].items()),
    ]
    if item["crashes"]:
        lines.append(("crashes", f"{item['crashes']}, the last at {clock_time(item['last_error_time'])}: {_plain(item['last_error'])}"))
    if item["next_start"]:
        lines.append(("next start", clock_time(item["next_start"])))
    if item["last_told"]:
        lines.append(("last told", clock_time(item["last_told"])))
    return lines + [("setting", _plain(f"{name}: {value}")) for name, value in item["settings"].items()]


def _plain(text: object) -> str:
    """Text that is no markup."""
    return str(text).replace("[", "\\[")
