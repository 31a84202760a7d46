"""Promises about tools that only the conversation tells of."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from spyglass.store.said import SaidTools, failed
from spyglass.testing.rows import BASE_NS, messages


def said(*parts: dict[str, Any], direction: str = "input", **columns: Any) -> pa.Table:
    """One message of these parts."""
    return messages(2, direction=direction, body=json.dumps({"role": "tool", "parts": list(parts)}), **columns).slice(0, 1)


def asked(identity: str, name: str) -> dict[str, Any]:
    return {"type": "tool_call", "id": identity, "name": name, "arguments": {}}


def answered(identity: str, response: Any = "fine", **more: Any) -> dict[str, Any]:
    return {"type": "tool_call_response", "id": identity, "response": response, **more}


def test_an_answer_is_one_execution_with_the_name_of_its_request() -> None:
    """The model asks in one message, the program answers in another."""
    tools = SaidTools()
    assert tools.tell(said(asked("c1", "search"), direction="output")) is None
    table = tools.tell(said(answered("c1")))
    assert table is not None
    [call] = table.to_pylist()
    told = {name: call[name] for name in ("kind", "tool", "tool_call_id", "failed", "source", "counted")}
    assert told == {"kind": "tool", "tool": "search", "tool_call_id": "c1", "failed": False, "source": "message", "counted": True}


def keys(*tables: pa.Table | None) -> list[Any]:
    """Keys of all calls that are told."""
    return [key for table in tables if table is not None for key in table["call_key"].to_pylist()]


def test_an_answer_said_again_is_the_same_execution() -> None:
    """Each later call of the conversation repeats it, maybe in other words, and maybe to another server."""
    first, second = (said(answered("call_9a38e95e5d", text), scope=scope) for text, scope in (("fine", "a"), ("fine!", "b")))
    assert len(set(keys(SaidTools().tell(first), SaidTools().tell(second)))) == 1
    tools = SaidTools()
    assert len(keys(tools.tell(first), tools.tell(second))) == 1


def test_the_first_telling_stands() -> None:
    """What a later call repeats, maybe without the request before it, does not replace it."""
    tools = SaidTools()
    tools.tell(said(asked("call_9a38e95e5d", "search"), direction="output"))
    first, nameless = (reader.tell(said(answered("call_9a38e95e5d"), at_ns=at_ns)) for reader, at_ns in ((tools, BASE_NS + 10**9), (SaidTools(), BASE_NS)))
    assert first is not None
    assert nameless is not None
    assert first["version"][0].as_py() > nameless["version"][0].as_py()


def test_a_name_that_is_known_later_replaces_none() -> None:
    """The second telling stands where the first one is, and outranks it."""
    tools = SaidTools()
    first = tools.tell(said(answered("call_9a38e95e5d")))
    second = tools.tell(said(asked("call_9a38e95e5d", "search"), answered("call_9a38e95e5d"), at_ns=BASE_NS + 10**13))
    assert first is not None
    assert second is not None
    assert [(table["tool"][0].as_py(), table["start"][0].as_py()) for table in (first, second)] == [
        ("", first["start"][0].as_py()),
        ("search", first["start"][0].as_py()),
    ]
    assert second["version"][0].as_py() > first["version"][0].as_py()


def test_what_was_told_before_a_restart_is_not_told_again() -> None:
    """The conversation goes on, and repeats it."""
    table = SaidTools().tell(said(answered("call_9a38e95e5d", name="search")))
    tools = SaidTools()
    tools.expect(table)
    assert tools.tell(said(answered("call_9a38e95e5d", name="search"), scope="later")) is None


@pytest.mark.parametrize("identity", ["", "call_1", "get_weather_0", "functions.search:2", "7"])
def test_ids_that_are_counted_up_belong_to_their_conversation(identity: str) -> None:
    """Another conversation has the same id for something else, and the same one may have it twice."""
    tools = SaidTools()
    tables = [
        tools.tell(said(answered(identity, text), scope=scope, hash=text.ljust(16).encode())) for text, scope in (("fine", "a"), ("fine", "b"), ("bad", "b"))
    ]
    assert len(set(keys(*tables))) == 3


def test_history_is_not_executed_again() -> None:
    """Without a session each call is a conversation, and repeats all answers; those that the model has spoken after were given to an earlier call."""
    bodies: list[dict[str, Any]] = [
        {"role": "user", "parts": []},
        {"role": "tool", "parts": [answered("call_1")]},
        {"role": "assistant", "parts": []},
        {"role": "tool", "parts": [answered("call_2")]},
    ]
    told = messages(2, direction="input", body=[json.dumps(body) for body in bodies], role=[body["role"] for body in bodies], position=[0, 1, 2, 3])
    table = SaidTools().tell(told)
    assert table is not None
    assert table["tool_call_id"].to_pylist() == ["call_2"]


def test_answers_stay_in_their_order() -> None:
    """They have the time of their model call, which has no room between."""
    table = SaidTools().tell(said(answered("a"), answered("b"), answered("c")))
    assert table is not None
    starts = table["start"].cast(pa.int64()).to_pylist()
    assert sorted(set(starts)) == starts


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (answered("c", {"status": "error", "error_message": "no"}), "tool_error"),
        (answered("c", '{"isError": true}'), "tool_error"),
        (answered("c", "no such city", is_error=True), "tool_error"),
        (answered("c", "Error: no such city"), ""),
        (answered("c", {"error": "no such city"}), ""),
        (answered("c", {"status": "failed"}), ""),  # maybe that of a build, which the tool was asked for
    ],
)
def test_only_a_flag_is_an_error_type(part: dict[str, Any], told: str) -> None:
    """What is believed more than a span must not be a guess."""
    table = SaidTools().tell(said(part))
    assert table is not None
    assert (table["error_type"][0].as_py(), table["failed"][0].as_py()) == (told, True)


def test_projects_have_executions_of_their_own() -> None:
    """The same id for two tenants is two executions."""
    one, two = (SaidTools().tell(said(answered("c1"), project=project)) for project in ("one", "two"))
    assert one is not None
    assert two is not None
    assert not one["call_key"].equals(two["call_key"])


def test_several_answers_of_one_message_count_each() -> None:
    """Parallel tools come back together; answers without an id are told apart by their place."""
    table = SaidTools().tell(said(answered("a"), answered("b"), answered(""), answered("")))
    assert table is not None
    assert len(set(table["call_key"].to_pylist())) == 4


def test_what_a_model_repeats_in_its_answer_is_no_execution() -> None:
    """Only what goes into a call was done by the program."""
    assert SaidTools().tell(said(answered("c1"), direction="output")) is None


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"parts": "tool_call"}', '{"parts": [1, "tool_call"]}', '{"parts": [{"type": "tool_call"}]}'])
def test_odd_bodies_tell_nothing(body: str) -> None:
    """And break nothing."""
    assert SaidTools().tell(messages(2, body=body)) is None


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (answered("c", "Error: no such city"), True),
        (answered("c", "TimeoutError('x')"), True),
        (answered("c", '{"error": "no such city"}'), True),
        (answered("c", '{"status": "failed"}'), True),
        (answered("c", {"is_error": True}), True),
        (answered("c", "fine", is_error=True), True),
        (answered("c", "Traceback (most recent call last): …"), True),
        (answered("c", "22 degrees"), False),
        (answered("c", '{"error": null, "value": 1}'), False),
        (answered("c", {"errors": 0}), False),
        (answered("c", "The error rate is 2 %"), False),
        (answered("c", None), False),
    ],
)
def test_a_failure_is_seen_by_flags_and_by_how_it_begins(part: dict[str, Any], told: bool) -> None:
    """Most conventions have no status for a tool's answer."""
    assert failed(part) is told
