"""MCP over HTTP: questions are POSTed; answers come as JSON, as events of the same exchange, or on a stream of events that a GET keeps open.

In: exchanges, and events of open streams. Out: spans of questions, events of notifications. A conversation spans many exchanges: a server asks on one and is
answered on another.
"""

from __future__ import annotations

from spyglass.collect.flows import mcp
from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.jsonrpc import Conversation, Message, Question, messages
from spyglass.collect.flows.limits import Account
from spyglass.collect.flows.sse import ServerEvent
from spyglass.collect.flows.telling import Teller
from spyglass.model.told import Event, Span

__all__ = ["McpHttp"]

_Key = tuple[int, int, bool, str, str]


class _Talk:
    def __init__(self, account: Account) -> None:
        self.session = mcp.Session()
        self.conversation = Conversation(account)


class McpHttp:
    """All conversations over HTTP, those of the latest first kept."""

    def __init__(self, account: Account, teller: Teller) -> None:
        self._account = account
        self._teller = teller
        self._talks: dict[_Key, _Talk] = {}

    def claims(self, exchange: Exchange) -> bool:
        """Whether the request is MCP's: by its headers, or by what it asks."""
        if exchange.method not in {"POST", ""} or exchange.request.body.form != "json":
            return False
        found = messages(exchange.request.body.whole())
        told = exchange.request.fields
        if found and ("mcp-session-id" in told or "mcp-protocol-version" in told or "mcp-session-id" in exchange.response.fields):
            return True
        if any(message.is_answer for message in found) and _key(exchange) in self._talks:
            return True
        return any(mcp.is_mcp(message.method, mcp.Session()) or (message.method == "initialize" and "clientInfo" in message.content) for message in found)

    def read(self, exchange: Exchange) -> list[Span | Event]:
        """What one exchange says: questions with their answers; a question whose answer comes on another stream waits."""
        talk = self._talk(exchange)
        found: list[Span | Event] = []
        asked = messages(exchange.request.body.whole())
        for message in asked:
            found += self._take(talk, exchange, exchange.started_ns, True, message)
        body = exchange.response.body
        answers = [(event.time_ns, event.data) for event in body.events] or [(exchange.ended_ns, body.whole())]
        for time_ns, data in answers:
            for message in messages(data):
                found += self._take(talk, exchange, time_ns, False, message)
        if exchange.status != 202:  # accepted: the answer comes elsewhere
            given_up = [talk.conversation.give_up(exchange.ended_ns, True, message.id) for message in asked if message.method]
            found += [self._told(talk, exchange, question) for question in given_up if question is not None]
        return found

    def event(self, exchange: Exchange, event: ServerEvent) -> list[Span | Event]:
        """What an event of an open stream says."""
        found: list[Span | Event] = []
        for message in messages(event.data):
            found += self._take(self._talk(exchange), exchange, event.time_ns, False, message)
        return found

    def _take(self, talk: _Talk, exchange: Exchange, time_ns: int, here: bool, message: Message) -> list[Span | Event]:
        """One message; `here`: from the side that makes the HTTP requests."""
        if message.is_answer:
            question = talk.conversation.answer(time_ns, here, message)
            return [] if question is None else [self._told(talk, exchange, question)]
        mcp.learn(talk.session, message.method, message.content, None)
        if message.id is None:
            told = mcp.notification(message, talk.session, "tcp")
            return [self._teller.notification(time_ns, exchange.actor, message, told)] if mcp.is_mcp(message.method, talk.session) else []
        return [self._told(talk, exchange, question) for question in talk.conversation.ask(time_ns, here, message)]

    def _told(self, talk: _Talk, exchange: Exchange, question: Question) -> Span:
        result = (question.answer or {}).get("result")
        mcp.learn(talk.session, question.method, question.params, result)
        return self._teller.question(question, exchange, mcp.attributes(question, talk.session, "tcp"))

    def _talk(self, exchange: Exchange) -> _Talk:
        """The conversation that an exchange is part of: of one process with one server, in one session."""
        key = _key(exchange)
        session = key[4]
        talk = self._talks.pop(key, None) or _Talk(self._account)
        given = exchange.response.fields.get("mcp-session-id", "")
        if given and not session:  # this exchange has begun the session
            key = (*key[:4], given)
        talk.session.id = talk.session.id or session or given
        talk.session.version = exchange.request.fields.get("mcp-protocol-version", "") or talk.session.version
        talk.session.confirmed = talk.session.confirmed or bool(talk.session.id)
        self._talks[key] = talk
        if len(self._talks) > self._account.limits.sessions:
            self._account.lose("too_many_sessions")
            self._talks.pop(next(iter(self._talks))).conversation.end(0)
        return talk

    def close(self) -> None:
        """Everything is over: what waits for an answer was told to wait elsewhere, and is given up."""
        for talk in self._talks.values():
            self._account.lose("answer_not_seen", len(talk.conversation.end(0)))
        self._talks.clear()


def _key(exchange: Exchange) -> _Key:
    return (exchange.actor.pid, exchange.actor.started_ns, exchange.client, exchange.host, exchange.request.fields.get("mcp-session-id", ""))
