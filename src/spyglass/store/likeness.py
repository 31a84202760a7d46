"""Whether a call that a watch read from a connection is one that the agent's own span tells of: by content, time and process, where no id says it.

In: calls on the wire and calls that spans tell, as `Call`. Out: pairs that are surely one call, and calls on the wire which may be one that is told otherwise.

Sure is what passes all of these: the own call lasts at least as long as the one on the wire, both name the same model or tool, no id contradicts, both are of
the same process or watch or say word for word the same, and both have the same tokens or answer (of a tool: its name). Where several are equally like each
other, as in a burst of equal calls, they are paired in the order of time, if each has one; else nothing is sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Call", "Found", "compare"]

_SLACK_NS: Final = 250_000_000  # clocks of a process and of the kernel's events, and what a client does before its span and after it
_MAKING: Final = re.compile(r"[A-Za-z]+(?=[_-])")  # `msg_…` and `req_…` are ids of different things


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of one; texts are empty and sets too where nothing is told."""

    key: bytes  # what it is kept under in the table `tellings`
    kind: str
    start_ns: int
    end_ns: int
    models: frozenset[str]
    tool: str
    response_id: str
    tokens: tuple[int, int] | None  # input and output; None: not told
    said: tuple[bytes, ...]  # hashes of the answer's messages
    watch: str
    host: str
    pid: str


@dataclass(frozen=True, slots=True)
class Found:
    """Keys: of calls on the wire with those of the spans that tell the same, and of those of which nobody can say."""

    pairs: tuple[tuple[bytes, bytes], ...]
    unsure: frozenset[bytes]


def compare(wires: Sequence[Call], own: Sequence[Call]) -> Found:
    """Every call on the wire beside every call that may be it; both in order of start."""
    likely = _Edges()
    sure = _Edges()
    first = 0
    longest_ns = max((call.end_ns - call.start_ns for call in own), default=0)
    for number, wire in enumerate(wires):
        while first < len(own) and own[first].start_ns + longest_ns + _SLACK_NS < wire.end_ns:
            first += 1
        for place in range(first, len(own)):
            if own[place].start_ns > wire.start_ns + _SLACK_NS:
                break
            if _may_be(wire, own[place]):
                (sure if _is(wire, own[place]) else likely).add(number, place)
    pairs = tuple(sure.pairs())
    paired, taken = {number for number, _ in pairs}, {place for _, place in pairs}
    unsure = {number for edges in (sure, likely) for number, place in edges.all() if number not in paired and place not in taken}
    return Found(tuple((wires[number].key, own[place].key) for number, place in pairs), frozenset(wires[number].key for number in unsure))


class _Edges:
    """Which calls on the wire (by number) may be which own calls (by place)."""

    def __init__(self) -> None:
        self._of_wire: dict[int, set[int]] = {}
        self._of_own: dict[int, set[int]] = {}

    def add(self, number: int, place: int) -> None:
        self._of_wire.setdefault(number, set()).add(place)
        self._of_own.setdefault(place, set()).add(number)

    def all(self) -> Iterable[tuple[int, int]]:
        return ((number, place) for number, places in self._of_wire.items() for place in places)

    def pairs(self) -> Iterable[tuple[int, int]]:
        """Of groups in which everyone is like everyone, and of which there are as many on both sides."""
        for number, places in self._of_wire.items():
            numbers = self._of_own[min(places)]
            alike = all(self._of_wire[other] == places for other in numbers) and all(self._of_own[place] == numbers for place in places)
            if alike and number == min(numbers) and len(numbers) == len(places):
                yield from zip(sorted(numbers), sorted(places), strict=True)


def _may_be(wire: Call, own: Call) -> bool:
    """Nothing speaks against it."""
    if wire.kind != own.kind or own.start_ns > wire.start_ns + _SLACK_NS or wire.end_ns > own.end_ns + _SLACK_NS:
        return False
    told = ((wire.watch, own.watch), (wire.host, own.host), (wire.pid, own.pid))
    if any(one and other and one != other for one, other in told) or _other_response(wire.response_id, own.response_id):
        return False
    if wire.kind == "tool":
        return bool(wire.tool) and wire.tool == own.tool
    if wire.models and own.models and not wire.models & own.models:
        return False
    return wire.tokens is None or own.tokens is None or wire.tokens == own.tokens


def _is(wire: Call, own: Call) -> bool:
    """Enough speaks for it, where nothing speaks against it."""
    same_words = bool(wire.said) and wire.said == own.said
    same_process = bool((wire.watch and wire.watch == own.watch) or (wire.pid and wire.pid == own.pid and wire.host and wire.host == own.host))
    if wire.kind == "tool":
        return same_process
    same_tokens = wire.tokens is not None and wire.tokens == own.tokens and sum(wire.tokens) > 0
    return bool(wire.models & own.models) and (same_words or same_tokens) and (same_process or same_words)


def _other_response(one: str, other: str) -> bool:
    """Both have an id, of the same making."""
    return bool(one and other) and one != other and _making(one) == _making(other)


def _making(response_id: str) -> str:
    found = _MAKING.match(response_id)
    return found.group() if found else ""
