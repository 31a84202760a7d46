"""First bytes."""

import pytest

from spyglass.collect.flows.http2 import PREFACE
from spyglass.collect.flows.sniff import Guess, sniff

SETTINGS = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"
ACK = b"\x00\x00\x00\x04\x01\x00\x00\x00\x00"
ANSWER_HEADERS = b"\x00\x00\x01\x01\x04\x00\x00\x00\x03\x88"
REQUEST_HEADERS = b"\x00\x00\x01\x01\x05\x00\x00\x00\x03\x83"


@pytest.mark.parametrize(
    ("begin", "out", "expected"),
    [
        (b"POST /v1 HTTP/1.1\r\n", True, Guess("http1", True, True)),
        (b"GET / HTTP/1.1\r\n", False, Guess("http1", True, True)),
        (b"HTTP/1.1 200 OK\r\n", False, Guess("http1", False, True)),
        (PREFACE + SETTINGS, True, Guess("http2", True, True)),
        (SETTINGS, False, Guess("http2", False, True)),
        (ACK, True, Guess("http2", True, False)),
        (ANSWER_HEADERS, True, Guess("http2", False, False)),
        (REQUEST_HEADERS, False, Guess("http2", True, False)),
        (b"POS", True, "wait"),
        (PREFACE[:11], True, "wait"),
        (b"\x00\x00", True, "wait"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", True, "other"),
        (b'{"json": "of a body that was joined"}', False, "other"),
        (b"SSH-2.0-OpenSSH", True, "other"),
        (ACK + b"no frame follows", True, "other"),
    ],
)
def test_who_asks_and_how_is_told_by_the_first_bytes(begin, out, expected):
    """Requests, prefaces and frames say who sent them; in the middle of HTTP/2 the first header field does."""
    assert sniff(begin, out) == expected


@pytest.mark.parametrize("whole", [b"POST /v1 HTTP/1.1\r\nHost: a\r\n\r\n", PREFACE + SETTINGS, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
def test_a_begin_in_pieces_is_waited_for(whole):
    """Cut anywhere, a known begin is never taken for something else."""
    assert {sniff(whole[:size], True) for size in range(1, len(whole))} <= {"wait", sniff(whole, True)}
