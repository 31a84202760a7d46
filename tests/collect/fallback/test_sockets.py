"""Connections by looking, for real."""

from __future__ import annotations

import os
import socket

from spyglass.collect.fallback.sockets import Sockets, sockets_of
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Accept, Close, Connect, Endpoint


def look(sockets):
    sockets._look_at = 0.0
    return sockets.take()


def test_a_connection_is_told_from_both_ends():
    """Who listens accepted, and the other connected; then both end."""
    tracked = Tracked([os.getpid()])
    tracked.begin()
    sockets = Sockets(tracked)
    look(sockets)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        peer, _ = server.accept()
        with peer:
            begun = [record for record in look(sockets) if record.remote.port in (client.getsockname()[1], server.getsockname()[1])]
            ends = {Endpoint(*client.getsockname()), Endpoint(*server.getsockname())}
    assert {record.remote for record in begun} == ends
    assert Accept in {type(record) for record in begun}
    closed = [record for record in look(sockets) if type(record) is Close and record.remote in ends]
    assert len(closed) == 2
    assert {record.sent_bytes for record in closed} == {-1}


def test_an_address_of_version_six_is_read():
    """In the machine's order of bytes."""
    tracked = Tracked([os.getpid()])
    tracked.begin()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.connect(("::1", 9))
        told = [record for record in Sockets(tracked).take() if type(record) is Connect and record.transport == "udp"]
    assert Endpoint("::1", 9) in {record.remote for record in told}


def test_the_sockets_of_who_has_ended_are_none():
    """And no error."""
    assert sockets_of(2**22 + 1) == set()
