"""Who is watched, without a kernel: its tables are a dictionary here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.layout import ANY_USER, SCOPE, WANTS
from spyglass.collect.probe.track import PID, Process, Tracker, descendants


class Dictionary:
    """The kernel's tables."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, bytes], bytes] = {}

    def put(self, name: str, key: bytes, value: bytes, *, fresh: bool = False) -> bool:
        if fresh and (name, key) in self.content:
            return False
        self.content[name, key] = value
        return True

    def get(self, name: str, key: bytes, size: int) -> bytes | None:
        return self.content.get((name, key))

    def drop(self, name: str, key: bytes) -> bool:
        return self.content.pop((name, key), None) is not None

    def keys(self, name: str, size: int) -> Iterator[bytes]:
        return iter([key for table, key in self.content if table == name])


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process with one child, that waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import os\nif os.fork() == 0: os.read(0, 1); os._exit(0)\nprint(flush=True); os.wait()"], stdin=-1, stdout=-1
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process.pid
    process.communicate(b"x")


def test_descendants_leave_out_what_they_should():
    """Whole branches, by their first process."""
    every = [Process(pid, ppid, 0) for pid, ppid in [(2, 1), (3, 2), (4, 3), (5, 1), (6, 5), (7, 9)]]
    assert sorted(process.pid for process in descendants(1, every, {5})) == [2, 3, 4]


def test_a_tree_is_watched_and_let_go_whole(sleeper):
    """Parent and child, with the same root and wishes; then nothing is left."""
    tables = Dictionary()
    tracker = Tracker(tables)
    pids = tracker.follow_pid(sleeper, 0, WANTS["files"], 3)
    assert len(pids) == 2
    assert pids[0] == sleeper
    assert {SCOPE.unpack(value) for value in tables.content.values()} == {(sleeper, ANY_USER, WANTS["files"], 3)}
    assert tracker.unfollow(sleeper, 3) == 2
    assert not tables.content
    assert tracker.idle


def test_a_peer_that_leaves_takes_only_its_own_along(sleeper):
    """Another's tree stays."""
    tables = Dictionary()
    tracker = Tracker(tables)
    tracker.follow_pid(sleeper, 0, 0, 1)
    tracker.follow_command("program", 0, 0, 2)
    tracker.drop_peer(2)
    assert {table for table, _ in tables.content} == {"tracked"}
    tracker.drop_peer(1)
    assert not tables.content


def test_another_users_process_is_refused(sleeper):
    """Unless the peer is root; the scope of a peer that is not says whose processes may be seen."""
    owner = os.getuid()
    with pytest.raises(ProbeError, match=f"belongs to user {owner}; user {owner + 1} may watch its own processes only"):
        Tracker(Dictionary()).follow_pid(sleeper, owner + 1, 0, 1)


def test_a_command_belongs_to_one_peer():
    """The second is told, and the first keeps it."""
    tables = Dictionary()
    tracker = Tracker(tables)
    tracker.follow_command("claude", 1000, 0, 1)
    with pytest.raises(ProbeError, match="another collector watches this command"):
        tracker.follow_command("claude", 1000, 0, 2)
    assert SCOPE.unpack(tables.content["commands", b"claude".ljust(16, b"\0")]) == (0, 1000, 0, 1)


def test_nonsense_is_refused():
    """Pids that cannot be, names that are none, folders that are no control group."""
    tracker = Tracker(Dictionary(), {os.getpid()})
    for pid in (0, os.getpid()):
        with pytest.raises(ProbeError, match="belongs to Spyglass itself"):
            tracker.follow_pid(pid, 0, 0, 1)
    with pytest.raises(ProbeError, match="empty or not a name"):
        tracker.follow_command("", 0, 0, 1)
    with pytest.raises(ProbeError, match="is not a control group"):
        tracker.follow_cgroup(__import__("pathlib").Path("/tmp"), 0, 0, 1)
    with pytest.raises(ProbeError, match="is not watched by this collector"):
        tracker.unfollow(4, 1)


def test_keys_are_as_the_kernel_reads_them(sleeper):
    """Four bytes, little end first."""
    tables = Dictionary()
    Tracker(tables).follow_pid(sleeper, 0, 0, 1)
    assert ("tracked", PID.pack(sleeper)) in tables.content
