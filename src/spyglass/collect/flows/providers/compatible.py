"""Who speaks which way where the path does not tell: gateways with paths of their own, connections that were joined in their middle.

In: an exchange whose request is JSON, or whose answer is a model's. Out: the provider whose shape request and answer have; None where they have none.
"""

from __future__ import annotations

from typing import Final

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.providers import anthropic, bedrock, gemini, ollama, openai_chat, openai_other, openai_responses
from spyglass.collect.flows.providers.call import Provider
from spyglass.collect.flows.providers.parts import dicts
from spyglass.collect.flows.wire_json import Json, document

__all__ = ["PROVIDERS", "provider_for"]

PROVIDERS: Final = (
    openai_chat.PROVIDER,
    openai_responses.PROVIDER,
    anthropic.PROVIDER,
    bedrock.PROVIDER,
    gemini.PROVIDER,
    ollama.PROVIDER,
    openai_other.EMBEDDINGS,
    openai_other.COMPLETIONS,
)
_LOOKED_AT: Final = 3  # events of a stream


def provider_for(exchange: Exchange, asked: Json) -> Provider | None:
    """Who reads this exchange."""
    if exchange.method not in {"POST", ""}:
        return None
    found = next((provider for provider in PROVIDERS if provider.claims(exchange, asked)), None)
    return found or _by_shape(exchange, asked)


def _by_shape(exchange: Exchange, asked: Json) -> Provider | None:
    contents = dicts(asked.get("contents"))
    if contents and "parts" in contents[0]:
        return gemini.PROVIDER
    chats = dicts(asked.get("messages"))
    if not (chats and "role" in chats[0]) and not isinstance(asked.get("input"), str | list):
        return None
    if not isinstance(asked.get("model"), str) and exchange.method:
        return None
    return _by_answer(exchange)


def _by_answer(exchange: Exchange) -> Provider | None:
    """By the answer: requests of OpenAI, Anthropic and Ollama can look alike."""
    body = exchange.response.body
    for told in [document(event.data) for event in body.events[:_LOOKED_AT]] or [document(body.whole())]:
        kind = str(told.get("type", ""))
        if "choices" in told:
            return openai_chat.PROVIDER
        if kind in {"message", "message_start", "content_block_start", "content_block_delta"}:
            return anthropic.PROVIDER
        if told.get("object") == "response" or kind.startswith("response."):
            return openai_responses.PROVIDER
        if "done" in told and ("message" in told or "response" in told):
            return ollama.PROVIDER
    return None
