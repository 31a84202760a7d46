"""What a watched program is called."""

from __future__ import annotations

import os

import pytest

from spyglass.collect.system.service import name_of, program_name
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


def test_a_program_whose_exec_was_not_seen_is_looked_up():
    """As when one attaches to it."""
    assert program_name(Tree(), os.getpid()).startswith("python")
