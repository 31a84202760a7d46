"""Both transports: the same frames, the same parameters, the same refusals."""

import asyncio
import json
import logging

import httpx
import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

from spyglass.model.schema import Kind
from spyglass.testing.rows import events, messages, points, spans


async def test_first_frame_says_what_was_understood(live):
    """Hello has the canonical query, the limits, a cursor and the server's time."""
    async with live.socket("agent=planner&query=level:warn+AND+kind:llm&rate=7") as viewer:
        hello = (await viewer.until(len))[0]
    assert hello["type"] == "hello"
    assert hello["query"] == "agent:planner severity:warning kind:llm"
    assert (hello["rate"], hello["burst"], hello["kinds"]) == (7, 14, ["event", "point", "span"])
    assert hello["cursor"]
    assert hello["time"].endswith("Z")
    assert hello["limits"]["queue_frames"] == 2000


@pytest.mark.parametrize("path", ["/events/stream", "/api/v1/stream"])
async def test_both_transports_get_the_same_frames(live, path):
    """Spans, events and points arrive alike over a WebSocket and as server-sent events."""
    async with live.socket(path=path) as first, live.events(path=path) as second:
        await asyncio.gather(first.until(len), second.until(len))
        live.publish(spans(4), messages=messages(4))
        live.publish(events(4), Kind.EVENT)
        live.publish(points(5), Kind.POINT)
        assert await first.frames(13) == await second.frames(13)


async def test_a_frame_has_what_a_list_shows(live):
    """A span's frame names who, what, how long and how much, in one line of text too."""
    async with live.socket() as viewer:
        await viewer.until(len)
        live.publish(spans(3), messages=messages(3))
        agent, call, tool = await viewer.frames(3)
    assert (call["name"], call["kind"], call["model"], call["status"]) == ("chat gpt-4o-mini", "llm", "gpt-4o-mini-2024-07-18", "unset")
    assert (call["input_tokens"], call["output_tokens"], call["cost_usd"], call["duration_ns"]) == (1200, 80, 0.0001512, 100_100_000)
    assert call["time"] == "2026-01-01T00:00:00.001000000Z"
    assert call["parent_span_id"] == agent["span_id"]
    assert agent["parent_span_id"] is None
    assert call["summary"] == "It is sunny there, says station 3."
    assert tool["summary"] == "TimeoutError: the search timed out"
    assert "row" not in call


async def test_full_frames_have_the_whole_record(live):
    """With fields=full the record is there with typed attributes, beside the lean members."""
    async with live.socket("fields=full") as viewer:
        await viewer.until(len)
        live.publish(spans(4))
        live.publish(events(1), Kind.EVENT)
        live.publish(points(2), Kind.POINT)
        frames = await viewer.frames(7)
    assert frames[2]["row"]["attributes"]["gen_ai.request.temperature"] == 0.5
    assert frames[2]["row"]["events"][0]["attributes"] == {"exception.type": "TimeoutError"}
    assert frames[4]["row"]["body"] == "step 0 of the plan is done"
    assert frames[6]["row"]["resource_attributes"]["service.name"] == "travel"
    assert [frame["type"] for frame in frames] == ["span"] * 4 + ["event"] + ["point"] * 2


