"""Looking at /proc, for real, without the connector."""

from __future__ import annotations

import sys

import pytest

from spyglass.collect.fallback import portable
from spyglass.collect.fallback.sources import Sources
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Exec, Exit


@pytest.fixture
def seen(held, drained):
    """`seen(script)`: the records of a program."""

    def watch(script):
        program = held(script)
        sources = Sources(Tracked([program.pid]), connector=False, files=False, network=False)
        assert sources.level == "minimal"
        try:
            return drained(lambda: sources.read(0.05), program), program.pid
        finally:
            sources.close()

    return watch


def test_nearly_all_processes_that_live_a_fifth_of_a_second_are_seen(seen):
    """One after the other, and many at once."""
    records, _ = seen("for i in {1..10}; do sleep 0.21; done; for i in {1..40}; do sleep 0.21 & done; wait")
    assert sum(type(record) is Exec and record.argv == ("sleep", "0.21") for record in records) >= 48


def test_codes_and_signals_are_told_where_the_kernel_does(seen):
    """By the handle of the process, although it is not our child."""
    records, root = seen("sh -c 'sleep 0.2; exit 7'; sh -c 'sleep 0.2; kill -9 $$'; exit 3")
    ends = [(record.code, record.signal) for record in records if type(record) is Exit and record.actor.ppid == root]
    assert ends in ([(7, 0), (0, 9)], [(-1, 0), (-1, 0)])
    assert [(record.code, record.signal) for record in records if type(record) is Exit and record.actor.pid == root] == [(3, 0)]


def test_a_child_that_nobody_asks_after_ends_once(seen):
    """It can be looked at until its parent asks."""
    code = 'import subprocess,time;p=subprocess.Popen(["sleep","0.2"]);[(time.sleep(0.1),subprocess.run(["true"])) for _ in range(9)]'
    records, root = seen(f"{sys.executable} -c '{code}'; true")
    ended = [record.actor.pid for record in records if type(record) is Exit]
    assert len(ended) == len(set(ended)) > 1
    assert root in ended


def test_a_process_that_becomes_another_program_is_told_again(seen):
    """Exec without fork."""
    records, root = seen("exec sh -c 'sleep 0.3; exec sleep 0.4'")
    assert [record.argv[0] for record in records if type(record) is Exec and record.actor.pid == root] == ["sh", "sleep"]


def test_an_orphan_is_found_by_its_session(seen):
    """When its parent ended before it was looked at."""
    code = 'import os,time;os.setsid();os.fork() and (time.sleep(2.5),os._exit(0));os.fork() or os.execlp("sleep","sleep","2.2")'
    records, _ = seen(f"{sys.executable} -c '{code}'; true")
    assert [record.argv for record in records if type(record) is Exec and record.argv[0] == "sleep"] == [("sleep", "2.2")]


def test_children_of_threads_are_seen(seen):
    """The kernel lists them by thread."""
    code = 'import threading,subprocess;t=threading.Thread(target=subprocess.run,args=(["sleep","0.25"],));t.start();t.join()'
    records, _ = seen(f"{sys.executable} -c '{code}'; true")
    assert [record.argv for record in records if type(record) is Exec and record.argv[0] == "sleep"] == [("sleep", "0.25")]


def test_processes_are_seen_without_proc_too(held, drained):
    """By psutil, as on other systems."""
    program = held("sleep 0.8; sh -c 'sleep 0.8'")
    sources = Sources(Tracked([program.pid], view=portable), connector=False, files=False, network=False)
    try:
        records = drained(lambda: sources.read(0.05), program)
    finally:
        sources.close()
    assert ("sleep", "0.8") in {record.argv for record in records if type(record) is Exec}
    assert {record.actor.root for record in records} == {program.pid}
