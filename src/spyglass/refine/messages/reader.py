"""Texts to message hashes, with a memory: a conversation that grows by a message a call is read a message a call.

In: the value of an attribute or body. Out: the hashes of its messages, end to end. Messages that were not seen before are also left in `fresh`.

A list of messages is split by msgspec without building objects; each piece is known by the hash of its bytes. Only unknown pieces are parsed. What is not a
plain list of messages is read as a whole, and known by the hash of all of it.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
import orjson
from xxhash import xxh3_128_digest

from spyglass.refine.messages.canonical import HASH_BYTES, Canonical, Message, canonical, canonical_text, plain_text_of
from spyglass.refine.messages.flattened import Pairs, is_call, read_flattened, read_one
from spyglass.refine.messages.memory import Recent
from spyglass.refine.messages.message import read_message
from spyglass.refine.messages.openai_responses import are_items
from spyglass.refine.messages.recognise import SYSTEM_KEYS, is_shaped, messages_of, plain_text, system_of
from spyglass.refine.messages.values import decoded, plain_of_otlp

__all__ = ["Fresh", "Reader"]

Fresh = dict[bytes, Canonical]

_LISTS: Final = ("messages", "contents")  # of a request: OpenAI, Anthropic and many others; Gemini
_SEEDS: Final = {"user": 1, "assistant": 2, "system": 3, "tool": 4}  # a piece without a role means another thing in another place
_FLATTENED: Final = 32
_OTHER, _ANSWER, _CALL = b"o", b"a", b"c"  # of a flattened message: not the assistant's, the assistant's, and that only asks for tools
_NOTHING: Final[tuple[Any, ...]] = ("", "null", "None", "<REDACTED>", [], {})


class _TextPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    type: Literal["text"]
    content: str


class _TextMessage(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """What nearly all messages are; a model call's own has no more than this."""

    role: Literal["user", "assistant"]
    parts: tuple[_TextPart]
    finish_reason: str | None = None


_text_message: Final = msgspec.json.Decoder(_TextMessage).decode
_text_messages: Final = msgspec.json.Decoder(list[_TextMessage]).decode
_raws: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_mapping: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text: Final = msgspec.json.Decoder(str).decode


