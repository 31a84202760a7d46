"""What went into a model or an agent, and what came out, in; the messages of OpenTelemetry's GenAI conventions out: `{role, parts}`.

Understood are texts, lists of `{role, content}` as OpenAI's and Anthropic's clients take them, and their answers; all else becomes one text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

from spyglass_sdk import names
from spyglass_sdk.content import text_of

__all__ = ["answer", "facts", "question", "usage"]

_LONGEST: Final = 2**20  # of one part before the whole is cut
_SHORT: Final = 4096
_QUICK: Final = 2**16  # characters
_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode
_TEXTS: Final = ("prompt", "input", "query", "question", "task", "message", "text", "request", "user_input", "content")

Message = dict[str, Any]


def question(arguments: Mapping[str, object]) -> str | list[Message]:
    """Messages of what a function was called with, by parameter name: as JSON where they are plain, else as they are to be written."""
    told = arguments.get("messages")
    if _is_list(told):
        return _quick(told) or [_message(one) for one in told]
    if len(arguments) == 1:
        (only,) = arguments.values()
        if _is_list(only) and only and all(isinstance(one, Mapping) and "role" in one for one in only):
            return _quick(only) or [_message(one) for one in only]
        return _said("user", only)
    texts = [name for name in _TEXTS if isinstance(arguments.get(name), str)]
    return _said("user", arguments[texts[0]] if texts else dict(arguments)) if arguments else []


def answer(result: object) -> str | list[Message]:
    """Messages of what came back, likewise."""
    if result is None:
        return []
    get = _reader(result)
    choices = get("choices")
    if _is_list(choices) and choices:
        first = choices[0]
        if len(choices) == 1 and type(first) is dict and (quick := _one(first.get("message"), str(first.get("finish_reason") or "stop"))):
            return f"[{quick}]"
        found = [_message(_of(choice, "message") or choice, "assistant") for choice in choices]
        for message, choice in zip(found, choices, strict=True):
            message["finish_reason"] = str(_of(choice, "finish_reason") or "stop")
        return found
    if get("role") and get("content") is not None:
        return [_message(result, "assistant")]
    return _said("assistant", result)


def _quick(told: list[Any] | tuple[Any, ...]) -> str:
    """JSON of messages that are a role and a text each, which most are; empty where one is more than that, or where they are long."""
    left, parts = _QUICK, []
    for one in told:
        part = _one(one)
        left -= len(part)
        if not part or left < 0:
            return ""
        parts.append(part)
    return f"[{','.join(parts)}]"


def _one(told: Any, finish_reason: str = "") -> str:
    if type(told) is not dict or len(told) != 2:
        return ""
    role, text = told.get("role"), told.get("content")
    if type(role) is not str or type(text) is not str or role == "tool" or len(text) > _QUICK:
        return ""
    finish = f',"finish_reason":{_quoted(finish_reason)}' if finish_reason else ""
    return f'{{"role":{_quoted(role)},"parts":[{{"type":"text","content":{_quoted(text)}}}]{finish}}}'


def usage(result: object) -> dict[str, int]:
    """Token counts that an answer tells, by GenAI name: those of OpenAI's, Anthropic's and their followers' objects and mappings."""
    return _usage(_of(result, "usage"))


def _usage(told: object) -> dict[str, int]:
    if told is None:
        return {}
    get = _reader(told)
    given, made = get("input_tokens"), get("output_tokens")
    if given is None:
        given, made = get("prompt_tokens"), get("completion_tokens")
    read, written = get("cache_read_input_tokens"), get("cache_creation_input_tokens")
    if type(given) is int and (type(read) is int or type(written) is int):  # Anthropic counts cached tokens apart; the conventions count them in
        given += (read or 0) + (written or 0)
    within, without = get("input_tokens_details") or get("prompt_tokens_details"), get("output_tokens_details") or get("completion_tokens_details")
    counts = (
        (names.INPUT_TOKENS, given),
        (names.OUTPUT_TOKENS, made),
        (names.CACHE_READ_TOKENS, _of(within, "cached_tokens") if within else read),
        (names.CACHE_WRITE_TOKENS, written),
        (names.REASONING_TOKENS, _of(without, "reasoning_tokens") if without else None),
    )
    return {name: count for name, count in counts if type(count) is int and count >= 0}


def facts(result: object) -> dict[str, Any]:
    """What an answer tells beside its messages, by GenAI name: tokens, the model, its id, why it stopped."""
    if result is None or isinstance(result, str):
        return {}
    get = _reader(result)
    told: dict[str, Any] = dict(_usage(get("usage")))
    if type(model := get("model")) is str:
        told[names.RESPONSE_MODEL] = model
    if type(response_id := get("id")) is str:
        told[names.RESPONSE_ID] = response_id
    choices = get("choices")
    reasons = [_of(choice, "finish_reason") for choice in choices] if _is_list(choices) else [get("stop_reason")]
    if found := [reason for reason in reasons if type(reason) is str]:
        told[names.FINISH_REASONS] = found
    return told


def _message(told: object, role: str = "user") -> Message:
    get = _reader(told)
    content, own = get("content"), get("role")
    if own == "tool":
        return {"role": own, "parts": [{"type": "tool_call_response", "id": get("tool_call_id"), "response": content}]}
    parts = _parts(content) if content is not None or own else [_text(told)]
    for call in get("tool_calls") or ():
        asked = _of(call, "function") or call
        parts.append({"type": "tool_call", "id": _of(call, "id"), "name": _of(asked, "name"), "arguments": _loaded(_of(asked, "arguments"))})
    return {"role": str(own or role), "parts": parts}


def _parts(content: object) -> list[Message]:
    if content is None:
        return []
    if not _is_list(content):
        return [_text(content)]
    return [_part(one) for one in content]


def _part(one: object) -> Message:
    kind = _of(one, "type")
    if kind == "tool_use":
        return {"type": "tool_call", "id": _of(one, "id"), "name": _of(one, "name"), "arguments": _of(one, "input")}
    if kind == "tool_result":
        return {"type": "tool_call_response", "id": _of(one, "tool_use_id"), "response": _of(one, "content")}
    if isinstance(text := _of(one, "text"), str):
        return _text(text)
    return dict(one) if isinstance(one, Mapping) else _text(one)


def _said(role: str, value: object) -> str | list[Message]:
    if type(value) is str and len(value) <= _QUICK:
        return f"[{_one({'role': role, 'content': value})}]"
    return [{"role": role, "parts": [_text(value)]}]


def _text(value: object) -> Message:
    if type(value) is str and len(value) < _SHORT:
        return {"type": "text", "content": value}
    return {"type": "text", "content": text_of(value, _LONGEST)[0]}


def _loaded(arguments: object) -> object:
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _of(value: object, name: str) -> Any:
    return value.get(name) if type(value) is dict else _reader(value)(name)


def _reader(value: object) -> Callable[[str], Any]:
    """What gives the parts of a mapping or an object by name, and None where there is none."""
    if type(value) is dict:
        return value.get
    if value is None or isinstance(value, (str, bytes, int, float)):
        return _nothing
    return value.get if isinstance(value, Mapping) else lambda name: getattr(value, name, None)


def _nothing(_: str) -> None:
    return None


def _is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, (list, tuple))
