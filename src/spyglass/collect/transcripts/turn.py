"""One turn of an agent as spans: the prompt, the model calls and the tools it led to.

In: what a format's module read, in the order of the file. Out: an `invoke_agent` span, `chat` spans and `execute_tool` spans below it, and events.
All ids come from what the transcript names (session, message, call), so that whoever reads it again, after a restart or from a copy, tells the same spans.

A model call is told when its usage is known or the next one begins, a tool when its result is there. The agent's span is told twice under one id:
`pending` when the turn begins, so that a running turn can be seen, and finished when the turn is over or has come to rest; if it goes on after all,
it is told again, longer.

Messages: each call carries what is new since the call before it, and of the turn's earlier messages as much as `Limits.history` allows: the whole
conversation with each call would make hours of work grow with the square of their length, and all of it stands in the spans before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from spyglass.collect.transcripts.content import Part, bounded, clip, dump, result_of, span_id, trace_id
from spyglass.collect.transcripts.pieces import Call, Identity, Limits, Place, Tool
from spyglass.model.told import INFO, Attributes, Event, Span, Value

__all__ = ["ABANDONED", "Turn"]


ABANDONED: Final = "the transcript has no result of it"

_KEPT_CALLS: Final = 32  # calls of the past that a late record may still add to
_KEPT_TOOLS: Final = 256


class Turn:
    """A turn while it is read; `drain` gives what may be told by now."""

    def __init__(self, who: Identity, key: str, start_ns: int, limits: Limits, place: Place | None = None) -> None:
        self.who, self.key, self.start_ns, self.end_ns, self.limits = replace(who), key, start_ns, start_ns, limits
        self.place = place or Place(trace_id("turn", who.agent, key))
        self.span = span_id("agent", who.agent, key)
        self.agent = self.place.agent or who.agent
        self.calls: dict[str, Call] = {}
        self.tools: dict[str, Tool] = {}
        self.current: Call | None = None
        self.count = 0
        self.over = self.resting = False  # `resting`: the model has said its last word, as far as it knows
        self.more: dict[str, Value] = {}
        self.error = ""
        self._input_ns = start_ns  # when the model could begin
        self._new: list[Call | str] = []  # messages since the last call
        self._old: list[Call | str] = []
        self._prompt: list[Part] = []
        self._told = self._pending = False
        self._out: list[Span | Event] = []

    def prompt(self, parts: list[Part]) -> None:
        """What the user asks for."""
        if not parts:
            return
        self._prompt += parts
        self._new.append(dump({"role": "user", "parts": parts}))
        self._told = False

    def hear(self, role: str, parts: list[Part], at_ns: int) -> None:
        """A message that the model reads with its next call."""
        if parts:
            self._new.append(dump({"role": role, "parts": parts}))
        self._passed(at_ns, heard=True)

    def call(self, key: str, at_ns: int, model: str = "") -> Call:
        """The model call of this key; a new one ends the one before."""
        at_ns = self._passed(at_ns)
        found = self.calls.get(key)
        if found is None:
            self.close_call()
            found = self.calls[key] = self.current = Call(key, min(self._input_ns or at_ns, at_ns), at_ns, model, self._messages())
            self._new.append(found)  # what it says is written when the next call needs it
            self.count += 1
            self._forget()
        found.end_ns, found.dirty, self._told, self.resting = max(found.end_ns, at_ns), True, False, False
        if model:
            found.model = model
        return found

    def close_call(self) -> None:
        """The current call is complete."""
        if self.current is not None:
            self._input_ns = max(self._input_ns, self.current.end_ns)
            self.current = None

    def tool(self, identity: str, name: str, arguments: Any, at_ns: int) -> Tool:
        """A tool that the model asked for begins."""
        at_ns = self._passed(at_ns)
        if (found := self.tools.get(identity)) is None:
            found = self.tools[identity] = Tool(identity, name, at_ns, bounded(arguments, self.limits.text))
            self._told = False
        return found

    def result(self, identity: str, result: str, at_ns: int, *, error: str = "") -> Tool:
        """A tool's answer; also of one whose beginning nobody wrote down."""
        at_ns = self._passed(at_ns, heard=True)
        tool = self.tools.get(identity) or self.tool(identity, "", None, at_ns)
        tool.result, tool.error, tool.end_ns, tool.dirty, self._told = clip(result, self.limits.text), error, max(at_ns, tool.start_ns), True, False
        if error:
            tool.message = clip(result.partition("\n")[0], 200)
        self._new.append(dump({"role": "tool", "parts": [result_of(identity, tool.result, failed=bool(error))]}))
        return tool

    def note(self, name: str, at_ns: int, attributes: Attributes | None = None, body: Value = None, severity: int = INFO) -> None:
        """An event of this turn."""
        self._out.append(Event(name, self._passed(at_ns), {**self._about(), **(attributes or {})}, body, severity, self.place.trace, self.span))

    def finish(self) -> None:
        """Nothing more will come: tools that are still open never answered."""
        self.close_call()
        for tool in self.tools.values():
            if not tool.end_ns:
                tool.end_ns, tool.error, tool.message, tool.dirty, self._told = max(self.end_ns, tool.start_ns), "abandoned", ABANDONED, True, False
        self.over = True

    def drain(self, *, rest: bool = False) -> list[Span | Event]:
        """What may be told and was not. `rest`: the agent waits, so that all there is may be told, the agent's span as finished."""
        rest = rest or self.resting  # changes nothing but what is told: another reading of the file may find no rest here
        out, self._out = self._out, []
        for call in self.calls.values():
            if call.dirty and (rest or call is not self.current or call.usage is not None):
                call.dirty = False
                out.append(self._call_span(call))
        for tool in self.tools.values():
            if tool.dirty and tool.end_ns:
                tool.dirty = False
                out.append(self._tool_span(tool))
        if not self._told and (rest or self.over):
            self._told = self._pending = True
            out.append(self._agent_span())
        elif not self._pending:
            self._pending = True
            out.append(self._agent_span(pending=True))
        return out

    def tool_span(self, identity: str) -> bytes:
        """The id of a tool's span."""
        return span_id("tool", self.who.agent, self.key, identity)

    def _passed(self, at_ns: int, *, heard: bool = False) -> int:
        """The time of a record, where it has one; clocks that go back are held."""
        at_ns = max(at_ns, self.start_ns) if at_ns else self.end_ns
        self.end_ns = max(self.end_ns, at_ns)
        if heard:
            self._input_ns = max(self._input_ns, at_ns)
        return at_ns

    def _messages(self) -> str:
        """JSON of the input of a call that begins: all that is new, and what fits of the rest."""
        new = [self._written(message) for message in self._new]
        kept: list[Call | str] = []
        room = self.limits.history
        for message in reversed(self._old):
            room -= len(self._written(message))
            if room < 0:
                break
            kept.append(message)
        kept.reverse()
        told = [*(self._written(message) for message in kept), *new]
        self._old, self._new = [*kept, *self._new], []
        return f"[{','.join(told)}]" if told else ""

    @staticmethod
    def _written(message: Call | str) -> str:
        return message if isinstance(message, str) else dump(message.output())

    def _forget(self) -> None:
        """Keep what is open, and a few of the rest."""
        for key in [key for key, call in islice(self.calls.items(), max(0, len(self.calls) - _KEPT_CALLS)) if not call.dirty]:
            del self.calls[key]
        for key in [key for key, tool in islice(self.tools.items(), max(0, len(self.tools) - _KEPT_TOOLS)) if tool.end_ns and not tool.dirty]:
            del self.tools[key]

    def _about(self) -> dict[str, Value]:
        return {**self.who.attributes(), "gen_ai.agent.name": self.agent}

    def _call_span(self, call: Call) -> Span:
        model = call.model or self.who.model
        told: dict[str, Value] = {**self._about(), "gen_ai.operation.name": "chat", "gen_ai.provider.name": self.who.provider, "gen_ai.request.model": model}
        told |= {"gen_ai.response.model": model, "gen_ai.response.id": call.response_id, "gen_ai.input.messages": call.said, "error.type": call.error}
        told |= call.more
        if call.parts:
            told["gen_ai.output.messages"] = f"[{dump(call.output())}]"
        if call.finish:
            told["gen_ai.response.finish_reasons"] = [call.finish]
        if call.usage is not None:
            told |= call.usage.attributes()
        identity = span_id("call", self.who.agent, self.key, call.key)
        return Span(
            f"chat {model}".rstrip(),
            call.start_ns,
            call.end_ns,
            self.place.trace,
            identity,
            self.span,
            "client",
            _given(told),
            call.message or call.error or None,
        )

    def _tool_span(self, tool: Tool) -> Span:
        told: dict[str, Value] = {**self._about(), "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool.name, "gen_ai.tool.call.id": tool.identity}
        told |= {"gen_ai.tool.type": "function", "gen_ai.tool.call.result": tool.result, "error.type": tool.error}
        if tool.arguments not in (None, ""):
            told["gen_ai.tool.call.arguments"] = tool.arguments if isinstance(tool.arguments, str) else dump(tool.arguments)
        told |= tool.more
        failed = (tool.message or tool.error) if tool.error else None
        name = f"execute_tool {tool.name}".rstrip()
        return Span(name, tool.start_ns, tool.end_ns, self.place.trace, self.tool_span(tool.identity), self.span, "internal", _given(told), failed)

    def _agent_span(self, *, pending: bool = False) -> Span:
        who = self.who
        told: dict[str, Value] = {**self._about(), "gen_ai.operation.name": "invoke_agent", "gen_ai.provider.name": who.provider}
        told |= {"gen_ai.agent.version": who.version, "process.working_directory": who.directory, "vcs.ref.head.name": who.branch}
        if self._prompt:
            told["gen_ai.input.messages"] = f"[{dump({'role': 'user', 'parts': self._prompt})}]"
        last = next((call for call in reversed(self.calls.values()) if call.parts), None)
        if last is not None and not pending:
            told["gen_ai.output.messages"] = f"[{dump(last.output())}]"
        told |= self.more
        told["error.type"] = self.error
        if pending:
            told["spyglass.pending"] = "true"
        end_ns = self.start_ns if pending else self.end_ns
        name = f"invoke_agent {self.agent}"
        return Span(name, self.start_ns, end_ns, self.place.trace, self.span, self.place.parent, "internal", _given(told), self.error or None)


def _given(told: Mapping[str, Value]) -> dict[str, Value]:
    """Without what is not known."""
    return {key: value for key, value in told.items() if value not in ("", None)}
