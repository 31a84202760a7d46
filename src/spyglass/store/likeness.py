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

_SLACKS_NS: Final = (5_000_000, 250_000_000)  # clocks agree, mostly; and else by what a busy machine does between a client's span and its connection
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
    pairs: list[tuple[bytes, bytes]] = []
    unsure: set[bytes] = set()
    for slack_ns in _SLACKS_NS:
        sure, likely = _edges(wires, own, slack_ns)
        found = list(sure.pairs())
        pairs += [(wires[number].key, own[place].key) for number, place in found]
        paired, taken = {number for number, _ in found}, {place for _, place in found}
        open_edges = [edge for edges in (sure, likely) for edge in edges.all() if edge[0] not in paired and edge[1] not in taken]
        unsure = {wires[number].key for number, _ in open_edges}
        wires = [wire for number, wire in enumerate(wires) if number not in paired]
        own = [call for place, call in enumerate(own) if place not in taken]
    return Found(tuple(pairs), frozenset(unsure))


def _edges(wires: Sequence[Call], own: Sequence[Call], slack_ns: int) -> tuple[_Edges, _Edges]:
    """What is surely one but for others that are as like, and what may be one."""
    sure, likely = _Edges(), _Edges()
    first = 0
    longest_ns = max((call.end_ns - call.start_ns for call in own), default=0)
    for number, wire in enumerate(wires):
        while first < len(own) and own[first].start_ns + longest_ns + slack_ns < wire.start_ns:
            first += 1
        for place in range(first, len(own)):
            if own[place].start_ns > wire.start_ns + slack_ns:
                break
            if _may_be(wire, own[place], slack_ns):
                (sure if _is(wire, own[place]) else likely).add(number, place)
    return sure, likely


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
        """Of groups that hang together and have as many on both sides: one after the other, where each may be the other."""
        left = set(self._of_wire)
        while left:
            numbers, places = self._group(left.pop())
            left -= numbers
            both = list(zip(sorted(numbers), sorted(places), strict=False))
            if len(numbers) == len(places) and all(place in self._of_wire[number] for number, place in both):
                yield from both

    def _group(self, number: int) -> tuple[set[int], set[int]]:
        """All that hang together with a call on the wire."""
        numbers, places, work = {number}, set[int](), [number]
        while work:
            fresh = self._of_wire[work.pop()] - places
            places |= fresh
            more = {other for place in fresh for other in self._of_own[place]} - numbers
            numbers |= more
            work += more
        return numbers, places


def _may_be(wire: Call, own: Call, slack_ns: int) -> bool:
    """Nothing speaks against it."""
    if wire.kind != own.kind or own.start_ns > wire.start_ns + slack_ns or wire.end_ns > own.end_ns + slack_ns:
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
