"""`spyglass alerts`: what fires, who has it, what is silenced; rules and channels from a file; a rule tried on the past."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from spyglass.cli import alerts_actions, alerts_channels
from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, Who, api, check, me, pages
from spyglass.cli.listing import print_list
from spyglass.cli.show import SEVERITY_STYLES, clock_time, console, count, print_json
from spyglass.cli.table import Column, fitted
from spyglass.cli.times import seconds
from spyglass.config.load import read_yaml
from spyglass.model.errors import InputError

__all__ = ["app"]

app = typer.Typer(help="Alerts: what fires, who has it, whom it tells.", no_args_is_help=True)
alerts_actions.add_to(app)
alerts_channels.add_to(app)

Id = Annotated[str, typer.Argument(help="Id of the alert.")]
OneId = Annotated[str, typer.Argument(help="Id of the alert; left out with --cause.")]
Cause = Annotated[str, typer.Option("--cause", help="All alerts of this cause: `spyglass alerts causes` lists them.")]
Note = Annotated[str, typer.Option("--note", "-m", help="What there is to say.")]
_SECTIONS: Final = ("channels", "routing", "rules", "policies")


@app.command("list")
def list_alerts(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    rule: Annotated[str, typer.Option("--rule", help="Only of this rule.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most alerts.")] = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List the alerts that go on, last changed first. Ends with code 4 when there is none."""
    states = ["pending", "firing", *(["resolved"] if all_ else [])]
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/alerts", {"project": project, "state": states, "rule": rule}, limit))
    print_list(items, _ALERTS, json=json, nothing="Nothing fires.")


