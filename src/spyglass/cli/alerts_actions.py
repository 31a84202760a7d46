"""`spyglass alerts policies | actions | undo | stop-run`: what is done about alerts without anybody asking, and taking it back."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, Who, api, check, me, pages
from spyglass.cli.listing import print_list
from spyglass.cli.show import clock_time, console
from spyglass.cli.table import Column

__all__ = ["add_to"]

Note = Annotated[str, typer.Option("--note", "-m", help="What there is to say.")]


def add_to(app: typer.Typer) -> None:
    """Give an app these commands."""
    app.command("policies")(policies)
    app.command("actions")(actions)
    app.command("undo")(undo)
    app.command("stop-run")(stop_run)


def policies(project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List policies and whether they act. Ends with code 4 when there is none."""
    with api(url, api_key) as client:
        told = check(client.get("/api/v1/alert-policies", params={"project": project})).json()
    print_list(told["items"], _POLICIES, json=json, nothing="There are no policies; make some with `spyglass alerts apply FILE`.")
    if not told["live_actions"] and not json:
        console.print("Nothing is done: the operator does not allow it (alerts.live_actions).")


def actions(
    policy: Annotated[str, typer.Option("--policy", help="Only of this policy.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most actions.")] = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List what policies did, would have done, or were kept from doing, latest first. Ends with code 4 when there is nothing."""
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/alert-actions", {"project": project, "policy": policy}, limit))
    print_list(items, _ACTIONS, json=json, nothing="Nothing was done.")


def undo(
    action_id: Annotated[str, typer.Argument(help="Id of the action.")],
    note: Note = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
) -> None:
    """Take an action back, as far as that goes."""
    with api(url, api_key) as client:
        told = check(client.post(f"/api/v1/alert-actions/{action_id}/undo", params={"project": project}, json={"who": who or me(), "note": note})).json()
    console.print(f"{action_id}: {told['state']}: {told['answer']}", markup=False)


def stop_run(
    execution_id: Annotated[str, typer.Argument(help="Id of the execution.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it back, as long as its program has not heard of it.")] = False,
    note: Note = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
) -> None:
    """Ask the run of an agent to stop: it ends at its next step, where it was begun as stoppable."""
    with api(url, api_key) as client:
        if withdraw:
            check(client.delete(f"/api/v1/execution-stops/{execution_id}", params={"project": project}))
            console.print(f"{execution_id}: goes on", markup=False)
            return
        body = {"execution_id": execution_id, "who": who or me(), "note": note}
        told = check(client.post("/api/v1/execution-stops", params={"project": project}, json=body)).json()
    console.print(f"{execution_id}: {'its program knows' if told['heard'] else 'asked to stop'}", markup=False)


_POLICIES: Final = [
    Column("policy", lambda item: str(item["name"])),
    Column("action", lambda item: str((item["policy"] or {}).get("action", {}).get("kind", ""))),
    Column("acts", lambda item: "yes" if item["acts"] else "dry run" if (item["policy"] or {}).get("enabled") else "off"),
    Column("match", lambda item: " ".join((item["policy"] or {}).get("match", [])), flexible=True),
    Column("problem", lambda item: str(item["problem"]), drop=1),
]
_ACTIONS: Final = [
    Column("when", lambda item: clock_time(item["created"])),
    Column("policy", lambda item: str(item["policy"])),
    Column("action", lambda item: str(item["kind"]), drop=1),
    Column("state", lambda item: str(item["state"])),
    Column("subject", lambda item: str(item["subject"]), flexible=True),
    Column("answer", lambda item: str(item["answer"])[:100], drop=2),
    Column("id", lambda item: str(item["id"])),
]
