"""Processes as the kernel saw them, of programs that really ran."""
# ruff: noqa: ASYNC220 - programs and files are what these tests are about, and nothing else waits for the loop

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from spyglass.collect.records import Exec, Exit, Fork, Lost


async def test_every_program_of_the_tree_is_seen_with_its_arguments_and_folder(watch, tmp_path):
    """The first, its children and theirs; arguments and working folder as they were."""
    found = await watch(["bash", "-c", f"cd {tmp_path}; echo 'a b' | cat; (/bin/true 'x y' '')"])
    programs = {record.path.rpartition("/")[2]: record for record in found if isinstance(record, Exec)}
    assert programs["bash"].argv[:2] == ("bash", "-c")
    assert programs["cat"].argv == ("cat",)
    assert programs["true"].argv == ("/bin/true", "x y", "")
    assert programs["true"].cwd == str(tmp_path)


async def test_children_are_told_by_their_parents_and_carry_the_root(watch):
    """Each process but the first was announced by a fork, with the start that it later has."""
    seen = await watch(["bash", "-c", "(/bin/true; /bin/true); /bin/true"])
    found = [record for record in seen if not isinstance(record, Lost)]  # what tests before us have lost is told to whoever is there
    root = next(record.actor.pid for record in found if isinstance(record, Exec))
    born = {(record.child, record.child_started_ns) for record in found if isinstance(record, Fork)}
    others = {(record.actor.pid, record.actor.started_ns) for record in found if record.actor.pid != root}
    assert others == born
    assert {record.actor.root for record in found} == {root}


async def test_exit_tells_status_or_signal(watch):
    """A status for those that ended, the signal for those that were ended; and what they used."""
    found = await watch(["bash", "-c", "(exit 3); bash -c 'kill -9 $$'; exit 7"])
    ends = [(record.code, record.signal) for record in found if isinstance(record, Exit)]
    assert ends == [(3, 0), (0, 9), (7, 0)]
    assert all(record.max_memory_bytes > 100_000 for record in found if isinstance(record, Exit))


async def test_exit_tells_the_time_on_the_processor(watch):
    """A loop of a second of processor time is told as about that."""
    found = await watch([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"])
    (end,) = [record for record in found if isinstance(record, Exit)]
    assert 0.29e9 < end.cpu_ns < 1.5e9


async def test_what_is_not_watched_is_not_seen(watch):
    """A program that runs beside leaves no record."""
    beside = subprocess.Popen(["bash", "-c", "for i in 1 2 3 4 5; do /bin/true; done; sleep 0.05"])
    found = await watch(["bash", "-c", "sleep 0.1"])
    await asyncio.to_thread(beside.wait)
    assert beside.pid not in {record.actor.pid for record in found}


async def test_records_carry_the_wall_clock(watch):
    """Times lie between those taken before and after, and never go back within a process."""
    before = time.time_ns()
    found = await watch(["bash", "-c", "/bin/true; /bin/true"])
    times = [record.time_ns for record in found]
    assert before < min(times) <= max(times) < time.time_ns()


async def test_arguments_longer_than_the_limit_are_marked(watch):
    """The begin is kept, and that something is missing is said, and how many there were."""
    found = await watch(["/bin/true", "x" * 20_000, "y", "z"])
    (program,) = [record for record in found if isinstance(record, Exec)]
    assert (program.truncated, len(program.argv), program.args_count) == (True, 2, 4)
    assert sum(map(len, program.argv)) > 8000


async def test_a_program_that_lies_in_memory_alone_has_its_name(watch):
    """What is run without a file in any folder is told under the name that it was given."""
    program = """
import os, shutil
fd = os.memfd_create("hidden", 0)
with open("/bin/true", "rb") as true, os.fdopen(os.dup(fd), "wb") as copy: shutil.copyfileobj(true, copy)
if os.fork() == 0: os.execve(fd, ["true"], os.environ)
os.wait()
"""
    found = await watch([sys.executable, "-c", program])
    assert [record.path for record in found if isinstance(record, Exec)][1:] == ["/memfd:hidden"]


async def test_a_running_tree_can_be_joined(probe, until_exit):
    """Descendants that were there before are watched from then on."""
    process = subprocess.Popen(["bash", "-c", "bash -c 'read x; /bin/true seen'; exit 4"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    while len(children := (await asyncio.to_thread(subprocess.run, ["pgrep", "-P", str(process.pid)], capture_output=True)).stdout.split()) < 1:
        await asyncio.sleep(0.01)
    assert await probe.track(process.pid, []) == sorted([process.pid, *map(int, children)])
    process.stdin.write(b"\n")
    process.stdin.close()
    found = await until_exit(probe, process.pid)
    process.wait()
    assert [record.argv for record in found if isinstance(record, Exec)] == [("/bin/true", "seen")]


async def test_a_command_is_joined_by_its_name(probe, until_exit):
    """A program that starts anywhere under a watched name is followed, and its children."""
    await probe.track_command("timeout", [])
    process = subprocess.Popen(["timeout", "20", "/bin/true"])
    found = await until_exit(probe, process.pid)
    process.wait()
    assert [record.argv[0] for record in found if isinstance(record, Exec)] == ["timeout", "/bin/true"]


async def test_nothing_is_seen_after_untracking(probe):
    """A tree that is let go leaves no more records, and says how many processes it had."""
    process = subprocess.Popen(["bash", "-c", "read x; /bin/true; read y"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    await probe.track(process.pid, [])
    assert await probe.untrack(process.pid) == 1
    before = (await probe.status())["counts"]
    process.communicate(b"\n\n")
    assert (await probe.status())["counts"] == before
