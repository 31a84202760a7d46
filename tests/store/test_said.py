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


def test_an_answer_said_again_is_the_same_execution() -> None:
    """Each later call of the conversation repeats it, maybe in other words."""
    first, second = (SaidTools().tell(said(answered("c1", text), scope=scope)) for text, scope in (("fine", "a"), ("fine!", "b")))
    assert first is not None
    assert second is not None
    assert first["call_key"].equals(second["call_key"])


def test_the_first_telling_stands() -> None:
    """What a later call repeats, maybe without the request before it, does not replace it."""
    tools = SaidTools()
    tools.tell(said(asked("c1", "search"), direction="output"))
    first, later, nameless = (
        reader.tell(said(answered("c1"), at_ns=at_ns)) for reader, at_ns in ((tools, BASE_NS), (tools, BASE_NS + 10**9), (SaidTools(), BASE_NS - 10**9))
    )
    versions = [table["version"][0].as_py() for table in (first, later, nameless) if table is not None]
    assert versions == sorted(versions, reverse=True)


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
