"""Process events."""

from __future__ import annotations

import signal

import pytest

from spyglass.collect.records import Exit, Fork
from spyglass.collect.system.processes import signal_name

S = 1_000_000_000
NOW = 1_000 * S


def test_an_exec_tells_the_program_whole(bench, execed):
    """Path, name, arguments, folder, and who it is."""
    (told,) = bench().named("process.exec", execed(["agent", "--fast"]))
    assert told["process.executable.path"] == "/usr/bin/agent"
    assert told["process.executable.name"] == "agent"
    assert told["process.command_args"] == ("agent", "--fast")
    assert told["process.working_directory"] == "/work"
    assert (told["process.pid"], told["process.parent_pid"], told["spyglass.root_pid"], told["process.user.id"]) == (100, 1, 100, 1000)
    assert told["process.creation.time"] == "1970-01-01T00:16:30.000000Z"


def test_an_exec_of_what_has_ended_tells_no_arguments(bench, execed):
    """They could not be read any more: that is not the same as none."""
    (told,) = bench().named("process.exec", execed([], ""))
    assert not {"process.command_args", "process.args_count"} & told.keys()


def test_an_exit_tells_code_duration_and_figures(bench, actor):
    """And leaves out what the source did not tell."""
    (told,) = bench().named("process.exit", Exit(NOW, actor(), 3, 0, cpu_ns=7))
    assert told["process.exit.code"] == 3
    assert told["process.duration_ns"] == 10 * S
    assert told["process.cpu_ns"] == 7
    assert "process.max_memory_bytes" not in told


def test_an_exit_by_signal_names_it(bench, actor):
    """A code of 0 would look like success."""
    (told,) = bench().named("process.exit", Exit(NOW, actor(), 0, 9))
    assert told["process.exit.signal"] == "SIGKILL"
    assert "process.exit.code" not in told


def test_an_unknown_code_is_left_out(bench, actor):
    """A source that could not see it says -1."""
    (told,) = bench().named("process.exit", Exit(NOW, actor(), -1, 0))
    assert "process.exit.code" not in told


def test_an_exit_before_its_exec_loses_nothing(bench, actor, execed):
    """Records come out of order by milliseconds."""
    events = bench().events(Exit(NOW + 2, actor(), 0, 0), execed(), Fork(NOW - 1, actor(50), 100, NOW - 10 * S))
    assert [event.name for event in events if event.name.startswith("process")] == ["process.exit", "process.exec", "process.fork"]


def test_an_exit_before_the_start_has_no_duration(bench, actor):
    """Clocks are set while things run."""
    (told,) = bench().named("process.exit", Exit(NOW - 20 * S, actor(), 0, 0))
    assert "process.duration_ns" not in told


def test_a_fork_names_the_child(bench, actor):
    """The child's own events say who its parent is."""
    (told,) = bench().named("process.fork", Fork(NOW, actor(), 101, NOW))
    assert told["process.child.pid"] == 101


def test_commands_that_are_not_wanted_are_counted(bench, execed):
    """By their name or path."""
    it = bench(commands={"skip": ["*/ls", "git"]})
    assert it.named("process.exec", execed(["ls"], "/bin/ls"), execed(["x"], "/bin/x", pid=101), execed(["git"], "/opt/git", pid=102)) != []
    assert it.tally.reasons["filtered"] == 2


def test_hostile_arguments_are_told(bench, execed):
    """Newlines, undecodable bytes and two megabytes."""
    (told,) = bench().named("process.exec", execed(["a\nb", "\udcff", "x" * 2_000_000], "/tmp/a\nb"))
    assert told["process.command_args"][:2] == ("a\nb", "\\xff")
    assert told["spyglass.truncated"] is True
    assert told["process.args_count"] == 3


def test_arguments_that_nobody_read_are_counted(bench, execed):
    """The kernel keeps so many bytes of them, and knows how many there were."""
    (told,) = bench().named("process.exec", execed(["cat", "a"], "/bin/cat")._replace(truncated=True, args_count=9000))
    assert (told["process.command_args"], told["process.args_count"], told["spyglass.truncated"]) == (("cat", "a"), 9000, True)


def test_a_sampled_process_is_told_wholly_or_not(bench, actor, execed):
    """Its exec and its exit go together."""
    it = bench(sampling={"processes": 0.5})
    records = [record for pid in range(100, 200) for record in (execed(pid=pid), Exit(NOW, actor(pid), 0, 0))]
    events = it.events(*records)
    assert {event.attributes["process.pid"] for event in events if event.name == "process.exec"} == {
        event.attributes["process.pid"] for event in events if event.name == "process.exit"
    }
    assert 10 < it.tally.reasons["sampled"] < 190


@pytest.mark.parametrize(("number", "name"), [(15, "SIGTERM"), (signal.SIGRTMIN + 3, "SIGRTMIN+3"), (99, "SIG99")])
def test_signals_have_names(number, name):
    """All of them."""
    assert signal_name(number) == name
