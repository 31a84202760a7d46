"""Runs of two versions in, the graph of steps and what differs out; and what calls of tools came to nothing."""

from __future__ import annotations

from typing import Any

from tests.flow.conftest import Client, span, spans


def run(number: int, tools: list[str], version: str = "", repeated: str = "") -> list[Any]:
    """A run of `clerk`; only the run itself says its version."""
    trace = number.to_bytes(16)
    named: dict[str, Any] = {"gen_ai__agent__version": version} if version else {}
    told: dict[str, Any] = {"gen_ai__operation__name": "execute_tool", "gen_ai__agent__name": "clerk"}
    calls = [
        span(tool, trace=trace, number=at + 2, under=1, **told, gen_ai__tool__name=tool, gen_ai__tool__call__arguments=repeated or f"{at}")
        for at, tool in enumerate(tools)
    ]
    return [span("invoke_agent", trace=trace, number=1, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="clerk", **named), *calls]


def test_what_a_version_does_otherwise_is_told_with_its_runs(client: Client) -> None:
    """Versions that there are not are refused; runs without a version can be asked for, too."""
    runs = [run(at, ["search", "answer"], "1") for at in range(1, 21)] + [run(at, ["plan", "search", "answer"], "2") for at in range(21, 41)]
    client.post(spans(*(one for members in [*runs, run(41, ["search", "delete"])] for one in members))).raise_for_status()
    client.server.settled()
    told = client.told("/agents/clerk/flow", version="2", against="1")
    assert (told["runs"], told["runs_before"], told["against"], told["partial"]) == (20, 20, "1", False)
    assert {one["version"]: one["runs"] for one in told["versions"]} == {"1": 20, "2": 20, "": 1}
    kinds = {(edge["from"], edge["to"]): edge["change"]["kind"] for edge in told["items"]}
    assert kinds == {
        ("", "plan"): "appeared",
        ("plan", "search"): "appeared",
        ("", "search"): "disappeared",
        ("search", "answer"): "unsure",
        ("answer", ""): "unsure",
    }
    assert [(way["steps"], way["runs"], way["cut"]) for way in told["ways"]] == [(["plan", "search", "answer"], 20, False)]
    unnamed = client.told("/agents/clerk/flow", version="(none)")
    assert (unnamed["version"], unnamed["runs"], unnamed["against"], unnamed["items"][0]["change"]) == ("", 1, None, None)
    answer = client.get("/agents/clerk/flow", version="3")
    assert (answer.status_code, "'1'" in answer.json()["detail"]) == (404, True)


def test_calls_that_repeat_are_counted_by_agent_and_tool(client: Client) -> None:
    """Where nothing arrived for too short a time nobody says that a result is not read."""
    client.post(spans(*run(1, ["search", "search", "search", "answer"], repeated="the same"))).raise_for_status()
    client.server.settled()
    answer, search = sorted(client.items("/tools/waste", agent="clerk"), key=lambda one: one["tool"])
    assert (search["agent"], search["tool"], search["calls"], search["comparable"], search["repeated"], search["judged"]) == ("clerk", "search", 3, 3, 2, 0)
    assert (answer["repeated"], answer["found"]) == (0, [])
    assert client.items("/loops") == []
