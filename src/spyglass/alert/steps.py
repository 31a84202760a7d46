"""The life of an alert, as one list. Read it from top to bottom.

    rules → judge → state            `evaluate.py`, `found.py`: a figure, or a finding, becomes an alert that is pending, firing or resolved
          → route → group            `grouping.py`: where it is told, and with what
          → STEPS                    this file: whether and why something is told
          → outbox                   `flushing.py`: what is told is kept, in the transaction that remembers that it was told
          → send, again, back off    `sending.py`: to channels, each apart from the others
          → acknowledge, resolve     `acting.py`: what people do

Each arrow is one transaction of the database of facts: whoever dies between two steps finds the state before, or the state after, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from spyglass.alert.flush import Context, Flush, Stage
from spyglass.alert.stages import deduplicate, escalate, hold, inhibit, mute

__all__ = ["STEPS", "run"]

STEPS: Final[Sequence[Stage]] = (
    inhibit,  # another alert explains it
    mute,  # silences, maintenance, hours
    hold,  # somebody has it: acknowledged, snoozed
    deduplicate,  # people know it already
    escalate,  # nobody has acknowledged
)


def run(flush: Flush, context: Context) -> Flush:
    """Take a group through all steps."""
    for step in STEPS:
        flush = step(flush, context)
    return flush
