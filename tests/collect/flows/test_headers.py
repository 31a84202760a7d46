"""Nothing secret gets past the head of a message."""

import pytest

from spyglass.collect.flows.headers import kept, safe_target, traceparent


@pytest.mark.parametrize("name", ["authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "x-anything-new"])
def test_keys_are_not_kept(name):
    """Only names on the list are."""
    assert kept([(name, "sk-secret"), ("content-type", "application/json")]) == {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1/models?key=AIza&alt=sse", ("/v1/models", "key=REDACTED&alt=sse")),
        ("/a?access_token=x&X-Amz-Signature=y&api_key=z&page=2", ("/a", "access_token=REDACTED&X-Amz-Signature=REDACTED&api_key=REDACTED&page=2")),
        ("/plain", ("/plain", "")),
        ("https://user:pass@host/x?q=1", ("/x", "q=1")),
        ("host:443", ("", "")),
        ("//[broken?x", ("//[broken", "x")),
    ],
)
def test_secrets_of_a_query_are_redacted(target, expected):
    """By the name of the parameter; a user and password in the target are dropped."""
    assert safe_target(target) == expected


@pytest.mark.parametrize("value", [None, "", "00-0-0-0", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "ff-" + "1" * 32 + "-" + "1" * 16 + "-01"])
def test_a_traceparent_that_is_none_is_ignored(value):
    """Absent, malformed, all zero, or of a version that cannot be."""
    assert traceparent(value) is None


def test_a_traceparent_gives_trace_and_span():
    """As W3C has it."""
    assert traceparent("00-" + "1f" * 16 + "-" + "2a" * 8 + "-01") == (b"\x1f" * 16, b"\x2a" * 8)
