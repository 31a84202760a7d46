"""Gemini CLI: `~/.gemini/tmp/<project>/chats/session-*.json` (since 2026 `.jsonl`), and `logs.json` of versions that kept no chats.

In: the whole document, written anew with each change, or its lines: a head, then messages (a later one of the same id replaces the one before),
`{"$set": …}` for the head and `{"$rewindTo": id}`. Out: turns (turn.py).

A message of type `gemini` is a model call; its `toolCalls` are there with their results, and `tokens` when the answer is complete. `input` has the
cached tokens in it, `output` leaves the thoughts out, `tool` are prompt tokens of results. Response ids are not written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

from spyglass.collect.transcripts.content import Json, Part, blob, clip, count, dump, mapping, parse, reasoning, text, time_ns, tool_call, word
from spyglass.collect.transcripts.pieces import ERROR, WARN, Identity, Usage
from spyglass.collect.transcripts.session import Opening, Session
from spyglass.collect.transcripts.turn import Turn
from spyglass.model.errors import DecodeError

__all__ = ["AGENT", "Gemini"]

AGENT: Final = "gemini-cli"

_OVER: Final = {"success", "error", "cancelled"}


class Gemini:
    """Reads one document; made anew for each state of it."""

    def __init__(self, opening: Opening) -> None:
        self.session = Session(Identity(AGENT, provider="gcp.gemini"), opening)
        self._limit = opening.limits.text

    @property
    def waiting(self) -> bool:
        """Never."""
        return False

    def feed(self, record: bytes, place: int) -> None:
        """The whole document."""
        self.session.place = place
        name = PurePath(self.session.opening.path)
        if name.name == "logs.json":
            self._logs(parse(record))
            return
        told = _folded(record) if name.suffix == ".jsonl" else parse(record)
        if not isinstance(told, dict) or not isinstance(told.get("messages"), list):
            raise DecodeError("a chat of Gemini CLI has no messages")
        who = self.session.who
        who.session = word(told.get("sessionId")) or name.stem
        started = time_ns(told.get("startTime"))
        for number, message in enumerate(told["messages"]):
            if isinstance(message, dict):
                self._message(message, f"{who.session}\0{word(message.get('id')) or number}", time_ns(message.get("timestamp")) or started)

    def _message(self, told: Json, key: str, at_ns: int) -> None:
        kind = word(told.get("type"))
        if kind == "user":
            parts = self._parts(told.get("content"))
            said = "\n".join(part["content"] for part in parts if part["type"] == "text")
            self.session.begin(key, at_ns, parts).note("agent.user_prompt", at_ns, {}, clip(said, 4096))
        elif kind == "gemini":
            self._answer(told, key, at_ns)
        elif kind in {"info", "warning", "error"}:
            severity = {"info": 9, "warning": WARN}.get(kind, ERROR)
            body = clip(_plain(told.get("content")), 4096)
            name = "agent.interrupted" if body.startswith("Request cancelled") else f"agent.{'error' if kind == 'error' else 'notice'}"
            self.session.note(name, at_ns, {"spyglass.transcript.type": kind}, body, severity)
        else:
            self.session.note("transcript.record", at_ns, {"spyglass.transcript.type": kind}, clip(dump(told), 4096))

    def _answer(self, told: Json, key: str, at_ns: int) -> None:
        model = word(told.get("model"))
        self.session.who.model = model or self.session.who.model
        call = self.session.call(key, at_ns, model)
        thoughts = told.get("thoughts")
        for thought in thoughts if isinstance(thoughts, list) else []:
            about = mapping(thought)
            call.parts += reasoning(": ".join(filter(None, (word(about.get("subject")), word(about.get("description"), self._limit)))), self._limit)
        call.parts += self._parts(told.get("content"))
        call.usage = _usage(told.get("tokens"))
        turn = self.session.turn
        tools = [tool for tool in told.get("toolCalls") or [] if isinstance(tool, dict)] if isinstance(told.get("toolCalls"), list) else []
        for tool in tools:
            call.parts.append(tool_call(word(tool.get("id")), word(tool.get("name")), tool.get("args"), self._limit))
        call.finish = "tool_calls" if tools else "stop" if call.usage else ""
        for tool in tools:
            if turn is not None:
                self._tool(turn, tool, at_ns)
        if turn is not None:
            turn.resting = call.usage is not None and not tools

    def _tool(self, turn: Turn, told: Json, at_ns: int) -> None:
        identity, name, status = word(told.get("id")), word(told.get("name")), word(told.get("status"))
        turn.tool(identity, name, told.get("args"), at_ns)
        if status not in _OVER:
            return
        error = {"error": "tool_error", "cancelled": "cancelled"}.get(status, "")
        turn.result(identity, _result(told), time_ns(told.get("timestamp")), error=error)
        if status == "cancelled":
            turn.note("agent.permission_denied", 0, {"gen_ai.tool.name": name, "gen_ai.tool.call.id": identity}, None, WARN)

    def _parts(self, content: Any) -> list[Part]:
        out: list[Part] = []
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, dict):
                data = mapping(part.get("inlineData"))
                out += blob(data.get("data"), data.get("mimeType")) or text(part.get("text"), self._limit)
            else:
                out += text(part, self._limit)
        return out

    def _logs(self, told: Any) -> None:
        """Prompts alone, of sessions that have no chat beside."""
        for entry in told if isinstance(told, list) else []:
            about = mapping(entry)
            session = word(about.get("sessionId"))
            if about.get("type") != "user" or self.session.opening.companion(f"chats/*{session[:8]}*"):
                self.session.opening.dropped("said_twice")
                continue
            self.session.who.session = session
            self.session.note("agent.user_prompt", time_ns(about.get("timestamp")), {}, clip(_plain(about.get("message")), 4096))


def _plain(told: Any) -> str:
    return told if isinstance(told, str) else "" if told is None else dump(told)


def _folded(record: bytes) -> dict[str, Any]:
    """The document that lines add up to."""
    head: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for line in _lines(record):
        if isinstance(line.get("$set"), dict):
            head |= line["$set"]
        elif "$rewindTo" in line:
            names = list(messages)
            for name in names[names.index(line["$rewindTo"]) :] if line["$rewindTo"] in messages else []:
                del messages[name]
        elif "type" in line and "id" in line:
            messages[str(line["id"])] = {**messages.get(str(line["id"]), {}), **line}
        else:
            head |= line
    return {**head, "messages": [*(head.get("messages") or []), *messages.values()]}


def _lines(record: bytes) -> Iterator[dict[str, Any]]:
    lines = record.split(b"\n")
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            told = parse(line)
        except DecodeError:
            if number == len(lines) - 1:  # still being written
                return
            raise
        if isinstance(told, dict):
            yield told


def _usage(told: Any) -> Usage | None:
    if not isinstance(told, dict):
        return None
    thoughts = count(told.get("thoughts"))
    read = count(told.get("input")) + count(told.get("tool"))
    return Usage(read, count(told.get("output")) + thoughts, count(told.get("cached")), reasoning=thoughts)


def _result(told: Json) -> str:
    """What the model was answered; else what the user was shown."""
    parts = told.get("result")
    said = [mapping(mapping(part).get("functionResponse")).get("response") for part in parts] if isinstance(parts, list) else [parts]
    texts = [_plain(mapping(response).get("output", mapping(response).get("error", response))) for response in said if response is not None]
    return "\n".join(texts) or _plain(told.get("resultDisplay"))
