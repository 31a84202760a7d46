"""What leaves in arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.leaks import Leaks, Settings, personal
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import spans


def told(given_input, tool="send_email", setting=None):
    """Findings of one call."""
    batch = Batch(Kind.SPAN, spans(1, kind="tool", tool=tool, input=given_input))
    return list(Leaks(setting or Settings()).observe(batch))


def test_a_secret_in_the_arguments_of_a_tool_that_acts_is_told_by_its_kind():
    """By the mark that redaction left."""
    (found,) = told('{"body": "use [redacted:github_token] please"}')
    assert (found.rule, found.severity, found.owasp) == ("secret_leaves", "critical", "ASI03")
    assert "github token to send_email" in found.title
    (weaker,) = told('{"q": "[redacted:github_token]"}', tool="calculate")
    assert weaker.severity == "warning"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("card 4111 1111 1111 1111", "a card number"),
        ("to DE89 3704 0044 0532 0130 00 now", "an account number"),
        ("SSN 123-45-6789", "a social security number"),
        (" ".join(f"user{number}@example.com" for number in range(10)), "a list of mail addresses"),
    ],
)
def test_personal_data_that_leaves_is_told_by_its_kind(text, kind):
    """And never shown."""
    assert personal(text) == [kind]
    (found,) = told(text)
    assert (found.rule, found.severity) == ("personal_data_leaves", "error")
    assert kind in found.title
    assert text not in found.title


@pytest.mark.parametrize(
    "text",
    [
        "order 4111111111111112",
        "ts 6080489892142097",
        "imei 490154203237518",
        "0000 0000 0000 0000",
        "DE00 3704 0044 0532 0130 00",
        "2026-11-22 10:00:00",
        "a@b.example",
        "000-12-3456",
    ],
)
def test_numbers_that_do_not_check_are_none(text):
    """Orders, times, one recipient."""
    assert not personal(text)


def test_what_stays_inside_is_no_leak():
    """And what a tool is for can be said."""
    assert not told("card 4111 1111 1111 1111", tool="calculate")
    assert told("card 4111 1111 1111 1111", tool="calculate", setting=Settings(acts=["calculate"]))
    assert not told("[redacted:jwt]", setting=Settings(trusted=["send_email"]))


@given(st.text(max_size=200) | st.text(alphabet="0123456789 -DE@.", max_size=200))
def test_any_text_is_read_without_failing(text):
    """Whatever its numbers."""
    personal(text)
