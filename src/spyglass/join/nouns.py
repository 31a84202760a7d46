"""What is joined: claims (spans) and actions (events of system evidence), as far as joining needs them, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Action", "Call", "Claim", "Link", "Process", "ProcessKey"]


class ProcessKey(NamedTuple):
    """A process: pids are used again. `born` is its `process.creation.time`, empty where the source does not tell it."""

    host: str
    pid: int
    born: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A span: what an agent says that it did."""

    span_id: str  # hex
    parent_id: str  # hex; empty: a root
    kind: str
    name: str
    tool: str
    model: str
    response_id: str
    start_ns: int
    end_ns: int
    arguments: str  # of a tool: what was given to it, mostly JSON
    pid: int  # resource process.pid; 0: not told
    host: str  # resource host.id; empty: not told
    watch: str = ""  # resource spyglass.watch.id: the agent was started by this watch
    seen: bool = False  # on the wire: it is evidence itself
    by_runner: bool = False  # a runner tells it


@dataclass(frozen=True, slots=True)
class Action:
    """An event of system evidence: something that a process did."""

    event_id: str  # hex
    time_ns: int
    name: str  # process.exec, file.write, net.connect …
    process: ProcessKey
    ppid: int
    root: int  # pid of the watched program that it descends from
    watch: str  # id of the watch that saw it
    argv: tuple[str, ...] = ()
    path: str = ""  # of the program or the file
    target: str = ""  # a new name, or what a link points at
    peer: str = ""  # address of the other end
    port: int = 0
    server: str = ""  # DNS name of the other end
    child: int = 0  # pid of a fork's child
    error: str = ""
    code: int | None = None  # exit status
    signal: str = ""
    duration_ns: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    trace_id: str = ""  # hex, where the process was given a trace context
    span_id: str = ""
    command: str = ""  # the process's name at that time


@dataclass(frozen=True, slots=True)
class Call:
    """A model call that was seen in plaintext of a connection: a span, too, but evidence."""

    trace_id: str
    span_id: str
    parent_id: str
    model: str
    response_id: str
    start_ns: int
    end_ns: int
    pid: int
    host: str
    server: str
    peer: str = ""  # address of the other end
    port: int = 0


class Link(NamedTuple):
    """Why something belongs to a span. `confidence` is between 0 and 1: how often such a reason is right, as far as can be said."""

    span_id: str
    confidence: float
    reason: str


@dataclass(slots=True)
class Process:
    """What is known of a process from its events, which are in order of time."""

    key: ProcessKey
    parent: ProcessKey | None
    started_ns: int
    ended_ns: int | None
    programs: list[tuple[str, ...]]  # what it became, one after the other: a shell becomes its last command
    path: str  # of the last one; the name of one that was begun before all of its events
    code: int | None
    signal: str
    actions: list[Action]
    link: Link | None = None
