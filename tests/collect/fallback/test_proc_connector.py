"""The process connector, for real."""

from __future__ import annotations

import os
import select
import sys
from collections import Counter
from pathlib import Path

import pytest

from spyglass.collect.fallback import proc
from spyglass.collect.fallback.proc_connector import ProcConnector
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Exec, Exit, Fork, Lost

pytestmark = pytest.mark.usefixtures("connectable")


@pytest.fixture
def source():
    """`source(tracked)`: and how to read it."""
    opened = []

    def make(tracked, **more):
        connector = ProcConnector(tracked, **more)
        opened.append(connector)

        def read():
            select.select([connector.fileno()], [], [], 0.05)
            return connector.take()

        return read

    yield make
    for connector in opened:
        connector.close()


def test_each_of_five_hundred_short_programs_is_seen(held, drained, source):
    """Exec, fork and exit, however short they live."""
    program = held("for i in {1..500}; do /bin/true; done")
    records = drained(source(Tracked([program.pid])), program)
    assert Counter(type(record) for record in records if type(record) is not Lost) == {Exec: 500, Fork: 500, Exit: 501}


def test_arguments_folder_and_lineage_are_told(held, drained, source, tmp_path):
    """Of a program that lives long enough to be looked at."""
    program = held('sleep 0.15 "$(printf "0\\n")"; true')
    records = drained(source(Tracked([program.pid])), program)
    (ran,) = [record for record in records if type(record) is Exec and record.argv[:1] == ("sleep",)]
    assert ran.argv == ("sleep", "0.15", "0")
    assert (ran.cwd, Path(ran.path).name, ran.actor.ppid, ran.actor.root) == (str(tmp_path), "sleep", program.pid, program.pid)


def test_who_ended_while_it_was_looked_at_has_its_name(held, drained, source):
    """Of the program that was still seen, when its short name was not any more; not that of who forked it."""

    class TooLate:
        def __getattr__(self, name):
            return getattr(proc, name)

        def look(self, pid):
            return proc.look(pid) if pid == program.pid else None

    program = held("sleep 0.15; true")
    records = drained(source(Tracked([program.pid], view=TooLate())), program)
    (ran,) = [record for record in records if type(record) is Exec and record.argv[:1] == ("sleep",)]
    assert ran.actor.command == "sleep"
    assert [record.actor.command for record in records if type(record) is Exit and record.actor.pid == ran.actor.pid] == ["sleep"]


def test_codes_and_signals_are_told(held, drained, source):
    """Of each process as it ended."""
    program = held("(exit 7); sh -c 'kill -9 $$'; exit 3")
    ends = [record for record in drained(source(Tracked([program.pid])), program) if type(record) is Exit]
    assert [(end.code, end.signal) for end in ends] == [(7, 0), (0, 9), (3, 0)]


def test_a_process_whose_parent_ended_is_still_watched(held, drained, source):
    """Daemons do that."""
    program = held("(setsid sh -c 'sleep 0.2; exit 5' &) ; sleep 0.5")
    records = drained(source(Tracked([program.pid])), program)
    assert 5 in [record.code for record in records if type(record) is Exit]


def test_strangers_are_not_told(held, drained, source):
    """Only what descends from the root is."""
    stranger, program = held("/bin/true"), held("sleep 0.1")
    read = source(Tracked([program.pid]))
    stranger.go()
    records = drained(read, program)
    assert {record.actor.root for record in records if type(record) is not Lost} == {program.pid}


def test_a_process_with_threads_ends_once(held, drained, source):
    """Threads are no processes; and a main thread that ends first is not the end."""
    code = "import threading,ctypes,time;threading.Thread(target=time.sleep,args=(.3,)).start();ctypes.CDLL(None).pthread_exit(None)"
    program = held(f"{sys.executable} -c '{code}'; exit 0")
    records = drained(source(Tracked([program.pid])), program)
    (end,) = [record for record in records if type(record) is Exit and record.actor.pid != program.pid]
    assert end.time_ns - end.actor.started_ns > 300_000_000 or end.code == 0


def test_programs_can_be_followed_by_name(held, drained, source):
    """Wherever they are started."""
    program = held("exec -a x /bin/sleep 0.2")
    tracked = Tracked(wanted=lambda path, command: command == "sleep" and path.endswith("sleep"))
    read = source(tracked)
    records = [record for record in drained(read, program) if type(record) is Exec]
    assert [record.argv for record in records if record.actor.pid == program.pid] == [("x", "0.2")]


def test_a_full_queue_is_counted_and_what_was_missed_is_found(held, drained, source):
    """Those that ended, and those that live."""
    ready, done = os.pipe()
    program = held(f"for i in {{1..300}}; do /bin/true; done; sleep 0.8 & echo >&{done}; sleep 0.6; wait", pass_fds=(done,))
    read = source(Tracked([program.pid]), buffer_bytes=4096)
    program.go()
    os.read(ready, 1)  # the queue is full now, as nobody read it
    records = drained(read, program)
    os.close(ready)
    os.close(done)
    assert sum(record.counts.get("netlink_queue_full", 0) for record in records if type(record) is Lost) >= 1
    assert ("sleep", "0.8") in {record.argv for record in records if type(record) is Exec}
