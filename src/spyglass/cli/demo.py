"""`spyglass demo`: the work of a few lively agents, so that the first look is not empty."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from spyglass.cli.client import DEFAULT_URL, Json, Url
from spyglass.cli.endpoint import Endpoint, beside
from spyglass.cli.times import seconds

__all__ = ["demo"]


def demo(
    once: Annotated[bool, typer.Option("--once", help="Only tell of the past, then end.")] = False,
    for_: Annotated[str | None, typer.Option("--for", help="Go on for so long, such as 5m.", show_default="until Ctrl-C")] = None,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=600, help="Conversations, questions and tasks that begin per minute.")] = 6,
    past: Annotated[str, typer.Option("--past", help="How much of the past is told first, such as 1h or 10m.")] = "1h",
    seed: Annotated[int | None, typer.Option("--seed", help="The same seed tells the same story.", show_default="by the clock")] = None,
    project: Annotated[str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant who gets it.", show_default="default")] = None,
    endpoint: Endpoint = None,
    url: Url = DEFAULT_URL,
    json: Json = False,
) -> None:
    """Send the work of some agents: a support desk, a research team, a programmer, and two in trouble. First the past hour, then live."""
    from spyglass.cli.performing import Plan, perform  # noqa: PLC0415 - Arrow takes a third of a second to load, which most commands do not need

    live_s = 0.0 if once else seconds(for_) if for_ else None
    if not perform(Plan(endpoint or beside(url, os.environ), project, url, rate, seconds(past), live_s, seed, json)):
        raise typer.Exit(1)
