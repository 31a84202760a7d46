"""Who may send."""

from __future__ import annotations

import base64

import pytest

from spyglass.model.errors import ConfigError, Unauthorized
from spyglass.receive.keys import Keys


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        ("Bearer secret", None),
        ("bearer  secret ", None),
        (None, "secret"),
        (basic("pk-lf-1", "secret"), None),
        (basic("secret", "anything"), None),
        ("Bearer wrong", "secret"),
    ],
)
def test_a_key_is_accepted_wherever_a_request_may_carry_it(authorization, api_key):
    """Bearer, x-api-key, and either half of Basic."""
    Keys(["other", "secret"]).check(authorization, api_key)


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [("Bearer wrong", None), ("Bearer ", None), ("secret", None), ("Basic !!", None), ("Basic c2VjcmV0cw==", None), ("Digest secret", ""), (None, "Secret")],
)
def test_whatever_is_not_a_key_is_refused(authorization, api_key):
    """Wrong keys, other schemes, broken base64."""
    with pytest.raises(Unauthorized):
        Keys(["secret"]).check(authorization, api_key)


def test_a_refusal_tells_how_to_send_a_key_but_not_what_was_sent():
    """The message helps, and leaks nothing."""
    with pytest.raises(Unauthorized, match=r"a key is required.*Bearer"):
        Keys(["secret"]).check(None, None)
    with pytest.raises(Unauthorized) as refused:
        Keys(["secret"]).check("Bearer almost-secret", None)
    assert "secret" not in refused.value.message.replace("receive.api_keys", "")


def test_without_keys_everyone_may_send():
    """An empty setting asks for nothing."""
    Keys([]).check(None, None)


def test_an_empty_key_is_an_error_of_the_operator():
    """A key that everyone could show is not a key."""
    with pytest.raises(ConfigError, match=r"receive\.api_keys"):
        Keys(["secret", ""])
