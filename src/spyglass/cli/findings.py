"""`spyglass findings`: what analyzers found, one of it with the rows that show it, and what people did about it and made of it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import typer
from rich.text import Text

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, Who, api, check, me, pages
from spyglass.cli.listing import print_list
from spyglass.cli.show import SEVERITY_STYLES, clock_time, console, count, print_json
from spyglass.cli.table import Column
from spyglass.search.values import quoted

__all__ = ["app"]

app = typer.Typer(help="Findings: what analyzers noticed, what shows it, and what was done about it.", no_args_is_help=True)

Fingerprint = Annotated[str, typer.Argument(help="Fingerprint of the finding, 16 hex digits.")]
Note = Annotated[str, typer.Option("--note", "-m", help="What was done, or why it is taken back.")]
_MOST_TEXT: Final = 300  # characters of what went into a row, or came out


@app.command("list")
def list_findings(
    query: Annotated[str, typer.Argument(help="A search; see docs/search.md.")] = "",
    severity: Annotated[Literal["info", "warning", "error", "critical"] | None, typer.Option("--severity", help="Only this bad or worse.")] = None,
    analyzer: Annotated[str, typer.Option("--analyzer", help="Only of this analyzer.")] = "",
    agent: Annotated[str, typer.Option("--agent", "-a", help="Only about this agent.")] = "",
    mitigated: Annotated[bool | None, typer.Option("--mitigated/--open", help="Only what somebody did something about, or only the others.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="Most findings.")] = 50,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """List findings, last seen first: one per kind of trouble and subject. Ends with code 4 when there is none."""
    asked = [f"({query})" if query.strip() else "", f"severity>={severity}" if severity else ""]
    asked += [f"{field}:{quoted(value)}" for field, value in (("attr.spyglass.finding.analyzer", analyzer), ("agent", agent)) if value]
    wanted: dict[str, Any] = {"project": project, "from": since, "to": until, "query": " ".join(filter(None, asked))}
    if mitigated is not None:
        wanted["mitigated"] = mitigated
    with api(url, api_key) as client:
        items = list(pages(client, "/api/v1/findings", wanted, limit))
    print_list(items, _FINDINGS, json=json, nothing=f"Nothing was found in this time range (--from {since}).")


@app.command("show")
def show(fingerprint: Fingerprint, project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False) -> None:
    """Show one with the rows that show it, and what people did about it."""
    with api(url, api_key) as client:
        told = check(client.get(f"/api/v1/findings/{fingerprint}", params={"project": project})).json()
    if json:
        print_json(told)
        return
    console.print(Text(f"{told['severity']}  ", style=SEVERITY_STYLES.get(told["severity"], "")).append(told["title"], style="bold"))
    for name, text in _facts(told):
        if text:
            console.print(Text(f"  {name}: ", style="dim").append(text))
    for row in told["chain"]:
        _print_row(row)
    for step in told["history"]:
        console.print(
            Text(f"{clock_time(step['time'])}  ", style="dim").append(step["action"], style="bold").append(f"  {step['who']}  {step['note']}".rstrip())
        )


@app.command("mitigate")
def mitigate(
    fingerprint: Fingerprint, note: Note = "", who: Who = "", project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False
) -> None:
    """Say that something was done about a finding: it is no threat any more, until it is found again."""
    _act(url, api_key, project, fingerprint, "mitigate", who, note, json=json)


@app.command("reopen")
def reopen(
    fingerprint: Fingerprint, note: Note = "", who: Who = "", project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False
) -> None:
    """Take that back."""
    _act(url, api_key, project, fingerprint, "reopen", who, note, json=json)


@app.command("verdict")
def verdict(
    fingerprint: Fingerprint,
    worth: Annotated[
        Literal["useful", "noise", "none"],
        typer.Argument(help="`noise`: tell it of this subject only when it is rarer; `useful`: earlier; `none`: take back all that was said."),
    ],
    note: Annotated[str, typer.Option("--note", "-m", help="Why.")] = "",
    who: Who = "",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Say what a finding was worth, or take it back: its rule becomes more or less careful with this subject. Each telling counts once."""
    told = _post(url, api_key, project, fingerprint, "verdict", {"verdict": worth, "who": who or me(), "note": note})
    if json:
        print_json(told)
    else:
        console.print(f"{fingerprint}: {_verdict(told) or 'no verdict'}", markup=False)


def _act(url: str, api_key: str, project: str, fingerprint: str, action: str, who: str, note: str, *, json: bool) -> None:
    told = _post(url, api_key, project, fingerprint, action, {"who": who or me(), "note": note})
    if json:
        print_json(told)
    else:
        console.print(f"{fingerprint}: {_standing(told)}", markup=False)


def _post(url: str, api_key: str, project: str, fingerprint: str, action: str, body: dict[str, str]) -> dict[str, Any]:
    with api(url, api_key) as client:
        told: dict[str, Any] = check(client.post(f"/api/v1/findings/{fingerprint}/{action}", params={"project": project}, json=body)).json()
        return told


def _facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    expected, unit = told["expected"], told["unit"]
    measured = "" if told["observed"] is None else f"{told['observed']:g} {unit}".rstrip()
    band = f", expected {expected[0]:g} to {expected[1]:g}" if measured and expected else ""
    return [
        ("fingerprint", told["fingerprint"]),
        ("found by", f"{told['analyzer']} {told['version']}, {told['rule']}"),
        *((name, told[name]) for name in ("agent", "tool", "metric", "source", "owasp", "impact")),
        ("measured", measured + band),
        ("seen", f"{told['count']} times, from {clock_time(told['first_seen'])} to {clock_time(told['last_seen'])}"),
        ("do", told["suggestion"]),
        ("standing", _standing(told)),
        ("verdict", _verdict(told)),
    ]


def _print_row(row: dict[str, Any]) -> None:
    when = clock_time(row["time"]) if row["time"] else "gone"
    what = " ".join(filter(None, (row["kind"], row["name"], row["status"])))
    console.print(Text(f"{when}  ", style="dim").append(row["part"], style="bold").append(f"  {what}  {row['row']}"))
    for sign, text in (("<", row["input"]), (">", row["output"])):
        if text:
            console.print(Text(f"    {sign} {text[:_MOST_TEXT]}"))


def _standing(told: dict[str, Any]) -> str:
    """Whether it is open, in a word or two."""
    mark = told["mitigated"]
    if not mark:
        return "open"
    return "open: found again" if mark["again"] else f"mitigated by {mark['who'] or 'somebody'}"


def _verdict(told: dict[str, Any]) -> str:
    """What somebody made of it, and what that does; empty: nobody said anything."""
    said = told["verdict"]
    if not said:
        return ""
    effect = f"weight {said['factor']:g}" if said["heeded"] else "its rule has no threshold that follows it"
    return f"{said['verdict']}, says {said['who'] or 'somebody'}, {effect}" + (f": {said['note']}" if said["note"] else "")


_FINDINGS: Final = [
    Column("seen", lambda item: clock_time(item["last_seen"])),
    Column("severity", lambda item: str(item["severity"])),
    Column("finding", lambda item: str(item["title"]), flexible=True),
    Column("agent", lambda item: str(item["agent"])[:20], drop=2),
    Column("times", lambda item: count(item["count"]), right=True, drop=3),
    Column("standing", lambda item: _standing(item).partition(" by ")[0].replace("open: found again", "came back"), drop=1),
    Column("verdict", lambda item: str(item["verdict"]["verdict"]) if item["verdict"] else "", drop=4),
    Column("fingerprint", lambda item: str(item["fingerprint"])),
]
