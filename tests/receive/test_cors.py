"""Web pages that send OTLP."""

from __future__ import annotations

import pytest

from spyglass.receive.cors import Cors


@pytest.mark.parametrize(
    ("allowed", "origin", "granted"),
    [
        ("https://app.example.com", b"https://app.example.com", True),
        ("https://app.example.com/", b"HTTPS://app.example.com", True),
        ("https://*.example.com", b"https://a.b.example.com", True),
        ("*", b"http://localhost:5173", True),
        ("https://app.example.com", b"https://app.example.com.evil.org", False),
        ("https://app.example.com", b"https://appXexample.com", False),
        ("https://*.example.com", b"https://example.com", False),
    ],
)
def test_an_origin_is_granted_only_where_it_is_listed(allowed, origin, granted):
    """Whole origins, with `*` for any run of characters and nothing else special."""
    assert bool(Cors((allowed,)).headers({b"origin": origin})) == granted


def test_without_a_list_no_page_may_send():
    """The default grants nothing."""
    assert Cors().preflight({b"origin": b"http://localhost"}) == []


def test_a_preflight_grants_the_headers_it_asked_for():
    """Exporters in pages send headers of their own."""
    asked = {b"origin": b"http://a", b"access-control-request-headers": b"content-type,x-team"}
    granted = dict(Cors(("http://a",)).preflight(asked))
    assert granted[b"access-control-allow-headers"] == b"content-type,x-team"
    assert granted[b"access-control-allow-origin"] == b"http://a"


def test_a_preflight_that_asks_for_nonsense_gets_the_usual_headers():
    """Nothing strange is echoed."""
    asked = {b"origin": b"http://a", b"access-control-request-headers": b"x\r\nset-cookie: y"}
    assert b"set-cookie" not in dict(Cors(("http://a",)).preflight(asked))[b"access-control-allow-headers"]
