"""The look at the first bytes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.receive.front import FirstBytes, Notices, Peers, hang_up, spoken

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Transport:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> Any:
        return ("::ffff:10.0.0.1", 1234) if name == "peername" else None


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (PREFACE, "http2"),
        (PREFACE + b"\x00\x00", "http2"),
        (b"POST /v1/traces HTTP/1.1\r\n", "http1"),
        (b"PRI * HTTP/1.1\r\n", "http1"),
        (b"\x16\x03\x01\x02\x00", "tls"),
        (b"\x16\x00", "http1"),
        (b"anything", "http1"),
    ],
)
def test_a_protocol_is_known_by_its_first_bytes(first, kind):
    """HTTP/2 by its preface, TLS by its record, all else is left to the parser of HTTP/1."""
    assert spoken(first) == kind


@pytest.mark.parametrize("first", [b"", b"P", b"PRI * HTTP", b"\x16", PREFACE[:-1]])
def test_too_few_bytes_decide_nothing(first):
    """What may still become either waits for more."""
    assert spoken(first) is None


@given(st.sampled_from([PREFACE + b"rest", b"POST / HTTP/1.1\r\n\r\n", b"\x16\x03\x03rest"]), st.lists(st.integers(1, 6), min_size=1, max_size=40))
async def test_however_the_bytes_are_cut_the_taker_gets_all_of_them(first, cuts):
    """The connection is handed over once, with every byte that came before."""
    taken: list[bytes] = []
    peers = Peers()
    front = FirstBytes(lambda kind, client: lambda transport, data: taken.append(data), peers, Notices("http"), max_peers=10, timeout_s=60)
    front.connection_made(Transport())  # type: ignore[arg-type]
    sent, rest = b"", first
    for cut in cuts:
        if not taken and rest:
            front.data_received(rest[:cut])
            sent, rest = sent + rest[:cut], rest[cut:]
    if not taken:
        front.data_received(rest)
        sent += rest
    assert taken == [sent]
    assert len(peers) == 0


async def test_the_taker_is_chosen_by_protocol_and_client():
    """An IPv4 client of an IPv6 socket has its own address."""
    asked: list[tuple[str, str]] = []

    def choose(kind, client):
        asked.append((kind, client))
        return hang_up

    transport = Transport()
    front = FirstBytes(choose, Peers(), Notices("http"), max_peers=1, timeout_s=60)
    front.connection_made(transport)  # type: ignore[arg-type]
    front.data_received(b"GET / HTTP/1.1\r\n")
    assert (asked, transport.closed) == ([("http1", "10.0.0.1")], True)


async def test_a_connection_too_many_is_told_and_closed():
    """The limit of connections holds for those that have said nothing yet, too."""
    peers = Peers()
    first, second = (FirstBytes(lambda *_: hang_up, peers, Notices("http"), max_peers=1, timeout_s=60, full=b"full") for _ in range(2))
    transport = Transport()
    first.connection_made(Transport())  # type: ignore[arg-type]
    second.connection_made(transport)  # type: ignore[arg-type]
    assert (transport.written, transport.closed, len(peers)) == (b"full", True, 1)
    first.connection_lost(None)
    assert len(peers) == 0


async def test_a_connection_that_says_nothing_is_closed_in_the_end():
    """Nobody keeps a place without using it."""
    transport = Transport()
    FirstBytes(lambda *_: hang_up, Peers(), Notices("http"), max_peers=1, timeout_s=0.01).connection_made(transport)  # type: ignore[arg-type]
    async with asyncio.timeout(60):
        while not transport.closed:
            await asyncio.sleep(0.005)
