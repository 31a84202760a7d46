"""Ollama's own interface: `/api/chat` and `/api/generate`, streamed as one JSON document a line unless asked not to.

In: an exchange with such a path. Out: a call.
"""

from __future__ import annotations

from typing import Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Provider, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.providers.openai_chat import message_of, tool_of
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["PROVIDER", "read"]

_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "num_predict": "gen_ai.request.max_tokens",
    "seed": "gen_ai.request.seed",
    "stop": "gen_ai.request.stop_sequences",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
}


def claims(exchange: Exchange, asked: Json) -> bool:
    """By the path and what is asked."""
    path = exchange.path.rstrip("/")
    return (path.endswith("/api/chat") and "messages" in asked) or (path.endswith("/api/generate") and "model" in asked)


def read(exchange: Exchange, asked: Json) -> Call:
    """The call."""
    chat = "messages" in asked
    call = Call(
        "chat" if chat else "text_completion", provider_of(exchange.host, "ollama"), text_of(asked.get("model")), stream=asked.get("stream") is not False
    )
    options = asked.get("options")
    call.parameters = parameters(options, _PARAMETERS) if isinstance(options, dict) else {}
    if asked.get("format"):
        call.parameters["gen_ai.output.type"] = "json"
    if chat:
        call.input = [found for item in parts.dicts(asked.get("messages")) if (found := message_of(_plain(item))) is not None]
    else:
        call.system = parts.text(asked.get("system"))
        call.input = [parts.message("user", parts.text(asked.get("prompt")))] if asked.get("prompt") else []
    call.tools = [tool_of(tool) for tool in parts.dicts(asked.get("tools"))]
    call.answer = _read_answer(exchange)
    return call


def _plain(item: Json) -> Json:
    """A message as OpenAI would have it: thoughts and images have other names."""
    images = [{"type": "blob", "modality": "image", "mime_type": "", "content": image} for image in item.get("images") or [] if isinstance(image, str)]
    told = {**item, "reasoning_content": item.get("thinking"), "name": item.get("tool_name")}
    return {**told, "content": [{"type": "text", "text": item.get("content")}, *images]} if images else told


def _read_answer(exchange: Exchange) -> Answer:
    answer, body = Answer(), exchange.response.body
    timed = [(event.time_ns, document(event.data)) for event in body.events] or [(0, document(line)) for line in _documents(body.whole())]
    thought: list[str] = []
    said: list[str] = []
    calls: list[Json] = []
    reason = ""
    answer.over = not body.events
    for time_ns, told in timed:
        inner = told.get("message")
        inner = inner if isinstance(inner, dict) else {"content": told.get("response"), "thinking": told.get("thinking")}
        calls += parts.dicts(inner.get("tool_calls"))
        said.append(text_of(inner.get("content")))
        thought.append(text_of(inner.get("thinking")))
        if said[-1] or thought[-1] or calls:
            answer.first_ns = answer.first_ns or time_ns
        answer.model = answer.model or text_of(told.get("model"))
        if told.get("error"):
            failure(answer, told["error"])
        if told.get("done") is True:
            answer.over = True
            reason = text_of(told.get("done_reason"))
            if "eval_count" in told or "prompt_eval_count" in told:
                answer.usage = {"input_tokens": tokens(told, "prompt_eval_count"), "output_tokens": tokens(told, "eval_count")}
    whole = message_of({"role": "assistant", "reasoning_content": "".join(thought), "content": "".join(said), "tool_calls": calls})
    answer.finish_reasons = [reason] if reason else []
    answer.output = [parts.message("assistant", whole["parts"], reason)] if whole else []
    return answer


def _documents(data: bytes) -> list[bytes]:
    """One document, or one a line, where the answer's type was not seen."""
    return [data] if document(data) else data.splitlines()


PROVIDER: Final = Provider("ollama", claims, read)
