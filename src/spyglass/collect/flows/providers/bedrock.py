"""Amazon Bedrock: Converse, and Anthropic's messages through InvokeModel.

In: an exchange of `POST /model/ID/converse` or `…/invoke`, also streamed. Out: a call. Cached input tokens are told apart; here they are in the input.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any, Final
from urllib.parse import unquote

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import anthropic, parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Part, Provider, answered, failure, parameters, text_of, tokens
from spyglass.collect.flows.sse import ServerEvent
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["PROVIDER"]

_PATH: Final = re.compile(r"/model/([^/]+)/(converse|converse-stream|invoke|invoke-with-response-stream)$")
_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "topP": "gen_ai.request.top_p",
    "maxTokens": "gen_ai.request.max_tokens",
    "stopSequences": "gen_ai.request.stop_sequences",
}
_MOST_BLOCKS: Final = 4096


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path; of what is invoked only what speaks as Anthropic does."""
    found = _PATH.search(exchange.path)
    return found is not None and (found[2].startswith("converse") or "anthropic_version" in asked)


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    found = _PATH.search(exchange.path)
    model, method = (unquote(found[1]), found[2]) if found else ("", "")
    if method.startswith("invoke"):
        exchange.response.body.events = [inner for event in exchange.response.body.events if (inner := _unwrapped(event)) is not None]
        call = anthropic.PROVIDER.read(exchange, asked)
        call.answer.first_ns = call.answer.first_ns if exchange.response.body.events else 0
    else:
        call = _converse(exchange, asked)
    call.provider, call.model, call.stream = "aws.bedrock", model, method.endswith("stream")
    return call


def _unwrapped(event: ServerEvent) -> ServerEvent | None:
    """What InvokeModel streams: events of the model, in base64."""
    try:
        return ServerEvent(event.time_ns, "", b64decode(text_of(document(event.data).get("bytes"))))
    except ValueError:
        return None


def _converse(exchange: Exchange, asked: Json) -> Call:
    call = Call("chat", "aws.bedrock", "")
    config, tools = asked.get("inferenceConfig"), asked.get("toolConfig")
    call.parameters = parameters(config, _PARAMETERS) if isinstance(config, dict) else {}
    call.system = [part for block in parts.dicts(asked.get("system")) for part in _part(block)]
    call.input = [message for item in parts.dicts(asked.get("messages")) if (message := _message(item)) is not None]
    call.tools = [_tool(tool) for tool in parts.dicts(tools.get("tools") if isinstance(tools, dict) else None)]
    if exchange.response.body.events:
        _read_events(call.answer, exchange)
        return call
    told = answered(exchange)
    output = told.get("output")
    inner = output.get("message") if isinstance(output, dict) else None
    _count(call.answer, told.get("usage"))
    _finish(call.answer, _blocks(inner.get("content")) if isinstance(inner, dict) else [], text_of(told.get("stopReason")))
    if exchange.status >= 400 and isinstance(told.get("message"), str):
        failure(call.answer, {"type": f"{exchange.status}", "message": told["message"]})
    return call


def _message(item: Json) -> Message | None:
    found = _blocks(item.get("content"))
    return parts.message(text_of(item.get("role")) or "user", found) if found else None


def _blocks(told: Any) -> list[Part]:
    return [part for block in parts.dicts(told) for part in _part(block)]


def _part(block: Json) -> list[Part]:
    """A block has one key, which says what it is."""
    if isinstance(block.get("text"), str):
        return parts.text(block["text"])
    use, result, thought = block.get("toolUse"), block.get("toolResult"), block.get("reasoningContent")
    if isinstance(use, dict):
        return parts.tool_call(use.get("toolUseId"), use.get("name"), use.get("input"))
    if isinstance(result, dict):
        return parts.tool_response(result.get("toolUseId"), _result(result.get("content")), failed=result.get("status") == "error")
    if isinstance(thought, dict):
        inner = thought.get("reasoningText")
        return parts.reasoning(inner.get("text") if isinstance(inner, dict) else thought.get("text"))
    return [] if "cachePoint" in block else [block]


def _result(told: Any) -> Any:
    """A tool's answer: the text where it is only text, the value where it is only one."""
    blocks = parts.dicts(told)
    if blocks and all(isinstance(block.get("text"), str) for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return blocks[0]["json"] if len(blocks) == 1 and "json" in blocks[0] else blocks


def _tool(tool: Json) -> Json:
    told = tool.get("toolSpec")
    if not isinstance(told, dict):
        return tool
    schema = told.get("inputSchema")
    return parts.function_tool(told.get("name"), told.get("description"), schema.get("json") if isinstance(schema, dict) else None)


def _count(answer: Answer, usage: Any) -> None:
    if isinstance(usage, dict):
        read_, written = tokens(usage, "cacheReadInputTokens"), tokens(usage, "cacheWriteInputTokens")
        answer.usage = {
            "input_tokens": tokens(usage, "inputTokens") + read_ + written,
            "output_tokens": tokens(usage, "outputTokens"),
            "cache_read.input_tokens": read_,
            "cache_write.input_tokens": written,
        }


def _finish(answer: Answer, found: list[Part], reason: str) -> None:
    answer.finish_reasons = [reason] if reason else []
    answer.output = [parts.message("assistant", found, reason)] if found else []


def _read_events(answer: Answer, exchange: Exchange) -> None:
    """A streamed answer: the type of an event is in its frame."""
    blocks: dict[int, dict[str, list[str]]] = {}
    calls: dict[int, Json] = {}
    reason = ""
    answer.over = False
    for event in exchange.response.body.events:
        told = document(event.data)
        index = tokens(told, "contentBlockIndex")
        match event.kind:
            case "contentBlockStart" if isinstance(told.get("start"), dict) and isinstance(told["start"].get("toolUse"), dict) and len(calls) < _MOST_BLOCKS:
                calls[index] = told["start"]["toolUse"]
                blocks.setdefault(index, {})
            case "contentBlockDelta" if isinstance(told.get("delta"), dict) and (index in blocks or len(blocks) < _MOST_BLOCKS):
                answer.first_ns = answer.first_ns or event.time_ns
                for kind, piece in _pieces(told["delta"]):
                    blocks.setdefault(index, {}).setdefault(kind, []).append(piece)
            case "messageStop":
                reason, answer.over = text_of(told.get("stopReason")), True
            case "metadata":
                _count(answer, told.get("usage"))
            case kind if kind.endswith(("Exception", "Error")):
                failure(answer, {"type": kind, "message": told.get("message")})
    found = [part for index in sorted(blocks) for part in _grown(blocks[index], calls.get(index))]
    _finish(answer, found, reason)


def _pieces(delta: Json) -> list[tuple[str, str]]:
    use, thought = delta.get("toolUse"), delta.get("reasoningContent")
    told = {
        "text": delta.get("text"),
        "input": use.get("input") if isinstance(use, dict) else None,
        "thought": thought.get("text") if isinstance(thought, dict) else None,
    }
    return [(kind, piece) for kind, piece in told.items() if isinstance(piece, str)]


def _grown(block: dict[str, list[str]], use: Json | None) -> list[Part]:
    """What the pieces of a block make."""
    whole = {kind: "".join(pieces) for kind, pieces in block.items()}
    if use is not None:
        return parts.tool_call(use.get("toolUseId"), use.get("name"), whole.get("input") or {})
    return parts.reasoning(whole.get("thought")) + parts.text(whole.get("text"))


PROVIDER: Final = Provider("bedrock", claims, read)
