"""The runner `tail`: log files, as they grow. Glob patterns in, Told out, a log record for each line, or for several that belong together.

No line is told twice, also over restarts and crashes: `following.py` remembers what was read, and what it gives out again is the same byte for byte.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from spyglass.collect.following import Chunk, Follower, Wanted
from spyglass.collect.lines import read_record
from spyglass.collect.place import host_attributes
from spyglass.collect.splitting import Splitter
from spyglass.model.told import Event, Told, Value
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind

__all__ = ["TailRunner", "TailSettings", "runner"]


def _regular(text: str) -> str:
    try:
        found = re.compile(text.encode())
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from error
    if text and found.search(b""):
        raise ValueError("expected a regular expression that does not match the empty text")
    return text


Pattern = Annotated[str, AfterValidator(_regular)]


class TailSettings(BaseModel, extra="forbid", frozen=True):
    """Which files, and how they are read."""

    paths: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, max_length=100, description="Files, as glob patterns such as `/var/log/agent/*.log`; `**` stands for all folders below."
    )
    exclude: tuple[str, ...] = Field((), max_length=100, description="Patterns of files that are left out. Compressed files always are.")
    service: str = Field("", max_length=200, description="`service.name` of what is told; default: the id of the runner.")
    from_start: bool = Field(
        False, description="Whether files that are there at the very first start are read from their start; those that come later always are."
    )
    format: Literal["auto", "text"] = Field("auto", description="`auto`: a line that is a JSON object is understood as one; `text`: all lines are text.")
    multiline: Pattern = Field(
        "", max_length=1000, description="A regular expression that the first line of a record matches; other lines belong to the record before them."
    )
    only: Annotated[str, AfterValidator(_regular)] = Field(
        "", max_length=1000, description="A regular expression that a record must match; others are left out."
    )
    skip: Annotated[str, AfterValidator(_regular)] = Field("", max_length=1000, description="A regular expression; records that match it are left out.")
    max_line_bytes: int = Field(64 * 1024, ge=256, le=256 * 1024, description="Longest record; the rest of a longer line is left out.")
    max_files: int = Field(1_000, ge=1, le=10_000, description="Most files that are followed at the same time.")
    interval_s: float = Field(0.5, ge=0.05, le=60, description="Time between two looks at files that were quiet, s.")


class TailRunner:
    """Follows files until it is stopped."""

    def __init__(self, settings: TailSettings, context: RunnerContext) -> None:
        self._settings, self._context = settings, context
        self._only, self._skip = (re.compile(text.encode()) if text else None for text in (settings.only, settings.skip))
        self._problems: tuple[str, ...] = ()
        self._level: Literal["full", "partial", "minimal"] = "full"

    async def run(self) -> AsyncIterator[Told]:
        """A batch of one file at a time; what was yielded is kept when the next one is asked for."""
        settings = self._settings
        first = re.compile(settings.multiline.encode()) if settings.multiline else None
        wanted = Wanted(settings.paths, settings.exclude, Splitter(settings.max_line_bytes, first), settings.from_start, settings.max_files)
        follower = Follower(wanted, self._context.data_dir, self._context.clock)
        try:
            while True:
                chunk = follower.take()
                self._look(follower)
                if chunk is None:
                    await asyncio.sleep(settings.interval_s)
                    continue
                yield self._told(chunk)
                follower.done()
                await asyncio.sleep(0)
        finally:
            follower.close()

    def health(self) -> RunnerHealth:
        """Minimal where nothing can be read at all."""
        return RunnerHealth(self._level, self._problems)

    def _look(self, follower: Follower) -> None:
        if follower.problems != self._problems:
            self._problems = follower.problems
        self._level = "full" if not self._problems else "partial" if follower.open_files else "minimal"

    def _told(self, chunk: Chunk) -> Told:
        settings = self._settings
        resource: dict[str, Value] = {**host_attributes(), **({"service.name": settings.service} if settings.service else {})}
        path = PurePath(chunk.path)
        place: dict[str, Value] = {"log.file.path": chunk.path, "log.file.name": path.name}
        events = []
        for piece in chunk.pieces:
            text = piece.data.decode("utf-8", "replace")
            self._context.tally.seen()
            if reason := self._left_out(piece.data):
                self._context.tally.dropped(reason)
                continue
            attributes = {**place, "log.file.record_offset": chunk.start + piece.start}  # as the Collector has it: two equal lines are two
            if piece.cut:
                attributes["spyglass.truncated"] = True
            events.append(self._event(text, chunk.time_ns, attributes))
        return Told(resource, events)

    def _left_out(self, data: bytes) -> str:
        """Why a record is not told; empty: it is."""
        if not data.strip():
            return "empty"
        return "filtered" if (self._only and not self._only.search(data)) or (self._skip and self._skip.search(data)) else ""

    def _event(self, text: str, now_ns: int, attributes: dict[str, Value]) -> Event:
        return read_record(text, now_ns, attributes, json=self._settings.format == "auto")


runner = RunnerKind(
    name="tail",
    version="1.0.0",
    description="Log files as they grow: text and JSON lines, with rotation, records of several lines, and nothing told twice",
    settings=TailSettings,
    make=TailRunner,
)
