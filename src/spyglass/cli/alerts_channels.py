"""`spyglass alerts channels | deliveries`: where alerts are told, whether that works, and what became of each notice."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check, pages
from spyglass.cli.listing import print_list
from spyglass.cli.show import clock_time, count
from spyglass.cli.table import Column

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Give an app these commands."""
    app.command("channels")(channels)
    app.command("deliveries")(deliveries)


def channels(project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List channels and what is wrong with them. Ends with code 4 when there is none."""
    with api(url, api_key) as client:
        items = check(client.get("/api/v1/alert-channels", params={"project": project})).json()["items"]
    print_list(items, _CHANNELS, json=json, nothing="There are no channels; alerts go to the server's log. Make some with `spyglass alerts apply FILE`.")


def deliveries(
    channel: Annotated[str, typer.Option("--channel", help="Only to this channel.")] = "",
    state: Annotated[list[str] | None, typer.Option("--state", help="Only these: `waiting`, `sending`, `sent`, `failed`; may be repeated.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most notices.")] = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List notices and what became of them, latest first. Ends with code 4 when there is none."""
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/alert-deliveries", {"project": project, "channel": channel, "state": state or []}, limit))
    print_list(items, _DELIVERIES, json=json, nothing="No notice.")


def _state(item: dict[str, Any]) -> str:
    return "problem" if item["problem"] else "does not take notices" if item["failing"] else "on"


_CHANNELS: Final = [
    Column("channel", lambda item: str(item["name"])),
    Column("kind", lambda item: str(item["kind"]), drop=2),
    Column("state", _state),
    Column("waiting", lambda item: count(item["waiting"]), right=True, drop=3),
    Column("problem", lambda item: str(item["problem"] or item["failing"]), flexible=True, drop=1),
]
_DELIVERIES: Final = [
    Column("queued", lambda item: clock_time(item["created"])),
    Column("channel", lambda item: str(item["channel"])),
    Column("state", lambda item: str(item["state"])),
    Column("tries", lambda item: count(item["attempts"]), right=True, drop=3),
    Column("next", lambda item: clock_time(item["next_attempt"]) if item["next_attempt"] else "", drop=4),
    Column("notice", lambda item: str(item["title"]), flexible=True, drop=2),
    Column("answer", lambda item: str(item["answer"]), flexible=True, drop=1),
]
