"""What people have set up, checked and kept in memory: documents in, rules, routing, silences and channels by project out.

A document that cannot be read harms no other: it is left out, and its problem is told where it is listed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from spyglass.alert.mute import Silence, read_silence
from spyglass.alert.policy import Policy, read_policy
from spyglass.alert.route import Route, Routing, read_routing
from spyglass.alert.rules import Rule, read_rule
from spyglass.facts.alerts_documents import Document, Documents
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError

__all__ = ["ROUTING", "ChannelSetup", "Project", "Setups"]

ROUTING: Final = "routing"  # the name of the only document of its kind
_OLD_S: Final = 10.0  # another process may have changed something


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A channel as somebody set it up."""

    kind: str
    settings: Mapping[str, Any]
    version: int
    problem: str = ""  # why its settings are not known


@dataclass(slots=True)
class Project:
    """Of one project."""

    rules: dict[str, tuple[Rule, int]] = field(default_factory=dict)  # with their versions
    channels: dict[str, ChannelSetup] = field(default_factory=dict)
    silences: list[tuple[str, Silence]] = field(default_factory=list)
    policies: dict[str, tuple[Policy, int, int]] = field(default_factory=dict)  # with their versions, and since when they are so
    told: Routing | None = None
    problems: dict[tuple[str, str], str] = field(default_factory=dict)  # by kind and name of the document

    @property
    def routing(self) -> Routing:
        """As it was set up; else everything goes to every channel, and to the log where there is none."""
        return self.told or Routing(route=Route(channels=tuple(self.channels)[:20] or ("log",)))


class Setups:
    """Of all projects. Safe from any thread."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents, self._clock = documents, clock
        self._lock = threading.Lock()
        self._known: tuple[int, float, dict[str, Project]] | None = None

    def all(self) -> Mapping[str, Project]:
        """By project; as it is now, where this process changed it, else at most ten seconds old.

        Raises:
            Refused: the database of the facts is away.
        """
        with self._lock:
            changes, now = self._documents.changes, self._clock.monotonic()
            if self._known is None or self._known[0] != changes or now - self._known[1] > _OLD_S:
                self._known = (changes, now, self._load())
            return self._known[2]

    def of(self, project: str) -> Project:
        """Of one, which may have nothing."""
        return self.all().get(project) or Project()

    def _load(self) -> dict[str, Project]:
        found: dict[str, Project] = {}
        documents: Sequence[Document] = [one for kind in ("rule", "channel", "routing", "silence", "action") for one in self._documents.all(kind)]
        for document in documents:
            project = found.setdefault(document.project, Project())
            try:
                _take(project, document)
            except InputError as error:
                project.problems[document.kind, document.name] = error.message
        return found


def _take(project: Project, document: Document) -> None:
    match document.kind:
        case "rule":
            project.rules[document.name] = (read_rule(document.body, document.name), document.version)
        case "channel":
            project.channels[document.name] = ChannelSetup(document.body["kind"], document.body["settings"], document.version, document.problem)
        case "routing":
            project.told = read_routing(document.body)
        case "action":
            project.policies[document.name] = (read_policy(document.body, document.name), document.version, document.updated_ns)
        case "silence":
            project.silences.append((document.name, read_silence(document.body)))
