"""OpenAI's chat completions, and what speaks like them: gateways, vLLM, LiteLLM, Ollama's `/v1`, Mistral, DeepSeek, Groq, xAI and others.

In: an exchange of `POST …/chat/completions`. Out: a call; a stream's deltas are put together, with or without a usage at the end.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Part, Provider, answered, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["PARAMETERS", "PROVIDER", "message_of", "read_answer", "tool_of", "usage_of"]

PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
    "stop": "gen_ai.request.stop_sequences",
    "service_tier": "openai.request.service_tier",
    "reasoning_effort": "openai.request.reasoning_effort",
    "user": "gen_ai.request.user",
}
_MOST_CHOICES: Final = 128  # what the API allows


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path, whatever stands before it."""
    return exchange.path.rstrip("/").endswith("/chat/completions") and (not asked or isinstance(asked.get("messages"), list))


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    call = Call("chat", provider_of(exchange.host, "openai"), text_of(asked.get("model")), stream=asked.get("stream") is True)
    call.parameters = parameters(asked, PARAMETERS)
    form = asked.get("response_format")
    if isinstance(form, dict) and form.get("type"):
        call.parameters["gen_ai.output.type"] = "text" if form["type"] == "text" else "json"
    call.input = [found for item in parts.dicts(asked.get("messages")) if (found := message_of(item)) is not None]
    call.tools = [tool_of(tool) for tool in parts.dicts(asked.get("tools"))]
    call.answer = read_answer(exchange)
    return call


def read_answer(exchange: Exchange) -> Answer:
    """The answer: one document, or chunks."""
    answer = Answer()
    if exchange.response.body.events:
        _read_chunks(answer, exchange)
        return answer
    told = answered(exchange)
    _read_head(answer, told)
    if told.get("error"):
        failure(answer, told["error"])
    for choice in parts.dicts(told.get("choices"))[:_MOST_CHOICES]:
        reason = text_of(choice.get("finish_reason"))
        answer.finish_reasons += [reason] if reason else []
        inner = choice.get("message")
        found = message_of({"role": "assistant", **inner}) if isinstance(inner, dict) else None
        if found is not None:
            answer.output.append(parts.message("assistant", found["parts"], reason))
    return answer


def message_of(item: Json) -> Message | None:
    """A message in the form of the conventions; None where it says nothing."""
    role, content = text_of(item.get("role")) or "user", item.get("content")
    if role in {"tool", "function"}:
        return parts.message("tool", parts.tool_response(item.get("tool_call_id"), _result(content), name=item.get("name")))
    found = parts.reasoning(item.get("reasoning_content") or item.get("reasoning"))
    found += parts.text(content) if isinstance(content, str) else [part for block in parts.dicts(content) for part in _part(block)]
    found += parts.text(item.get("refusal"))
    sound = item.get("audio")
    if isinstance(sound, dict):
        found += parts.text(sound.get("transcript"))
    for call in parts.dicts(item.get("tool_calls")):
        found += _call(call)
    function = item.get("function_call")
    if isinstance(function, dict):
        found += parts.tool_call(None, function.get("name"), function.get("arguments"))
    if not found:
        return None
    told = parts.message({"developer": "system"}.get(role, role), found)
    return {**told, "name": item["name"]} if isinstance(item.get("name"), str) else told


def _part(block: Json) -> list[Part]:
    match block.get("type"):
        case "text" | "input_text" | "output_text":
            return parts.text(block.get("text"))
        case "refusal":
            return parts.text(block.get("refusal"))
        case "image_url":
            told = block.get("image_url")
            return parts.media(told.get("url") if isinstance(told, dict) else told, None, "image")
        case "input_audio":
            sound = block.get("input_audio")
            if isinstance(sound, dict):
                return parts.media(sound.get("data"), f"audio/{sound.get('format') or 'wav'}", "audio")
    return [block]


def _call(call: Json) -> list[Part]:
    inner = call.get("function") or call.get("custom")
    inner = inner if isinstance(inner, dict) else {}
    return parts.tool_call(call.get("id"), inner.get("name"), inner.get("arguments") if "arguments" in inner else inner.get("input"))


