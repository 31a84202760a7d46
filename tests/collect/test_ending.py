"""Ending watched processes: asked first, killed after a while, and nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from spyglass.collect.ending import end_all, watched_below
from spyglass.collect.fallback.proc import look
from spyglass.collect.records import Actor
from spyglass.collect.system.tree import Tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="handles on processes are Linux's")
DEAF = """
import signal, subprocess
signal.signal(signal.SIGTERM, lambda *_: None)
subprocess.Popen(['sleep', '600'])
print('ready', flush=True)
while True: signal.pause()
"""


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a program; it is gone when the test is."""
    started: list[subprocess.Popen[str]] = []

    def start(*argv: str) -> subprocess.Popen[str]:
        started.append(subprocess.Popen(argv, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def started_ns(pid: int) -> int:
    found = look(pid)
    assert found is not None
    return found.started_ns


async def test_who_hears_is_asked_and_who_does_not_is_killed(run: Callable[..., subprocess.Popen[str]]) -> None:
    """With all that descend from it."""
    deaf = run(sys.executable, "-c", DEAF)
    assert deaf.stdout is not None
    deaf.stdout.readline()
    outcome = await end_all(lambda: watched_below(Tree(), deaf.pid), 0.3)
    assert (outcome.asked, outcome.killed, outcome.left) == (2, 1, 0)
    assert deaf.wait(60) == -9


async def test_a_number_that_is_anothers_by_now_is_left_alone(run: Callable[..., subprocess.Popen[str]]) -> None:
    """Of a process that the tree knows by the same pid and an earlier start, or as one that has ended."""
    other = run("sleep", "600")
    tree = Tree()
    before, _ = tree.see(Actor(other.pid, started_ns(other.pid) - 60 * 10**9, 1, os.getuid(), other.pid), 1)
    assert await end_all(lambda: watched_below(tree, other.pid), 0) == (0, 0, 0)
    tree.end(before, 2)
    assert await end_all(lambda: watched_below(tree, other.pid), 0) == (0, 0, 0)
    assert other.poll() is None


def test_who_watches_is_not_below_what_is_watched() -> None:
    """Though it was started from there: a shell that is watched from within."""
    assert os.getpid() not in {pid for pid, _ in watched_below(Tree(), os.getppid())}


def test_one_that_lost_its_parent_is_known_by_the_tree(run: Callable[..., subprocess.Popen[str]]) -> None:
    """The kernel calls it another's child by now."""
    parent = run("sh", "-c", "sleep 600 > /dev/null & echo $!")
    assert parent.stdout is not None
    orphan = int(parent.stdout.readline())
    parent.wait()
    tree = Tree()
    agent, _ = tree.see(Actor(parent.pid, 5, 1, os.getuid(), parent.pid), 10)
    tree.forked(agent, orphan, started_ns(orphan), 20)
    tree.end(agent, 30)
    try:
        assert {pid for pid, _ in watched_below(tree, parent.pid)} == {orphan}
    finally:
        os.kill(orphan, signal.SIGKILL)
