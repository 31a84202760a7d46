"""JSON-RPC 2.0 as it passes: which answer belongs to which question, in both directions of one conversation.

In: messages with their times and senders. Out: questions with their answers, or without one at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from spyglass.collect.flows.limits import Account, Held
from spyglass.collect.flows.wire_json import Json, loads

__all__ = ["Conversation", "Message", "Question", "messages"]


_MOST_EARLY: Final = 32


class Message(NamedTuple):
    """One message. A request has a method and an id, a notification no id, an answer no method."""

    method: str
    id: str | int | None
    content: Json  # params of a request, the whole of an answer
    size: int = 0  # of the document that it stood in

    @property
    def is_answer(self) -> bool:
        """Whether it answers."""
        return not self.method


@dataclass(slots=True)
class Question:
    """A request. `asked_here`: by the side that was called `here`. `answer` is the message with its result or error, None while there is none."""

    method: str
    id: str | int
    params: Json
    asked_here: bool
    started_ns: int
    ended_ns: int = 0
    answer: Json | None = None
    size: int = 0


def messages(data: bytes) -> list[Message]:
    """The messages of a document, which may be a batch; none where it is no JSON-RPC."""
    if b'"jsonrpc"' not in data:
        return []
    value = loads(data)
    found = [_message(item, len(data)) for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict) and item.get("jsonrpc") == "2.0"]
    return [message for message in found if message is not None]


def _message(item: Json, size: int) -> Message | None:
    identity = item.get("id")
    if isinstance(identity, float | bool) or not isinstance(identity, str | int | None):
        return None
    if isinstance(item.get("method"), str):
        params = item.get("params")
        return Message(item["method"], identity, params if isinstance(params, dict) else {}, size)
    if identity is not None and ("result" in item or "error" in item):
        return Message("", identity, item, size)
    return None


class Conversation:
    """Questions of both sides that wait for answers, and answers that were seen before their questions (they came on another connection)."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._waiting: dict[tuple[bool, Any], Question] = {}
        self._early: dict[tuple[bool, Any], tuple[int, Message]] = {}
        self._held = Held(account)  # by questions and early answers

    def ask(self, time_ns: int, here: bool, message: Message) -> list[Question]:
        """A request was sent by the side that is, or is not, `here`. What ends with it: itself, when its answer is known, and one that had the same id."""
        if message.id is None:
            return []
        key = (here, message.id)
        question = Question(message.method, message.id, message.content, here, time_ns, size=message.size)
        early = self._early.pop(key, None)
        if early is not None:
            self._held.be(self._held.size - early[1].size)
            if early[0] >= time_ns:
                question.ended_ns, question.answer = early[0], early[1].content
                return [question]
        over = [self.give_up(time_ns, here, message.id)]
        if len(self._waiting) >= self._account.limits.requests:
            self._account.lose("too_many_requests")
            over.append(self.give_up(time_ns, *next(iter(self._waiting))))
        if self._held.be(self._held.size + message.size):
            self._waiting[key] = question
        return [before for before in over if before is not None]

    def answer(self, time_ns: int, here: bool, message: Message) -> Question | None:
        """An answer was sent by the side that is, or is not, `here`: its question, whole now; None where nobody has asked yet."""
        key = (not here, message.id)
        question = self.give_up(time_ns, *key)
        if question is None:
            self._keep(time_ns, key, message)
            return None
        question.ended_ns, question.answer = max(time_ns, question.started_ns), message.content
        return question

    def _keep(self, time_ns: int, key: tuple[bool, Any], message: Message) -> None:
        """Keep an answer whose question may still be seen."""
        before = [self._early.pop(key, None)]
        if len(self._early) >= _MOST_EARLY:
            self._account.lose("answer_without_request")
            before.append(self._early.pop(next(iter(self._early))))
        given_back = sum(early[1].size for early in before if early is not None)
        if self._held.be(self._held.size - given_back + message.size):
            self._early[key] = (time_ns, message)
        else:
            self._held.be(self._held.size - given_back)

    def give_up(self, time_ns: int, here: bool, identity: str | int | None) -> Question | None:
        """No answer will come to a question; None where there is no such."""
        question = self._waiting.pop((here, identity), None)
        if question is not None:
            question.ended_ns = time_ns
            self._held.be(self._held.size - question.size)
        return question

    def end(self, time_ns: int) -> list[Question]:
        """What nobody has answered."""
        left = list(self._waiting.values())
        self._waiting.clear()
        self._early.clear()
        self._held.be(0)
        for question in left:
            question.ended_ns = time_ns
        return left