def _result(content: Any) -> Any:
    """A tool's answer: the text where it is only text."""
    blocks = parts.dicts(content)
    if blocks and all(block.get("type") == "text" and isinstance(block.get("text"), str) for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return "" if content is None else content


def tool_of(tool: Json) -> Json:
    """A definition of a tool in the form of the conventions."""
    inner = tool.get("function")
    if isinstance(inner, dict):
        return parts.function_tool(inner.get("name"), inner.get("description"), inner.get("parameters"))
    return tool


def _read_head(answer: Answer, told: Json) -> None:
    """What every chunk says again, and the last one."""
    answer.id = answer.id or text_of(told.get("id"))
    answer.model = answer.model or text_of(told.get("model"))
    if isinstance(told.get("usage"), dict):
        answer.usage = usage_of(told["usage"])
    for name in ("system_fingerprint", "service_tier"):
        if isinstance(told.get(name), str):
            answer.attributes[f"openai.response.{name}"] = told[name]


def usage_of(told: Json) -> dict[str, int]:
    """Counts of tokens; DeepSeek tells hits of its cache by another name."""
    return {
        "input_tokens": tokens(told, "prompt_tokens"),
        "output_tokens": tokens(told, "completion_tokens"),
        "cache_read.input_tokens": tokens(told, "prompt_tokens_details", "cached_tokens") or tokens(told, "prompt_cache_hit_tokens"),
        "reasoning.output_tokens": tokens(told, "completion_tokens_details", "reasoning_tokens"),
    }


class _Choice:
    """One choice of a stream while its pieces come."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.thought: list[str] = []
        self.calls: dict[Any, list[Any]] = {}  # index → id, name, pieces of the arguments
        self.finish = ""

    def add(self, delta: Json) -> bool:
        """Take a piece; whether it says anything."""
        said, thought = delta.get("content"), delta.get("reasoning_content") or delta.get("reasoning")
        self.said += [said] if isinstance(said, str) else [block["text"] for block in parts.dicts(said) if isinstance(block.get("text"), str)]
        self.said += [delta["refusal"]] if isinstance(delta.get("refusal"), str) else []
        self.thought += [thought] if isinstance(thought, str) else []
        pieces = parts.dicts(delta.get("tool_calls"))
        function = delta.get("function_call")
        if isinstance(function, dict):
            pieces = [{"index": 0, "function": function}]
        for piece in pieces:
            self._call(piece)
        return bool(said or thought or pieces)

    def _call(self, piece: Json) -> None:
        index = piece.get("index")
        whole = self.calls.setdefault(index if isinstance(index, int) else len(self.calls), [None, "", []])
        inner = piece.get("function")
        inner = inner if isinstance(inner, dict) else {}
        whole[0] = whole[0] or piece.get("id")
        whole[1] = whole[1] or text_of(inner.get("name"))
        whole[2].append(text_of(inner.get("arguments")))

    def message(self) -> Message | None:
        """What the pieces make."""
        found = parts.reasoning("".join(self.thought)) + parts.text("".join(self.said))
        for identity, name, pieces in self.calls.values():
            found += parts.tool_call(identity, name, "".join(pieces))
        return parts.message("assistant", found, self.finish) if found else None


def _read_chunks(answer: Answer, exchange: Exchange) -> None:
    choices: dict[int, _Choice] = {}
    answer.over = False
    for event in exchange.response.body.events:
        if event.data == b"[DONE]":
            answer.over = True
            continue
        chunk = document(event.data)
        _read_head(answer, chunk)
        if chunk.get("error"):
            failure(answer, chunk["error"])
        for told in parts.dicts(chunk.get("choices")):
            index, delta = tokens(told, "index"), told.get("delta")
            choice = choices.setdefault(index, _Choice()) if index in choices or len(choices) < _MOST_CHOICES else _Choice()
            if isinstance(delta, dict) and choice.add(delta):
                answer.first_ns = answer.first_ns or event.time_ns
            choice.finish = text_of(told.get("finish_reason")) or choice.finish
    answer.over = answer.over or (bool(choices) and all(choice.finish for choice in choices.values()))
    whole = [choices[index] for index in sorted(choices)]
    answer.output = [found for choice in whole if (found := choice.message()) is not None]
    answer.finish_reasons = [choice.finish for choice in whole if choice.finish]


PROVIDER: Final = Provider("openai_chat", claims, read)
