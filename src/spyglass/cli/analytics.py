"""`spyglass analytics …`: what can be computed of a series, or of two; what stands out in it, and where a trouble comes from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api, check
from spyglass.cli.show import clock_time, console, print_json
from spyglass.cli.table import Column, fitted

__all__ = ["app"]

app = typer.Typer(help="Compute with series: forecast, correlation, what stands out, root causes.", no_args_is_help=True)

_PATH: Final = "/api/v1/analytics"
_BARS: Final = " ▁▂▃▄▅▆▇█"
Name = Annotated[str, typer.Argument(help="`llm.cost_usd`, `spans.p95_ns`, `points.avg:queue.depth` …: docs/analytics.md lists them.")]
Search = Annotated[str, typer.Option("--query", "-q", help="Only what matches this search expression.")]
Agent = Annotated[str, typer.Option("--agent", "-a", help="Only calls of this agent.")]
Bucket = Annotated[int, typer.Option("--bucket", help="Seconds of one bucket; 0: chosen so that about 300 fit.")]


def _ask(path: str, url: str, api_key: str, **parameters: Any) -> dict[str, Any]:
    with api(url, api_key) as client:
        found: dict[str, Any] = check(client.get(f"{_PATH}/{path}", params=parameters)).json()
    return found


@app.command("buckets")
def buckets(
    series: Name,
    query: Search = "",
    agent: Agent = "",
    bucket: Bucket = 0,
    fill: Annotated[str, typer.Option("--fill", help="Empty buckets: auto, none, zero, previous, linear.")] = "auto",
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show a series in even buckets."""
    asked = {"series": series, "query": query, "agent": agent, "bucket_s": bucket, "fill": fill, "project": project, "from": since, "to": until}
    told = _ask("buckets", url, api_key, **asked)
    if json:
        print_json(told)
    elif not told["values"]:
        _nothing()
    else:
        _heading(told)
        console.print(_drawn(told["values"], console.width))
        rows = [{"time": _at(told, number), "value": value} for number, value in enumerate(told["values"])][-20:]
        console.print(fitted((Column("time", lambda row: row["time"]), Column("value", lambda row: _number(row["value"]), right=True)), rows, console.width))


