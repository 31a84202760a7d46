"""What processes did and no span tells, asked of a store and joined as for people."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.store.conftest import EMBEDDED
from tests.store.read.conftest import AT_NS, Tables

from spyglass.analyze.builtin.security.unexplained import Settings, Unexplained
from spyglass.app.explained import explain_by
from spyglass.model.clock import SystemClock
from spyglass.model.finding import Finding
from spyglass.store.engine import Engine
from spyglass.store.gate import run_user_sql
from spyglass.store.migrate import migrate

S = 10**9
TRACE = b"unexplained-here"
WATCH = [("host.id", "h1"), ("spyglass.watch.id", "w1")]
DEEDS: tuple[tuple[str, int, dict[str, str]], ...] = (
    ("process.exec", 3, {"process.pid": "41", "process.executable.path": "/bin/bash", "process.command_args": '["bash","-c","make test"]'}),
    ("net.connect", 4, {"process.pid": "41", "network.peer.address": "93.184.216.34", "server.address": "mirror.example"}),
    ("process.exec", 12, {"process.pid": "42", "process.executable.path": "/usr/bin/curl", "process.command_args": '["curl","-T","-"]'}),
    ("file.read", 12, {"process.pid": "40", "file.path": "/srv/ann/.ssh/id_ed25519"}),
    ("file.write", 13, {"process.pid": "40", "file.path": "/srv/ann/.bashrc"}),
    ("file.write", 13, {"process.pid": "40", "file.path": "/srv/notes.txt"}),
    ("net.connect", 14, {"process.pid": "40", "network.peer.address": "93.184.216.35", "server.address": "drop.example"}),
    ("net.connect", 14, {"process.pid": "40", "network.peer.address": "93.184.216.36", "server.address": "docs.example"}),
    ("net.connect", 14, {"process.pid": "40", "network.peer.address": "10.0.0.7"}),
    ("net.connect", 14, {"process.pid": "40", "network.peer.address": "104.18.6.192", "server.address": "api.openai.com"}),
)


@pytest.fixture(scope="module")
def store(shared_engine: Engine) -> Engine:
    """A store of its own, with its tables: what looks here asks of all projects at once."""
    migrate(shared_engine, SystemClock())
    return shared_engine


def watched(tables: Tables, *, tells: bool = True) -> list[Finding]:
    """An agent that tells one command and a page that it fetched, and what was seen of it; what is found."""
    own = [*WATCH, ("process.pid", "40")]
    kinds = ["agent", "tool", "tool"] if tells else ["agent", "chain", "chain"]
    tables.spans(
        3,
        trace_id=TRACE,
        span_id=[bytes([0, 0, 0, 0, 0, 0, 0, number]) for number in (1, 2, 3)],
        parent_span_id=[bytes(8), b"\0\0\0\0\0\0\0\1", b"\0\0\0\0\0\0\0\1"],
        start=[AT_NS, AT_NS + 2 * S, AT_NS + 6 * S],
        duration_ns=[20 * S, 3 * S, S],
        received=[AT_NS + 20 * S, AT_NS + 5 * S, AT_NS + 7 * S],
        kind=kinds,
        name=["run", "bash", "fetch"],
        tool=["", "bash", "fetch"],
        agent="clerk",
        input=["", '{"command": "make test"}', '{"url": "https://docs.example/x"}'],
        pending=False,
        resource_attributes=[own] * 3,
        attributes=[[]] * 3,
    )
    at = [AT_NS + second * S for _, second, _ in DEEDS]
    root = {"spyglass.root_pid": "40", "process.parent_pid": "40"}
    told: list[list[tuple[str, str]]] = [list({**root, **what}.items()) for *_, what in DEEDS]
    names = [name for name, *_ in DEEDS]
    tables.events(
        len(DEEDS), event_name=names, time=at, received=at, trace_id=bytes(16), span_id=bytes(8), attributes=told, resource_attributes=[WATCH] * len(DEEDS)
    )
    return looked(tables.engine)


def looked(engine: Engine, running: Unexplained | None = None) -> list[Finding]:
    """A look, a minute after the run."""
    running = running or Unexplained(Settings(), explain_by(engine.read))
    ask: Any = partial(run_user_sql, engine, project=None)
    return list(running.look(ask, AT_NS - S, AT_NS + 60 * S))


def test_what_no_span_tells_is_told_with_its_rows(store: Engine) -> None:
    """Not what a tool did, what a span names, what stays inside, and what models need."""
    found = [one for one in watched(Tables(store, "unexplained")) if one.project == "unexplained"]
    assert {(one.rule, one.severity) for one in found} == {
        ("unexplained_start_file", "critical"),
        ("unexplained_secret_read", "warning"),
        ("unexplained_fetch", "warning"),
        ("unexplained_host", "warning"),
    }
    host = next(one for one in found if one.rule == "unexplained_host")
    assert host.title == "clerk connected to drop.example, process 40, and no span tells of it"
    assert dict(host.subject) == {"agent": "clerk", "host": "drop.example"}
    assert (host.evidence[0].trace_id, len(host.evidence[1].event_id)) == (TRACE.hex(), 32)
    assert all(one.owasp and one.suggestion and one.details["threat"] > 0.9 for one in found)


def test_an_agent_that_tells_of_no_tools_is_not_judged(store: Engine) -> None:
    """All of it would be unexplained."""
    assert [one for one in watched(Tables(store, "silent"), tells=False) if one.project == "silent"] == []


@EMBEDDED
def test_the_same_deed_is_told_once(store: Engine) -> None:
    """Although the run is looked at again."""
    watched(Tables(store, "again"))
    running = Unexplained(Settings(), explain_by(store.read))
    assert looked(store, running)
    assert looked(store, running) == []
