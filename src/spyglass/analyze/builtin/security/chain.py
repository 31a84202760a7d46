"""What each row that shows a finding is in its story: the rule in, a part for each row out, in the order in which the analyzer names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

__all__ = ["Part", "parts"]

Part = Literal["untrusted", "private", "acts", "shows"]
# As `provenance` names them: what it read of its own, what strangers wrote, what it did then.
_PARTS: Final[Mapping[tuple[str, str], tuple[Part, ...]]] = {
    ("provenance", "instructions_in_content"): ("untrusted",),
    ("provenance", "destination_from_content"): ("untrusted", "acts"),
    ("provenance", "action_after_instructions"): ("untrusted", "acts"),
    ("provenance", "exposure"): ("private", "untrusted", "acts"),
}


def parts(analyzer: str, rule: str, rows: int) -> tuple[Part, ...]:
    """One for each of so many rows: `untrusted` content was read, `private` data was read, the agent `acts` on the outside; else the row `shows` it."""
    known = _PARTS.get((analyzer, rule), ())
    shows: Part = "shows"
    return known if len(known) == rows else (shows,) * rows