@app.command("distribution")
def distribution(
    series: Name,
    query: Search = "",
    agent: Agent = "",
    bucket: Bucket = 0,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show how the values of a series are spread."""
    asked = {"series": series, "query": query, "agent": agent, "bucket_s": bucket, "project": project, "from": since, "to": until}
    told = _ask("distribution", url, api_key, **asked)
    if json:
        print_json(told)
        return
    if not told["count"]:
        _nothing()
        return
    _heading(told)
    console.print(f"{told['count']} values, {told['missing']} missing; mean {_number(told['mean'])}, deviation {_number(told['deviation'])}")
    console.print("quantiles " + ", ".join(f"{share}: {_number(value)}" for share, value in told["quantiles"].items()))
    most = max(bar["count"] for bar in told["bars"])
    for bar in told["bars"]:
        console.print(f"{_number(bar['low']):>10} {'█' * round(bar['count'] / most * max(10, console.width - 24)) or '·'} {bar['count']}")


@app.command("decompose")
def decompose(
    series: Name,
    period: Annotated[
        list[int] | None, typer.Option("--period", help="Period in buckets; may be given up to three times. Default: what the series shows.")
    ] = None,
    query: Search = "",
    agent: Agent = "",
    bucket: Bucket = 0,
    since: Since = "-7d",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show trend, waves and rest of a series."""
    asked = {"series": series, "query": query, "agent": agent, "bucket_s": bucket, "project": project, "from": since, "to": until}
    told = _ask("decomposition", url, api_key, **asked | ({"period": period} if period else {}))
    if json:
        print_json(told)
        return
    _heading(told)
    for name, values in (("series", told["values"]), (f"trend, strength {told['trend_strength']:.2f}", told["trend"])):
        console.print(name, _drawn(values, console.width), sep="\n")
    for wave in told["waves"]:
        console.print(f"repeats every {timedelta(seconds=wave['period_s'])}, strength {wave['strength']:.2f}", _drawn(wave["values"], console.width), sep="\n")
    console.print("rest", _drawn(told["rest"], console.width), sep="\n")


@app.command("forecast")
def forecast(
    series: Name,
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, max=1000, help="Buckets to forecast.")] = 24,
    coverage: Annotated[float, typer.Option("--coverage", min=0.5, max=0.99, help="Share of what comes that the band shall hold.")] = 0.9,
    query: Search = "",
    agent: Agent = "",
    bucket: Bucket = 0,
    since: Since = "-14d",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show where a series goes, beside the seasonal-naive line."""
    asked = {"series": series, "query": query, "agent": agent, "bucket_s": bucket, "project": project, "from": since, "to": until}
    told = _ask("forecast", url, api_key, **asked, steps=steps, coverage=coverage)
    if json:
        print_json(told)
        return
    _heading(told)
    console.print(_drawn([*told["values"], *told["middle"]], console.width))
    if told["mase"] is not None:
        console.print(f"error in the past {told['mase']:.2f} (MASE), of the seasonal-naive line {told['naive_mase']:.2f}, at {told['places']} places")
    rows = [
        dict(zip(("middle", "low", "high", "naive"), line, strict=True)) for line in zip(told["middle"], told["low"], told["high"], told["naive"], strict=True)
    ]
    columns = (
        Column("time", lambda row: row["time"]),
        Column("forecast", lambda row: _number(row["middle"]), right=True),
        Column("low", lambda row: _number(row["low"]), right=True),
        Column("high", lambda row: _number(row["high"]), right=True),
        Column("seasonal naive", lambda row: _number(row["naive"]), right=True),
    )
    begins = told | {"first": told["begins"]}
    console.print(fitted(columns, [row | {"time": _at(begins, number)} for number, row in enumerate(rows)], console.width))


@app.command("correlate")
def correlate(
    first: Name,
    second: Name,
    method: Annotated[str, typer.Option("--method", help="pearson or spearman.")] = "pearson",
    lags: Annotated[int, typer.Option("--lags", min=0, max=100, help="Buckets that the second may be ahead or behind, at most.")] = 0,
    without: Annotated[str, typer.Option("--without", help="What is taken out of both before: nothing, waves, differences.")] = "nothing",
    query: Search = "",
    agent: Agent = "",
    second_query: Annotated[str, typer.Option("--second-query", help="Only what matches, of the second series.")] = "",
    second_agent: Annotated[str, typer.Option("--second-agent", help="Only calls of this agent, of the second series.")] = "",
    bucket: Bucket = 0,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Say whether two series go together."""
    asked = {"first": first, "second": second, "query": query, "agent": agent, "second_query": second_query, "second_agent": second_agent}
    told = _ask(
        "correlation", url, api_key, **asked, method=method, lags=lags, without=without, bucket_s=bucket, project=project, **{"from": since, "to": until}
    )
    if json:
        print_json(told)
        return
    console.print(told["told"], markup=False)


