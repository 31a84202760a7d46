"""Bodies on the road: who waits for each, and what decode made of them, so that they can be carried together and parted where one is at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.app.notes import note_of
from spyglass.decode.rules import DEFAULT_PROJECT
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome
from spyglass.model.errors import DecodeError, SpyglassError
from spyglass.model.finding import SERVER_SCOPE
from spyglass.model.schema import Kind

__all__ = ["Failures", "Load", "Waiting"]

_MOST_FAILURES: Final = 50  # of bodies that fail by themselves, in one group


@dataclass(slots=True)
class Waiting:
    """One body and everyone who waits for its outcome (a retry may overtake the answer)."""

    body: Body
    key: bytes
    waiters: list[Callable[[Outcome | SpyglassError], None]] = field(default_factory=list)

    def answer(self, outcome: Outcome | SpyglassError) -> None:
        """Tell everyone."""
        for tell in self.waiters:
            tell(outcome)


@dataclass(slots=True)
class Failures:
    """How many bodies of a group failed by themselves. With very many the defect is ours, and to go on halving would hold up everybody."""

    count: int = 0

    @property
    def too_many(self) -> bool:
        """What is left is refused together; senders bring it again."""
        return self.count >= _MOST_FAILURES


@dataclass(frozen=True, slots=True)
class Load:
    """Bodies of one signal and what decode made of them: `batch` has their rows in order, `rows[i]` of them from member i."""

    members: Sequence[Waiting]
    outcomes: Sequence[Outcome | DecodeError]
    rows: Sequence[int]
    batch: Batch

    def halves(self) -> Iterator[Load]:
        """The first bodies, then the others."""
        middle = len(self.members) // 2
        cut = sum(self.rows[:middle])
        yield Load(self.members[:middle], self.outcomes[:middle], self.rows[:middle], self.batch.with_rows(self.batch.rows.slice(0, cut)))
        yield Load(self.members[middle:], self.outcomes[middle:], self.rows[middle:], self.batch.with_rows(self.batch.rows.slice(cut)))

    def honest(self) -> Load:
        """The same where no row claims to be of the server itself that is not: its findings and registrations are believed."""
        scopes = self.batch.rows["scope_name"] if self.batch.kind == Kind.EVENT and len(self.batch) else None
        if scopes is None or not pc.any(pc.equal(scopes, SERVER_SCOPE)).as_py():
            return self
        told_by_server = np.repeat([waiting.body.transport == "server" for waiting in self.members], self.rows)
        claimed = pc.and_(pc.equal(scopes, SERVER_SCOPE), pa.array(~told_by_server))
        rows, at = self.batch.rows, self.batch.rows.schema.get_field_index("scope_name")
        renamed = pc.if_else(claimed, f"claimed:{SERVER_SCOPE}", scopes)
        return replace(self, batch=self.batch.with_rows(rows.set_column(at, rows.schema.field(at), renamed)))

    def keys(self) -> list[bytes]:
        """By which the log knows the bodies that it keeps, each with a note of what was not kept of it."""
        answered = zip(self.members, self.outcomes, strict=True)
        return [waiting.key + note_of(outcome) for waiting, outcome in answered if isinstance(outcome, Outcome) and outcome.accepted]

    def source(self, number: int) -> tuple[str, str]:
        """Project and service of a body's first good row; without one, what is known of its sender."""
        body = self.members[number].body
        if not self.rows[number]:
            return body.project or DEFAULT_PROJECT, body.client
        row = self.batch.rows.slice(sum(self.rows[:number]), 1)
        return str(row["project"][0].as_py()), str(row["service"][0].as_py())
