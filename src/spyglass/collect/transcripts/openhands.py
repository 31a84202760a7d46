"""OpenHands: conversations, trajectories, and what its evaluations write.

In: an event file of a conversation (`<conversation>/events/0.json …`, since 2026 `event-00000-<id>.json`), a trajectory (a list of events), or a line of
an `output.jsonl` (one task, with `history` and `metrics`). Out: turns (turn.py).

Old events have `action` or `observation` and name their cause by `cause`; what the agent does with a model carries `tool_call_metadata` with the
model's response. New ones have a `kind` (`ActionEvent`, `ObservationEvent` …) and `llm_response_id`. Several actions may come of one response: they are
one call. Where no time is written (old histories), events are placed one after another, to end at the time of the file when it was first seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final

from spyglass.collect.transcripts.content import Json, Part, blob, bounded, clip, count, dump, load, mapping, parse, reasoning, text, time_ns, tool_call, word
from spyglass.collect.transcripts.pieces import WARN, Call, Identity, Usage
from spyglass.collect.transcripts.session import Opening, Session
from spyglass.collect.transcripts.turn import Turn
from spyglass.model.errors import DecodeError

__all__ = ["AGENT", "OpenHands"]

AGENT: Final = "openhands"

_STEP_NS: Final = 10**6  # between events without a time
_ENDS: Final = {"finish", "reject", "AgentFinishAction", "FinishAction"}
_STATES: Final = {"agent_state_changed", "change_agent_state", "null", "recall", "ConversationStateUpdateEvent", "SystemPromptEvent", "system"}


class OpenHands:
    """Reads one conversation, or a file of some."""

    def __init__(self, opening: Opening) -> None:
        self.session = Session(Identity(AGENT), opening)
        self._limit = opening.limits.text
        self._path = PurePath(opening.path)
        self._last: str = ""  # call id of the last action, for observations that name no cause
        self._at_ns = 0
        self._costs: list[float] = []

    @property
    def waiting(self) -> bool:
        """Never."""
        return False

    def feed(self, record: bytes, place: int) -> None:
        """One event, one list of events, or one task with its history."""
        told = parse(record)
        self.session.place = place
        if isinstance(told, list):
            self._history(told, self._path.stem)
        elif isinstance(told, dict) and isinstance(told.get("history"), list):
            self._task(told)
        elif isinstance(told, dict):
            self.session.who.session = self._path.parent.name
            self._event(told, f"{self.session.who.session}\0{told.get('id', place)}")
        else:
            raise DecodeError("a record of a transcript is no object")

    def _task(self, told: Json) -> None:
        identity = word(told.get("instance_id")) or blake2b(dump([told.get("issue"), told.get("instruction")]).encode(), digest_size=8).hexdigest()
        metrics = mapping(told.get("metrics"))
        costs = metrics.get("costs")
        self._costs = [mapping(cost).get("cost", cost) for cost in costs] if isinstance(costs, list) else []
        self._history(told["history"], identity)
        turn = self.session.turn
        if turn is None:
            return
        if len(self._costs) != turn.count:  # no telling which is whose
            for call in turn.calls.values():
                call.more.pop("gen_ai.cost.total_cost", None)
        turn.more["gen_ai.cost.total_cost"] = _cost(metrics.get("accumulated_cost"))
        turn.error = word(told.get("error"), 200)
        self.session.end()

    def _history(self, events: Sequence[Any], identity: str) -> None:
        """A whole conversation at once."""
        who = self.session.who
        who.session = identity
        flat = [event for entry in events for event in (entry if isinstance(entry, list) else [entry]) if isinstance(event, dict)]
        anchors = self.session.memory.setdefault("anchors", {})
        anchor = anchors.setdefault(identity, self.session.opening.modified_ns - len(flat) * _STEP_NS)
        self.session.mark()
        for number, event in enumerate(flat):
            self._at_ns = anchor + number * _STEP_NS
            self._event(event, f"{identity}\0{event.get('id', number)}")

    def _event(self, told: Json, key: str) -> None:
        at_ns = time_ns(told.get("timestamp")) or self._at_ns
        kind = word(told.get("kind")) or word(told.get("action")) or word(told.get("observation"))
        source = word(told.get("source")) or ("user" if kind == "message" and self.session.turn is None else "agent")
        if kind in _STATES:
            self.session.opening.dropped("bookkeeping")
        elif kind in {"message", "MessageEvent"} and source == "user":
            parts = self._said(told)
            said = "\n".join(part["content"] for part in parts if part["type"] == "text")
            self.session.begin(key, at_ns, parts).note("agent.user_prompt", at_ns, {}, clip(said, 4096))
        elif kind == "Condensation" or "condensation" in kind:
            self.session.note("agent.compaction", at_ns, {"spyglass.transcript.type": kind})
        elif ("observation" in told and "action" not in told) or kind in {"ObservationEvent", "AgentErrorEvent", "UserRejectObservation"}:
            self._observation(told, kind, at_ns)
        elif source == "user":
            self.session.note("agent.command", at_ns, {"spyglass.transcript.type": kind}, clip(dump(told), 4096))
        elif "action" in told or kind in {"ActionEvent", "MessageEvent"}:
            self._action(told, kind, key, at_ns)
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": kind}, clip(dump(told), 4096))

    def _said(self, told: Json) -> list[Part]:
        """The words of a message, old or new."""
        message, arguments = mapping(told.get("llm_message")), mapping(told.get("args"))
        content = message.get("content", arguments.get("content", told.get("content")))
        out: list[Part] = []
        for block in content if isinstance(content, list) else [{"text": content}]:
            about = mapping(block)
            out += text(about.get("text"), self._limit)
            for url in about.get("image_urls") or []:
                out += blob(url, "")
        return out

    def _action(self, told: Json, kind: str, key: str, at_ns: int) -> None:
        """Something the agent does: the model's answer, and a tool unless it only speaks or ends."""
        about = mapping(told.get("tool_call_metadata"))
        response = mapping(about.get("model_response"))
        name = word(response.get("id")) or word(told.get("llm_response_id")) or key
        call = self.session.call(name, at_ns, word(response.get("model")))
        turn = self.session.turn
        if turn is None:
            return
        if name != key:
            call.response_id = name
        self._usage(call, response, told, turn)
        arguments = mapping(told.get("args"))
        if call.response_id == "" or not call.parts:
            call.parts += reasoning(told.get("reasoning_content"), self._limit)
            call.parts += self._thought(told, arguments)
        if kind in {"message", "MessageEvent"}:
            call.parts += self._said(told)
            turn.resting = True
        elif kind in _ENDS:
            call.parts += text(arguments.get("final_thought") or mapping(arguments.get("outputs")).get("content"), self._limit)
            call.finish, turn.resting = "stop", True
        elif kind == "think":
            pass
        else:
            self._tool(told, call, turn, key, at_ns)

    def _thought(self, told: Json, arguments: Json) -> list[Part]:
        thought = told.get("thought", arguments.get("thought"))
        if isinstance(thought, list):
            return [part for block in thought for part in text(mapping(block).get("text"), self._limit)]
        return text(thought, self._limit)

    def _tool(self, told: Json, call: Call, turn: Turn, key: str, at_ns: int) -> None:
        about, new = mapping(told.get("tool_call_metadata")), mapping(told.get("tool_call"))
        name = word(about.get("function_name")) or word(told.get("tool_name")) or word(told.get("action")) or word(told.get("kind"))
        identity = word(about.get("tool_call_id")) or word(told.get("tool_call_id")) or key
        asked = load(new.get("arguments")) if new else told.get("args")
        if asked is None:
            asked = {name: told[name] for name in ("command", "code", "path", "url", "browser_actions", "inputs") if name in told}
        elif isinstance(asked, dict):
            asked = {name: value for name, value in asked.items() if name not in {"thought", "kernel_init_code", "is_confirmed", "confirmation_state"}}
        asked = bounded(asked, self._limit)
        call.parts.append(tool_call(identity, name, asked, self._limit))
        call.finish = "tool_calls"
        turn.tool(identity, name, asked, at_ns)
        self._last = identity

    def _observation(self, told: Json, kind: str, at_ns: int) -> None:
        turn = self.session.turn
        if turn is None:
            self.session.opening.dropped("without_turn")
            return
        identity = word(mapping(told.get("tool_call_metadata")).get("tool_call_id")) or word(told.get("tool_call_id"))
        cause = f"{self.session.who.session}\0{told['cause']}" if told.get("cause") is not None else ""
        identity = identity or (cause if cause in turn.tools else "") or self._last
        extras, inner = mapping(told.get("extras")), mapping(told.get("observation"))
        exit_code = extras.get("exit_code", mapping(extras.get("metadata")).get("exit_code", told.get("exit_code", inner.get("exit_code"))))
        wrong = kind in {"error", "AgentErrorEvent"} or inner.get("is_error") is True or (isinstance(exit_code, int) and exit_code not in (0, -1))
        denied = kind in {"user_rejected", "UserRejectObservation"}
        if not identity or identity not in turn.tools:
            self.session.note("agent.error" if wrong else "agent.notice", at_ns, {"spyglass.transcript.type": kind}, clip(_content(told, inner), 4096))
            return
        tool = turn.result(identity, _content(told, inner), at_ns, error="permission_denied" if denied else "tool_error" if wrong else "")
        if isinstance(exit_code, int):
            tool.more["process.exit.code"] = exit_code
        if denied:
            turn.note("agent.permission_denied", at_ns, {"gen_ai.tool.name": tool.name, "gen_ai.tool.call.id": identity}, None, WARN)

    def _usage(self, call: Call, response: Json, told: Json, turn: Turn) -> None:
        usage = mapping(response.get("usage"))
        if usage:
            read = count(mapping(usage.get("prompt_tokens_details")).get("cached_tokens")) or count(usage.get("cache_read_input_tokens"))
            written = count(usage.get("cache_creation_input_tokens"))
            reasoned = count(mapping(usage.get("completion_tokens_details")).get("reasoning_tokens"))
            call.usage = Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")), read, written, reasoning=reasoned)
        elif call.usage is None and turn.count <= len(self._costs):
            call.more["gen_ai.cost.total_cost"] = _cost(self._costs[turn.count - 1])
        if "llm_metrics" in told:
            turn.more["gen_ai.cost.total_cost"] = _cost(mapping(told["llm_metrics"]).get("accumulated_cost"))


def _cost(told: Any) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and told > 0 else None


def _content(told: Json, inner: Json) -> str:
    content = told.get("content", inner.get("content", told.get("error", inner.get("output", inner))))
    if isinstance(content, list):
        return "\n".join(word(mapping(block).get("text"), 1 << 22) for block in content)
    return content if isinstance(content, str) else dump(content)
