"""SWE-agent: trajectories `*.traj`, written anew after each step.

In: the whole document: `history` (messages), `trajectory` (thought, action, observation per step), `info`. Out: one turn (turn.py): a trajectory is one
task.

The history tells the calls of the model and, in newer versions, the ids of its tool calls; the trajectory adds how long each action took. No time of
day is written: steps lie one after another, to end at the time of the file when it was first seen. Tokens and cost are totals of the task: they stand
on the agent's span, as it reports them. Messages marked `is_demo` are examples that the agent was shown, not what it did.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final

from spyglass.collect.transcripts.content import Json, Part, clip, count, dump, load, mapping, parse, text, tool_call, word
from spyglass.collect.transcripts.pieces import Identity
from spyglass.collect.transcripts.session import Opening, Session
from spyglass.collect.transcripts.turn import Turn
from spyglass.model.errors import DecodeError

__all__ = ["AGENT", "SweAgent"]

AGENT: Final = "swe-agent"

_STEP_NS: Final = 10**6  # of what has no duration


class SweAgent:
    """Reads one trajectory; made anew for each state of it."""

    def __init__(self, opening: Opening) -> None:
        self.session = Session(Identity(AGENT), opening)
        self._limit = opening.limits.text
        self._at_ns = 0
        self._steps: list[Json] = []

    @property
    def waiting(self) -> bool:
        """Never."""
        return False

    def feed(self, record: bytes, place: int) -> None:
        """The whole document."""
        told = parse(record)
        self.session.place = place
        if not isinstance(told, dict) or not isinstance(told.get("history", told.get("trajectory")), list):
            raise DecodeError("a trajectory has no history")
        history: list[Json] = [message for message in told.get("history") or _history(told) if isinstance(message, dict) and message.get("is_demo") is not True]
        self._steps = [step for step in told.get("trajectory") or [] if isinstance(step, dict)]
        who = self.session.who
        who.session = self._identity(history)
        who.model = _model(told)
        self._at_ns = self._anchor(len(history))
        self._read(history)
        if self.session.turn is not None:
            _reported(self.session.turn, mapping(told.get("info")))

    def _identity(self, history: list[Json]) -> str:
        """What names a run: the task and how it began, whatever folder it lies in."""
        begin = dump([message.get("content") for message in history[:2]])
        return f"{PurePath(self.session.opening.path).stem[:120]}-{blake2b(begin.encode(), digest_size=4).hexdigest()}"

    def _anchor(self, messages: int) -> int:
        memory = self.session.memory
        if "anchor_ns" not in memory:
            memory["anchor_ns"] = self.session.opening.modified_ns - sum(map(_duration, self._steps)) - messages * _STEP_NS
            self.session.mark()
        return int(memory["anchor_ns"])

    def _read(self, history: list[Json]) -> None:
        """A prompt is what is said before the model speaks; of the messages after it each answers the one before."""
        asked: list[Part] = []
        begun_ns, number, open_tools = self._at_ns, 0, []
        turn: Turn | None = None
        for message in history:
            role, parts = word(message.get("role")), self._parts(message.get("content"))
            if role == "assistant":
                turn = turn or self._begin(asked, begun_ns)
                open_tools = self._answer(turn, message, number)
                number += 1
            elif turn is None:
                asked += parts if role == "user" else []
            else:
                self._observe(turn, message, parts, open_tools, number - 1)
                open_tools = []
            self._at_ns += _STEP_NS
        turn = turn or self._begin(asked, begun_ns)
        if open_tools and number <= len(self._steps):  # the last one is not shown to the model any more
            self._observe(turn, {}, self._parts(self._steps[number - 1].get("observation")), open_tools, number - 1)

    def _begin(self, asked: list[Part], at_ns: int) -> Turn:
        turn = self.session.begin(self.session.who.session, at_ns, asked)
        turn.more["spyglass.times"] = "estimated"
        if asked:
            turn.note("agent.user_prompt", at_ns, {}, clip("\n".join(part["content"] for part in asked), 4096))
        return turn

    def _parts(self, content: Any) -> list[Part]:
        if isinstance(content, list):
            return [part for block in content for part in text(mapping(block).get("text"), self._limit)]
        return text(content, self._limit)

    def _answer(self, turn: Turn, message: Json, number: int) -> list[str]:
        """A model call and the tools it starts; their ids."""
        call = turn.call(f"step {number}", self._at_ns)
        calls, action = message.get("tool_calls"), word(message.get("action"), self._limit)
        call.parts += self._parts(message.get("thought") or message.get("content"))
        asked: list[tuple[str, str, Any]] = []
        for item in calls if isinstance(calls, list) else []:
            function = mapping(mapping(item).get("function"))
            identity = word(mapping(item).get("id")) or f"step {number}"
            identity = f"{identity}#{number}" if identity in turn.tools else identity  # replayed runs use ids again
            asked.append((identity, word(function.get("name")), load(function.get("arguments"))))
        if not asked and action.strip():
            asked.append((f"step {number}", action.split(maxsplit=1)[0][:64], {"command": action.strip()}))
        for identity, name, arguments in asked:
            call.parts.append(tool_call(identity, name, arguments, self._limit))
            turn.tool(identity, name, arguments, self._at_ns)
        call.finish = "tool_calls" if asked else "stop"
        return [identity for identity, _, _ in asked]

    def _observe(self, turn: Turn, message: Json, parts: list[Part], open_tools: list[str], number: int) -> None:
        if not open_tools:
            turn.hear(word(message.get("role")) or "user", parts, self._at_ns)
            return
        self._at_ns += _duration(self._steps[number]) if number < len(self._steps) else 0
        said = "\n".join(part["content"] for part in parts)
        for name in open_tools:
            turn.result(name, said, self._at_ns)


def _history(told: Json) -> list[Json]:
    """The messages of a document that has only steps."""
    out: list[Json] = []
    for step in told.get("trajectory") or []:
        about = mapping(step)
        out.append({"role": "assistant", "content": about.get("response"), "thought": about.get("thought"), "action": about.get("action")})
        out.append({"role": "user", "content": about.get("observation")})
    return out


def _duration(step: Json) -> int:
    told = step.get("execution_time")
    return round(told * 10**9) if isinstance(told, int | float) and 0 <= told < 10**7 else 0


def _model(told: Json) -> str:
    config = mapping(load(told.get("replay_config")))
    return word(mapping(mapping(config.get("agent")).get("model")).get("name"))


def _reported(turn: Turn, info: Json) -> None:
    """Totals and how it ended, on the agent's span."""
    stats, status = mapping(info.get("model_stats")), word(info.get("exit_status"))
    if (read := count(stats.get("tokens_sent"))) or count(stats.get("tokens_received")):
        turn.more |= {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": count(stats.get("tokens_received"))}
    cost = stats.get("instance_cost")
    if isinstance(cost, int | float) and cost > 0:
        turn.more["gen_ai.cost.total_cost"] = float(cost)
    turn.more |= {"swe_agent.exit_status": status, "swe_agent.submission": clip(word(info.get("submission"), 1 << 20), 32 * 1024)}
    turn.resting = bool(status)
    if status and not status.startswith("submitted"):
        turn.error = status
