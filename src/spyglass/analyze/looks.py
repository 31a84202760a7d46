"""Analyzers that look at the store now and then: each look isolated, timed and counted like a batch of the others.

A look covers what arrived since the one before, so that nothing is looked at twice; one that failed is made good by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import pyarrow as pa
from pydantic import BaseModel

from spyglass.analyze.apart import Apart
from spyglass.analyze.member import SHARE, Member
from spyglass.model.errors import Refused
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Examiner, Question

__all__ = ["Looks"]

_FIRST_NS: Final = 3_600 * 10**9  # how far back the first look goes


class Looks:
    """All of them. Each is used by one thread at a time."""

    def __init__(
        self,
        kinds: Iterable[AnalyzerKind],
        settings: Mapping[str, BaseModel],
        ask: Question,
        share: float = SHARE,
        tell: Callable[[list[Finding]], None] = lambda _: None,
    ) -> None:
        """`ask`: read-only SQL over the public tables, of all projects.

        `tell` is given what is found; where it raises `Refused` the next look finds it again.
        """
        self.members = {kind.name: Member(kind, cast("Examiner", kind.make(settings[kind.name])), settings[kind.name], share) for kind in kinds}
        self._ask, self._tell, self._until_ns = ask, tell, dict[str, int]()

    def look(self, name: str, now_ns: int) -> list[Finding]:
        """Let one look at what arrived since it last did.

        Raises:
            Refused: the store answers nobody now, or what was found cannot be told, which is no failure of who asks; the next look makes it good.
        """
        member = self.members[name]
        status = member.status
        if not status.runs():
            return []
        began, failures = member.seconds(), status.failures
        since_ns = self._until_ns.get(name, now_ns - _FIRST_NS)
        refusals: list[Refused] = []

        def ask(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
            try:
                return self._ask(sql, parameters)
            except Refused as refusal:
                refusals.append(refusal)
                raise

        def looking() -> list[Finding]:
            try:
                found = list(member.analyzer.look(ask, since_ns, now_ns))
            except Exception:
                if not refusals:
                    raise
                return []
            refusals.clear()  # it could do without
            return found

        found = member.guarded(looking)
        member.account(0, member.seconds() - began)
        if status.suspended:
            member.close()  # while it rests it has no process
        if refusals:
            raise refusals[0]
        found = member.bounded(found)
        self._tell(found)
        if status.failures == failures:
            status.in_row, self._until_ns[name] = 0, now_ns
        return found

    def configure(self, name: str, settings: BaseModel) -> None:
        """Go on with other settings."""
        member = self.members[name]
        member.replace(cast("Examiner", member.kind.make(settings)), settings)

    def resume(self, name: str) -> None:
        """Let a suspended one look again."""
        self.members[name].status.resume()

    def close(self) -> None:
        """End the processes of plugins, from any thread: who looks is set free by that."""
        for member in self.members.values():
            if isinstance(member.analyzer, Apart):
                member.analyzer.leave()
            member.close()
