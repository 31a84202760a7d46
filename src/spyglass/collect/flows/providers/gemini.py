"""Gemini: the Gemini API, Vertex AI, and the envelope that Gemini CLI uses with a Google account.

In: an exchange of `POST …:generateContent` or `…:streamGenerateContent`. Out: a call. Tokens of thinking, which
Gemini counts apart, are in the output here.
"""

from __future__ import annotations

import re
from typing import Any, Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Part, Provider, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.wire_json import Json, loads

__all__ = ["PROVIDER"]

_PATH: Final = re.compile(r"(?:/models/([^/:]+)|/v\d\w*):(generateContent|streamGenerateContent)$")
_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "topP": "gen_ai.request.top_p",
    "topK": "gen_ai.request.top_k",
    "maxOutputTokens": "gen_ai.request.max_tokens",
    "candidateCount": "gen_ai.request.choice.count",
    "stopSequences": "gen_ai.request.stop_sequences",
    "seed": "gen_ai.request.seed",
    "frequencyPenalty": "gen_ai.request.frequency_penalty",
    "presencePenalty": "gen_ai.request.presence_penalty",
}


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path; `models/NAME:method` is Google's way."""
    del asked
    return _PATH.search(exchange.path) is not None


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    found = _PATH.search(exchange.path)
    inner = asked["request"] if isinstance(asked.get("request"), dict) else asked
    model = (found[1] if found else "") or text_of(inner.get("model") or asked.get("model"))
    call = Call("generate_content", provider_of(exchange.host, "gcp.gemini"), model.removeprefix("models/"))
    call.stream = bool(found and found[2] == "streamGenerateContent")
    config = inner.get("generationConfig") or inner.get("generation_config")
    call.parameters = parameters(config, _PARAMETERS) if isinstance(config, dict) else {}
    if isinstance(config, dict) and config.get("responseMimeType") == "application/json":
        call.parameters["gen_ai.output.type"] = "json"
    system = inner.get("systemInstruction") or inner.get("system_instruction")
    call.system = _parts(system.get("parts")) if isinstance(system, dict) else parts.text(system)
    call.input = [message for item in parts.dicts(inner.get("contents")) if (message := _message(item)) is not None]
    call.tools = [definition for tool in parts.dicts(inner.get("tools")) for definition in _tools(tool)]
    call.conversation = text_of(inner.get("session_id"))
    call.answer = _read_answer(exchange)
    return call


def _read_answer(exchange: Exchange) -> Answer:
    """The answer: one document, a list of them, or one an event."""
    answer = Answer()
    body = exchange.response.body
    timed = [(event.time_ns, loads(event.data)) for event in body.events]
    if not timed:
        value = loads(body.whole())
        timed = [(body.first_ns if isinstance(value, list) else 0, item) for item in (value if isinstance(value, list) else [value])]
    pieces: list[Part] = []
    for time_ns, told in timed:
        if isinstance(told, dict):
            inner = told["response"] if isinstance(told.get("response"), dict) else told
            found = _chunk(answer, inner)
            answer.first_ns = answer.first_ns or (time_ns if found else 0)
            pieces += found
    reason = answer.finish_reasons[-1] if answer.finish_reasons else ""
    answer.finish_reasons = [reason] if reason else []
    answer.over = bool(reason or answer.error) or not body.events
    joined = _joined(pieces)
    answer.output = [parts.message("assistant", joined, _reason(reason, joined))] if joined else []
    return answer


def _chunk(answer: Answer, told: Json) -> list[Part]:
    """What a document says, the first candidate of it."""
    answer.id = answer.id or text_of(told.get("responseId"))
    answer.model = answer.model or text_of(told.get("modelVersion"))
    if told.get("error"):
        failure(answer, told["error"])
    usage = told.get("usageMetadata")
    if isinstance(usage, dict):
        thought = tokens(usage, "thoughtsTokenCount")
        answer.usage = {
            "input_tokens": tokens(usage, "promptTokenCount") + tokens(usage, "toolUsePromptTokenCount"),
            "output_tokens": tokens(usage, "candidatesTokenCount") + thought,
            "cache_read.input_tokens": tokens(usage, "cachedContentTokenCount"),
            "reasoning.output_tokens": thought,
        }
    found: list[Part] = []
    for candidate in parts.dicts(told.get("candidates"))[:1]:
        if isinstance(candidate.get("finishReason"), str):
            answer.finish_reasons.append(candidate["finishReason"])
        content = candidate.get("content")
        found += _parts(content.get("parts")) if isinstance(content, dict) else []
    return found


def _reason(reason: str, found: list[Part]) -> str:
    """Gemini says STOP also when it wants a tool."""
    return "tool_call" if reason == "STOP" and any(part.get("type") == "tool_call" for part in found) else reason


def _joined(pieces: list[Part]) -> list[Part]:
    """Pieces of a text, or of a thought, that follow each other are one."""
    found: list[Part] = []
    texts: list[str] = []
    for piece in pieces:
        kind = text_of(piece.get("type"))
        if kind in {"text", "reasoning"} and found and found[-1].get("type") == kind:
            texts.append(piece["content"])
            continue
        if texts:
            found[-1] = {**found[-1], "content": found[-1]["content"] + "".join(texts)}
            texts = []
        found.append(piece)
    if texts:
        found[-1] = {**found[-1], "content": found[-1]["content"] + "".join(texts)}
    return found


def _message(item: Json) -> Message | None:
    found = _parts(item.get("parts"))
    role = {"model": "assistant", "function": "tool"}.get(text_of(item.get("role")), "user")
    if found and all(part.get("type") == "tool_call_response" for part in found):
        role = "tool"
    return parts.message(role, found) if found else None


def _parts(told: Any) -> list[Part]:
    blocks = [told] if isinstance(told, dict) else parts.dicts(told)
    return [part for block in blocks for part in _part(block)]


def _part(block: Json) -> list[Part]:
    if isinstance(block.get("text"), str):
        return parts.reasoning(block["text"]) if block.get("thought") is True else parts.text(block["text"])
    call, response = block.get("functionCall"), block.get("functionResponse")
    if isinstance(call, dict):
        return parts.tool_call(call.get("id"), call.get("name"), call.get("args"))
    if isinstance(response, dict):
        return parts.tool_response(response.get("id"), response.get("response"), name=response.get("name"))
    inline = block.get("inlineData") or block.get("inline_data")
    if isinstance(inline, dict):
        return parts.media(inline.get("data"), inline.get("mimeType") or inline.get("mime_type"))
    file = block.get("fileData")
    if isinstance(file, dict):
        return parts.media(file.get("fileUri"), file.get("mimeType"))
    known_empty = not (block.keys() - {"thoughtSignature", "text", "thought"})
    return [] if known_empty else [block]


def _tools(tool: Json) -> list[Json]:
    told = parts.dicts(tool.get("functionDeclarations") or tool.get("function_declarations"))
    if not told:
        return [tool]
    return [parts.function_tool(item.get("name"), item.get("description"), item.get("parameters") or item.get("parametersJsonSchema")) for item in told]


PROVIDER: Final = Provider("gemini", claims, read)
