"""Codex CLI: `~/.codex/sessions/YYYY/MM/DD/rollout-<time>-<id>.jsonl`.

In: lines `{"timestamp", "type", "payload"}` (before autumn 2025: the payloads alone). Out: turns (turn.py).

What one must know of the format:
- `session_meta` begins a file; `turn_context` names the model; `response_item` is what goes to and comes from the model; `event_msg` is what the user sees.
- No record is a model call: one is the run of model items (reasoning, message, calls of tools) until a result or a prompt, and `token_count` tells its
  usage. The same `token_count` is written again when only the limits of the account have changed: it counts where the total has.
- `input_tokens` has the cached ones in it, `output_tokens` the reasoning. Response ids are not written.
- A session that was forked from another begins with a copy of that one's records, all written at once.
- Prompts are `user_message` events; messages of role user are also what the program says to the model (`<environment_context>` and the like).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final

from spyglass.collect.transcripts.content import Json, Part, blob, clip, count, dump, load, mapping, parse, reasoning, text, time_ns, tool_call, word
from spyglass.collect.transcripts.pieces import ERROR, WARN, Call, Identity, Usage
from spyglass.collect.transcripts.session import Opening, Session
from spyglass.model.errors import DecodeError
from spyglass.model.told import Value

__all__ = ["AGENT", "Codex"]

AGENT: Final = "codex"

_INJECTED: Final = (
    "# AGENTS.md",
    "<INSTRUCTIONS>",
    "<environment_context>",
    "<permissions",
    "<skill",
    "<turn_aborted>",
    "<user_instructions>",
    "<user_shell_command>",
)
_SESSION: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXIT: Final = re.compile(r"(?:Exit code: |Process exited with code )(-?\d+)")
_COPYING_NS: Final = 2 * 10**9  # a fork copies its records at once; nobody prompts so soon after
_CALLS: Final = {"function_call", "custom_tool_call", "local_shell_call", "tool_search_call"}
_EVENTS: Final = {
    "entered_review_mode": ("agent.review", 9),
    "error": ("agent.error", ERROR),
    "exited_review_mode": ("agent.review", 9),
    "stream_error": ("agent.api_retry", WARN),
    "thread_rolled_back": ("agent.rolled_back", 9),
    "turn_aborted": ("agent.interrupted", WARN),
    "warning": ("agent.notice", WARN),
}
_SAID_TWICE: Final = frozenset(
    "agent_message agent_reasoning agent_reasoning_raw_content context_compacted exec_command_begin exec_command_end exec_command_output_delta item_completed "
    "item_started mcp_tool_call_begin mcp_tool_call_end patch_apply_begin patch_apply_end plan_update raw_response_item thread_name_updated "
    "turn_diff user_shell_command view_image_tool_call web_search_begin web_search_end".split()
)  # events that repeat what items of the conversation say


class Codex:
    """Reads one rollout."""

    def __init__(self, opening: Opening) -> None:
        self.session = Session(Identity(AGENT, provider="openai"), opening)
        found = _SESSION.findall(PurePath(opening.path).stem)
        self.session.who.session = self.session.who.session or (found[-1] if found else PurePath(opening.path).stem)
        self._limit = opening.limits.text
        self._said = ""  # the prompt of the turn
        self._answered = True  # what the model says next is a new call

    @property
    def waiting(self) -> bool:
        """Never."""
        return False

    def feed(self, record: bytes, place: int) -> None:
        """One line."""
        told = parse(record)
        if not isinstance(told, dict):
            raise DecodeError("a record of a transcript is no object")
        self.session.place = place
        kind, at_ns = word(told.get("type")), time_ns(told.get("timestamp"))
        payload = mapping(told.get("payload"))
        if "payload" not in told:  # older files: items alone, the first one names the session
            kind, payload = ("response_item", told) if "type" in told else ("session_meta", told) if "id" in told else ("state", told)
        at_ns = self.session.memory["last_ns"] = at_ns or self.session.memory.get("last_ns", 0)  # older files tell the time once
        if self._copied(kind, payload, at_ns):
            self.session.opening.dropped("copied")
            return
        self._record(kind, payload, at_ns, f"{at_ns}\0{blake2b(dump(payload).encode(), digest_size=8).hexdigest()}")

    def _copied(self, kind: str, payload: Json, at_ns: int) -> bool:
        """Whether the record came from the session that this one was forked from."""
        memory = self.session.memory
        if kind == "session_meta" and "begun_ns" not in memory:
            memory |= {"begun_ns": at_ns, "copying": bool(payload.get("forked_from_id"))}
            return False
        if kind == "session_meta" and word(payload.get("id")) != self.session.who.session:
            memory["copying"] = True
        if memory.get("copying") and at_ns > memory.get("begun_ns", 0) + _COPYING_NS:
            memory["copying"] = False
        if memory.get("copying") and kind == "event_msg" and payload.get("type") == "token_count":
            self._usage(payload)  # totals go on from there
        return bool(memory.get("copying"))

    def _record(self, kind: str, payload: Json, at_ns: int, key: str) -> None:
        what = word(payload.get("type"))
        if kind == "session_meta":
            self._meta(payload)
        elif kind == "turn_context":
            self.session.who.model = word(payload.get("model")) or self.session.who.model
            self.session.who.directory = word(payload.get("cwd"), 4096) or self.session.who.directory
        elif kind == "response_item":
            self._item(what, payload, at_ns, key)
        elif kind == "event_msg":
            self._event(what, payload, at_ns, key)
        elif kind == "compacted":
            self.session.note("agent.compaction", at_ns, {}, clip(word(payload.get("message"), 1 << 20), 4096) or None)
        elif kind == "state":
            self.session.opening.dropped("bookkeeping")
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": kind}, clip(dump(payload), 4096))

    def _meta(self, told: Json) -> None:
        who = self.session.who
        who.session = word(told.get("id")) or who.session
        who.version = word(told.get("cli_version")) or who.version
        who.directory = word(told.get("cwd"), 4096) or who.directory
        who.provider = word(told.get("model_provider")) or who.provider
        who.branch = word(mapping(told.get("git")).get("branch")) or who.branch
        self.session.mark()

    # what goes to the model and comes from it

    def _item(self, kind: str, told: Json, at_ns: int, key: str) -> None:
        if kind == "message" and told.get("role") != "assistant":
            self._message(told, at_ns, key)
        elif kind.endswith(("_call_output", "_output")):
            self._output(told, at_ns)
        elif kind in _CALLS:
            self._tool(kind, told, at_ns, key)
        elif kind == "message":
            self._say(at_ns, key, self._parts(told.get("content")))
        elif kind == "reasoning":
            summary = told.get("summary")
            said = "\n".join(word(part.get("text"), 1 << 20) for part in summary if isinstance(part, dict)) if isinstance(summary, list) else ""
            self._say(at_ns, key, reasoning(said, self._limit))
        elif kind == "web_search_call":
            part = tool_call(word(told.get("id")), "web_search", told.get("action"), self._limit)
            self._say(at_ns, key, [{**part, "type": "server_tool_call"}])
        elif kind in {"ghost_snapshot", "compaction", "compaction_summary", "compaction_trigger", "other"}:
            self.session.opening.dropped("bookkeeping")
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": f"response_item.{kind}"}, clip(dump(told), 4096))

    def _say(self, at_ns: int, key: str, parts: list[Part]) -> Call:
        """Something the model says: of the call that is open, or of the next one."""
        turn = self.session.turn
        if self._answered or turn is None or turn.current is None:
            call = self.session.call(key, at_ns, self.session.who.model)
            self._answered = False
        else:
            call = self.session.call(turn.current.key, at_ns)
        call.parts += parts
        return call

    def _tool(self, kind: str, told: Json, at_ns: int, key: str) -> None:
        identity = word(told.get("call_id")) or word(told.get("id")) or key
        if kind == "local_shell_call":
            name, arguments = "local_shell", told.get("action")
        else:
            name, arguments = word(told.get("name")) or kind, load(told.get("arguments", told.get("input")))
        call = self._say(at_ns, key, [tool_call(identity, name, arguments, self._limit)])
        call.finish = "tool_calls"
        if self.session.turn is not None:
            self.session.turn.tool(identity, name, arguments, at_ns)

    def _output(self, told: Json, at_ns: int) -> None:
        self._answered = True
        turn = self.session.turn
        if turn is None:
            self.session.opening.dropped("without_turn")
            return
        result, failed = _result(told.get("output"))
        denied = failed and "rejected by user" in result[:200]
        tool = turn.result(word(told.get("call_id")), result, at_ns, error="permission_denied" if denied else "tool_error" if failed else "")
        if denied:
            turn.note("agent.permission_denied", at_ns, {"gen_ai.tool.name": tool.name, "gen_ai.tool.call.id": tool.identity}, None, WARN)

    def _message(self, told: Json, at_ns: int, key: str) -> None:
        parts = self._parts(told.get("content"))
        said = "\n".join(part["content"] for part in parts if part["type"] == "text").lstrip()
        if told.get("role") != "user" or said.startswith(_INJECTED):
            self.session.opening.dropped("instructions")
            return
        self._prompt(key, parts, said, at_ns)

    def _prompt(self, key: str, parts: list[Part], said: str, at_ns: int) -> None:
        """A prompt is written as an item and as an event: the second telling of a turn in which nothing happened yet is the same one."""
        self._answered = True
        turn = self.session.turn
        if turn is not None and turn.count == 0 and self._said == said:
            return
        self._said = said
        turn = self.session.begin(f"{self.session.who.session}\0{key}", at_ns, parts)
        turn.note("agent.user_prompt", at_ns, {}, clip(said, 4096))

    def _parts(self, content: Any) -> list[Part]:
        out: list[Part] = []
        for block in content if isinstance(content, list) else [{"type": "text", "text": content}]:
            if isinstance(block, dict) and block.get("type") == "input_image":
                out += blob(block.get("image_url"), "")
            elif isinstance(block, dict):
                out += text(block.get("text"), self._limit)
        return out

    # what the user sees

    def _event(self, kind: str, told: Json, at_ns: int, key: str) -> None:
        if kind == "user_message":
            said = word(told.get("message"), self._limit)
            self._prompt(key, text(said, self._limit), said.lstrip(), at_ns)
        elif kind == "token_count":
            self._count(told, at_ns, key)
        elif kind in {"task_started", "turn_started", "task_complete", "turn_complete"}:
            if kind.endswith("complete") and (turn := self.session.turn) is not None:
                turn.resting = True
        elif kind in _EVENTS:
            name, severity = _EVENTS[kind]
            about: dict[str, Value] = {"spyglass.transcript.type": kind}
            if reason := word(told.get("reason")):
                about["spyglass.reason"] = reason
            self.session.note(name, at_ns, about, word(told.get("message"), 4096) or None, severity)
            if kind == "turn_aborted" and (turn := self.session.turn) is not None:
                turn.more["spyglass.turn.interrupted"] = "true"
                turn.resting = True
        elif kind in _SAID_TWICE:
            self.session.opening.dropped("said_twice")
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": f"event_msg.{kind}"}, clip(dump(told), 4096))

    def _usage(self, told: Json) -> Usage | None:
        """The usage of the last call, where the total has changed since it was told last."""
        info = mapping(told.get("info"))
        total, last = mapping(info.get("total_token_usage")), mapping(info.get("last_token_usage"))
        reckoned = [count(total.get(name)) for name in ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")]
        if not last or reckoned == self.session.memory.get("total"):
            return None
        self.session.memory["total"] = reckoned
        read = count(last.get("cached_input_tokens"))
        written = count(last.get("cache_write_input_tokens"))
        return Usage(count(last.get("input_tokens")), count(last.get("output_tokens")), read, written, reasoning=count(last.get("reasoning_output_tokens")))

    def _count(self, told: Json, at_ns: int, key: str) -> None:
        usage = self._usage(told)
        if usage is None:
            return
        turn = self.session.turn
        open_call = turn.current if turn is not None else None  # also after a tool has answered: older versions count then
        if open_call is None or open_call.usage is not None:
            if not usage.input and not usage.output:
                return
            open_call = self.session.call(key, at_ns, self.session.who.model)  # a call that left nothing else behind, as when the conversation is compacted
        open_call.usage, open_call.dirty = usage, True
        open_call.finish = open_call.finish or "stop"
        self._answered = True


def _result(output: Any) -> tuple[str, bool]:
    """What a tool answered, and whether it failed; outputs are text, JSON text, or objects."""
    told = load(output) if isinstance(output, str) and output.startswith("{") else output
    if isinstance(told, dict):
        said = told.get("output", told.get("content"))
        failed = told.get("success") is False or mapping(told.get("metadata")).get("exit_code", 0) not in (0, None)
        return (said if isinstance(said, str) else dump(said if said is not None else told)), failed
    if isinstance(told, list):
        return "\n".join(word(part.get("text"), 1 << 22) or dump({"type": part.get("type")}) for part in told if isinstance(part, dict)), False
    said = told if isinstance(told, str) else "" if told is None else dump(told)
    found = _EXIT.search(said[:400])
    return said, bool(found) and found is not None and found[1] != "0"
