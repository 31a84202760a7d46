"""Tool executions that only the conversation tells of: a program with a model client's instrumentation alone has no spans for its tools.

In: new messages (schema MESSAGE). Out: rows of `tellings` of source `message`. A tool's answer that goes into a model call is one execution; its name stands in
the request for it. Reads count such rows only for services that tell of no tools by spans or log records; a flag of failure in them is heard in any case
(`witnesses.py`).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from hashlib import blake2b
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.calls import call_rows

__all__ = ["TOOL_ERROR", "SaidTools"]

TOOL_ERROR: Final = "tool_error"  # the error type of tools whose answer says by a flag that they failed; the conventions for MCP call it so

_REMEMBERED: Final = 100_000  # names of requested tools; about 20 MB at most
# A result has no status in most conventions. A true error flag, or one of these beginnings, is how programs tell a model that a tool failed.
_FAILED: Final = re.compile(
    r"""^\W{0,4}(?:\w{0,40}(?:error|exception)\b|traceback \(most recent|failed\b|failure\b|tool execution failed|unsupported\b|invalid\b"""
    r"""|unable to\b|cannot\b|could not\b|no such\b|permission denied|access denied|timed out|timeout\b)""",
    re.IGNORECASE,
)
_LONGEST_COMPLAINT: Final = 300  # characters: what is longer is an answer, however it begins
_NAMED, _EARLIEST = 1 << 63, 1 << 62
_FLAGS: Final = ("is_error", "isError")
_HINTS: Final = (*_FLAGS, "error", "exception")
_SHORTEST_ID: Final = 8
_COUNTED: Final = re.compile(r"(?:^|[_:.-])\d{1,4}$")  # `call_1`, `get_weather_0`: ids that are counted up are unique in their conversation only


class SaidTools:
    """Bounded memory of what tools were asked for, and of which answers were told. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()  # tool call id → tool
        self._told: OrderedDict[bytes, tuple[int, bool]] = OrderedDict()  # key of a call → its start, and whether its tool is named

    def expect(self, calls: pa.Table) -> None:
        """Remember executions (columns call_key, start, tool) that were told before a restart."""
        starts = calls["start"].cast(pa.int64()).to_pylist()
        for key, start, tool in zip(calls["call_key"].to_pylist(), starts, calls["tool"].to_pylist(), strict=True):
            self._told[key] = start, bool(tool)

    def tell(self, messages: pa.Table) -> pa.Table | None:
        """The executions that these messages tell of first; None when they tell of none."""
        with_tools = messages.filter(pc.match_substring(messages["body"], '"tool_call'))
        if not with_tools.num_rows:
            return None
        told: list[dict[str, Any]] = []
        history = _History(messages)
        for message in _rows(with_tools):
            for index, part in enumerate(_parts(message["body"])):
                if (execution := self._take(message, index, part, history)) is not None:
                    told.append(execution)
        for memory in (self._names, self._told):
            while len(memory) > _REMEMBERED:
                memory.popitem(last=False)
        return call_rows(told, source="message") if told else None

    def _take(self, message: dict[str, Any], index: int, part: dict[str, Any], history: _History) -> dict[str, Any] | None:
        identity = str(part.get("id") or "")
        own = len(identity) >= _SHORTEST_ID and _COUNTED.search(identity) is None
        known_as = identity if own else f"{message['project']}\0{message['scope']}\0{identity}"
        if part.get("type") == "tool_call" and identity and part.get("name"):
            self._names[known_as] = str(part["name"])
        if part.get("type") != "tool_call_response" or message["direction"] != "input" or (not own and message in history):
            return None
        key = f"{message['project']}\0{identity}" if own else f"{message['project']}\0{message['scope']}\0{message['hash'].hex()}\0{index}"
        execution = _execution(message, index, part, str(part.get("name") or self._names.get(known_as, "")))
        return self._first(execution | {"call_key": blake2b(f"message\0{key}".encode(), digest_size=16).digest()})

    def _first(self, execution: dict[str, Any]) -> dict[str, Any] | None:
        """The first telling stands, but for one that knows the name; that is told as if it had come first, so that it replaces the other."""
        key, named = execution["call_key"], bool(execution["tool"])
        start, known = self._told.get(key, (execution["start"], False))
        if key in self._told and (known or not named):
            return None
        self._told[key] = start, named
        return execution | {"start": start}


class _History:
    """Which answers a model call only repeats: where something that the model said comes between an answer and the end, an earlier call had the answer."""

    def __init__(self, messages: pa.Table) -> None:
        self._messages = messages
        self._last: dict[tuple[bytes, bytes], int] | None = None  # call → place of the last thing that the model said, of what goes in; found when asked

    def __contains__(self, message: dict[str, Any]) -> bool:
        if self._last is None:
            self._last = _last_said(self._messages)
        return bool(message["position"] < self._last.get((message["trace_id"], message["span_id"]), 0))


def _last_said(messages: pa.Table) -> dict[tuple[bytes, bytes], int]:
    inputs = messages.filter(pc.equal(messages["direction"], "input")).select(["trace_id", "span_id", "role", "position"])
    ends = inputs.group_by(["trace_id", "span_id"]).aggregate([("position", "max")])
    said = inputs.filter(pc.equal(inputs["role"], "assistant")).join(ends, ["trace_id", "span_id"])
    said = said.filter(pc.less(said["position"], said["position_max"]))  # what stands last is the begin of the answer, put into the model's mouth
    last = said.group_by(["trace_id", "span_id"]).aggregate([("position", "max")])
    return dict(zip(zip(last["trace_id"].to_pylist(), last["span_id"].to_pylist(), strict=True), last["position_max"].to_pylist(), strict=True))


def flagged(part: dict[str, Any]) -> bool:
    """Whether a tool's answer says by a flag, beside or in it, that the tool failed: nothing else is believed more than the tool's own span."""
    if any(part.get(flag) is True for flag in _FLAGS):
        return True
    result = _result(part)
    return isinstance(result, dict) and (any(result.get(flag) is True for flag in _FLAGS) or result.get("status") == "error")


def failed(part: dict[str, Any]) -> bool:
    """Whether a tool's answer says that the tool failed: by a flag, by anything in it that is called an error, else by how its text begins."""
    if flagged(part):
        return True
    result = _result(part)
    if isinstance(result, dict):
        return any(result.get(hint) not in (None, False, "", [], {}) for hint in _HINTS) or result.get("status") == "failed"
    return isinstance(result, str) and len(result) <= _LONGEST_COMPLAINT and _FAILED.match(result) is not None


def _result(part: dict[str, Any]) -> Any:
    result = part.get("response", part.get("result", part.get("content")))
    return _loaded(result) if isinstance(result, str) and result.lstrip()[:1] == "{" else result


def _execution(message: dict[str, Any], index: int, part: dict[str, Any], name: str) -> dict[str, Any]:
    copied = {key: message[key] for key in ("project", "trace_id", "span_id", "received", "agent", "service", "session_id")}
    version = (_NAMED if name else 0) | max(0, _EARLIEST - message["start"])  # later calls repeat the answer: the first telling with a name stands
    return copied | {
        "start": message["start"] + message["position"] * 64 + min(index, 63),  # answers of one call stay in their order
        "kind": "tool",
        "tool": name,
        "tool_call_id": str(part.get("id") or ""),
        "failed": failed(part),
        "error_type": TOOL_ERROR if flagged(part) else "",
        "version": version,
    }


def _rows(messages: pa.Table) -> list[dict[str, Any]]:
    """Messages as dicts, their times as nanoseconds: Python's own times would cut them."""
    for name in ("start", "received"):
        messages = messages.set_column(messages.schema.get_field_index(name), name, messages[name].cast(pa.int64()))
    return list(messages.to_pylist())


def _parts(body: str) -> list[dict[str, Any]]:
    message = _loaded(body)
    parts = message.get("parts") if isinstance(message, dict) else None
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text