@app.command("show")
def show(alert_id: Id, project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Show one with its history."""
    with api(url, api_key) as client:
        told = check(client.get(f"/api/v1/alerts/{alert_id}", params={"project": project})).json()
    if json:
        print_json(told)
        return
    console.print(Text(f"{told['state']}  {told['severity']}  ", style=_colour(told)).append(told["title"], style="bold"))
    summary = told["summary"] if told["summary"] != told["title"] else ""
    facts = {"id": told["id"], "rule": told["rule"], "seen": summary, "labels": _labels(told), "owner": told["owner"], **told["annotations"]}
    for name, text in facts.items():
        if text:
            console.print(Text(f"  {name}: ", style="dim").append(str(text)))
    for group in told["groups"]:
        _print_group(group, but=told["id"])
    wide = max((len(step["step"]) for step in told["history"]), default=0)
    for step in told["history"]:
        said = "  ".join(part for part in (step["who"], step["note"]) if part)
        console.print(Text(f"{clock_time(step['time'])}  ", style="dim").append(f"{step['step']:{wide}}", style="bold").append(f"  {said}".rstrip()))


@app.command("groups")
def groups(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most groups.")] = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List what is told together, last told first. Ends with code 4 when there is nothing."""
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/alert-groups", {"project": project}, limit))
    print_list(items, _GROUPS, json=json, nothing="Nothing fires.")


@app.command("causes")
def causes(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most causes.")] = 50,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List what the alerts that go on are put down to, what fires first. Ends with code 4 when there is nothing."""
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/alert-causes", {"project": project}, limit))
    print_list(items, _CAUSES, json=json, nothing="Nothing fires.")


@app.command("ack")
def acknowledge(
    alert_id: OneId = "",
    cause: Cause = "",
    note: Note = "",
    who: Who = "",
    snooze: Annotated[str, typer.Option("--for", help="Only for so long, as `2h`: then it is told again.")] = "",
    next_version: Annotated[bool, typer.Option("--next-version", help="Only until its agent is seen at another version.")] = False,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
) -> None:
    """Take an alert, or all of a cause: only its end is told from now on."""
    until = (datetime.now(UTC) + timedelta(seconds=seconds(snooze))).isoformat() if snooze else None
    told = {"owner": who or me(), "note": note, "until": until, "next_version": next_version}
    which = _act("acknowledge", alert_id, cause, told, project, url, api_key)
    after = [*([f"it is {clock_time(until)}"] if until else []), *(["its agent is seen at another version"] if next_version else [])]
    ends = f" until {' and '.join(after)}" if after else ""
    console.print(f"{which}: {told['owner']} has it{ends}", markup=False)


@app.command("release")
def release(
    alert_id: OneId = "", cause: Cause = "", note: Note = "", who: Who = "", project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = ""
) -> None:
    """Let go of an alert, or of all of a cause: it is told again."""
    which = _act("release", alert_id, cause, {"who": who or me(), "note": note}, project, url, api_key)
    console.print(f"{which}: nobody has it", markup=False)


@app.command("resolve")
def resolve(
    alert_id: OneId = "", cause: Cause = "", note: Note = "", who: Who = "", project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = ""
) -> None:
    """Say that an alert, or all of a cause, is over. It comes back where its rule still holds."""
    which = _act("resolve", alert_id, cause, {"who": who or me(), "note": note}, project, url, api_key)
    console.print(f"{which}: resolved", markup=False)


@app.command("silence")
def silence(
    matchers: Annotated[list[str], typer.Argument(help="As `rule=shop-*` or `severity!=critical`; all of them must hold.")],
    span: Annotated[str, typer.Option("--for", help="How long, as `2h`.")] = "1h",
    starts_in: Annotated[str, typer.Option("--in", help="When it begins, as `30m`: a maintenance window.")] = "",
    note: Note = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
) -> None:
    """Tell nobody of alerts that match, for a time."""
    starts = datetime.now(UTC) + timedelta(seconds=seconds(starts_in) if starts_in else 0)
    ends = starts + timedelta(seconds=seconds(span))
    body = {"matchers": matchers, "starts": starts.isoformat(), "ends": ends.isoformat(), "comment": note, "author": who or me()}
    made = _post(url, api_key, "/api/v1/silences", project, body)
    begins = f"from {clock_time(made['silence']['starts'])} " if starts_in else ""
    console.print(f"{made['id']}: {begins}until {clock_time(made['silence']['ends'])}")


@app.command("silences")
def silences(
    end: Annotated[str, typer.Option("--end", help="End this one instead of listing.")] = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List silences, or end one. Ends with code 4 when there is none."""
    if end:
        _post(url, api_key, f"/api/v1/silences/{end}/end", project, None)
        console.print(f"{end}: ended")
        return
    with api(url, api_key) as client:
        items = check(client.get("/api/v1/silences", params={"project": project})).json()["items"]
    print_list(items, _SILENCES, json=json, nothing="There are no silences.")


@app.command("on-call")
def on_call(project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List who is on call by each schedule, until when, and who is then. Ends with code 4 when there is no schedule."""
    with api(url, api_key) as client:
        told = check(client.get("/api/v1/alert-routing", params={"project": project})).json()["on_call"]
    items = [{"schedule": name, **shift} for name, shift in told.items()]
    print_list(items, _ON_CALL, json=json, nothing="There are no schedules; `spyglass alerts apply FILE` makes some, below `routing`.")


@app.command("rules")
def rules(project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """List rules and how they do. Ends with code 4 when there is none."""
    with api(url, api_key) as client:
        items = check(client.get("/api/v1/alert-rules", params={"project": project})).json()["items"]
    print_list(items, _RULES, json=json, nothing="There are no rules; make some with `spyglass alerts apply FILE`.")


@app.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(help="YAML with `channels`, `routing`, `rules` and `policies`.")],
    prune: Annotated[bool, typer.Option("--prune", help="Delete rules that the file does not have.")] = False,
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
) -> None:
    """Make and change what a file says; what is there already stays as it is."""
    told = read_yaml(file)
    if strangers := sorted(told.keys() - set(_SECTIONS)):
        raise InputError(f"{file}: there is no {strangers[0]!r}; expected {', '.join(_SECTIONS)}")
    author = {"author": who or me()}
    with api(url, api_key) as client:

        def put(path: str, body: dict[str, Any]) -> None:
            answer = check(client.put(f"/api/v1/{path}", params={"project": project}, json={**body, **author})).json()
            console.print(f"{path}: version {answer['version']}")

        for name, one in _named(file, told, "channels"):
            put(f"alert-channels/{name}", {"kind": one.get("kind"), "settings": one.get("settings", {})})
        if routing := told.get("routing"):
            put("alert-routing", {"routing": routing})
        for name, one in _named(file, told, "rules"):
            put(f"alert-rules/{name}", {"rule": one})
        for name, one in _named(file, told, "policies"):
            put(f"alert-policies/{name}", {"policy": one})
        if prune:
            there = check(client.get("/api/v1/alert-rules", params={"project": project})).json()["items"]
            for name in sorted({one["name"] for one in there} - {name for name, _ in _named(file, told, "rules")}):
                check(client.delete(f"/api/v1/alert-rules/{name}", params={"project": project}))
                console.print(f"alert-rules/{name}: deleted")


@app.command("test")
def try_out(
    rule: Annotated[str, typer.Argument(help="Name of a rule, or with --file of one in the file; with --channel of a channel.")],
    file: Annotated[Path | None, typer.Option("--file", help="YAML with the rule, which need not be kept.")] = None,
    channel: Annotated[bool, typer.Option("--channel", help="Send a test notice to this channel instead.")] = False,
    since: Since = "-7d",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Say when a rule would have fired, or whether a channel works."""
    if channel:
        told = _post(url, api_key, f"/api/v1/alert-channels/{rule}/test", project, None)
        console.print(f"{'delivered' if told['delivered'] else 'not delivered'}: {told['answer']}", markup=False)
        raise typer.Exit(0 if told["delivered"] else 1)
    with api(url, api_key) as client:
        tried = _rule(file, rule) if file else check(client.get(f"/api/v1/alert-rules/{rule}", params={"project": project})).json()["rule"]
        window = {"project": project, "from": since, "to": until}
        told = check(client.post("/api/v1/alert-rules/test", params=window, json={"rule": tried})).json()
    if json:
        print_json(told)
        return
    console.print(told["says"])
    if told["episodes"]:
        console.print(fitted(_EPISODES, told["episodes"][-20:], console.width))


@app.command("new-key")
def new_key() -> None:
    """Print a new key for the setting `facts.secret_keys`. Nothing is kept, and no server is asked."""
    typer.echo(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


@app.command("rotate-key")
def rotate_key(note: Note = "", who: Who = "", url: Url = DEFAULT_URL, api_key: ApiKey = "") -> None:
    """Seal the secrets of all channels with a new key of the server's key file, and forget the old one."""
    with api(url, api_key) as client:
        told = check(client.post("/api/v1/alert-secrets/rotate", json={"who": who or me(), "note": note})).json()
    console.print(f"key {told['key_id']}: {told['sealed']} versions of channels sealed" + (f", {told['lost']} cannot be opened" if told["lost"] else ""))


def _rule(file: Path, name: str) -> dict[str, Any]:
    found = dict(_named(file, read_yaml(file), "rules"))
    if name not in found:
        raise InputError(f"{file}: has no rule {name}; it has {', '.join(found) or 'none'}")
    return found[name]


def _named(file: Path, told: dict[str, Any], section: str) -> list[tuple[str, dict[str, Any]]]:
    found = told.get(section) or {}
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise InputError(f"{file}: {section}: expected `name:` and what it says below it")
    return [(str(name), one) for name, one in found.items()]


def _post(url: str, api_key: str, path: str, project: str, body: dict[str, Any] | None) -> dict[str, Any]:
    with api(url, api_key) as client:
        answer: dict[str, Any] = check(client.post(path, params={"project": project}, json=body)).json()
        return answer


def _act(how: str, alert_id: str, cause: str, body: dict[str, Any], project: str, url: str, api_key: str) -> str:
    """Do something with one alert, or with all of a cause; gives which these are."""
    if bool(alert_id) == bool(cause):
        raise InputError("name one alert by its id, or a cause with --cause")
    if alert_id:
        _post(url, api_key, f"/api/v1/alerts/{alert_id}/{how}", project, body)
        return alert_id
    done = _post(url, api_key, f"/api/v1/alert-causes/{how}", project, body | {"cause": cause})
    return f"{cause} (alerts: {len(done['alerts'])})"


def _labels(item: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in item["labels"].items() if name not in ("rule", "severity", "project"))


def _print_group(group: dict[str, Any], but: str) -> None:
    """The others that are told in the same notices."""
    others = [one for one in group["alerts"] if one["id"] != but]
    if others:
        console.print(Text("  told together with ", style="dim").append(f"({_in_common(group)}):", style="dim"))
    for one in others:
        held = f" ({one['held']})" if one["held"] else ""
        console.print(Text(f"    {one['severity']}  ", style=_colour(one)).append(f"{one['title']}  {one['id']}{held}"))
    if group["count"] > len(group["alerts"]):
        console.print(Text(f"    and {group['count'] - len(group['alerts'])} more", style="dim"))


def _in_common(group: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in group["labels"].items())


def _colour(item: dict[str, Any]) -> str:
    return "green" if item["state"] == "resolved" else SEVERITY_STYLES.get(item["severity"], "")


_ALERTS: Final = [
    Column("since", lambda item: clock_time(item["started"])),
    Column("state", lambda item: str(item["state"]), drop=3),
    Column("severity", lambda item: str(item["severity"]) if item["state"] == "firing" else f"({item['severity']})", drop=1),
    Column("alert", lambda item: f"{item['title']}: {item['summary']}" if item["title"] != item["summary"] else item["title"], flexible=True, least=40),
    Column("owner", lambda item: str(item["owner"])[:20], drop=2),
    Column("id", lambda item: str(item["id"])),
]
_GROUPS: Final = [
    Column("told", lambda item: clock_time(item["told"]) if item["told"] else "not yet"),
    Column("state", lambda item: str(item["state"]), drop=2),
    Column("severity", lambda item: str(item["severity"]), drop=1),
    Column("alerts", lambda item: count(item["count"]), right=True),
    Column("notices", lambda item: count(item["notices"]), right=True, drop=3),
    Column("in common", _in_common, flexible=True),
    Column("first", lambda item: str(item["alerts"][0]["title"]) if item["alerts"] else "", drop=4),
]
_CAUSES: Final = [
    Column("cause", lambda item: str(item["cause"]), flexible=True),
    Column("state", lambda item: str(item["state"]), drop=3),
    Column("severity", lambda item: str(item["severity"]), drop=1),
    Column("alerts", lambda item: count(item["open"]), right=True),
    Column("taken", lambda item: count(item["owned"]), right=True, drop=2),
    Column("agents", lambda item: count(item["agents"]), right=True, drop=4),
    Column("since", lambda item: clock_time(item["first"])),
]
_RULES: Final = [
    Column("rule", lambda item: str(item["name"])),
    Column("kind", lambda item: str((item["rule"] or {}).get("condition", {}).get("kind", ""))),
    Column("state", lambda item: "problem" if item["problem"] else "on" if (item["rule"] or {}).get("enabled") else "off"),
    Column("evaluated", lambda item: clock_time(item["evaluated"]) if item["evaluated"] else "never", drop=2),
    Column("took", lambda item: f"{item['took_ms']:.0f} ms", right=True, drop=3),
    Column("groups", lambda item: count(item["groups"]), right=True, drop=4),
    Column("problem", lambda item: str(item["problem"]), flexible=True, drop=1),
]
_SILENCES: Final = [
    Column("id", lambda item: str(item["id"])),
    Column("state", lambda item: "holds" if item["active"] else "does not hold"),
    Column("from", lambda item: clock_time(item["silence"]["starts"]), drop=2),
    Column("until", lambda item: clock_time(item["silence"]["ends"])),
    Column("who", lambda item: str(item["silence"]["author"])[:20], drop=1),
    Column("matchers", lambda item: " ".join(item["silence"]["matchers"]), flexible=True),
]
_ON_CALL: Final = [
    Column("schedule", lambda item: str(item["schedule"])),
    Column("on call", lambda item: str(item["who"]) or "nobody", flexible=True),
    Column("until", lambda item: clock_time(item["until"]) if item["until"] else ""),
    Column("then", lambda item: (str(item["then"]) or "nobody") if item["until"] else "", drop=1),
]
_EPISODES: Final = [
    Column("fired", lambda item: clock_time(item["fired"])),
    Column("resolved", lambda item: clock_time(item["resolved"]) if item["resolved"] else "goes on"),
    Column("severity", lambda item: str(item["severity"]), drop=1),
    Column("what", lambda item: str(item["summary"]), flexible=True),
]
