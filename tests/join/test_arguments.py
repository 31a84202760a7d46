"""What a tool was told, beside what a process did."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.join.arguments import NOTHING, names_command, sign_of_command, sign_of_path, writes


@pytest.mark.parametrize(
    ("arguments", "argv", "least"),
    [
        ('{"command": "ls -la /tmp"}', ("ls", "-la", "/tmp"), 0.97),
        ('{"command": "rm -f a.txt && ls"}', ("bash", "-c", "rm -f a.txt && ls"), 0.97),
        ('{"command": "rm  -f a.txt\\n&& ls"}', ("/bin/bash", "-lc", "rm -f a.txt && ls"), 0.97),
        ('{"command": ["bash", "-lc", "make test"]}', ("bash", "-lc", "make test"), 0.97),
        ('{"cmd": "cd /w && rm -f victim.txt; echo done"}', ("/usr/bin/rm", "-f", "victim.txt"), 0.9),
        ('{"cmd": "pytest -q"}', ("bash", "-c", "source env.sh; pytest -q"), 0.9),
        ('{"code": "subprocess.run(\'convert\')"}', ("bash", "-c", "true"), 0.0),
        ('{"query": "what is a convert"}', ("/usr/bin/convert", "a.png"), 0.7),
        ("not json at all: curl http://x", ("curl", "http://x"), 0.9),
    ],
)
def test_a_command_is_recognised(arguments: str, argv: tuple[str, ...], least: float) -> None:
    """As it was told, wrapped in a shell, or as a part of a longer one."""
    sign = sign_of_command(arguments, argv)
    assert least <= sign.confidence <= max(least + 0.06, 0.0)
    assert bool(sign.reason) == (sign.confidence > 0)


@pytest.mark.parametrize(
    ("arguments", "path", "least"),
    [
        ('{"path": "/w/a.txt"}', "/w/a.txt", 0.95),
        ('{"path": "src/a.txt"}', "/w/src/a.txt", 0.9),
        ('{"path": "./src/a.txt"}', "/w/src/a.txt", 0.9),
        ('{"command": "echo hi > out.txt"}', "/w/out.txt", 0.8),
        ('{"path": "b.txt"}', "/w/a.txt", 0.0),
        ('{"text": "a"}', "/w/a", 0.0),
    ],
)
def test_a_path_is_recognised(arguments: str, path: str, least: float) -> None:
    """Whole, as its end, or by the file's name among the words."""
    assert sign_of_path(arguments, path).confidence == least


@given(
    arguments=st.text() | st.recursive(st.text() | st.integers() | st.none(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)).map(json.dumps),
    word=st.text(),
)
def test_nothing_that_is_told_breaks_it(arguments: str, word: str) -> None:
    """Any text is an argument, and any text is a word of a command."""
    for sign in (sign_of_command(arguments, (word,)), sign_of_path(arguments, word), sign_of_command(arguments, ())):
        assert 0 <= sign.confidence < 1
    assert sign_of_path(arguments, "") == NOTHING


def test_arguments_that_nest_without_end_are_looked_at_no_further() -> None:
    """As far as a person would nest them, and no error."""
    assert sign_of_command("[" * 50_000 + '"ls -la"' + "]" * 50_000, ("ls", "-la")).confidence <= 0.93


def test_what_can_be_expected_to_be_seen() -> None:
    """A command starts a process; a tool that says that it writes changes a file."""
    assert names_command('{"command": "ls"}')
    assert not names_command('{"query": "ls"}')
    assert writes("write_file", '{"path": "a"}')
    assert writes("Edit", '{"file_path": "a", "old": "x"}')
    assert not writes("read_file", '{"path": "a"}')
    assert not writes("rewriter", '{"path": "a"}')
