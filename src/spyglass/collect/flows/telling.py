"""Exchanges and questions become spans: names, ids, times, attributes.

In: exchanges that are over, MCP questions with their answers. Out: `Span`s and `Event`s as an instrumented program would have told them, marked as evidence.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Literal

from spyglass.collect.flows import attributes, mcp
from spyglass.collect.flows.exchange import Exchange
from spyglass.collect.flows.headers import traceparent
from spyglass.collect.flows.jsonrpc import Message, Question
from spyglass.collect.flows.providers.call import Answer, Call
from spyglass.collect.flows.wire_json import dumps
from spyglass.collect.records import Actor
from spyglass.model.told import Event, Span, Value

__all__ = ["Context", "Roots", "Teller", "by_root"]

Context = tuple[bytes, bytes]
"""Ids of a trace and of the span above; the second is empty at the root."""

Roots = Callable[[Actor, int, bool], Context]
"""Where what an actor did belongs that began at a time (ns), when it does not say so itself; the last one: agents do so (model calls, tools asked for)."""

_ODD: Final = re.compile(r"[^\w.:/-]+")
_LONGEST_MESSAGE: Final = 500
_KEY_STATUSES: Final = frozenset({401, 403})  # providers repeat a part of the key in the message


def by_root(watch: str) -> Roots:
    """One trace for each watched root process of a watch."""

    def context(actor: Actor, began_ns: int, agentic: bool) -> Context:  # noqa: ARG001
        return blake2b(f"{watch}/{actor.root}".encode(), digest_size=16, person=b"spyglass.watch").digest(), b""

    return context


class Teller:
    """Makes spans. `ids` gives span ids, 8 bytes, never twice."""

    def __init__(self, roots: Roots, ids: Callable[[], bytes] | None = None) -> None:
        self._roots = roots
        self._ids = ids or (lambda: secrets.token_bytes(8))

    def http(self, exchange: Exchange) -> Span:
        """A plain exchange, without bodies."""
        told = attributes.http(exchange) | attributes.ends(exchange) | attributes.capture(exchange)
        told["url.scheme"] = "https" if exchange.secure else "http"
        if exchange.query:
            told["url.query"] = exchange.query
        for way, count in exchange.messages.items():
            told[f"spyglass.websocket.messages_{way}"] = count
        error = _http_error(exchange)
        if error:
            told["error.type"] = error
        return self._span(exchange, exchange.method or "HTTP", told, error or None)

    def call(self, exchange: Exchange, call: Call) -> Span:
        """A model call, as an instrumented client tells it."""
        told = _asked(call) | _answered(call, exchange) | attributes.http(exchange) | attributes.ends(exchange) | attributes.capture(exchange)
        if not call.answer.over and "spyglass.capture" not in told:
            told["spyglass.capture"], told["spyglass.capture.reason"] = "cut", "stream_unfinished"
        elif call.answer.over and told.get("spyglass.capture.reason") in {"connection_ended", "reset"} and exchange.response.body.events:
            del told["spyglass.capture"], told["spyglass.capture.reason"]  # hung up after the last event: nothing is missing
        failed = _failed(call.answer, exchange, told)
        return self._span(exchange, f"{call.operation} {call.model or call.answer.model}".strip(), told, failed, agentic=True)

    def question(self, question: Question, exchange: Exchange, told: dict[str, Value]) -> Span:
        """A question of MCP over HTTP; `told` are its attributes."""
        told = told | attributes.http(exchange) | attributes.ends(exchange) | attributes.capture(exchange)
        wrong = mcp.failure(question)
        if question.answer is None and exchange.status >= 400:
            wrong = str(exchange.status), "the server refused the request"
        asked = exchange.client == question.asked_here
        return self._question(question, exchange.actor, told, asked, wrong, exchange.request.fields.get("traceparent"))

    def piped(self, question: Question, actor: Actor, told: dict[str, Value]) -> Span:
        """A question of MCP over pipes; the one who asked it is the client of this span."""
        told["spyglass.evidence"] = "stdio"
        return self._question(question, actor, told, True, mcp.failure(question))

    def notification(self, time_ns: int, actor: Actor, message: Message, told: dict[str, Value]) -> Event:
        """A message that wants no answer."""
        trace, parent = self._roots(actor, time_ns, False)
        return Event(
            "mcp.notification",
            time_ns,
            {**told, **attributes.process(actor)},
            dumps(message.content) if message.content else None,
            trace_id=trace,
            span_id=parent,
        )

    def _question(
        self, question: Question, actor: Actor, told: dict[str, Value], asked: bool, wrong: tuple[str, str] | None, header: str | None = None
    ) -> Span:
        meta = question.params.get("_meta")
        said = meta.get("traceparent") if isinstance(meta, dict) else None
        trace, parent = traceparent(said if isinstance(said, str) else None) or traceparent(header) or self._roots(actor, question.started_ns, asked)
        if wrong is not None:
            told["error.type"] = wrong[0]
            if question.answer is not None and wrong[0] != "tool_error":
                told["rpc.response.status_code"] = wrong[0]
        kind: Literal["client", "server"] = "client" if asked else "server"
        end_ns = max(question.ended_ns, question.started_ns)
        told = {**told, **attributes.process(actor)}
        return Span(mcp.name_of(question), question.started_ns, end_ns, trace, self._ids(), parent, kind, told, f"{wrong[0]}: {wrong[1]}" if wrong else None)

    def _span(self, exchange: Exchange, name: str, told: dict[str, Value], failed: str | None, *, agentic: bool = False) -> Span:
        trace, parent = traceparent(exchange.request.fields.get("traceparent")) or self._roots(exchange.actor, exchange.started_ns, agentic and exchange.client)
        kind: Literal["client", "server"] = "client" if exchange.client else "server"
        end_ns = max(exchange.ended_ns, exchange.started_ns)
        return Span(name, exchange.started_ns, end_ns, trace, self._ids(), parent, kind, {**told, **attributes.process(exchange.actor)}, failed)


def _http_error(exchange: Exchange) -> str:
    """A server has failed from 500 on, a client also with what it did wrong."""
    if exchange.status >= (400 if exchange.client else 500):
        return str(exchange.status)
    return exchange.reason if exchange.outcome == "cut" and not exchange.response.known else ""


def _asked(call: Call) -> dict[str, Value]:
    told: dict[str, Value] = {"gen_ai.operation.name": call.operation, "gen_ai.provider.name": call.provider, **call.parameters}
    if call.model:
        told["gen_ai.request.model"] = call.model
    if call.stream:
        told["gen_ai.request.stream"] = True
    if call.conversation:
        told["gen_ai.conversation.id"] = call.conversation
    for name, value in (("gen_ai.system_instructions", call.system), ("gen_ai.input.messages", call.input), ("gen_ai.tool.definitions", call.tools)):
        if value:
            told[name] = dumps(value)
    return told


def _answered(call: Call, exchange: Exchange) -> dict[str, Value]:
    answer = call.answer
    told: dict[str, Value] = dict(answer.attributes)
    if answer.id:
        told["gen_ai.response.id"] = answer.id
    if answer.model:
        told["gen_ai.response.model"] = answer.model
    if answer.finish_reasons:
        told["gen_ai.response.finish_reasons"] = answer.finish_reasons
    if answer.output:
        told["gen_ai.output.messages"] = dumps(answer.output)
    for name, count in answer.usage.items():
        if count or "." not in name:
            told[f"gen_ai.usage.{name}"] = count
    if answer.first_ns > exchange.started_ns:
        told["gen_ai.response.time_to_first_chunk"] = (answer.first_ns - exchange.started_ns) / 1e9
    return told


def _failed(answer: Answer, exchange: Exchange, told: dict[str, Value]) -> str | None:
    """The message of a call that failed; its type is noted in `told`."""
    error = answer.error or _http_error(exchange)
    if not error:
        return None
    told["error.type"] = error = _ODD.sub("_", error[:100])
    begin = f"{exchange.status} {error}" if exchange.status >= 400 and error != str(exchange.status) else error
    return f"{begin}: {answer.error_message[:_LONGEST_MESSAGE]}" if answer.error_message and exchange.status not in _KEY_STATUSES else begin