async def test_events_carry_their_cursor_as_id(live):
    """A browser that reconnects sends the id of the last event it got."""
    url = f"http://127.0.0.1:{live.port}/events/stream"
    async with httpx.AsyncClient(timeout=10, verify=False) as client, client.stream("GET", url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("data:"):
            pass
        live.publish(spans(2))
        while not (line := await anext(lines)).startswith("id:"):
            pass
        frames = json.loads((await anext(lines)).removeprefix("data: "))
        assert line == f"id: {frames[-1]['cursor']}"


async def test_idle_viewers_get_heartbeats(start):
    """Over a WebSocket a frame, as server-sent event a comment; both with the cursor to resume from."""
    live = await start(heartbeat_s=0.05)
    async with live.socket() as viewer:
        assert (await viewer.one("heartbeat"))["cursor"]
    url = f"http://127.0.0.1:{live.port}/events/stream"
    async with httpx.AsyncClient(timeout=10, verify=False) as client, client.stream("GET", url) as answer:
        lines = answer.aiter_lines()
        while not (line := await anext(lines)).startswith("id:"):
            pass
        assert await anext(lines) == ": heartbeat"
        assert len(line) > len("id: ")


async def test_a_head_request_ends(live):
    """It gives the headers and no viewer."""
    async with httpx.AsyncClient(timeout=10, verify=False) as client:
        answer = await client.head(f"http://127.0.0.1:{live.port}/events/stream")
    assert answer.status_code == 200
    assert live.hub.status().viewers == 0


async def test_wrong_parameters_are_a_problem(live):
    """Server-sent events answer 400 with the code and the place."""
    answer = await live.get("/events/stream?query=kind:lm")
    assert (answer.status_code, answer.json()["code"], answer.json()["column"]) == (400, "query_invalid", 6)
    answer = await live.get("/events/stream?rate=fast&colour=red")
    assert answer.status_code == 400
    assert {"rate", "colour"} == {problem["at"] for problem in answer.json()["problems"]}


async def test_wrong_parameters_leave_a_socket_open(live):
    """A browser cannot read a refusal: the socket tells what is wrong, shows nothing, and waits for better."""
    async with live.socket("query=kind:lm") as viewer:
        error = await viewer.one("error")
        assert (error["code"], error["column"], error["suggestion"]) == ("query_invalid", 6, "llm")
        live.publish(spans(4))
        await viewer.say(type="subscribe", query="kind:llm", id=1)
        await viewer.one("subscribed")
        live.publish(spans(4, first=4))
        assert {frame["name"] for frame in await viewer.frames(2)} == {"chat gpt-4o-mini"}
        assert len(viewer.seen) == 3  # hello and the two frames


async def test_too_many_viewers_are_refused(start):
    """503 with Retry-After on both transports, and room again when one leaves."""
    live = await start({"stream": {"max_viewers": 1}})
    async with live.socket():
        await live.viewers(1)
        answer = await live.get("/events/stream")
        assert (answer.status_code, answer.json()["code"]) == (503, "refused")
        assert int(answer.headers["retry-after"]) > 0
        with pytest.raises(InvalidStatus) as refused:
            async with live.socket():
                pass
        assert refused.value.response.status_code == 503
    await live.viewers(0)
    async with live.events() as viewer:
        await viewer.until(len)


async def test_a_key_is_wanted_where_one_is_set(start):
    """As a header, or in the address for browsers; anything else is 401."""
    live = await start({"api_keys": ["s3cret"]})
    assert (await live.get("/events/stream")).status_code == 401
    assert (await live.get("/events/stream?api_key=other")).status_code == 401
    with pytest.raises(InvalidStatus) as refused:
        async with live.socket():
            pass
    assert refused.value.response.status_code == 401
    async with live.socket("api_key=s3cret") as first, live.events(authorization="Bearer s3cret") as second, live.events("api_key=s3cret") as third:
        assert [(await viewer.until(len))[0]["type"] for viewer in (first, second, third)] == ["hello"] * 3


async def test_the_key_in_the_address_is_never_logged(start, caplog):
    """Neither the server's line for a socket that was accepted nor that for one that was refused shows it."""
    live = await start({"api_keys": ["s3cret"]})
    with caplog.at_level(logging.INFO):
        async with live.socket("rate=5&api_key=s3cret"), live.events("api_key=s3cret"):
            pass
        with pytest.raises(InvalidStatus):
            async with live.socket("api_key=n0tright"):
                pass
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")]
    assert any("/events/stream" in line and "rate=5" in line for line in lines)
    assert not [line for line in lines if "s3cret" in line or "n0tright" in line]


async def test_pages_of_other_sites_may_not_watch(live):
    """A browser lets any page open a socket to this machine: the Origin decides."""
    async with live.socket(origin=f"http://127.0.0.1:{live.port}") as viewer:
        await viewer.until(len)
    with pytest.raises(InvalidStatus) as refused:
        async with live.socket(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 401


async def test_closing_the_hub_ends_both_transports(live):
    """So that a server that stops does not wait for its viewers."""
    async with live.socket() as first, live.events() as second:
        await asyncio.gather(first.until(len), second.until(len))
        live.hub.close()
        with pytest.raises(StopAsyncIteration):
            await second.until(lambda _: False)
        with pytest.raises((StopAsyncIteration, ConnectionClosedOK)):
            await first.until(lambda _: False)
        assert first.connection.close_code == 1001
    assert (await live.get("/events/stream")).status_code == 503
