"""Series are computed with, and an agent's past is looked at, from OTLP in to JSON out and on the command line."""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.flow.conftest import SECOND_NS, Client, chat, span, spans
from typer.testing import CliRunner

from spyglass.cli.main import app

MINUTES = 240
BEGIN_NS = time.time_ns() // (60 * SECOND_NS) * 60 * SECOND_NS - (MINUTES + 2) * 60 * SECOND_NS
RANGE = {"from": str(BEGIN_NS), "to": "now", "bucket_s": 60}
END = str(BEGIN_NS + MINUTES * 60 * SECOND_NS)
BURST = 200  # the minute in which the agent called forty times


@pytest.fixture(scope="module")
def busy(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """Four hours of an agent whose calls rise and fall every twenty minutes, with tokens that follow them, and one burst."""
    client = Client(server, f"analytics-{secrets.token_hex(4)}", http, channel)
    members, total, generator = [], 0, random.Random(8)
    for minute in range(MINUTES):
        start = BEGIN_NS + minute * 60 * SECOND_NS
        trace = (minute + 1).to_bytes(16)
        about = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "ada/odd"}
        members.append(span("invoke_agent", trace=trace, number=1, start_ns=start, **about))
        calls = 40 if minute == BURST else round(6 + 3 * math.sin(minute / 20 * 2 * math.pi)) + generator.randint(-2, 2)
        total += calls
        members += [chat(trace=trace, number=at + 2, under=1, start_ns=start + at, tokens=(calls * 10, 5)) for at in range(calls)]
    client.post(spans(*members))
    eventually(lambda: client.told("/analytics/buckets", series="llm.count", **RANGE)["values"], lambda values: sum(values) == total)
    return client


def test_buckets_are_even_and_whole(busy: Client) -> None:
    """One value a minute, the minute that goes on now left out; what is counted is zero where nothing came."""
    told = busy.told("/analytics/buckets", series="llm.count", **RANGE)
    assert (told["first"][:16], told["values"][BURST], told["filled"]) == (time.strftime("%Y-%m-%dT%H:%M", time.gmtime(BEGIN_NS / 1e9)), 40, "zero")
    assert len(told["values"]) >= MINUTES
    assert busy.told("/analytics/buckets", series="llm.p50_ns", fill="previous", **RANGE)["unit"] == "ns"
    assert busy.told("/analytics/buckets", series="llm.count", query="agent:nobody", **RANGE)["values"] == []


def test_two_series_are_compared(busy: Client) -> None:
    """Tokens follow calls; it says how many independent pairs that is."""
    told = busy.told("/analytics/correlation", first="llm.count", second="llm.input_tokens", lags=2, method="spearman", **RANGE)
    assert (told["best"]["lag"], told["best"]["coefficient"] > 0.95, len(told["items"])) == (0, True, 5)
    assert told["best"]["effective"] < told["best"]["pairs"]
    assert "They go together" in told["told"]


def test_a_series_is_taken_apart_and_goes_on(busy: Client) -> None:
    """What repeats every twenty minutes is found, and the forecast knows it."""
    parts = busy.told("/analytics/decomposition", series="llm.count", **RANGE)
    assert [wave["period"] for wave in parts["waves"]] == [20]
    made = busy.told("/analytics/forecast", series="llm.count", steps=20, **RANGE)
    assert (len(made["middle"]), made["periods"], made["mase"] < 1.5) == (20, [20], True)
    assert all(low <= middle <= high for low, middle, high in zip(made["low"], made["middle"], made["high"], strict=True))
    spread = busy.told("/analytics/distribution", series="llm.count", **RANGE)
    assert sum(bar["count"] for bar in spread["bars"]) == spread["count"] >= MINUTES


