"""A session as its file is read: turns one after another, each a trace of its own, and what is known between them.

One trace per turn: a session of hours, or one that is taken up again weeks later, would be a trace that never ends and that no page can show;
a turn is what the user asked for and what came of it. The turns of a session share `session.id` and `gen_ai.conversation.id`. A turn of very many
model calls goes on in a further trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Protocol

from spyglass.collect.transcripts.content import Part
from spyglass.collect.transcripts.pieces import Call, Identity, Limits, Place
from spyglass.collect.transcripts.turn import Turn
from spyglass.model.told import INFO, Attributes, Event, Span, Value

__all__ = ["Checkpoint", "Links", "NoLinks", "Opening", "Reader", "Session"]

_IDENTITY: Final = {item.name for item in fields(Identity)}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """From where a file is to be read when it is opened again, and what has to be known then."""

    place: int = 0
    memory: Mapping[str, Any] = field(default_factory=dict)


class Links(Protocol):
    """Where sub-agents hang: told by the session that starts them, asked for by the file that they write."""

    def offer(self, session: str, prompt: str, call: str, place: Place) -> None:
        """A tool call that starts a sub-agent with this prompt."""

    def bind(self, session: str, agent: str, call: str) -> None:
        """The sub-agent of this id was started by this tool call."""

    def find(self, session: str, agent: str, prompt: str, call: str) -> Place | None:
        """The place of a sub-agent, the same each time it is asked for; None: nobody has told of it yet."""

    def adopt(self, session: str, agent: str, place: Place) -> None:
        """Nobody will: this is its place."""


class NoLinks:
    """For formats without sub-agents in files of their own."""

    def offer(self, session: str, prompt: str, call: str, place: Place) -> None:
        """Nobody asks."""

    def bind(self, session: str, agent: str, call: str) -> None:
        """Nobody asks."""

    def find(self, session: str, agent: str, prompt: str, call: str) -> Place | None:  # noqa: ARG002
        """There are none."""
        return None

    def adopt(self, session: str, agent: str, place: Place) -> None:
        """Nobody asks."""


def _ignore(reason: str, count: int = 1) -> None:
    """For readers that nobody counts."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a reader is given: the file's path, its time (ns), what was known, and where to count what is left out."""

    path: str
    modified_ns: int
    limits: Limits = field(default_factory=Limits)
    memory: Mapping[str, Any] = field(default_factory=dict)
    dropped: Callable[..., None] = _ignore
    links: Links = field(default_factory=NoLinks)
    companion: Callable[[str], Any] = lambda _name: None  # the JSON of a small file beside it
    patient: bool = False  # a sub-agent whose place is not known yet may wait for it


class Reader(Protocol):
    """Reads one file, record after record. It raises nothing but DecodeError, after which it can go on."""

    session: Session

    def feed(self, record: bytes, place: int) -> None:
        """One line (or whole document, or event file) that begins at `place`."""

    @property
    def waiting(self) -> bool:
        """It cannot say yet where it belongs: come again later."""


class Session:
    """The turns of one file."""

    def __init__(self, who: Identity, opening: Opening) -> None:
        self.opening, self.limits = opening, opening.limits
        known = opening.memory.get("who") or {}
        self.who = Identity(**{**asdict(who), **{key: str(value) for key, value in known.items() if key in _IDENTITY}})
        self.turn: Turn | None = None
        self.children: dict[str, Turn] = {}
        self.memory: dict[str, Any] = {key: value for key, value in opening.memory.items() if key != "who"}
        self.place = 0  # of the record that is being read
        self._checkpoint = Checkpoint(0, {**self.memory, "who": asdict(self.who)})
        self._out: list[Span | Event] = []
        if going_on := self.memory.get("going_on"):
            self.turn = self._further(*going_on)

    def begin(self, key: str, at_ns: int, parts: list[Part], place: Place | None = None) -> Turn:
        """A new turn; the one before is over."""
        self.memory.pop("going_on", None)
        self.end()
        self.mark()
        self.turn = Turn(self.who, key, at_ns, self.limits, place)
        self.turn.prompt(parts)
        return self.turn

    def call(self, key: str, at_ns: int, model: str = "") -> Call:
        """A model call of the current turn; a turn that is too long goes on in a new one, where nothing is open."""
        turn = self.turn or self.begin(key, at_ns, [])
        if turn.count >= self.limits.calls and key not in turn.calls and all(tool.end_ns for tool in turn.tools.values()):
            turn = self._go_on(turn, key, at_ns)
        return turn.call(key, at_ns, model)

    def _go_on(self, turn: Turn, key: str, at_ns: int) -> Turn:
        """The rest of a turn that is too long for one trace; whoever begins to read there has to know it."""
        above = turn.place if turn.place.parent else None
        self.end()
        place = (above.trace.hex(), above.parent.hex(), above.agent) if above else ("", "", "")
        self.memory["going_on"] = (f"{turn.key}\0{key}", at_ns, *place)
        self.mark()
        self.turn = self._further(f"{turn.key}\0{key}", at_ns, *place)
        return self.turn

    def _further(self, key: str, at_ns: int, trace: str, parent: str, agent: str) -> Turn:
        place = Place(bytes.fromhex(trace), bytes.fromhex(parent), agent) if trace else None
        turn = Turn(self.who, key, at_ns, self.limits, place)
        turn.more["spyglass.turn.continued"] = "true"
        return turn

    def end(self) -> None:
        """The current turn is over, and so are its sub-agents."""
        for child in self.children.values():
            child.finish()
            self._out += child.drain()
        self.children = {}
        if self.turn is not None:
            self.turn.finish()
            self._out += self.turn.drain()
            self.turn = None
            self.mark()

    def mark(self) -> None:
        """Nothing is open: reading may begin at this record another time."""
        self._checkpoint = Checkpoint(self.place, {**self.memory, "who": asdict(self.who)})

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the turn that is not over began."""
        return self._checkpoint

    def note(self, name: str, at_ns: int, attributes: Attributes | None = None, body: Value = None, severity: int = INFO) -> None:
        """An event: of the turn if there is one."""
        if self.turn is not None:
            self.turn.note(name, at_ns, attributes, body, severity)
        else:
            self.aside(name, at_ns, attributes, body, severity)

    def aside(self, name: str, at_ns: int, attributes: Attributes | None = None, body: Value = None, severity: int = INFO) -> None:
        """An event that no turn is about."""
        self._out.append(Event(name, at_ns or self.opening.modified_ns, {**self.who.attributes(), **(attributes or {})}, body, severity))

    def take(self, *, rest: bool = False) -> list[Span | Event]:
        """What may be told by now, parents first. `rest`: nothing has been written for a while."""
        out, self._out = self._out, []
        for turn in (self.turn, *self.children.values()):
            if turn is not None:
                out += turn.drain(rest=rest)
        self.children = {key: child for key, child in self.children.items() if not child.over}
        return out
