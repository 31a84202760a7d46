"""The formats that are followed: where their files lie, what they are called, and who reads them. A new format is a module and an entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal

from spyglass.collect.transcripts import claude_code, codex, gemini_cli, openhands, swe_agent
from spyglass.collect.transcripts.session import Opening, Reader

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of transcript.

    `shape`: `lines` are records that are appended; a `document` is written anew as a whole; a `directory` gets one file per record, `*.json`, in the
    order of their names.
    """

    name: str
    agent: str  # becomes service.name
    shape: Literal["lines", "document", "directory"]
    roots: tuple[str, ...]  # where to look by default; `~` is the user's home, `$NAME` the agent's own setting of it
    matches: Callable[[PurePath], bool]  # of its path
    make: Callable[[Opening], Reader]
    depth: int = 6  # how far below a root


def _claude_code(path: PurePath) -> bool:
    return path.suffix == ".jsonl" and path.name != "journal.jsonl"


def _codex(path: PurePath) -> bool:
    return path.suffix == ".jsonl" and path.name.startswith("rollout-")


def _gemini(path: PurePath) -> bool:
    return ("chats" in path.parts and path.suffix in {".json", ".jsonl"}) or path.name == "logs.json"


def _events(path: PurePath) -> bool:
    return path.name == "events"


def _openhands(path: PurePath) -> bool:
    return path.suffix == ".json" and ("trajector" in path.name or "trajector" in path.parent.name)


def _openhands_output(path: PurePath) -> bool:
    return path.suffix == ".jsonl"


def _swe_agent(path: PurePath) -> bool:
    return path.suffix == ".traj"


_CLAUDE: Final = ("~/.claude/projects", "~/.config/claude/projects", "$CLAUDE_CONFIG_DIR/projects")
_CODEX: Final = ("~/.codex/sessions", "~/.codex/archived_sessions", "$CODEX_HOME/sessions", "$CODEX_HOME/archived_sessions")
_OPENHANDS: Final = ("~/.openhands/sessions", "~/.openhands/conversations", "~/.openhands-state/sessions")

FORMATS: Final = (
    Format("claude_code", claude_code.AGENT, "lines", _CLAUDE, _claude_code, claude_code.ClaudeCode),
    Format("codex", codex.AGENT, "lines", _CODEX, _codex, codex.Codex),
    Format("gemini_cli", gemini_cli.AGENT, "document", ("~/.gemini/tmp",), _gemini, gemini_cli.Gemini),
    Format("openhands", openhands.AGENT, "directory", _OPENHANDS, _events, openhands.OpenHands),
    Format("openhands_trajectories", openhands.AGENT, "document", (), _openhands, openhands.OpenHands),
    Format("openhands_output", openhands.AGENT, "lines", (), _openhands_output, openhands.OpenHands),
    Format("swe_agent", swe_agent.AGENT, "document", (), _swe_agent, swe_agent.SweAgent),
)
