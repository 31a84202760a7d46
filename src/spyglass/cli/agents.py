"""`spyglass agents list | show | versions | diff | configurations | configure | deploy | rollback | pin | unpin`: the registry of agents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import orjson
import typer

from spyglass.cli.agents_shown import lines, print_diff, print_lines, where
from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api, check, pages
from spyglass.cli.listing import print_list
from spyglass.cli.show import clock_time, console, cost, count, duration, print_json
from spyglass.cli.table import Column

__all__ = ["app"]

app = typer.Typer(help="Look at agents, their versions and configurations; deploy and roll back.", no_args_is_help=True)

Agent = Annotated[str, typer.Argument(help="Name of the agent, or its id.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Most rows.")]
Environment = Annotated[str, typer.Option("--environment", "-e", help="Label of the environment.")]
Why = Annotated[str, typer.Option("--why", "-m", help="Why; it is kept with the step.")]
Who = Annotated[str, typer.Option("--who", envvar="USER", help="Who; it is kept with the step.", show_default=False)]


@app.command("list")
def list_(
    contains: Annotated[str, typer.Argument(help="Only agents whose name has this in it.")] = "",
    query: Annotated[str, typer.Option("--query", "-q", help="Only agents of which spans or log records match this search.")] = "",
    since: Since = "-24h",
    until: Until = "now",
    limit: Limit = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List agents, declared and seen, last seen first. Code 4 if there are none."""
    asked = {"project": project, "from": since, "to": until, "query": query, "contains": contains}
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/agents", asked, limit))
    columns = (
        Column("agent", lambda item: item["agent"], flexible=True),
        Column("state", lambda item: item["state"], drop=2),
        Column("runs", lambda item: count(item["runs"]), right=True),
        Column("failed", lambda item: count(item["failed_runs"]), right=True),
        Column("running", lambda item: count(item["running"]), right=True, drop=4),
        Column("p95", lambda item: duration(item["p95_ns"]) if item["p95_ns"] is not None else "", right=True, drop=1),
        Column("cost", lambda item: cost(item["cost_usd"]), right=True, drop=3),
        Column("version", lambda item: item["version"] or ", ".join(item["versions"][-2:]), drop=5),
        Column("last seen", lambda item: clock_time(item["last_seen"])),
    )
    print_list(items, columns, json=json, nothing="No agents.")