class Reader:
    """The memory. Threads may share one."""

    def __init__(self, remembered: int) -> None:
        """`remembered`: pieces that are known again; each takes some 200 bytes."""
        self._pieces: Recent[bytes] = Recent(remembered)
        self._values: Recent[bytes] = Recent(remembered // 8)
        self._systems: Recent[bool] = Recent(remembered // 8)

    def hashes(self, value: bytes, role: str, fresh: Fresh, otlp: bool = False, strict: bool = False) -> bytes:
        """The hashes of the messages in `value`; empty when there are none.

        Args:
            value: JSON of any shape, or plain text.
            role: of what says none.
            fresh: takes the messages that were parsed.
            otlp: `value` is the OTLP/JSON form of a list or map.
            strict: what is not shaped like messages has none.
        """
        if not otlp:
            start = value[:1]
            found = None
            if start == b"[":
                found = self._of_answer(value, fresh) if role == "assistant" else self._of_list(value, role, fresh)
            elif start == b"{":
                found = self._of_request(value, role, fresh)
            if found is not None:
                return found
        key = xxh3_128_digest(value, _SEEDS[role] + 8 * strict)
        known = self._values.get(key)
        if known is None:
            known = b"".join([message.hash for message in self.bodies(value, role, fresh, otlp=otlp, strict=strict)])
            self._values.put(key, known)
        return known

    def bodies(self, value: bytes, role: str, fresh: Fresh, *, otlp: bool = False, strict: bool = False) -> list[Canonical]:
        """The messages in `value`, parsed whether they are known or not."""
        text = value.decode("utf-8", "replace")
        plain = decoded(text)
        if otlp:
            plain = plain_of_otlp(plain)
        if plain is None or plain in _NOTHING or (strict and not is_shaped(plain)):
            return []
        found = system_of(plain) if role == "system" else messages_of(plain, role)
        if not found and not is_shaped(plain):
            found = plain_text(plain, role)
        return self.keep(found, fresh, text)

    def of_flattened(self, messages: list[Pairs], role: str, fresh: Fresh) -> bytes:
        """The hashes of flattened messages, each known by all it says."""
        seed, young, old = _SEEDS[role] + _FLATTENED, self._pieces.young, self._pieces.old
        found: list[bytes] = []
        before = _OTHER
        for pairs in messages:
            key = xxh3_128_digest("\x1e".join([f"{field}\x1f{value}" for field, value in pairs]).encode(), seed)
            piece = young.get(key)
            if piece is None:
                piece = young[key] = old.get(key) or self._learn_flattened(pairs, role, fresh)
            after = piece[HASH_BYTES:]
            if after == _CALL and before != _OTHER:  # continues the message before it
                return b"".join([message.hash for message in self.keep(read_flattened(messages, role), fresh)])
            if after:
                found.append(piece[:HASH_BYTES])
                before = after
        return b"".join(found)

    def _learn_flattened(self, pairs: Pairs, role: str, fresh: Fresh) -> bytes:
        """Hash and sort of one message; empty when it says nothing."""
        message = read_one(pairs, role)
        if message is None:
            return b""
        sort = _OTHER if message.role != "assistant" else _CALL if is_call(message) else _ANSWER
        return self.keep([message], fresh)[0].hash + sort

    def keep(self, messages: list[Message], fresh: Fresh, text: str = "") -> list[Canonical]:
        """Canonical forms, remembered; what cannot be written as JSON (too deep) is kept as the text it was."""
        kept: list[Canonical] = []
        for message in messages:
            try:
                told = canonical(message)
            except (TypeError, RecursionError):
                told = canonical(Message(message.role, [{"type": "text", "content": text or str(message.parts)}]))
            kept.append(told)
            fresh[told.hash] = told
            if told.role == "system":
                self._systems.put(told.hash, True)
        return kept

    def trim(self) -> None:
        """Make room; to be called after each batch."""
        self._pieces.trim()

    def is_system(self, message: bytes) -> bool:
        """Whether this is the hash of a system message."""
        return self._systems.get(message) is not None

    def _of_list(self, value: bytes | msgspec.Raw, role: str, fresh: Fresh) -> bytes | None:
        """Hashes of a list of messages, each by itself; None when it is another list, or broken."""
        try:
            raws = _raws(value)
        except (msgspec.DecodeError, RecursionError):
            return None
        seed, young, old = _SEEDS[role], self._pieces.young, self._pieces.old
        found: list[bytes] = []
        for raw in raws:
            key = xxh3_128_digest(raw, seed)
            piece = young.get(key)
            if piece is None:
                piece = old.get(key)
                if piece is None:
                    try:  # here and not in a function of its own: this is the hot road of what is new
                        simple = _text_message(raw)
                        told = canonical_text(simple.role, simple.parts[0].content)
                        fresh[told.hash] = told
                        piece = told.hash if told.text else b""
                    except msgspec.DecodeError:
                        piece = self._learn(raw, role, fresh)
                        if piece is None:
                            return None
                young[key] = piece
            found.append(piece)
        return b"".join(found) if len(found) != 1 else found[0]

    def _of_answer(self, value: bytes, fresh: Fresh) -> bytes | None:
        """The hash of an output that is one text. It is not remembered: as an input it comes back in other bytes."""
        try:
            answers = _text_messages(value)
        except (msgspec.DecodeError, RecursionError):
            return None
        if len(answers) != 1 or answers[0].role != "assistant" or not (text := answers[0].parts[0].content):
            return None
        told = canonical_text("assistant", text)
        fresh[told.hash] = told
        return told.hash

    def _learn(self, raw: msgspec.Raw, role: str, fresh: Fresh) -> bytes | None:
        """The hash of a message that stands for itself (it has a role); empty when it says nothing; None when it needs its neighbours."""
        try:
            block = orjson.loads(bytes(raw))
        except orjson.JSONDecodeError:
            return None
        if not isinstance(block, dict) or "role" not in block or are_items([block]):
            return None
        simple = plain_text_of(block)
        if simple is not None and simple[0] != "system":
            told = canonical_text(*simple)
            fresh[told.hash] = told
            return told.hash
        message = read_message(block, role)
        if message is None or not message.parts:
            return b"" if message is not None else None
        return self.keep([message], fresh)[0].hash

    def _of_request(self, value: bytes, role: str, fresh: Fresh) -> bytes | None:
        """Hashes of a request's messages, led by its instructions; None when it is another mapping."""
        try:
            fields = _mapping(value)
        except (msgspec.DecodeError, RecursionError):
            return None
        name = next((name for name in _LISTS if name in fields), None)
        if name is None or "role" in fields or "config" in fields or "generationConfig" in fields or "params" in fields:
            return None
        found = self._of_list(fields[name], role, fresh)
        told = next((fields[key] for key in SYSTEM_KEYS if key in fields), None)
        if not found or told is None or bytes(told) == b"null" or self.is_system(found[:16]):
            return found or None
        return self.hashes(bytes(told), "system", fresh) + found
