"""What each span caused: the processes, files and hosts that are linked to it, each once.

In: a joined trace. Out: for each span with a likely link what it caused, in the order of time. What a process did hangs on the span that the deed is linked
to, which may be another one than the process's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spyglass.join.evidence import LIKELY, Evidence
from spyglass.join.nouns import Action, ProcessKey

__all__ = ["Caused", "FileUse", "HostUse", "caused"]


@dataclass(slots=True)
class FileUse:
    """What became of one file. `did`: `write`, `delete` …, each once."""

    path: str
    did: list[str] = field(default_factory=list)
    target: str = ""  # its new name, where it was renamed or linked
    read_bytes: int = 0
    written_bytes: int = 0
    failed: bool = True  # everything that was tried


@dataclass(slots=True)
class HostUse:
    """What went to one peer and came from it."""

    host: str  # its name, else its address
    port: int
    sent_bytes: int = 0
    received_bytes: int = 0
    failed: bool = True


@dataclass(slots=True)
class Caused:
    """Of one span."""

    span_id: str
    processes: list[ProcessKey] = field(default_factory=list)
    files: dict[str, FileUse] = field(default_factory=dict)
    hosts: dict[tuple[str, int], HostUse] = field(default_factory=dict)


def caused(evidence: Evidence) -> Sequence[Caused]:
    """One for each span that caused something."""
    found: dict[str, Caused] = {}
    for process in evidence.processes:
        if process.link is not None and process.link.confidence >= LIKELY:
            _of(found, process.link.span_id).processes.append(process.key)
    for action in evidence.actions:
        link = evidence.links.get(action.event_id)
        if link is not None and link.confidence >= LIKELY:
            match action.name.partition(".")[0]:
                case "file":
                    _file(_of(found, link.span_id), action)
                case "net":
                    _host(_of(found, link.span_id), action)
    return list(found.values())


def _of(found: dict[str, Caused], span_id: str) -> Caused:
    return found.setdefault(span_id, Caused(span_id))


def _file(span: Caused, action: Action) -> None:
    use = span.files.setdefault(action.path, FileUse(action.path))
    did = action.name.partition(".")[2]
    if did not in use.did:
        use.did.append(did)
    use.target = action.target or use.target
    use.read_bytes += action.read_bytes
    use.written_bytes += action.written_bytes
    use.failed = use.failed and bool(action.error)


def _host(span: Caused, action: Action) -> None:
    host = action.server or action.peer
    use = span.hosts.setdefault((host, action.port), HostUse(host, action.port))
    use.received_bytes += action.read_bytes
    use.sent_bytes += action.written_bytes
    use.failed = use.failed and bool(action.error)
