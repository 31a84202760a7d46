"""Tool executions that only the conversation tells of: a program with a model client's instrumentation alone has no spans for its tools.

In: new messages (schema MESSAGE). Out: rows of `calls` of source `message`. A tool's answer that goes into a model call is one execution; its name stands in
the request for it. Reads count such rows only for services that tell of no tools by spans or log records.
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

__all__ = ["SaidTools"]

_REMEMBERED: Final = 100_000  # names of requested tools; about 20 MB at most
# A result has no status in most conventions. A true error flag, or one of these beginnings, is how programs tell a model that a tool failed.
_FAILED: Final = re.compile(
    r"""^\W{0,4}(?:\w{0,40}(?:error|exception)\b|traceback \(most recent|failed\b|failure\b|tool execution failed|unsupported\b|invalid\b"""
    r"""|unable to\b|cannot\b|could not\b|no such\b|permission denied|access denied|timed out|timeout\b)""",
    re.IGNORECASE,
)
_LONGEST_COMPLAINT: Final = 300  # characters: what is longer is an answer, however it begins
_NAMED, _EARLIEST = 1 << 63, 1 << 62
_FLAGS: Final = ("is_error", "isError", "error", "exception")


class SaidTools:
    """Bounded memory of what tools were asked for. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()  # tool call id → tool

    def tell(self, messages: pa.Table) -> pa.Table | None:
        """The executions that these messages tell of first; None when they tell of none."""
        with_tools = messages.filter(pc.match_substring(messages["body"], '"tool_call'))
        if not with_tools.num_rows:
            return None
        told: list[dict[str, Any]] = []
        for message in _rows(with_tools):
            for index, part in enumerate(_parts(message["body"])):
                self._take(message, index, part, told)
        return call_rows(told, source="message") if told else None

    def _take(self, message: dict[str, Any], index: int, part: dict[str, Any], told: list[dict[str, Any]]) -> None:
        identity = str(part.get("id") or "")
        if part.get("type") == "tool_call":
            self._remember(identity, str(part.get("name") or ""))
        elif part.get("type") == "tool_call_response" and message["direction"] == "input":
            name = str(part.get("name") or self._names.get(identity, ""))
            key = f"{message['project']}\0{identity}" if identity else f"{message['scope']}\0{message['hash'].hex()}\0{index}"
            told.append(_execution(message, name, identity, failed=failed(part)) | {"call_key": blake2b(f"message\0{key}".encode(), digest_size=16).digest()})

    def _remember(self, identity: str, name: str) -> None:
        if identity and name:
            self._names[identity] = name
            if len(self._names) > _REMEMBERED:
                self._names.popitem(last=False)


def failed(part: dict[str, Any]) -> bool:
    """Whether a tool's answer says that the tool failed: by a flag beside or in it, else by how its text begins."""
    if any(part.get(flag) is True for flag in _FLAGS[:2]):
        return True
    result = part.get("response", part.get("result", part.get("content")))
    if isinstance(result, str) and result.lstrip()[:1] == "{":
        result = _loaded(result)
    if isinstance(result, dict):
        return any(result.get(flag) not in (None, False, "", [], {}) for flag in _FLAGS) or result.get("status") in ("error", "failed")
    return isinstance(result, str) and len(result) <= _LONGEST_COMPLAINT and _FAILED.match(result) is not None


def _execution(message: dict[str, Any], name: str, identity: str, *, failed: bool) -> dict[str, Any]:
    copied = {key: message[key] for key in ("project", "trace_id", "span_id", "start", "received", "agent", "service", "session_id")}
    version = (_NAMED if name else 0) | max(0, _EARLIEST - message["start"])  # later calls repeat the answer: the first telling with a name stands
    return copied | {"kind": "tool", "tool": name, "tool_call_id": identity, "failed": failed, "version": version}


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
