"""The runner `transcripts`: coding agents write down what they do; this tells it.

In: the session files of Claude Code, Codex, Gemini CLI, OpenHands and SWE-agent, as they grow. Out: `Told`: a trace per turn (session.py says why), with
agents, model calls and tools, and events. Needs no change of the agents, and no rights but to read their files.

Every span carries `spyglass.evidence` = `transcript`, the agent's own session id, and the provider's response id where the transcript has it: by these
the same call, told by the agent's OpenTelemetry or seen on its TLS connection too, is known as one.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field

from spyglass.collect.transcripts.find import Found, Walk
from spyglass.collect.transcripts.follow import Bounds, Follower, Step
from spyglass.collect.transcripts.formats import FORMATS, Format
from spyglass.collect.transcripts.ledger import Ledger
from spyglass.collect.transcripts.pieces import Limits
from spyglass.model.told import Event, Span, Told
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind

__all__ = ["Settings", "Source", "Transcripts", "runner"]

_DAY_NS: Final = 86_400 * 10**9
_TOLD_RECORDS: Final = 256  # in one Told
_TOLD_BYTES: Final = 2 << 20
_REMEMBERED_DAYS: Final = 120
_WALK_S: Final = 5.0  # between two looks at everything, at least
_WALK_SHARE: Final = 0.02  # of the time may be spent looking


class Source(BaseModel, extra="forbid", frozen=True):
    """One kind of transcript."""

    enabled: bool = Field(True, description="Whether these transcripts are read.")
    roots: tuple[str, ...] = Field((), description="Folders to look in, with all below them; empty: where the agent writes by default. `~` is the user's home.")


class Settings(BaseModel, extra="forbid", frozen=True):
    """Settings of the runner `transcripts`."""

    claude_code: Source = Field(Source(), description="Claude Code (~/.claude/projects).")
    codex: Source = Field(Source(), description="Codex CLI (~/.codex/sessions).")
    gemini_cli: Source = Field(Source(), description="Gemini CLI (~/.gemini/tmp).")
    openhands: Source = Field(Source(), description="OpenHands conversations (~/.openhands).")
    openhands_trajectories: Source = Field(Source(), description="OpenHands trajectories: lists of events, `*trajector*.json`. No default folder.")
    openhands_output: Source = Field(Source(), description="OpenHands `*.jsonl` with a task and its history per line. No default folder.")
    swe_agent: Source = Field(Source(), description="SWE-agent `*.traj`. No default folder.")
    poll_s: float = Field(1.0, ge=0.05, le=60, description="Seconds between two looks at files that grow.")
    settle_s: float = Field(30.0, ge=0, le=3600, description="Seconds without a change after which a running turn is told as it is.")
    history_days: float = Field(30.0, ge=0, le=3650, description="Transcripts that were not written for so many days are left alone.")
    read_mib_per_s: float = Field(8.0, gt=0, le=1024, description="How fast old transcripts are read, MiB per second.")
    max_files: int = Field(50_000, ge=1, le=1_000_000, description="Transcripts that are followed at most.")
    max_line_mib: float = Field(32.0, gt=0, le=512, description="A longer record is left out, MiB.")
    max_document_mib: float = Field(64.0, gt=0, le=512, description="A longer document is left out, MiB.")
    max_text_kib: int = Field(256, ge=1, le=4096, description="Longer texts, arguments and results are clipped, KiB (of characters).")
    history_kib: int = Field(32, ge=0, le=4096, description="How much of a turn's earlier messages each model call repeats, KiB (of characters).")
    max_turn_calls: int = Field(500, ge=1, le=100_000, description="Model calls of one trace; a longer turn goes on in another.")

    def bounds(self) -> Bounds:
        """For the follower."""
        limits = Limits(self.max_text_kib << 10, self.history_kib << 10, self.max_turn_calls)
        return Bounds(round(self.max_line_mib * (1 << 20)), round(self.max_document_mib * (1 << 20)), self.settle_s, limits=limits)

    def roots(self) -> list[tuple[Format, str]]:
        """Every format that is on, with each folder to look in."""
        out: list[tuple[Format, str]] = []
        for kind in FORMATS:
            source: Source = getattr(self, kind.name)
            folders = (os.path.expandvars(folder) for folder in source.roots or kind.roots)
            out += [(kind, str(Path(folder).expanduser())) for folder in folders if source.enabled and not folder.startswith("$")]
        return out


class Transcripts:
    """The runner."""

    def __init__(self, settings: Settings, context: RunnerContext) -> None:
        self._settings, self._context = settings, context
        self._health = RunnerHealth()
        self._found: dict[str, Found] = {}
        self._walked_s = self._walk_cost_s = 0.0

    def health(self) -> RunnerHealth:
        """Full, unless some transcripts cannot be read."""
        return self._health

    async def run(self) -> AsyncIterator[Told]:
        """What the transcripts say, old ones first in the background, then as they grow; until it is cancelled."""
        context = self._context
        context.data_dir.mkdir(parents=True, exist_ok=True)
        with closing(Ledger(context.data_dir / "transcripts.sqlite", context.clock.now_ns())) as ledger:
            ledger.prune(context.clock.now_ns() - round(max(_REMEMBERED_DAYS, 2 * self._settings.history_days) * _DAY_NS))
            follower = Follower(ledger, context.clock, context.tally, self._settings.bounds())
            self._walked_s = -1e9
            while True:
                self._look(follower)
                while (step := follower.step()) is not None:
                    for told in _tellings(step):
                        yield told
                    follower.keep(step)
                    await asyncio.sleep(step.read_bytes / (self._settings.read_mib_per_s * (1 << 20)))
                    if self._due():
                        self._look(follower)
                await asyncio.sleep(self._settings.poll_s)

    def _due(self) -> bool:
        return self._context.clock.monotonic() - self._walked_s >= max(min(_WALK_S, self._settings.poll_s * 5), self._walk_cost_s / _WALK_SHARE)

    def _look(self, follower: Follower) -> None:
        """At everything now and then; at the files that grow each time."""
        clock = self._context.clock
        if self._due():
            begun_s = clock.monotonic()
            walk = Walk(self._settings.max_files, clock.now_ns() - round(self._settings.history_days * _DAY_NS))
            self._found = walk.run(self._settings.roots())
            self._walked_s = clock.monotonic()
            self._walk_cost_s = self._walked_s - begun_s
            self._report(walk, follower)
        else:
            self._found |= {path: again for path in follower.hot() if (again := _again(self._found.get(path))) is not None}
        follower.look(self._found)

    def _report(self, walk: Walk, follower: Follower) -> None:
        problems = [*walk.problems, *list(follower.problems.values())[:20]]
        if walk.too_many:
            problems.append(f"more than {self._settings.max_files} transcripts: those beyond are not read; raise max_files, or lower history_days")
        self._health = RunnerHealth("partial" if problems else "full", tuple(problems))


def _again(found: Found | None) -> Found | None:
    """The file as it is now."""
    try:
        about = Path(found.path).stat() if found is not None else None
    except OSError:
        return None  # the next look at everything says what became of it
    if found is None or about is None:
        return None
    return Found(found.format, found.path, about.st_size if found.size or found.format.shape != "directory" else 0, about.st_mtime_ns)


def _tellings(step: Step) -> Iterator[Told]:
    """A step in pieces of bounded size."""
    resource = {"service.name": step.agent, "host.name": platform.node(), "spyglass.runner": "transcripts"}
    events: list[Event] = []
    spans: list[Span] = []
    size = 0
    for item, weight in zip(step.new, step.sizes, strict=True):
        if (events or spans) and (len(events) + len(spans) >= _TOLD_RECORDS or size + weight > _TOLD_BYTES):
            yield Told(resource, tuple(events), tuple(spans))
            events, spans, size = [], [], 0
        size += weight
        if isinstance(item, Span):
            spans.append(item)
        else:
            events.append(item)
    if events or spans:
        yield Told(resource, tuple(events), tuple(spans))


runner = RunnerKind(
    "transcripts",
    "1.0.0",
    "Follows the session files that coding agents write: turns, model calls, tools, sub-agents.",
    Settings,
    Transcripts,
)
