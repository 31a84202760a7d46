"""Claude Code: `~/.claude/projects/<project>/<session>.jsonl`, and a file per sub-agent (`agent-<id>.jsonl`, in `<session>/subagents/` since 2026).

In: lines, each a record with `type`, `uuid`, `parentUuid`, `timestamp`, `sessionId`. Out: turns (turn.py).

What one must know of the format:
- Each content block of an answer is a record of its own; all carry the message id and the usage of the whole (the last one is right). Results may
  stand between them.
- A prompt is a `user` record with text that is neither a tool's result nor `isMeta`. An interruption is a `user` record too.
- Sub-agents are side chains: in the same file (linked by `parentUuid`), or in files of their own whose records carry `agentId`. What started one is a
  tool call (`Task`, `Agent`) with the same prompt; the result of that call, or `agent-<id>.meta.json`, names the agent's id.
- Taking a session up again used to copy its records to a new file: same `uuid`s and message ids, so the ids of spans come from those alone where they
  are UUIDs.
- `input_tokens` leaves out what was read from and written to the cache.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, Final

from spyglass.collect.transcripts.content import Json, Part, blob, clip, count, dump, mapping, parse, reasoning, result_of, text, time_ns, tool_call, word
from spyglass.collect.transcripts.pieces import WARN, Call, Identity, Place, Usage
from spyglass.collect.transcripts.session import Opening, Session
from spyglass.collect.transcripts.turn import Turn
from spyglass.model.errors import DecodeError
from spyglass.model.told import Value

__all__ = ["AGENT", "ClaudeCode"]

AGENT: Final = "claude-code"

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STARTERS: Final = {"Task", "Agent"}  # tools that start a sub-agent
_COMMANDS: Final = ("<command-name>", "<command-message>", "<local-command-", "<bash-input>", "<bash-stdout>", "<bash-stderr>")
_INTERRUPTED: Final = "[Request interrupted by user"
_DENIED: Final = re.compile(
    r"The user doesn't want to (?:proceed|take this action)|[Pp]ermission to use .{1,80} (?:has been|was) denied|Claude requested permissions? "
)
_ENDS: Final = {"end_turn", "stop_sequence", "max_tokens", "refusal"}
_CHAINS: Final = 4096  # records of side chains that are remembered within a turn
_EVENTS: Final = {
    "api_error": "agent.api_retry",
    "compact_boundary": "agent.compaction",
    "local_command": "agent.command",
    "microcompact_boundary": "agent.compaction",
}
_BOOKKEEPING: Final = frozenset(
    "agent-name ai-title attachment custom-title file-history-snapshot last-prompt mode permission-mode pr-link progress queue-operation summary tag "
    "worktree-state".split()
)  # types of records that say nothing about what the agent did (`summary` is a title for lists of sessions)


class ClaudeCode:
    """Reads one file of Claude Code."""

    def __init__(self, opening: Opening) -> None:
        self.session = Session(Identity(AGENT, provider="anthropic"), opening)
        self._limit = opening.limits.text
        self._chains: dict[str, str] = {}  # record of a side chain -> key of its sub-agent
        self._starts: dict[str, list[tuple[str, str]]] = {}  # prompt -> calls (id, kind of agent) that may have started a side chain
        self._command: tuple[str, int, int, list[Part]] | None = None  # a command that may turn out to be a prompt: key, place, time, parts
        self._waiting = False
        name = PurePath(opening.path)
        self._own_file = name.stem.removeprefix("agent-") if name.stem.startswith("agent-") else ""

    @property
    def waiting(self) -> bool:
        """A sub-agent's file whose session has not told yet what started it."""
        return self._waiting

    def feed(self, record: bytes, place: int) -> None:
        """One line."""
        if self._waiting:
            return
        told = parse(record)
        if not isinstance(told, dict):
            raise DecodeError("a record of a transcript is no object")
        self.session.place = place
        self._identify(told)
        kind, at_ns = word(told.get("type")), time_ns(told.get("timestamp"))
        if kind == "user":
            self._user(told, at_ns)
        elif kind == "assistant":
            self._assistant(told, at_ns)
        elif kind == "system":
            self._system(told, at_ns)
        elif kind == "attachment" and mapping(told.get("attachment")).get("type") == "queued_command":
            self._queued(mapping(told.get("attachment")), at_ns)
        elif kind in _BOOKKEEPING:
            self.session.opening.dropped("bookkeeping")
            if kind == "progress":
                self._progress(told)
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": kind}, clip(dump(told), 4096))

    def _identify(self, told: Json) -> None:
        who = self.session.who
        who.session = word(told.get("sessionId")) or who.session or PurePath(self.session.opening.path).stem
        who.version = word(told.get("version")) or who.version
        who.directory = word(told.get("cwd"), 4096) or who.directory
        who.branch = word(told.get("gitBranch")) or who.branch

    def _key(self, told: Json) -> str:
        """What names a record, in copies of it too."""
        name = word(told.get("uuid")) or dump([told.get("timestamp"), told.get("type"), mapping(told.get("message")).get("id")])
        return name if _UUID.fullmatch(name) else f"{self.session.who.session}\0{name}"

    # what the user's side says: prompts, results, interruptions, commands

    def _user(self, told: Json, at_ns: int) -> None:
        content = mapping(told.get("message")).get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        results = [block for block in blocks if isinstance(block, dict) and block.get("type") == "tool_result"]
        for block in results:
            self._result(told, block, at_ns)
        parts = [part for block in blocks if isinstance(block, dict) for part in self._heard(block)]
        if not parts:
            return
        said = "\n".join(part["content"] for part in parts if part["type"] == "text")
        if said.startswith(_INTERRUPTED):
            self._interrupted(told, said, at_ns)
        elif told.get("isCompactSummary") is True:
            self._compacted(told, parts, said, at_ns)
        elif results or told.get("isMeta") is True:
            if self._command is not None:
                self._command[3].extend(parts)
            elif (turn := self._turn(told)) is not None:
                turn.hear("user", parts, at_ns)
        elif self._sidechain(told):
            self._prompt_of_child(told, parts, said, at_ns)
        elif said.startswith(_COMMANDS):
            self._ordered(told, parts, said, at_ns)
        else:
            self._answered_by_program()
            self._prompt(self._key(told), parts, said, at_ns)

    def _heard(self, block: Json) -> list[Part]:
        kind = block.get("type")
        if kind == "text":
            return text(block.get("text"), self._limit)
        if kind in {"image", "document"}:
            source = mapping(block.get("source"))
            return blob(source.get("data"), source.get("media_type")) or text(source.get("url"), self._limit)
        return []

    def _ordered(self, told: Json, parts: list[Part], said: str, at_ns: int) -> None:
        """A command: it is a prompt if the model answers it, an event if the program does."""
        if "<command-name>" in said:
            self._command = (self._key(told), self.session.place, at_ns, parts)
            return
        self._answered_by_program()
        self.session.aside("agent.command", at_ns, {}, clip(said, 4096))

    def _answered_by_program(self) -> None:
        if self._command is not None:
            _, _, at_ns, parts = self._command
            self.session.aside("agent.command", at_ns, {}, clip(str(parts[0].get("content", "")), 4096))
            self._command = None

    def _prompt(self, key: str, parts: list[Part], said: str, at_ns: int) -> Turn:
        self._chains, self._starts, self._command = {}, {}, None
        turn = self.session.begin(key, at_ns, parts)
        turn.note("agent.user_prompt", at_ns, {}, clip(said, 4096))
        return turn

    def _queued(self, told: Json, at_ns: int) -> None:
        """What the user says while the agent works: the model reads it with its next call."""
        prompt = told.get("prompt")
        parts = [part for block in (prompt if isinstance(prompt, list) else [{"type": "text", "text": prompt}]) for part in self._heard(mapping(block))]
        self.session.note("agent.user_prompt", at_ns, {"spyglass.prompt.queued": "true"}, clip(self._text_of(prompt), 4096))
        if self.session.turn is not None:
            self.session.turn.hear("user", parts, at_ns)

    def _interrupted(self, told: Json, said: str, at_ns: int) -> None:
        turn = self._turn(told)
        if turn is None:
            return
        turn.note("agent.interrupted", at_ns, {}, said, WARN)
        turn.more["spyglass.turn.interrupted"] = "true"
        turn.resting = True

    def _compacted(self, told: Json, parts: list[Part], said: str, at_ns: int) -> None:
        self.session.note("agent.summary", at_ns, {}, clip(said, 4096))
        if (turn := self._turn(told)) is not None:
            turn.hear("user", parts, at_ns)

    def _result(self, told: Json, block: Json, at_ns: int) -> None:
        turn = self._turn(told) or self._opened(told, at_ns)
        identity, about = word(block.get("tool_use_id")), told.get("toolUseResult")
        result = self._text_of(block.get("content"))
        failed = block.get("is_error") is True
        denied = failed and (_DENIED.search(result[:400]) is not None or about == "User rejected tool use")
        tool = turn.result(identity, result, at_ns, error="permission_denied" if denied else "tool_error" if failed else "")
        if denied:
            turn.note("agent.permission_denied", at_ns, {"gen_ai.tool.name": tool.name, "gen_ai.tool.call.id": identity}, clip(result, 1024), WARN)
        if isinstance(about, dict):
            if agent := word(about.get("agentId")):
                self.session.opening.links.bind(self.session.who.session, agent, identity)
            if about.get("interrupted") is True:
                tool.more["spyglass.tool.interrupted"] = "true"
        for child in self.session.children.values():
            if child.more.get("spyglass.started_by") == identity:
                child.finish()

    def _text_of(self, content: Any) -> str:
        if isinstance(content, list):
            blocks = [block for block in content if isinstance(block, dict)]
            texts = [str(block.get("text")) if block.get("type") == "text" else dump(self._heard(block) or {"type": block.get("type")}) for block in blocks]
            return "\n".join(texts)
        return content if isinstance(content, str) else "" if content is None else dump(content)

    # what the model says

    def _assistant(self, told: Json, at_ns: int) -> None:
        message = mapping(told.get("message"))
        turn = self._turn(told)
        if turn is None or (self._command is not None and told.get("isSidechain") is not True):
            turn = self._opened(told, at_ns)
        if told.get("isApiErrorMessage") is True:
            self._failed(turn, told, message, at_ns)
            return
        if message.get("model") == "<synthetic>":
            turn.note("agent.message", at_ns, {}, clip(self._text_of(message.get("content")), 4096))
            return
        model = word(message.get("model"))
        if turn is self.session.turn:
            self.session.who.model = model or self.session.who.model
            call = self.session.call(word(message.get("id")) or self._key(told), at_ns, model)
            turn = self.session.turn or turn
        else:
            call = turn.call(word(message.get("id")) or self._key(told), at_ns, model)
        self._answer(call, told, message)
        content = message.get("content")
        for block in content if isinstance(content, list) else [{"type": "text", "text": content}]:
            if isinstance(block, dict):
                self._block(turn, call, block, at_ns)
        turn.resting = call.finish in _ENDS and turn is self.session.turn

    def _answer(self, call: Call, told: Json, message: Json) -> None:
        call.response_id = word(message.get("id"))
        call.finish = word(message.get("stop_reason")) or call.finish
        if (usage := _usage(message.get("usage"))) is not None and (call.usage is None or usage.output >= call.usage.output):
            call.usage = usage
        if request := word(told.get("requestId")):
            call.more["request_id"] = request

    def _block(self, turn: Turn, call: Call, block: Json, at_ns: int) -> None:
        kind = block.get("type")
        if kind in {"tool_use", "server_tool_use", "mcp_tool_use"}:
            identity, name = word(block.get("id")), word(block.get("name"))
            part = tool_call(identity, name, block.get("input"), self._limit)
            if kind != "tool_use":
                part["type"] = "server_tool_call"
            self._add(call, part)
            if kind == "tool_use":
                turn.tool(identity, name, block.get("input"), at_ns)
                self._starts_agent(turn, identity, name, mapping(block.get("input")))
        elif kind == "text":
            self._add(call, *text(block.get("text"), self._limit))
        elif kind == "thinking":
            self._add(call, *reasoning(block.get("thinking"), self._limit))
        elif isinstance(kind, str) and kind.endswith("_tool_result"):
            self._add(
                call, {**result_of(word(block.get("tool_use_id")), self._text_of(block.get("content")), failed=False), "type": "server_tool_call_response"}
            )

    @staticmethod
    def _add(call: Call, *parts: Part) -> None:
        """Some versions repeat the blocks before in each record."""
        call.parts += [part for part in parts if part not in call.parts]

    def _failed(self, turn: Turn, told: Json, message: Json, at_ns: int) -> None:
        call = turn.call(self._key(told), at_ns)
        call.error = word(told.get("error"), 64) or "api_error"
        call.message = clip(self._text_of(message.get("content")), 200)
        turn.close_call()

    def _system(self, told: Json, at_ns: int) -> None:
        kind = word(told.get("subtype"))
        attributes: dict[str, Value] = {"spyglass.transcript.type": f"system.{kind}" if kind else "system"}
        about = mapping(told.get("compactMetadata"))
        if about:
            attributes |= {"spyglass.compaction.trigger": word(about.get("trigger")), "spyglass.compaction.tokens_before": count(about.get("preTokens"))}
        if kind == "api_error":
            attributes |= {"spyglass.retry.attempt": count(told.get("retryAttempt")), "spyglass.retry.most": count(told.get("maxRetries"))}
        content = told.get("content")
        self.session.note(_EVENTS.get(kind, "agent.notice"), at_ns, attributes, clip(content, 4096) if isinstance(content, str) else None)

    # sub-agents

    def _starts_agent(self, turn: Turn, identity: str, name: str, asked: Json) -> None:
        prompt = asked.get("prompt")
        if name not in _STARTERS or not isinstance(prompt, str):
            return
        kind = word(asked.get("subagent_type"))
        place = Place(turn.place.trace, turn.tool_span(identity), kind or "subagent")
        self.session.opening.links.offer(self.session.who.session, prompt, identity, place)
        self._starts.setdefault(prompt, []).append((identity, kind))

    def _progress(self, told: Json) -> None:
        about = mapping(told.get("data"))
        if about.get("type") == "agent_progress" and (agent := word(about.get("agentId"))):
            self.session.opening.links.bind(self.session.who.session, agent, word(told.get("parentToolUseID")))

    def _sidechain(self, told: Json) -> bool:
        return told.get("isSidechain") is True or bool(self._own_file)

    def _turn(self, told: Json) -> Turn | None:
        """The turn that a record belongs to: the session's, or a sub-agent's in the same file."""
        if told.get("isSidechain") is not True or self._own_file:
            return self.session.turn
        chain = self._chains.get(word(told.get("parentUuid")))
        child = self.session.children.get(chain) if chain is not None else None
        if child is not None and chain is not None:
            self._follow(told, chain)
        return child or self.session.turn

    def _follow(self, told: Json, chain: str) -> None:
        if len(self._chains) < _CHAINS:
            self._chains[word(told.get("uuid"))] = chain

    def _opened(self, told: Json, at_ns: int) -> Turn:
        """A turn for a record that has none: a command that was a prompt after all, or a file whose begin is missing."""
        if self._command is not None:
            key, place, begun_ns, parts = self._command
            here, self.session.place = self.session.place, place  # reading again begins there
            turn = self._prompt(key, parts, str(parts[0].get("content", "")), begun_ns)
            self.session.place = here
            return turn
        return self.session.begin(self._key(told), at_ns, [])

    def _prompt_of_child(self, told: Json, parts: list[Part], said: str, at_ns: int) -> None:
        if self._own_file:
            self._own_prompt(told, parts, said, at_ns)
        elif word(told.get("parentUuid")) in self._chains or self.session.turn is None:
            if (turn := self._turn(told)) is not None:
                turn.hear("user", parts, at_ns)
        else:
            self._inner(self.session.turn, told, parts, said, at_ns)

    def _inner(self, turn: Turn, told: Json, parts: list[Part], said: str, at_ns: int) -> None:
        """A side chain begins in the session's own file."""
        key, calls = self._key(told), self._starts.get(said) or []
        identity, kind = calls.pop(0) if calls else ("", "")
        place = Place(turn.place.trace, turn.tool_span(identity) if identity else turn.span, kind or "subagent")
        child = Turn(self.session.who, key, at_ns, self.session.limits, place)
        child.more["spyglass.started_by"] = identity
        child.prompt(parts)
        self.session.children[key] = child
        self._follow(told, key)

    def _own_prompt(self, told: Json, parts: list[Part], said: str, at_ns: int) -> None:
        """A sub-agent's file begins, or its agent is spoken to again."""
        if self.session.turn is not None:
            self.session.turn.hear("user", parts, at_ns)
            return
        opening, agent = self.session.opening, word(told.get("agentId")) or self._own_file
        about = mapping(opening.companion(f"{PurePath(opening.path).stem}.meta.json"))
        place = opening.links.find(self.session.who.session, agent, said, word(about.get("toolUseId")))
        if place is None and opening.patient:
            self._waiting = True
            return
        turn = self.session.begin(self._key(told), at_ns, parts, place)
        if place is None:
            opening.links.adopt(self.session.who.session, agent, turn.place)
        turn.agent = word(about.get("agentType")) or (place.agent if place is not None else "") or "subagent"
        turn.more["gen_ai.agent.id"] = agent


def _usage(told: Any) -> Usage | None:
    if not isinstance(told, dict):
        return None
    read, write = count(told.get("cache_read_input_tokens")), count(told.get("cache_creation_input_tokens"))
    long = count(mapping(told.get("cache_creation")).get("ephemeral_1h_input_tokens"))
    return Usage(count(told.get("input_tokens")) + read + write, count(told.get("output_tokens")), read, write, long)
