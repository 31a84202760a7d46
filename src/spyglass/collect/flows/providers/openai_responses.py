"""OpenAI's Responses API, over HTTP or as messages of a WebSocket.

In: an exchange of `POST …/responses`. Out: a call; what the model made in one turn stands in several items, and is one message here.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Part, Provider, answered, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["ENDS", "PROVIDER", "is_request"]

ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"})
_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "service_tier": "openai.request.service_tier",
    "user": "gen_ai.request.user",
}
_SAID: Final = {"response.output_text.delta": "text", "response.refusal.delta": "text", "response.reasoning_summary_text.delta": "reasoning"}
_ANSWERS: Final = frozenset({"function_call_output", "custom_tool_call_output", "computer_call_output", "local_shell_call_output", "shell_call_output"})
_MOST_ITEMS: Final = 4096


def is_request(asked: Json) -> bool:
    """Whether this asks as the API wants it."""
    return ("input" in asked or "prompt" in asked or "previous_response_id" in asked) and "messages" not in asked


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path, whatever stands before it."""
    return exchange.path.rstrip("/").endswith("/responses") and exchange.method in {"POST", ""} and (not asked or is_request(asked))


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    call = Call("chat", provider_of(exchange.host, "openai"), text_of(asked.get("model")), stream=asked.get("stream") is True)
    call.parameters = parameters(asked, _PARAMETERS)
    call.parameters["openai.api.type"] = "responses"
    reasoning = asked.get("reasoning")
    if isinstance(reasoning, dict) and isinstance(reasoning.get("effort"), str):
        call.parameters["openai.request.reasoning_effort"] = reasoning["effort"]
    call.system = parts.text(asked.get("instructions"))
    given = asked.get("input")
    call.input = [parts.message("user", parts.text(given))] if isinstance(given, str) else _messages(parts.dicts(given), "user")
    call.tools = [_tool(tool) for tool in parts.dicts(asked.get("tools"))]
    talk = asked.get("conversation")
    told = talk.get("id") if isinstance(talk, dict) else talk
    call.conversation = text_of(told) or exchange.request.fields.get("conversation_id") or exchange.request.fields.get("session_id", "")
    call.answer = _read_answer(exchange)
    return call


def _read_answer(exchange: Exchange) -> Answer:
    answer = Answer()
    if exchange.response.body.events:
        _Events(answer).read(exchange)
        return answer
    _read_response(answer, answered(exchange))
    return answer


def _read_response(answer: Answer, told: Json) -> None:
    """A response object, whole."""
    answer.id, answer.model = text_of(told.get("id")) or answer.id, text_of(told.get("model")) or answer.model
    if told.get("error"):
        failure(answer, told["error"])
    usage = told.get("usage")
    if isinstance(usage, dict):
        answer.usage = {
            "input_tokens": tokens(usage, "input_tokens"),
            "output_tokens": tokens(usage, "output_tokens"),
            "cache_read.input_tokens": tokens(usage, "input_tokens_details", "cached_tokens"),
            "reasoning.output_tokens": tokens(usage, "output_tokens_details", "reasoning_tokens"),
        }
    if isinstance(told.get("service_tier"), str):
        answer.attributes["openai.response.service_tier"] = told["service_tier"]
    items = parts.dicts(told.get("output"))
    if items:
        _finish(answer, [part for item in items for part in _item(item)], _reason(told, items))


def _reason(told: Json, items: list[Json]) -> str:
    details = told.get("incomplete_details")
    if isinstance(details, dict) and isinstance(details.get("reason"), str):
        return str(details["reason"])
    if told.get("status") != "completed":
        return ""
    return "tool_calls" if any(text_of(item.get("type")) in {"function_call", "custom_tool_call"} for item in items) else "stop"


def _finish(answer: Answer, found: list[Part], reason: str) -> None:
    answer.finish_reasons = [reason] if reason else []
    answer.output = [parts.message("assistant", found, reason)] if found else []