def test_the_burst_stands_out(busy: Client) -> None:
    """With the band that was to be expected, at the rate of false alarms that was asked for; names may have slashes."""
    within = {"project": busy.project, "from": RANGE["from"], "to": END}
    answer = busy.http.post(f"{busy.server.url}/api/v1/detect/ada/odd", params=within, json={"bucket_s": 60, "false_alarms_a_day": 0.5})
    told = answer.json()
    worst = min((item for item in told["items"] if item["probability"] is not None), key=lambda item: item["probability"])
    assert (answer.status_code, worst["value"], "point" in worst["channels"], worst["high"] < 40) == (200, 40, True, True)
    assert "instead of" in told["told"]
    assert [rule["name"][:5] for rule in told["rules"]] == ["three", "quart"]


@pytest.mark.parametrize("method", ["bands", "pca"])
def test_of_too_little_the_values_are_told_without_a_band(busy: Client, method: str) -> None:
    """With the reason: a page that looks at five minutes has done nothing wrong."""
    asked = {"project": busy.project, "from": str(int(END) - 300 * SECOND_NS), "to": END}
    answer = busy.http.post(f"{busy.server.url}/api/v1/detect/ada/odd", params=asked, json={"method": method, "bucket_s": 60})
    told = answer.json()
    assert (answer.status_code, len(told["items"]), told["limit"], told["alarms"]) == (200, 5, None, 0)
    assert "are needed to say what is usual" in told["told"]


@pytest.mark.parametrize("method", ["pca", "autoencoder"])
def test_all_figures_together_tell_the_burst_too(busy: Client, method: str) -> None:
    """With the figures that made it, at the same budget; an autoencoder says whether it is worth its while."""
    within = {"project": busy.project, "from": RANGE["from"], "to": END}
    asked = {"method": method, "bucket_s": 60, "false_alarms_a_day": 5}
    told = busy.http.post(f"{busy.server.url}/api/v1/detect/ada/odd", params=within, json=asked).json()
    worst = max((item for item in told["items"] if item["value"] is not None), key=lambda item: item["value"])
    assert (worst["channels"], max(worst["features"], key=worst["features"].get), told["rules"]) == (["profile"], "calls", [])
    assert "by calls" in told["told"]
    assert ("The autoencoder leaves" in told["told"]) == (method == "autoencoder")
    assert all(item["group"] is None for item in told["items"] if not item["channels"])


def test_findings_of_an_agent_are_listed(busy: Client) -> None:
    """An agent without any has an empty list; one that nobody knows is told."""
    assert busy.items("/agents/ada/odd/anomalies") == []
    assert busy.get("/agents/nobody/anomalies").status_code == 404


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"series": "cats.count"}, "expected one of spans, llm"),
        ({"series": "llm.purr"}, "llm has no 'purr'; it has"),
        ({"series": "points.avg"}, "points.<figure>:<metric>"),
        ({"series": "llm.count:x"}, "no metric after a colon"),
        ({"series": "spans.count", "agent": "x"}, "search for it with `query`"),
    ],
)
def test_what_cannot_be_told_is_refused(busy: Client, parameters: dict[str, Any], wanted: str) -> None:
    """With what there is, or what to do."""
    answer = busy.get("/analytics/buckets", **parameters)
    assert (answer.status_code, wanted in answer.json()["detail"]) == (400, True), answer.text


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["buckets", "llm.count"], "buckets of 60 s"),
        (["distribution", "llm.count"], "quantiles 0.01"),
        (["decompose", "llm.count"], "repeats every 0:20:00"),
        (["forecast", "llm.count", "--steps", "5"], "seasonal naive"),
        (["correlate", "llm.count", "llm.input_tokens"], "They go together"),
    ],
)
def test_the_command_line_shows_it(busy: Client, arguments: list[str], wanted: str) -> None:
    """Within 80 columns."""
    options = ["--url", busy.server.url, "--project", busy.project, "--from", RANGE["from"], "--bucket", "60"]
    result = CliRunner().invoke(app, ["analytics", *arguments, *options], env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert (result.exit_code, wanted in result.stdout.replace("\n", " ")) == (0, True), result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
