"""What a viewer says over its WebSocket, and what it is answered."""

import json

import pytest

from spyglass.stream.messages import MAX_MESSAGE
from spyglass.testing.rows import spans


async def test_subscribe_replaces_and_update_changes(live):
    """A field that is not named goes back to its default, or stays."""
    async with live.socket("rate=5&agent=planner") as viewer:
        await viewer.say(type="update", query="kind:llm", id=7)
        updated = await viewer.one("subscribed")
        assert (updated["id"], updated["query"], updated["rate"]) == (7, "agent:planner kind:llm", 5)
        await viewer.say(type="subscribe", query="kind:tool")
        subscribed = await viewer.one("subscribed")
        assert (subscribed["query"], subscribed["rate"]) == ("kind:tool", 100)
        live.publish(spans(4))
        assert [frame["kind"] for frame in await viewer.frames(1)] == ["tool"]


async def test_a_message_may_resume(live):
    """A subscription with a cursor first gives what came after it."""
    async with live.socket() as viewer:
        await viewer.until(len)
        live.publish(spans(8))
        cursor = (await viewer.frames(8))[2]["cursor"]
        viewer.seen.clear()
        await viewer.say(type="subscribe", cursor=cursor, query="kind:llm")
        assert [frame["kind"] for frame in await viewer.frames(3)] == ["llm"] * 3


async def test_a_ping_is_answered(live):
    """With its id, and the server's time."""
    async with live.socket() as viewer:
        await viewer.say(type="ping", id="x")
        pong = await viewer.one("pong")
        assert pong["id"] == "x"
        assert pong["time"].endswith("Z")


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("hello?", "input_invalid", "expected JSON"),
        ("[]", "input_invalid", "valid dictionary"),
        ("{}", "input_invalid", "type"),
        ('{"type": "dance"}', "input_invalid", "'subscribe'"),
        ('{"type": "subscribe", "colour": "red"}', "input_invalid", "colour: Extra inputs"),
        ('{"type": "update", "rate": -1}', "input_invalid", "rate: "),
        ('{"type": "subscribe", "cursor": "x"}', "input_invalid", "cursor: expected"),
        ('{"type": "subscribe", "query": "tokens>many"}', "query_invalid", "column 8: tokens"),
        ('{"type": "subscribe", "query": "a or"}', "query_invalid", "column 5"),
        ("[" * 2000, "input_invalid", "expected JSON"),
        ('"' + "x" * MAX_MESSAGE + '"', "input_invalid", "at most"),
    ],
)
async def test_what_is_not_understood_is_answered_and_the_connection_goes_on(live, text, code, told):
    """The error has a code and a detail; what was wanted before still comes."""
    async with live.socket("query=kind:tool") as viewer:
        await viewer.send(text)
        error = await viewer.one("error")
        assert error["code"] == code
        assert told in error["detail"]
        live.publish(spans(4))
        assert [frame["kind"] for frame in await viewer.frames(1)] == ["tool"]


async def test_a_bad_search_is_answered_with_its_column(live):
    """So that the search bar can point at the place; the id says which message it was."""
    async with live.socket() as viewer:
        await viewer.say(type="update", query="agent:x knd:llm", id=3)
        error = await viewer.one("error")
    assert (error["id"], error["column"], error["suggestion"]) == (3, 9, "kind")


async def test_bytes_are_read_like_text(live):
    """Some clients send JSON as binary messages."""
    async with live.socket() as viewer:
        await viewer.connection.send(json.dumps({"type": "ping", "id": 1}).encode())
        assert (await viewer.one("pong"))["id"] == 1


async def test_a_flood_of_messages_is_answered_in_order(live):
    """However many come at once, each is answered, and no more wait than the bound."""
    async with live.socket() as viewer:
        for number in range(500):
            await viewer.say(type="ping", id=number)
        pongs = await viewer.frames(500, ("pong",))
    assert [pong["id"] for pong in pongs] == list(range(500))
