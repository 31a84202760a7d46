"""Anthropic's messages, from Anthropic or a gateway, Vertex AI included.

In: an exchange of `POST …/v1/messages`. Out: a call. Anthropic counts cached input tokens apart from the others; here they are in the input.
"""

from __future__ import annotations

import re
from typing import Any, Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Part, Provider, answered, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["PROVIDER", "read_answer"]

_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "stop_sequences": "gen_ai.request.stop_sequences",
}
_MODEL_IN_PATH: Final = re.compile(r"/models/([^/:]+):(?:streamRawPredict|rawPredict)$")
_SESSION: Final = re.compile(r"session_(?:id)?[\"':\s]*([0-9a-fA-F-]{36})")  # what Claude Code writes into `metadata.user_id`
_MOST_BLOCKS: Final = 4096


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path, and by a version that only Anthropic's clients send."""
    path = exchange.path.rstrip("/")
    if path.endswith("/messages"):
        return "messages" in asked if asked else "anthropic-version" in exchange.request.fields
    return _MODEL_IN_PATH.search(path) is not None


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    in_path = _MODEL_IN_PATH.search(exchange.path)
    model = text_of(asked.get("model")) or (in_path[1] if in_path else "")
    call = Call("chat", provider_of(exchange.host, "anthropic"), model, stream=asked.get("stream") is True)
    call.parameters = parameters(asked, _PARAMETERS)
    system = asked.get("system")
    call.system = parts.text(system) if isinstance(system, str) else [part for block in parts.dicts(system) for part in _part(block)]
    call.input = [found for item in parts.dicts(asked.get("messages")) if (found := _message(item)) is not None]
    call.tools = [_tool(tool) for tool in parts.dicts(asked.get("tools"))]
    metadata = asked.get("metadata")
    session = _SESSION.search(text_of(metadata.get("user_id"))) if isinstance(metadata, dict) else None
    call.conversation = session[1] if session else ""
    call.answer = read_answer(exchange)
    return call


def read_answer(exchange: Exchange) -> Answer:
    """The answer: one document, or events."""
    answer = Answer()
    if exchange.response.body.events:
        _Events(answer).read(exchange)
        return answer
    told = answered(exchange)
    if told.get("type") == "error" or told.get("error"):
        failure(answer, told.get("error"))
        return answer
    _read_head(answer, told)
    _finish(answer, [part for block in parts.dicts(told.get("content")) for part in _part(block)], text_of(told.get("stop_reason")))
    return answer


def _read_head(answer: Answer, told: Json) -> None:
    answer.id, answer.model = text_of(told.get("id")), text_of(told.get("model"))
    if isinstance(told.get("usage"), dict):
        answer.usage = _usage(told["usage"])


def _usage(told: Json) -> dict[str, int]:
    read_, written = tokens(told, "cache_read_input_tokens"), tokens(told, "cache_creation_input_tokens")
    return {
        "input_tokens": tokens(told, "input_tokens") + read_ + written,
        "output_tokens": tokens(told, "output_tokens"),
        "cache_read.input_tokens": read_,
        "cache_write.input_tokens": written,
    }


def _finish(answer: Answer, found: list[Part], reason: str) -> None:
    answer.finish_reasons = [reason] if reason else []
    answer.output = [parts.message("assistant", found, reason)] if found else []


def _message(item: Json) -> Message | None:
    content = item.get("content")
    found = parts.text(content) if isinstance(content, str) else [part for block in parts.dicts(content) for part in _part(block)]
    return parts.message(text_of(item.get("role")) or "user", found) if found else None


def _part(block: Json) -> list[Part]:
    match block.get("type"):
        case "text":
            return parts.text(block.get("text"))
        case "thinking":
            return parts.reasoning(block.get("thinking"))
        case "redacted_thinking":
            return []
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            return parts.tool_call(block.get("id"), block.get("name"), block.get("input"))
        case "tool_result":
            return parts.tool_response(block.get("tool_use_id"), _result(block.get("content")), failed=block.get("is_error") is True)
        case "image" | "document":
            return _source(block)
    return [block]


def _source(block: Json) -> list[Part]:
    source = block.get("source")
    if not isinstance(source, dict) or text_of(source.get("type")) not in {"base64", "url"}:
        return [block]
    return parts.media(source.get("data") or source.get("url"), source.get("media_type"), "image" if block["type"] == "image" else "")


def _result(content: Any) -> Any:
    """A tool's answer: the text where it is only text, else its parts."""
    blocks = parts.dicts(content)
    if blocks and all(block.get("type") == "text" and isinstance(block.get("text"), str) for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return [part for block in blocks for part in _part(block)] if blocks else ("" if content is None else content)


def _tool(tool: Json) -> Json:
    return parts.function_tool(tool.get("name"), tool.get("description"), tool["input_schema"]) if "input_schema" in tool else tool


class _Events:
    """A streamed answer: blocks begin, grow and end, each with its index."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._blocks: dict[int, tuple[Json, list[str]]] = {}  # index → the block as it began, and what was added
        self._reason = ""
        self._usage: Json = {}

    def read(self, exchange: Exchange) -> None:
        """Take all events."""
        self._answer.over = False
        for event in exchange.response.body.events:
            told = document(event.data)
            match told.get("type"):
                case "message_start" if isinstance(told.get("message"), dict):
                    _read_head(self._answer, told["message"])
                    self._count(told["message"].get("usage"))
                case "content_block_start" if isinstance(told.get("content_block"), dict) and len(self._blocks) < _MOST_BLOCKS:
                    self._blocks[tokens(told, "index")] = (told["content_block"], [])
                    self._answer.first_ns = self._answer.first_ns or event.time_ns
                case "content_block_delta" if isinstance(told.get("delta"), dict):
                    self._grow(tokens(told, "index"), told["delta"])
                    self._answer.first_ns = self._answer.first_ns or event.time_ns
                case "message_delta":
                    delta = told.get("delta")
                    self._reason = (text_of(delta.get("stop_reason")) if isinstance(delta, dict) else "") or self._reason
                    self._count(told.get("usage"))
                case "message_stop":
                    self._answer.over = True
                case "error":
                    failure(self._answer, told.get("error"))
        if self._usage:
            self._answer.usage = _usage(self._usage)
        _finish(self._answer, [part for block, grown in self._blocks.values() for part in _grown(block, grown)], self._reason)

    def _count(self, told: Any) -> None:
        """Later counts are of the whole, not of what was added."""
        if isinstance(told, dict):
            self._usage.update({key: value for key, value in told.items() if value is not None})

    def _grow(self, index: int, delta: Json) -> None:
        block = self._blocks.get(index)
        added = next((delta[key] for key in ("text", "thinking", "partial_json") if isinstance(delta.get(key), str)), "")
        if block is None and len(self._blocks) < _MOST_BLOCKS and added:  # its begin was lost
            kind = {"thinking_delta": "thinking", "input_json_delta": "tool_use"}.get(text_of(delta.get("type")), "text")
            block = self._blocks[index] = ({"type": kind}, [])
        if block is not None and added:
            block[1].append(added)


def _grown(block: Json, grown: list[str]) -> list[Part]:
    """A block with what was added to it."""
    added = "".join(grown)
    match block.get("type"):
        case "text":
            return parts.text(text_of(block.get("text")) + added)
        case "thinking":
            return parts.reasoning(text_of(block.get("thinking")) + added)
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            return parts.tool_call(block.get("id"), block.get("name"), added or block.get("input"))
    return _part(block)


PROVIDER: Final = Provider("anthropic", claims, read)
