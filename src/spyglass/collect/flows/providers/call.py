"""What a provider's file makes of an exchange, in the words of OpenTelemetry's GenAI conventions.

In: requests and answers, as JSON. Out: `Call`; messages are `{"role", "parts"}`, parts as the conventions' JSON schemas have them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.wire_json import Json, document
from spyglass.model.told import Value

__all__ = ["Answer", "Call", "Message", "Part", "Provider", "answered", "failure", "parameters", "text_of", "tokens"]

Part = dict[str, Any]
Message = dict[str, Any]


@dataclass(slots=True)
class Answer:
    """What came back. `usage` is by the last words of `gen_ai.usage.*`, and as they count: input with cached tokens, output with reasoning."""

    id: str = ""
    model: str = ""
    output: list[Message] = field(default_factory=list)
    finish_reasons: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)
    first_ns: int = 0  # of a streamed answer: when the first of it came
    over: bool = True  # False: a stream without its last event
    error: str = ""  # type of an error that the answer tells
    error_message: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One request to a model and its answer."""

    operation: str  # gen_ai.operation.name
    provider: str  # gen_ai.provider.name
    model: str
    stream: bool = False
    parameters: dict[str, Value] = field(default_factory=dict)  # attributes
    system: list[Part] = field(default_factory=list)
    input: list[Message] = field(default_factory=list)
    tools: list[Any] = field(default_factory=list)
    conversation: str = ""
    answer: Answer = field(default_factory=Answer)


class Provider(NamedTuple):
    """One way of asking. `claims` says whether an exchange speaks it, `read` what it says; `asked` is the request, empty where it could not be read."""

    name: str
    claims: Callable[[Exchange, Json], bool]
    read: Callable[[Exchange, Json], Call]


def answered(exchange: Exchange) -> Json:
    """The answer's one JSON document; empty for a stream and where there is none."""
    return document(exchange.response.body.whole()) if not exchange.response.body.events else {}


def failure(answer: Answer, told: Any) -> None:
    """Note the error that an answer tells: `{"error": {"type" or "code" or "status", "message"}}`, or a text."""
    if isinstance(told, str):
        answer.error, answer.error_message = answer.error or "error", told
    elif isinstance(told, dict):
        kind = next((told[key] for key in ("type", "status", "code") if told.get(key)), "error")
        answer.error, answer.error_message = str(kind), text_of(told.get("message"))


def parameters(asked: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Value]:
    """Settings of a request as attributes, for those which have a plain value; `names` is attribute by name in the request."""
    found: dict[str, Value] = {}
    for name, attribute in names.items():
        value = asked.get(name)
        if attribute.endswith("stop_sequences") and isinstance(value, str | list):
            found[attribute] = [value] if isinstance(value, str) else [item for item in value if isinstance(item, str)]
        elif isinstance(value, str | bool | float) or (isinstance(value, int) and abs(value) < 1 << 63):
            found[attribute] = value
    return found


def tokens(told: Any, *path: str) -> int:
    """A count of tokens inside of a usage object; 0 where there is none that makes sense."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 1 << 40 else 0


def text_of(value: Any) -> str:
    """A text; empty where it is none."""
    return value if isinstance(value, str) else ""
