"""The loss ledger of the receivers: what each source sent, and what became of it.

In: every request, whatever its end. Out: one row per source, for the API. Used by the event loop alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["OTHER", "Account", "Ledger", "Source"]

OTHER: Final = "other"  # stands for all sources beyond the bound


@dataclass(frozen=True, slots=True)
class Source:
    """A row of the ledger: counts since the start."""

    client: str  # address of the sender
    project: str | None  # from the header; None where the resource decides
    requests: int
    bytes: int  # as sent
    accepted_rows: int
    rejected_rows: int  # bad rows in good bodies
    refused: Mapping[str, int]  # requests of which nothing was kept, by reason


@dataclass(slots=True)
class Account:
    """The counts of one source."""

    client: str
    project: str | None
    requests: int = 0
    bytes: int = 0
    accepted_rows: int = 0
    rejected_rows: int = 0
    refused: dict[str, int] = field(default_factory=dict)


class Ledger:
    """An account for each of the first `max_sources` sources, and one, named `other`, for all that come later."""

    def __init__(self, max_sources: int = 1_000) -> None:
        self._max_sources = max_sources
        self._accounts: dict[tuple[str, str | None], Account] = {}
        self._other = Account(OTHER, None)

    def account(self, client: str, project: str | None) -> Account:
        """The account of a source."""
        known = self._accounts.get((client, project))
        if known is not None:
            return known
        if len(self._accounts) >= self._max_sources:
            return self._other
        return self._accounts.setdefault((client, project), Account(client, project))

    def rows(self) -> list[Source]:
        """All accounts as they stand now, those with most requests first."""
        accounts = [*self._accounts.values(), *([self._other] if self._other.requests else [])]
        rows = [Source(a.client, a.project, a.requests, a.bytes, a.accepted_rows, a.rejected_rows, dict(a.refused)) for a in accounts]
        return sorted(rows, key=lambda row: row.requests, reverse=True)
