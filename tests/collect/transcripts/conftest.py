"""A folder of transcripts and a follower over it, as tests of this room want them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from spyglass.collect.transcripts.find import Walk
from spyglass.collect.transcripts.follow import Bounds, Follower, Step
from spyglass.collect.transcripts.formats import FORMATS
from spyglass.collect.transcripts.ledger import Ledger
from spyglass.collect.transcripts.pieces import Limits
from spyglass.model.told import Event, Span
from spyglass.testing.clock import ManualClock


class Counts:
    """A tally that tests can read."""

    def __init__(self) -> None:
        self.looked_at, self.drops = 0, Counter[str]()

    def seen(self, count: int = 1) -> None:
        self.looked_at += count

    def dropped(self, reason: str, count: int = 1) -> None:
        self.drops[reason] += count


@dataclass
class Story:
    """What was told, newest telling of each span."""

    items: list[Span | Event] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        newest = {(item.trace_id, item.span_id): item for item in self.items if isinstance(item, Span)}
        return sorted(newest.values(), key=lambda span: (span.start_ns, span.attributes["gen_ai.operation.name"] != "invoke_agent"))

    def of(self, operation: str) -> list[Span]:
        return [span for span in self.spans if span.attributes["gen_ai.operation.name"] == operation]

    @property
    def events(self) -> list[Event]:
        return [item for item in self.items if isinstance(item, Event)]

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]

    @property
    def tree(self) -> dict[str, list[str]]:
        """Names of the spans below each span."""
        names = {span.span_id: span.name for span in self.spans}
        out: dict[str, list[str]] = {}
        for span in self.spans:
            out.setdefault(names.get(span.parent_span_id, ""), []).append(span.name)
        return out


class Watch:
    """Transcripts of one format in a folder, and who follows them. Time stands still unless `clock` is moved."""

    def __init__(self, folder: Path, kind: str, **bounds: Any) -> None:
        self.folder, self.kind, self.bounds = folder / "files", kind, bounds
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data, self.clock, self.counts = folder / "ledger.sqlite", ManualClock(1_790_000_000.0), Counts()
        self.format = next(kind for kind in FORMATS if kind.name == self.kind)
        self.start()

    def start(self) -> None:
        """A new process, with what the one before has kept."""
        self.ledger = Ledger(self.data, self.clock.now_ns())
        self.follower = Follower(self.ledger, self.clock, self.counts, Bounds(**{"settle_s": 30.0, "limits": Limits(), **self.bounds}))

    def restart(self) -> None:
        self.ledger.close()
        self.start()

    def write(self, name: str, *records: Any, mode: str = "a", end: str = "\n") -> Path:
        """Append records as lines, written now."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode) as file:
            file.write("".join((record if isinstance(record, str) else json.dumps(record)) + end for record in records))
        return self.touch(path)

    def touch(self, path: Path) -> Path:
        os.utime(path, (self.clock.now_s, self.clock.now_s))
        return path

    def look(self) -> Walk:
        walk = Walk(1000, 0)
        self.follower.look(walk.run([(self.format, str(self.folder))]))
        return walk

    def steps(self, *, keep: bool = True) -> list[Step]:
        self.look()
        out = []
        while (step := self.follower.step()) is not None:
            out.append(step)
            if not keep:
                break
            self.follower.keep(step)
        return out

    def told(self, *, rest: bool = True) -> Story:
        """What there is to tell now; with `rest`, also what is told when nothing has been written for a while."""
        items = [item for step in self.steps() for item in step.new]
        if rest:
            self.clock.now_s += 200
            items += [item for step in self.steps() for item in step.new]
        return Story(items)


@pytest.fixture
def watch(tmp_path: Path) -> Callable[..., Watch]:
    """`watch("claude_code", **bounds)`: each one a folder of its own."""
    number = count()
    return lambda kind, **bounds: Watch(tmp_path / str(next(number)), kind, **bounds)
