"""Messages that were told as events: one span event or log record each.

In: the attributes or body of a `gen_ai.user.message`, `gen_ai.choice`, `gen_ai.content.prompt` and their kin. Out: the message. The content stands in the body
(log records) or in an attribute (span events), plain or as JSON of blocks; the event's name says the role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from spyglass.refine.messages.canonical import Message, role_of
from spyglass.refine.messages.message import read_message
from spyglass.refine.messages.recognise import messages_of, plain_text
from spyglass.refine.messages.shape import Block, first
from spyglass.refine.messages.values import decoded

__all__ = ["read_body", "read_event"]

_CONTENTS: Final = ("content", "message", "gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion", "body")
_CONVERSATIONS: Final = ("gen_ai.prompt", "gen_ai.completion")
_SPEAKER: Final = re.compile(r"^(system|developer|user|human|assistant|ai|model|tool): ?", re.MULTILINE)
_FIELDS: Final = {"id": "tool_call_id", "tool_call_id": "tool_call_id", "name": "name", "role": "role", "tool_calls": "tool_calls"}


def read_event(attributes: Mapping[str, str], role: str) -> list[Message]:
    """The messages of an event without a body."""
    name = next((name for name in _CONTENTS if attributes.get(name)), "")
    content = decoded(attributes[name]) if name else None
    if name in _CONVERSATIONS and isinstance(content, str) and _SPEAKER.match(content):
        return _speeches(content, role)
    told: Block = {target: decoded(attributes[name]) for name, target in _FIELDS.items() if attributes.get(name)}
    return _read(content, told, role)


def _speeches(text: str, role: str) -> list[Message]:
    """A conversation as one text: each line that starts with a role and a colon begins a message."""
    pieces = _SPEAKER.split(text)[1:]  # role, text, role, text …
    told = [(role_of(speaker, role), said.rstrip("\n")) for speaker, said in zip(pieces[::2], pieces[1::2], strict=True)]
    return [message for speaker, said in told for message in plain_text(said, speaker)]


def read_body(body: Any, role: str) -> list[Message]:
    """The messages of a log record's decoded body."""
    if not isinstance(body, dict):
        return _read(body, {}, role)
    inner = first(body, "message")
    if isinstance(inner, dict):  # a choice
        return _read(None, {**inner, "role": inner.get("role") or role}, role)
    if role == "tool" and "id" in body and "tool_call_id" not in body:
        body = {**body, "tool_call_id": body["id"]}
    return _read(inner, body, role)


def _read(content: Any, told: Block, role: str) -> list[Message]:
    """`told` is the message without its content, or all of it; content may be a message of its own."""
    if isinstance(content, dict) and not told.get("tool_call_id") and (own := messages_of(content, role)):
        return own
    block = {"role": role, **told}
    if content is not None:
        block["content"] = content
    message = read_message(block, role)
    if message is not None and message.parts:
        return [message]
    return messages_of(told, role) if content is None else plain_text(content, role)
