"""Definitions of tools, as each convention writes them, in one shape: name, description, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

__all__ = ["tool_definitions"]

_NUMBERED: Final = re.compile(r"llm\.request\.functions\.(\d+)\.(\w+)")
_PARAMETERS: Final = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema", "json_schema", "schema")
_WITHIN: Final = ("function", "toolSpec", "tool_spec")
_DEEPEST: Final = 4


def tool_definitions(attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry per name, by name.

    Args:
        attributes: those that define tools, their values as they were sent: JSON, or text.

    Example:
        >>> tool_definitions({"gen_ai.tool.definitions": '[{"type":"function","function":{"name":"find","parameters":{}}}]'})
        [{'name': 'find', 'description': '', 'parameters': {}}]
    """
    found: dict[str, dict[str, Any]] = {}
    for tool in _read(attributes):
        before = found.setdefault(tool["name"], tool)
        if len(tool["description"]) > len(before["description"]) or before["parameters"] is None:
            found[tool["name"]] = {**before, **{name: value for name, value in tool.items() if value not in ("", None)}}
    return sorted(found.values(), key=lambda tool: str(tool["name"]))


def _read(attributes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    numbered: dict[str, dict[str, Any]] = {}
    for key, text in attributes.items():
        if part := _NUMBERED.fullmatch(key):
            numbered.setdefault(part[1], {})[part[2]] = _json(text) if part[2] == "parameters" else text
        else:
            yield from _tools(_json(text))
    yield from _tools(list(numbered.values()))


def _tools(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The tools within a value: a list of names, of objects, of JSON, or of groups of these."""
    if depth > _DEEPEST:
        return
    match value:
        case list():
            for item in value:
                yield from _tools(_json(item) if isinstance(item, str) else item, depth + 1)
        case str() if value:
            yield {"name": value, "description": "", "parameters": None}
        case {"functionDeclarations": list(declared)} | {"function_declarations": list(declared)}:
            yield from _tools(declared, depth + 1)
        case {"name": str(name), **rest}:
            parameters = (rest[key] for key in _PARAMETERS if rest.get(key) is not None)
            yield {"name": name, "description": str(rest.get("description") or ""), "parameters": next(parameters, None)}
        case dict():
            for key in _WITHIN:
                if key in value:
                    yield from _tools(value[key], depth + 1)


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text if len(text) <= 128 and not text.startswith(("{", "[")) else None
