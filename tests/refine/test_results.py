"""Promises about tools whose result says that they failed while their span does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import CANONICAL, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.testing import rows

normalise = Normaliser(Dialects.load())

FLAGS: list[Any] = [
    {"status": "error", "error_message": "Unsupported currency: XYZ"},  # Google ADK
    {"content": [{"type": "text", "text": "no"}], "isError": True},  # MCP
    {"type": "tool_result", "content": "no", "is_error": True},  # Anthropic
    {"content": "no", "type": "tool", "tool_call_id": "c", "status": "error"},  # LangChain
    {"lc": 1, "type": "constructor", "kwargs": {"content": "no", "status": "error"}},
    {"id": "adk-1", "name": "convert", "response": {"status": "error"}},
    "{'status': 'error', 'toolUseId': 't'}",  # Python's repr
    json.dumps(json.dumps({"is_error": True})),
]
NO_FLAGS: list[Any] = [
    {"status": "success", "error": None},
    {"status": "failed"},  # maybe that of a build, which the tool was asked for
    {"error": "what the tool knows of another one"},
    {"is_error": False, "isError": "true"},
    {"items": [{"status": "error"}]},  # what was found, not how it went
    'status: error, "status": "error"',
    '{"status": "error"',
    '["status", "error"]',
    '{"is_error": true, "text": "' + "x" * 5000 + '"}',  # failures are short
    "",
]


def told(*results: Any, operation: str = "execute_tool", **columns: Any) -> list[dict[str, Any]]:
    """Spans with these results, normalised."""
    texts = [result if isinstance(result, str) else json.dumps(result) for result in results]
    attributes = [[("gen_ai.operation.name", operation), ("gen_ai.tool.call.result", text)] for text in texts]
    table = rows.spans(len(texts), attributes=attributes, attribute_types="ss", **{"status": "unset", **columns})
    found: list[dict[str, Any]] = normalise(Batch(Kind.SPAN, table.drop_columns([name for name, _ in CANONICAL]))).rows.to_pylist()
    return found


def test_a_flag_is_a_failure() -> None:
    """Whoever's shape it has."""
    assert [span["status"] for span in told(*FLAGS)] == ["error"] * len(FLAGS)


def test_nothing_else_is() -> None:
    """Words may be what was asked for, and so may a flag that is not the result's own."""
    assert [span["status"] for span in told(*NO_FLAGS)] == ["unset"] * len(NO_FLAGS)


def test_what_the_sender_wrote_is_kept_as_an_issue() -> None:
    """A status of ok is corrected too."""
    [span] = told(FLAGS[0], status="ok")
    assert (span["status"], "status_corrected:ok" in span["issues"]) == ("error", True)


@pytest.mark.parametrize("operation", ["chat", "invoke_agent", ""])
def test_only_tools_have_results(operation: str) -> None:
    """What a model says of errors is no failure."""
    assert told(FLAGS[0], operation=operation)[0]["status"] == "unset"


def test_results_are_read_row_by_row() -> None:
    """A batch in which some tools failed, some did not, and some rows are no tools."""
    mixed = [FLAGS[0], "fine", NO_FLAGS[0], FLAGS[1], "", FLAGS[2]]
    assert [span["status"] for span in told(*mixed, status=["unset", "ok", "unset", "error", "error", "ok"])] == [
        "error",
        "ok",
        "unset",
        "error",
        "error",
        "error",
    ]