@app.command("detect")
def detect(
    agent: Annotated[str, typer.Argument(help="Name of the agent.")],
    figure: Annotated[str, typer.Option("--figure", "-f", help="calls, failures, duration, output_tokens, cost.")] = "calls",
    method: Annotated[str, typer.Option("--method", help="bands: one figure; pca, lof, isolation_forest, autoencoder: all figures together.")] = "bands",
    kind: Annotated[str, typer.Option("--kind", help="Of which calls: llm, tool, embedding.")] = "llm",
    budget: Annotated[float, typer.Option("--false-alarms-a-day", help="That may be raised in this series where nothing is wrong.")] = 1.0,
    bucket: Bucket = 0,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Look for what stands out in an agent's past."""
    wanted = {"method": method, "figure": figure, "kind": kind, "bucket_s": bucket, "false_alarms_a_day": budget}
    with api(url, api_key) as client:
        about = {"project": project, "from": since, "to": until}
        told = check(client.post(f"/api/v1/detect/{quote(agent, safe='')}", params=about, json=wanted)).json()
    if json:
        print_json(told)
        return
    console.print(told["told"], markup=False)
    columns = (
        Column("time", lambda row: clock_time(row["time"])),
        Column("value", lambda row: _number(row["value"]), right=True),
        Column("expected", lambda row: f"{_number(row['low'])} to {_number(row['high'])}" if row.get("low") is not None else f"up to {_number(row['high'])}"),
        Column("p", lambda row: "" if row["probability"] is None else f"{row['probability']:.1g}", right=True),
        Column(
            "says", lambda row: ", ".join([*row["channels"], *(f"{name} {share:.0%}" for name, share in (row.get("features") or {}).items())]), flexible=True
        ),
    )
    console.print(fitted(columns, [item for item in told["items"] if item["channels"]][-30:], console.width))


@app.command("rootcause")
def rootcause(
    at: Annotated[str, typer.Argument(help="When the trouble began: ISO 8601, `now-15m`, or Unix time.")],
    agent: Annotated[str, typer.Option("--agent", "-a", help="The agent at which the symptom is seen.")] = "",
    service: Annotated[str, typer.Option("--service", help="Or the service.")] = "",
    symptom: Annotated[str, typer.Option("--symptom", "-s", help="latency, failures, requests.")] = "failures",
    before: Annotated[int, typer.Option("--before", help="Seconds before it that count as usual.")] = 7_200,
    during: Annotated[int, typer.Option("--during", help="Seconds since it began that are looked at.")] = 900,
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Say where a trouble comes from, along who calls whom; what was changed comes first."""
    asked: dict[str, str | int] = {"at": at, "agent": agent, "service": service, "symptom": symptom, "before_s": before, "during_s": during, "project": project}
    with api(url, api_key) as client:
        told = check(client.get("/api/v1/rootcause", params=asked)).json()
    if json:
        print_json(told)
        return
    console.print(told["told"], markup=False)
    for change in told["changes"]:
        console.print(f"{clock_time(change['time'])}  {change['told']}", style="yellow", markup=False)
    columns = (
        Column("cause", lambda row: row["node"]),
        Column("score", lambda row: f"{row['score']:.2f}", right=True),
        Column("called by", lambda row: " > ".join(row["path"][:-1]), drop=1),
        Column("what it did", lambda row: row["told"].partition(": ")[2], flexible=True),
    )
    console.print(fitted(columns, told["items"], console.width))


@app.command("compliance")
def compliance(
    since: Since = "-7d", until: Until = "now", project: Project = "default", url: Url = DEFAULT_URL, api_key: ApiKey = "", json: Json = False
) -> None:
    """Show the controls, each with its verdict. Ends with code 1 when one fails."""
    with api(url, api_key) as client:
        told = check(client.get("/api/v1/compliance", params={"project": project, "from": since, "to": until})).json()
    if json:
        print_json(told)
    else:
        console.print(f"{told['failed']} fail, {told['no_data']} without data, {told['passed']} pass: evidence, and no certificate", style="bold")
        columns = (
            Column("control", lambda row: row["control"]),
            Column("state", lambda row: row["state"].replace("_", " ")),
            Column("what was found", lambda row: f"{row['told']} {row['suggestion']}".strip(), flexible=True),
        )
        console.print(fitted(columns, told["items"], console.width))
    if told["failed"]:
        raise typer.Exit(1)


def _heading(told: dict[str, Any]) -> None:
    unit = f" ({told['unit']})" if told["unit"] else ""
    console.print(f"{told['series']}{unit}, {len(told.get('values', [])) or told.get('count')} buckets of {told['bucket_s']} s", style="bold", markup=False)


def _nothing() -> None:
    console.print("Nothing in this time range; a longer one with --from, or another search.")
    raise typer.Exit(4)


def _at(told: dict[str, Any], number: int) -> str:
    begin = datetime.fromisoformat(told["first"][:19]).replace(tzinfo=UTC)
    return clock_time((begin + timedelta(seconds=number * told["bucket_s"])).isoformat())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _drawn(values: list[float | None], width: int) -> str:
    """A line of bars, as many as fit; each the largest of its values."""
    share = max(1, -(-len(values) // width))
    parts = [[value for value in values[at : at + share] if value is not None] for at in range(0, len(values), share)]
    tops = [max(part) if part else None for part in parts]
    known = [top for top in tops if top is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(" " if top is None else _BARS[1 + round((top - low) / (high - low or 1) * 7)] for top in tops)
