"""MCP over the standard pipes of a process: one JSON-RPC message a line.

In: chunks of descriptors 0 and 1 of a process, which is the server where it answers what clients ask. Out: spans of questions, events of notifications.
What stands on the pipes of other programs is passed over. A message that went through a proxy was seen in two processes, and is told once.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

from spyglass.collect.flows import mcp
from spyglass.collect.flows.jsonrpc import Conversation, Message, Question, messages
from spyglass.collect.flows.limits import Account
from spyglass.collect.flows.streams import Direction, Placed
from spyglass.collect.flows.telling import Teller
from spyglass.collect.flows.wire_json import dumps
from spyglass.collect.records import Actor, Chunk, Stream, StreamEnd
from spyglass.model.told import Event, Span

__all__ = ["Pipes"]

_INPUT: Final = 0
_OUTPUT: Final = 1
_REMEMBERED: Final = 4096  # questions that were told
_JSON: Final = (b"{", b"[")

Found = list[Span | Event]


class _Lines:
    """Lines that may be JSON; of all others not even the begin is kept."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rest = bytearray()
        self._skipping = True  # until a line begins; at the first byte one does

    def begin(self) -> None:
        """The next byte begins a line."""
        self._skipping = False

    def lose(self) -> None:
        """Bytes were lost: the line that they belonged to is too."""
        self.clear()
        self._skipping = True

    def clear(self) -> None:
        """Forget what has no end yet."""
        self._account.release(len(self._rest))
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` ends."""
        *whole, last = data.split(b"\n")
        found = []
        for piece in whole:
            self._add(piece)
            if self._rest:
                found.append(bytes(self._rest))
            self.clear()
            self._skipping = False
        self._add(last)
        return found

    def _add(self, piece: bytes) -> None:
        if self._skipping or not piece:
            return
        if not self._rest and piece.lstrip()[:1] not in _JSON:
            self._skipping = bool(piece.strip())
        elif len(self._rest) + len(piece) > self._account.limits.body_bytes or not self._account.hold(len(piece)):
            self._account.lose("line_too_long")
            self.lose()
        else:
            self._rest += piece


class _Pair:
    """Input and output of one process. `here` of its conversation is the process."""

    def __init__(self, actor: Actor, account: Account) -> None:
        self.actor = actor
        self.directions = {_INPUT: (Direction(), _Lines(account)), _OUTPUT: (Direction(), _Lines(account))}
        self.open = {_INPUT, _OUTPUT}
        self.session = mcp.Session()
        self.conversation = Conversation(account)
        self.last_ns = 0


class Pipes:
    """The pipes of all watched processes; those that were silent longest are forgotten first."""

    def __init__(self, account: Account, teller: Teller) -> None:
        self._account = account
        self._teller = teller
        self._pairs: OrderedDict[tuple[int, int], _Pair] = OrderedDict()
        self._started: dict[int, int] = {}  # of the processes that have pipes here, by pid
        self._told: OrderedDict[bytes, Actor] = OrderedDict()

    def take(self, chunk: Chunk) -> Found:
        """The next piece of a pipe."""
        wanted = (chunk.stream.handle == _INPUT and chunk.direction == "in") or (chunk.stream.handle == _OUTPUT and chunk.direction == "out")
        if not wanted:  # the other end of somebody's pipe, or errors
            return []
        found: Found = []
        pair = self._pair(chunk.stream, chunk.actor, found)
        pair.last_ns = chunk.time_ns
        direction, lines = pair.directions[chunk.stream.handle]
        fresh = direction.fresh
        placed = direction.place(chunk)
        if placed is None:
            self._account.lose("out_of_order")
            return found
        if fresh and placed.begins and not placed.hole:
            lines.begin()
        return found + self._feed(pair, lines, chunk, placed)

    def end(self, ended: StreamEnd) -> Found:
        """A pipe brings nothing more; when neither does, what was not answered never will be."""
        key = (ended.stream.pid, ended.stream.started_ns)
        pair = self._pairs.get(key)
        if pair is None:
            return []
        pair.open.discard(ended.stream.handle)
        if pair.open:
            return []
        del self._pairs[key]
        self._started.pop(ended.stream.pid, None)
        return self._close(pair, ended.time_ns)

    def exit(self, pid: int, time_ns: int) -> Found:
        """A process has ended, and with it its pipes."""
        pair = self._pairs.pop((pid, self._started.pop(pid, 0)), None)
        return [] if pair is None else self._close(pair, time_ns)

    def close(self) -> Found:
        """Everything is over."""
        pairs = list(self._pairs.values())
        self._pairs.clear()
        self._started.clear()
        return [told for pair in pairs for told in self._close(pair, pair.last_ns)]

    def _pair(self, stream: Stream, actor: Actor, found: Found) -> _Pair:
        key = (stream.pid, stream.started_ns)
        pair = self._pairs.get(key)
        if pair is None:
            pair = self._pairs[key] = _Pair(actor, self._account)
            self._started[stream.pid] = stream.started_ns
            if len(self._pairs) > self._account.limits.sessions:
                self._account.lose("too_many_sessions")
                (pid, _), oldest = self._pairs.popitem(last=False)
                self._started.pop(pid, None)
                found += self._close(oldest, oldest.last_ns)
        else:
            self._pairs.move_to_end(key)
        return pair

    def _feed(self, pair: _Pair, lines: _Lines, chunk: Chunk, placed: Placed) -> Found:
        if placed.hole:
            lines.lose()
            if placed.begins:  # a message is mostly one write; the rest of one that was lost is no JSON
                lines.begin()
        found: Found = []
        here = chunk.stream.handle == _OUTPUT
        for line in lines.feed(placed.data):
            for message in messages(line):
                found += self._take(pair, chunk.time_ns, here, message)
        return found

    def _take(self, pair: _Pair, time_ns: int, here: bool, message: Message) -> Found:
        if message.is_answer:
            question = pair.conversation.answer(time_ns, here, message)
            return [] if question is None else self._answered(pair, question)
        mcp.learn(pair.session, message.method, message.content, None)
        if message.id is None:
            if not mcp.is_mcp(message.method, pair.session):
                return []
            told = mcp.notification(message, pair.session, "pipe")
            return [self._teller.notification(time_ns, pair.actor, message, {**told, "spyglass.evidence": "stdio"})]
        return [told for question in pair.conversation.ask(time_ns, here, message) for told in self._answered(pair, question)]

    def _answered(self, pair: _Pair, question: Question) -> Found:
        """Tell a question that is over, unless its other copy was told: by the proxy, a parent or child; by anybody, where it has no answer."""
        if not mcp.is_mcp(question.method, pair.session):
            self._account.lose("jsonrpc_other")
            return []
        mcp.learn(pair.session, question.method, question.params, (question.answer or {}).get("result"))
        key = _digest(pair.actor, question)
        other = self._told.get(key)
        if other is not None and other.pid != pair.actor.pid:
            related = other.pid == pair.actor.ppid or other.ppid == pair.actor.pid
            if question.answer is None or related:
                return []
        self._told[key] = pair.actor
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        told = mcp.attributes(question, pair.session, "pipe")
        server = question.asked_here != mcp.of_client(question.method)
        return [self._teller.piped(question, pair.actor, {**told, "spyglass.mcp.role": "server" if server else "client"})]

    def _close(self, pair: _Pair, time_ns: int) -> Found:
        for _, lines in pair.directions.values():
            lines.clear()
        return [told for question in pair.conversation.end(time_ns) for told in self._answered(pair, question)]


def _digest(actor: Actor, question: Question) -> bytes:
    told = dumps([actor.root, question.method, question.id, question.params])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()
