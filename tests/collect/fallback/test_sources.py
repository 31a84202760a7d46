"""Everything together: a program runs, and what it did is told as events."""

from __future__ import annotations

from pathlib import Path

import pytest

from spyglass.collect.fallback.pump import pumped
from spyglass.collect.fallback.sources import Sources
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Exec, Exit
from spyglass.collect.system.evidence import Evidence, Watch
from spyglass.collect.system.settings import Settings
from spyglass.model.clock import SystemClock
from spyglass.plugin.contracts import RunnerContext

SCRIPT = """
echo secret > .env; cat .env > copy; mv copy moved; rm moved
exec 3<>/dev/tcp/127.0.0.1/PORT; sleep 1.2; exec 3>&-
sh -c 'exit 4'; exit 3
"""


@pytest.mark.usefixtures("as_root", "connectable")
async def test_a_run_is_told_as_it_was(held, context: RunnerContext, unused_port_server):
    """Programs, files with their names, connections, and how it ended; all about one watched root."""
    program = held(SCRIPT.replace("PORT", str(unused_port_server)))
    sources = Sources(Tracked([program.pid]))
    evidence = Evidence(Settings(flush_s=0.05, window_s=0.2), Watch("h", "box", "system", "w", "shell"), SystemClock(), context.tally)
    stream, events = evidence.follow(pumped(sources)), []
    program.go()
    async for told in stream:
        events += told.events
        program.process.poll()
        if any(event.name == "process.exit" and event.attributes["process.pid"] == program.pid for event in events):
            break
    await stream.aclose()
    names = {(event.name, Path(str(event.attributes.get("file.path", ""))).name) for event in events}
    assert {("file.open", ".env"), ("file.write", ".env"), ("file.write", "copy"), ("file.rename", "copy"), ("file.delete", "moved")} <= names
    assert [event.attributes["network.peer.port"] for event in events if event.name == "net.connect"] == [unused_port_server]
    reads = [event for event in events if event.name == "file.open" and event.attributes["file.access"] == "read"]
    assert [(event.attributes["file.name"], event.attributes["process.command"]) for event in reads] == [(".env", "cat")]
    codes = [event.attributes["process.exit.code"] for event in events if event.name == "process.exit"]
    assert codes[-2:] == [4, 3]
    assert {event.attributes["spyglass.root_pid"] for event in events if event.name.startswith(("process", "file", "net"))} == {program.pid}


@pytest.mark.usefixtures("as_root", "connectable")
def test_programs_that_end_at_once_are_named(held, drained):
    """By what was opened to be run; their end names them alike."""
    program = held("for i in {1..100}; do /bin/true; done; /bin/false; true")
    sources = Sources(Tracked([program.pid]), network=False)
    try:
        records = drained(lambda: sources.read(0.05), program)
    finally:
        sources.close()
    names = [Path(record.path).name for record in records if type(record) is Exec]
    assert names == ["true"] * 100 + ["false"]
    assert {record.actor.command for record in records if type(record) is Exit and record.actor.pid != program.pid} == {"true", "false"}
