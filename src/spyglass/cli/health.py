"""`spyglass health`: how healthy everything is, and what is worst."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check
from spyglass.cli.show import console, count, print_json
from spyglass.cli.table import Column, fitted

__all__ = ["health"]

_STYLES: Final = {"healthy": "green", "degraded": "yellow", "critical": "red", "no_data": "dim"}
_SYSTEM: Final = "/api/v1/observability/health"
_AGENTS: Final = "/api/v1/health/agents"


def health(
    project: Project = "default",
    agents: Annotated[int, typer.Option("--agents", "-n", min=0, max=1000, help="Most agents that are shown, worst first.")] = 20,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show how healthy the agents and the system are. Ends with code 1 when the system, or an agent that nobody knows of, is critical."""
    with api(url, api_key) as client:
        system = check(client.get(_SYSTEM, params={"project": project})).json()
        listed = check(client.get(_AGENTS, params={"project": project, "limit": max(1, agents)})).json()["items"][:agents]
    if json:
        print_json(system | {"agents": listed})
    else:
        _print(system, listed)
    if system["state"] == "critical" or any(agent["state"] == "critical" for agent in system["worst"]):
        raise typer.Exit(1)


def _print(system: dict[str, Any], agents: list[dict[str, Any]]) -> None:
    style = _STYLES[system["state"]]
    counts = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in system["counts"].items() if number)
    console.print(f"[{style}]{system['state']}[/] {system['score']:.0f} of 100; agents: {counts or 'none'}")
    parts = (
        Column("part", lambda part: part["name"]),
        Column("score", _score, right=True),
        Column("how it stands", lambda part: _plain(next(iter(part["problems"]), part["told"])), flexible=True),
    )
    console.print(fitted(parts, system["parts"], console.width))
    if not agents:
        return
    console.print()
    columns = (
        Column("agent", lambda agent: _plain(agent["agent"])),
        Column("score", _score, right=True),
        Column("state", lambda agent: "known" if agent["known"] else agent["state"].replace("_", " ")),
        Column("runs", lambda agent: count(agent["runs"]), right=True, drop=1),
        Column("what is worst, and what would restore it", _worst, flexible=True),
    )
    console.print(fitted(columns, agents, console.width))


def _score(item: dict[str, Any]) -> str:
    return "" if item["score"] is None else f"{item['score']:.0f}"


def _worst(agent: dict[str, Any]) -> str:
    return _plain("; ".join(f"{part['told']}: {part['restores']}" for part in agent["worst"]))


def _plain(text: str) -> str:
    """Text that is no markup."""
    return text.replace("[", "\\[")