def _messages(items: list[Json], otherwise: str) -> list[Message]:
    """The messages that items make: what the model made stands together."""
    messages: list[Message] = []
    for item in items:
        found = _item(item)
        role = _role(item, otherwise)
        if not found:
            continue
        if role == "assistant" and messages and messages[-1]["role"] == "assistant":
            messages[-1]["parts"] += found
        else:
            messages.append(parts.message(role, found))
    return messages


def _role(item: Json, otherwise: str) -> str:
    kind, role = item.get("type"), text_of(item.get("role"))
    kind = kind if kind is None else text_of(kind)
    if role:
        return {"developer": "system"}.get(role, role)
    if kind in _ANSWERS:
        return "tool"
    return otherwise if kind in {None, "message"} else "assistant"


def _item(item: Json) -> list[Part]:
    """The parts of an item; the ones of built-in tools stay as they are."""
    match item.get("type"):
        case None | "message":
            content = item.get("content")
            return parts.text(content) if isinstance(content, str) else [part for block in parts.dicts(content) for part in _content(block)]
        case "function_call" | "custom_tool_call":
            asked = item.get("arguments") if "arguments" in item else item.get("input")
            return parts.tool_call(item.get("call_id") or item.get("id"), item.get("name"), asked)
        case str(kind) if kind in _ANSWERS:
            return parts.tool_response(item.get("call_id"), _output(item.get("output")))
        case "reasoning":
            summary = parts.dicts(item.get("summary")) or parts.dicts(item.get("content"))
            return parts.reasoning("\n".join(text_of(block.get("text")) for block in summary))
    return [item]


def _output(told: Any) -> Any:
    """A tool's answer: the text where it is only text."""
    blocks = parts.dicts(told)
    if blocks and all(isinstance(block.get("text"), str) for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return "" if told is None else told


def _content(block: Json) -> list[Part]:
    match block.get("type"):
        case "input_text" | "output_text" | "text" | "summary_text":
            return parts.text(block.get("text"))
        case "refusal":
            return parts.text(block.get("refusal"))
        case "input_image" if isinstance(block.get("image_url"), str):
            return parts.media(block["image_url"], None, "image")
    return [block]


def _tool(tool: Json) -> Json:
    is_function = tool.get("type") == "function" and "name" in tool
    return parts.function_tool(tool.get("name"), tool.get("description"), tool.get("parameters")) if is_function else tool


class _Events:
    """A streamed answer: the last event has the whole of it; where that never came, items and pieces tell what there was."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._items: list[Json] = []
        self._pieces: dict[str, list[str]] = {"reasoning": [], "text": []}  # since the last item

    def read(self, exchange: Exchange) -> None:
        """Take all events."""
        self._answer.over = False
        for event in exchange.response.body.events:
            if event.data != b"[DONE]":
                self._take(event.time_ns, document(event.data))
        if not self._answer.output:
            found = [part for item in self._items for part in _item(item)]
            found += parts.reasoning("".join(self._pieces["reasoning"])) + parts.text("".join(self._pieces["text"]))
            _finish(self._answer, found, _reason({"status": "completed"} if self._answer.over and not self._answer.error else {}, self._items))

    def _take(self, time_ns: int, told: Json) -> None:
        kind, response = text_of(told.get("type")), told.get("response")
        piece = _SAID.get(kind)
        if piece is not None or kind.endswith(".delta"):
            self._answer.first_ns = self._answer.first_ns or time_ns
            if piece is not None:
                self._pieces[piece].append(text_of(told.get("delta")))
        elif kind == "response.output_item.done" and isinstance(told.get("item"), dict) and len(self._items) < _MOST_ITEMS:
            self._answer.first_ns = self._answer.first_ns or time_ns
            self._items.append(told["item"])
            self._pieces = {"reasoning": [], "text": []}
        elif isinstance(response, dict):
            _read_response(self._answer, response)
        if kind in ENDS:
            self._answer.over = True
            if kind == "error":
                failure(self._answer, told.get("error") or {"type": told.get("code") or "error", "message": told.get("message")})


PROVIDER: Final = Provider("openai_responses", claims, read)
