"""OpenAI's older and smaller questions, and what speaks like them: completions of a text, embeddings.

In: an exchange of `POST …/completions` or `…/embeddings` (Ollama's `/api/embed` too). Out: a call; vectors are not kept.
"""

from __future__ import annotations

from typing import Any, Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import Answer, Call, Message, Provider, answered, failure, parameters, text_of, tokens
from spyglass.collect.flows.providers.hosts import provider_of
from spyglass.collect.flows.providers.openai_chat import PARAMETERS, usage_of
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["COMPLETIONS", "EMBEDDINGS"]

_EMBEDDING_PATHS: Final = ("/embeddings", "/api/embed")


def claims_embeddings(exchange: Exchange, asked: Json) -> bool:
    """By the path."""
    return exchange.path.rstrip("/").endswith(_EMBEDDING_PATHS) and (not asked or "input" in asked or "prompt" in asked)


def read_embeddings(exchange: Exchange, asked: Json) -> Call:
    """The call, with the texts that were asked for."""
    local = "/api/embed" in exchange.path
    call = Call("embeddings", provider_of(exchange.host, "ollama" if local else "openai"), text_of(asked.get("model")))
    call.parameters = parameters(asked, {"dimensions": "gen_ai.embeddings.dimension.count"})
    if isinstance(asked.get("encoding_format"), str):
        call.parameters["gen_ai.request.encoding_formats"] = [asked["encoding_format"]]
    call.input = _texts(asked.get("input") if "input" in asked else asked.get("prompt"))
    told = answered(exchange)
    call.answer = Answer(model=text_of(told.get("model")))
    if told.get("error"):
        failure(call.answer, told["error"])
    counted = tokens(told, "usage", "prompt_tokens") or tokens(told, "prompt_eval_count")
    call.answer.usage = {"input_tokens": counted} if counted else {}
    return call


def claims_completions(exchange: Exchange, asked: Json) -> bool:
    """By the path; a chat's ends so too."""
    return (
        exchange.path.rstrip("/").endswith("/completions") and not exchange.path.rstrip("/").endswith("/chat/completions") and (not asked or "prompt" in asked)
    )


def read_completions(exchange: Exchange, asked: Json) -> Call:
    """The call: a text goes on."""
    call = Call("text_completion", provider_of(exchange.host, "openai"), text_of(asked.get("model")), stream=asked.get("stream") is True)
    call.parameters = parameters(asked, PARAMETERS)
    call.input = _texts(asked.get("prompt"))
    answer = call.answer
    events = exchange.response.body.events
    told = [(event.time_ns, document(event.data)) for event in events if event.data != b"[DONE]"] or [(0, answered(exchange))]
    texts: dict[int, tuple[list[str], list[str]]] = {}
    for time_ns, chunk in told:
        answer.id, answer.model = answer.id or text_of(chunk.get("id")), answer.model or text_of(chunk.get("model"))
        if isinstance(chunk.get("usage"), dict):
            answer.usage = usage_of(chunk["usage"])
        if chunk.get("error"):
            failure(answer, chunk["error"])
        for choice in parts.dicts(chunk.get("choices"))[:128]:
            said, reasons = texts.setdefault(tokens(choice, "index") % 128, ([], []))
            said.append(text_of(choice.get("text")))
            reasons += [choice["finish_reason"]] if isinstance(choice.get("finish_reason"), str) else []
            answer.first_ns = answer.first_ns or (time_ns if said[-1] else 0)
    answer.over = not events or events[-1].data == b"[DONE]" or any(reasons for _, reasons in texts.values())
    answer.finish_reasons = [reasons[-1] for _, reasons in texts.values() if reasons]
    answer.output = [parts.message("assistant", parts.text("".join(said)), (reasons or [""])[-1]) for said, reasons in texts.values() if any(said)]
    return call


def _texts(told: Any) -> list[Message]:
    """One text or a list of them; tokens by number say nothing to a reader."""
    texts = [told] if isinstance(told, str) else [item for item in told if isinstance(item, str)] if isinstance(told, list) else []
    return [parts.message("user", parts.text(text)) for text in texts if text]


COMPLETIONS: Final = Provider("openai_completions", claims_completions, read_completions)
EMBEDDINGS: Final = Provider("openai_embeddings", claims_embeddings, read_embeddings)
