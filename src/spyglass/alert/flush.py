"""What the steps of a notice hand to each other: a group that is due, with its alerts, why some are held back, and what is going to be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spyglass.alert.mute import Silence
from spyglass.alert.route import Place, Routing
from spyglass.facts.alerts import Alert, Group, Member
from spyglass.model.notice import Reason

__all__ = ["Context", "Flush", "Stage"]


@dataclass(frozen=True, slots=True)
class Context:
    """What is true at this moment."""

    now_ns: int
    routing: Routing = field(default_factory=Routing)
    silences: Sequence[tuple[str, Silence]] = ()  # by id
    firing: Sequence[Alert] = ()  # of the project
    version_of: Callable[[str], str] = lambda _agent: ""  # the version of an agent that was seen last; empty: none is known


@dataclass(frozen=True, slots=True)
class Flush:
    """A group that is due."""

    group: Group
    place: Place
    members: tuple[Member, ...]
    held: Mapping[str, str] = field(default_factory=dict)  # alert id → why nothing is told of it
    reason: Reason | None = None  # why something is told; None: nothing is
    channels: tuple[str, ...] = ()
    level: int = 0
    to: tuple[str, ...] = ()  # who is on call
    note: str = ""  # what else is to be said

    def free(self) -> list[Member]:
        """Those that nothing holds back."""
        return [member for member in self.members if member.alert.id not in self.held]

    def fires(self) -> list[Member]:
        """Those of them that fire."""
        return [member for member in self.free() if member.alert.state == "firing"]

    def hold(self, why: Mapping[str, str]) -> Flush:
        """With more held back; the first reason counts."""
        return replace(self, held={**why, **self.held}) if why else self


Stage = Callable[[Flush, Context], Flush]
