"""Command lines leave bounded and without secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.collect.system.arguments import HIDDEN, Teller
from spyglass.collect.system.settings import Arguments


def tell(*argv, redact=None, truncated=False, **limits):
    return Teller(Arguments(**limits), redact).tell(argv, truncated)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("curl", "--password", "hunter2", "url"), ("curl", "--password", HIDDEN, "url")),
        (("x", "--api-key=abc"), ("x", f"--api-key={HIDDEN}")),
        (("env", "OPENAI_API_KEY=abc", "x"), ("env", f"OPENAI_API_KEY={HIDDEN}", "x")),
        (("curl", "-H", "Authorization: Bearer abc"), ("curl", "-H", f"Authorization: {HIDDEN}")),
        (("git", "clone", "https://me:abc@host/x"), ("git", "clone", f"https://{HIDDEN}@host/x")),
        (("ls", "-la", "token"), ("ls", "-la", "token")),
    ],
)
def test_values_that_look_like_secrets_are_hidden(argv, told):
    """By the option before them, the name they are assigned to, or their form."""
    assert tell(*argv).args == told


def test_two_megabytes_become_a_bounded_line():
    """The line says that it was cut, and how many arguments there were."""
    line = tell("sh", "-c", "x" * 2_000_000, "end")
    assert sum(map(len, line.args)) <= Arguments().max_total_chars
    assert line.cut
    assert line.length == 4
    assert line.args[3] == "end"


def test_many_arguments_become_a_bounded_list():
    """The count stays true."""
    line = tell(*["a"] * 100_000)
    assert (len(line.args), line.length, line.cut) == (512, 100_000, True)


def test_a_whole_line_is_not_called_cut():
    """Only what was shortened, here or by the source, is."""
    assert not tell("a", "b").cut
    assert tell("a", "b", truncated=True).cut


def test_the_callers_redaction_sees_what_is_told():
    """Its answer goes out."""
    assert tell("a", "card 4111", redact=lambda argv: [arg.replace("4111", "***") for arg in argv]).args == ("a", "card ***")


def test_a_redaction_that_fails_lets_nothing_out():
    """Fail closed."""
    line = tell("a", "secret", redact=lambda argv: 1 / 0)
    assert line.args == (HIDDEN,)
    assert line.failed


@given(st.lists(st.text(max_size=40), max_size=20))
def test_a_secret_after_its_option_never_leaves(argv):
    """Wherever in the line it stands."""
    line = tell("x", *argv, "--", "--password", "hunter2-hunter2", max_chars=64)
    assert "hunter2-hunter2" not in line.args
