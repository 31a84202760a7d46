"""Each convention's way to define tools is read into one shape."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from spyglass.show.tool_definitions import tool_definitions

FIND = {"name": "find", "description": "Finds.", "parameters": {"type": "object"}}


def told(value: Any) -> str:
    return orjson.dumps(value).decode()


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.tool.definitions": told([{"type": "function", **FIND}])},
        {"gen_ai.tool.definitions": told([{"type": "function", "function": FIND}])},
        {"gen_ai.tool.definitions": told([{"functionDeclarations": [FIND]}])},
        {"ai.prompt.tools": told([told({"type": "function", "name": "find", "description": "Finds.", "inputSchema": {"type": "object"}})])},
        {"llm.tools.0.tool.json_schema": told({"type": "function", "function": FIND})},
        {"llm.tools.0.tool.json_schema": told({"name": "find", "description": "Finds.", "input_schema": {"type": "object"}})},
        {
            "llm.request.functions.0.name": "find",
            "llm.request.functions.0.description": "Finds.",
            "llm.request.functions.0.parameters": told({"type": "object"}),
        },
    ],
)
def test_each_convention_tells_the_same_tool(attributes: dict[str, str]) -> None:
    """Name, description and parameters."""
    assert tool_definitions(attributes) == [FIND]


def test_names_alone_are_tools_too() -> None:
    """Once each, by name."""
    assert [tool["name"] for tool in tool_definitions({"gen_ai.agent.tools": '["b","a"]', "gen_ai.tool.definitions": '["a"]'})] == ["a", "b"]


@pytest.mark.parametrize("text", ["", "{", "[[[[[[[1]]]]]]]", "null", "3", '{"name":7}', "[{}]", '{"function":{"function":{}}}'])
def test_what_defines_nothing_is_no_tool(text: str) -> None:
    """Telemetry may say anything."""
    assert tool_definitions({"gen_ai.tool.definitions": text}) == []