@app.command()
def show(
    agent: Agent,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show one agent: what it is, what it did, which version runs where, what is deployed, and where these differ."""
    with api(url, api_key) as client:
        item = check(client.get(_at(agent), params={"project": project, "from": since, "to": until})).json()
    if json:
        print_json(item)
        return
    print_lines(lines(item))


@app.command()
def versions(agent: Agent, limit: Limit = 20, project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List the versions of an agent, the newest first. Code 4 if none is known."""
    with api(url, api_key) as client:
        items = list(pages(client, f"{_at(agent)}/versions", {"project": project}, limit))
    columns = (
        Column("number", lambda item: str(item["number"]), right=True),
        Column("version", lambda item: item["version"]),
        Column("fingerprint", lambda item: item["fingerprint"][:8]),
        Column("model", lambda item: item["model"], drop=1),
        Column("tools", lambda item: str(len(item["tools"])), right=True, drop=4),
        Column("first seen", lambda item: clock_time(item["first_seen"]), drop=3),
        Column("last seen", lambda item: clock_time(item["last_seen"])),
        Column("live in", lambda item: ", ".join(where(place) for place in item["places"] if place["live"]), flexible=True, drop=2),
    )
    print_list(items, columns, json=json, nothing="No versions.")


@app.command()
def diff(
    agent: Agent,
    from_: Annotated[str, typer.Argument(metavar="FROM", help="A version: number, name, or begin of its fingerprint.", show_default=False)],
    to: Annotated[str, typer.Argument(help="The other one.", show_default=False)],
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show what differs between two versions. Code 4 if nothing does."""
    with api(url, api_key) as client:
        told = check(client.get(f"{_at(agent)}/versions/diff", params={"project": project, "from": from_, "to": to})).json()
    if json:
        print_json(told)
    else:
        print_diff(told)
    if told["same"]:
        raise typer.Exit(4)


@app.command()
def configurations(agent: Agent, limit: Limit = 20, project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List the configurations of an agent, the latest first. Code 4 if there are none."""
    with api(url, api_key) as client:
        items = list(pages(client, f"{_at(agent)}/configurations", {"project": project}, limit))
    columns = (
        Column("number", lambda item: str(item["number"]), right=True),
        Column("deployed in", lambda item: ", ".join(item["environments"])),
        Column("author", lambda item: item["author"], drop=2),
        Column("created", lambda item: clock_time(item["created"]), drop=1),
        Column("comment", lambda item: item["comment"], flexible=True),
    )
    print_list(items, columns, json=json, nothing="No configurations.")


@app.command()
def configure(
    agent: Agent,
    file: Annotated[Path, typer.Argument(help="A JSON file with the configuration; `-` reads standard input.", show_default=False)],
    comment: Annotated[str, typer.Option("--comment", "-m", help="What is new about it.")] = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Keep a new configuration; deploy it with `spyglass agents deploy`."""
    body = {"body": _read(file), "comment": comment, "author": who}
    with api(url, api_key) as client:
        answer = check(client.post(f"{_at(agent)}/configurations", params={"project": project}, json=body))
    item = answer.json()
    if json:
        print_json(item)
        return
    told = "is kept as" if answer.status_code == 201 else "says what the latest one says:"
    console.print(f"The configuration of {item['agent']} {told} number {item['number']}.", markup=False)


@app.command()
def deploy(
    agent: Agent,
    version: Annotated[int, typer.Argument(min=1, help="Number of the configuration.", show_default=False)],
    environment: Environment = "production",
    why: Why = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Let an environment run a configuration."""
    body = {"environment": environment, "version": version, "why": why, "who": who}
    with api(url, api_key) as client:
        _print_step(check(client.post(f"{_at(agent)}/deployments", params={"project": project}, json=body)).json(), json=json)


@app.command()
def rollback(
    agent: Agent,
    why: Annotated[str, typer.Option("--why", "-m", help="Why; it is kept with the step.", show_default=False)],
    environment: Environment = "production",
    to: Annotated[int | None, typer.Option("--to", min=1, help="Number of a configuration that ran there; left out: the one before.")] = None,
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Let an environment run what it ran before."""
    body = {"why": why, "who": who, "to": to}
    with api(url, api_key) as client:
        answer = client.post(f"{_at(agent)}/deployments/{quote(environment, safe='')}/rollback", params={"project": project}, json=body)
        _print_step(check(answer).json(), json=json)


@app.command()
def pin(
    agent: Agent,
    environment: Environment = "production",
    why: Why = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Hold an environment at what it runs: nothing moves it until it is unpinned."""
    _hold("pin", agent, environment, {"why": why, "who": who}, project, (url, api_key), json=json)


@app.command()
def unpin(
    agent: Agent,
    environment: Environment = "production",
    why: Why = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Let an environment be moved again."""
    _hold("unpin", agent, environment, {"why": why, "who": who}, project, (url, api_key), json=json)


def _hold(action: str, agent: str, environment: str, body: dict[str, str], project: str, server: tuple[str, str], *, json: bool) -> None:
    with api(*server) as client:
        answer = client.post(f"{_at(agent)}/deployments/{quote(environment, safe='')}/{action}", params={"project": project}, json=body)
        _print_step(check(answer).json(), json=json)


def _at(agent: str) -> str:
    return f"/api/v1/agents/{quote(agent, safe='')}"


def _read(file: Path) -> Any:
    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return orjson.loads(text)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"{file}: expected JSON: {error}") from error


def _print_step(step: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(step)
        return
    before = f" (before: {step['before']})" if step["before"] not in (None, 0, step["number"]) else ""
    does = {"pin": "is pinned to", "unpin": "is unpinned, and runs"}.get(step["action"], "runs")
    console.print(f"{step['environment']} {does} configuration {step['number']} of {step['agent']}{before}; revision {step['revision']}.", markup=False)
