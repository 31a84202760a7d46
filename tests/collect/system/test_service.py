"""What a watched program is called."""

from __future__ import annotations

import subprocess

import pytest

from spyglass.collect.system.service import name_of, program_name, running_name
from spyglass.collect.system.tree import Tree


@pytest.mark.parametrize(
    ("path", "argv", "name"),
    [
        ("/opt/claude", ("claude", "-p"), "claude"),
        ("/usr/bin/node", ("node", "--inspect", "/opt/bin/gemini"), "gemini"),
        ("/usr/bin/python3.11", ("python", "-m", "agents.main", "x"), "agents.main"),
        ("/usr/bin/python3", ("python3", "-c", "print(1)"), "python3"),
        ("/usr/bin/bash", ("bash", "-c", "ls"), "bash"),
        ("/usr/bin/bash", ("bash",), "bash"),
    ],
)
def test_a_program_has_a_name_for_people(path, argv, name):
    """Of an interpreter, it is what that runs."""
    assert name_of(path, argv) == name


def test_a_program_whose_exec_was_not_seen_is_looked_up(tmp_path):
    """As when one attaches to it: the script, not what interprets it. Of one that has ended nothing is known."""
    script = tmp_path / "agent.sh"
    script.write_text("echo; read line\n")
    with subprocess.Popen(["sh", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()  # it runs: while a program starts it has no arguments yet
        assert program_name(Tree(), process.pid) == running_name(process.pid) == "agent.sh"
    assert (running_name(process.pid), program_name(Tree(), 0)) == ("", "")
