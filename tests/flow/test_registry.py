"""The registry over the wire: agents are found and registered, versions seen, configurations deployed, and who asks for nothing gets a clear answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import Client, attributes, records, span, spans

TOOLS = json.dumps([{"type": "function", "function": {"name": "find", "description": "finds", "parameters": {"type": "object"}}}])


@pytest.fixture
def api(client: Client) -> Iterator[httpx.Client]:
    """The API, in the project of the test."""
    with httpx.Client(base_url=f"{client.server.url}/api/v1/agents", params={"project": client.project}, timeout=60, trust_env=False, verify=False) as opened:
        yield opened


def run(client: Client, trace: bytes, prompt: str, version: str, agent: str = "planner", ago_s: float = 1) -> None:
    """A run with a model call, so long ago."""
    start_ns = time.time_ns() - int(ago_s * 1e9)
    told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": agent, "gen_ai__agent__id": f"{agent}-1", "gen_ai__agent__version": version}
    said = json.dumps([{"role": "system", "parts": [{"type": "text", "content": prompt}]}, {"role": "user", "parts": [{"type": "text", "content": "hi"}]}])
    call = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt-5", "gen_ai__input__messages": said, "gen_ai__tool__definitions": TOOLS}
    below = span("chat gpt-5", trace=trace, number=2, under=1, start_ns=start_ns, gen_ai__usage__input_tokens=3, **call)
    client.post(spans(span("invoke_agent", trace=trace, start_ns=start_ns, **told), below))


def test_an_agent_is_found_and_its_versions_are_seen(client: Client, api: httpx.Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """By name and id, with what differs between two versions; a version that takes over, and one that comes back, are events."""
    for at, (prompt, version) in enumerate((("be kind", "1"), ("be brief\nbe kind", "2"), ("be kind", "1"))):
        run(client, bytes([at + 1]) + trace[1:], prompt, version, ago_s=300 - 100 * at)
        seen = lambda: api.get("/planner-1/versions").json().get("items", [])  # noqa: E731
        eventually(seen, lambda items, at=at: len(items) > min(at, 1) and all(one["model"] for one in items))
    found = api.get("/planner/versions").json()["items"]
    assert [(one["number"], one["version"], one["prompt"], one["model"]) for one in found] == [
        (2, "2", "be brief\nbe kind", "gpt-5"),
        (1, "1", "be kind", "gpt-5"),
    ]
    assert [tool["name"] for tool in found[0]["tools"]] == ["find"]
    told = api.get("/planner/versions/diff", params={"from": "1", "to": found[0]["fingerprint"][:6]}).json()
    assert [(line["kind"], line["text"]) for line in told["prompt"]] == [("added", "be brief"), ("same", "be kind")]
    assert (told["tools"], told["model"], told["same"]) == ([], None, False)
    wanted = {"agent.version.observed", "agent.version.regressed"}
    names = eventually(lambda: [one["event_name"] for one in client.items("/events")], lambda names: wanted <= set(names))
    assert sorted(name for name in names if name.startswith("agent.version.")) == ["agent.version.observed", "agent.version.regressed"]
    item = api.get("/planner-1").json()
    assert (item["agent"], item["runs"], item["model_calls"], item["live"][0]["number"], item["state"]) == ("planner", 3, 3, 1, "seen")


def test_agents_of_a_service_are_listed_alone(client: Client, api: httpx.Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """With what they did; of a service that nobody ran in there are none."""
    for number, name in enumerate(("baker", "miller"), 1):
        told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": name}
        client.post(spans(span("invoke_agent", trace=bytes([number]) + trace[1:], **told), service=f"{name}s"))
    eventually(lambda: client.told("/agents")["items"], lambda items: len(items) == 2)
    alone = client.told("/agents", service="bakers")
    assert [(one["agent"], one["runs"]) for one in alone["items"]] == [("baker", 1)]
    nobody = client.told("/agents", service="smiths")
    assert (nobody["items"], nobody["total"], alone["exact"], nobody["exact"]) == ([], 0, True, True)


def test_registering_twice_is_once(client: Client, api: httpx.Client, eventually: Callable[..., Any]) -> None:
    """By request or by event; both are in the list, and can be asked for."""
    draft = {"name": "writer", "owner": "ann", "type": "author", "version": "3", "tools": ["pen"], "metadata": {"region": "eu"}}
    assert [api.post("/w-1/register", json=draft).json()["changed"] for _ in range(2)] == [True, False]
    said = {"gen_ai.agent.name": "critic", "gen_ai.agent.id": "c-1", "spyglass.agent.owner": "bob", "spyglass.agent.tags": ["strict"]}
    client.post(records(LogRecord(event_name="agent.registered", attributes=attributes(said), time_unix_nano=10**18)))
    listed = eventually(lambda: client.told("/agents")["items"], lambda items: len(items) == 2 and all(one["owner"] for one in items))
    assert {one["agent"]: (one["owner"], one["tags"]) for one in listed} == {"writer": ("ann", []), "critic": ("bob", ["strict"])}
    assert [one["agent"] for one in client.told("/agents", owner="ann")["items"]] == ["writer"]
    item = api.get("/w-1").json()
    assert (item["registration"]["metadata"], item["latest_version"], item["state"], item["runs"]) == ({"region": "eu"}, 1, "declared", 0)
    assert api.post("/writer/metrics", json={"metrics": {"quality": 0.5}}).status_code == 202
    told = eventually(lambda: api.get("/writer").json()["metrics"])
    assert told["values"] == {"quality": 0.5}


def test_two_agents_with_one_id_are_told_apart_by_name(client: Client, api: httpx.Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """Asking by the id names both; registering a second one is refused."""
    for at, agent in enumerate(("left", "right")):
        told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": agent, "gen_ai__agent__id": "same"}
        client.post(spans(span("invoke_agent", trace=bytes([at + 1]) + trace[1:], **told)))
    answer = eventually(lambda: api.get("/same"), lambda one: one.status_code == 409)
    assert (answer.json()["code"], answer.json()["agents"], api.get("/left").json()["ids"]) == ("conflict", ["left", "right"], ["same"])
    api.post("/other/register", json={"name": "left"}).raise_for_status()
    refused = api.post("/other/register", json={"name": "right"})
    assert (refused.status_code, refused.json()["agents"]) == (409, ["left", "right"])


def test_who_is_unknown_is_told_who_is_near(api: httpx.Client) -> None:
    """With a code that can be relied on."""
    api.post("/planner/register", json={}).raise_for_status()
    for path in ("/plannr", "/plannr/versions", "/plannr/trends", "/plannr/configurations", "/plannr/deployments", "/plannr/configuration"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["nearest"]) == (404, ["planner"]), path
    for path, body in (("/plannr/metrics", {"metrics": {"a": 1}}), ("/plannr/deployments", {"environment": "x", "version": 1})):
        assert api.post(path, json=body).status_code == 404


@pytest.mark.parametrize("name", ["a/b", "ein Plan", "плани", "100%", "a?b#c", "two\nlines", "/"])
def test_any_name_can_be_asked_for(api: httpx.Client, name: str) -> None:
    """Escaped as addresses are."""
    path = "/" + quote(name, safe="")
    api.post(f"{path}/register", json={}).raise_for_status()
    assert api.get(path).json()["agent"] == name
    assert api.get(f"{path}/trends").json()["agent"] == name


@pytest.mark.parametrize("number", ["NaN", "1e400", str(2**64)])
def test_a_configuration_comes_back_as_it_went_in_or_is_refused(api: httpx.Client, number: str) -> None:
    """What no JSON has, and what no reader can hold, would come back as something else."""
    answer = api.post("/planner/configurations", content=f'{{"body": {{"seed": {number}}}}}', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["problems"][0]["at"]) == (422, "body.body")


def test_a_configuration_is_deployed_fetched_and_rolled_back(client: Client, api: httpx.Client, eventually: Callable[..., Any]) -> None:
    """With an ETag that holds until something changes, and an event for each step."""
    for model in ("gpt-5", "gpt-5-mini"):
        assert api.post("/planner/configurations", json={"body": {"model": model}}).status_code == 201
    assert api.get("/planner/configuration", params={"environment": "production"}).status_code == 404
    tags = []
    for version in (1, 2):
        api.post("/planner/deployments", json={"environment": "production", "version": version, "why": "better", "who": "ann"}).raise_for_status()
        answer = api.get("/planner/configuration")
        tags.append(answer.headers["etag"])
        assert (answer.json()["number"], len(answer.content) < 400) == (version, True)
    assert [api.get("/planner/configuration", headers={"if-none-match": tag}).status_code for tag in tags] == [200, 304]
    assert api.post("/planner/deployments/production/rollback", json={}).status_code == 422
    step = api.post("/planner/deployments/production/rollback", json={"why": "worse"}).json()
    assert (step["number"], step["before"], step["revision"]) == (1, 2, 3)
    told = eventually(lambda: [one for one in client.items("/events") if one["event_name"].startswith("agent.config.")], lambda found: len(found) == 3)
    assert sorted(one["event_name"].rsplit(".", 1)[1] for one in told) == ["deployed", "deployed", "rolled_back"]
    assert [one["why"] for one in api.get("/planner/deployments").json()["items"]] == ["worse", "better", "better"]


def test_of_many_deployments_at_once_one_is_done(api: httpx.Client) -> None:
    """The others are told that they have seen an older revision."""
    for at in range(4):
        api.post("/planner/configurations", json={"body": {"at": at}}).raise_for_status()
    with ThreadPoolExecutor(4) as pool:
        drafts = [{"environment": "production", "version": at + 1, "revision": 0} for at in range(4)]
        answers = list(pool.map(lambda draft: api.post("/planner/deployments", json=draft), drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    (now,) = api.get("/planner/deployments").json()["deployments"]
    assert [now["number"]] == [answer.json()["number"] for answer in answers if answer.status_code == 200]


def test_programs_get_json_at_the_root_and_browsers_the_page(client: Client) -> None:
    """The same address, by what is asked for."""
    for path in ("/agents", "/agents/planner", "/agents/planner/trends"):
        kinds = [client.http.get(f"{client.server.url}{path}", headers={"accept": accept}).headers["content-type"] for accept in ("text/html,*/*;q=0.8", "*/*")]
        assert (kinds[0].startswith("text/html"), "json" in kinds[1]) == (True, True), path


def test_trends_are_compared_with_the_time_before(client: Client, api: httpx.Client, trace: bytes) -> None:
    """Every bucket is there, and the figures add up."""
    run(client, trace, "be kind", "1")
    client.server.settled()
    told = api.get("/planner/trends", params={"from": "-1h", "bucket_s": 300}).json()
    assert (sum(one["runs"] for one in told["buckets"]), told["whole"]["runs"], told["before"]["runs"], told["change"]["runs"]) == (1, 1, 0, None)
    assert len(told["buckets"]) in {13, 14}
    refused = api.get("/planner/trends", params={"from": "-90d", "bucket_s": 60})
    assert (refused.status_code, "at most 1000" in refused.json()["detail"]) == (400, True)
