"""A client that leaves takes its query with it."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import pytest

LONG = """SELECT sum(cityHash64(a.n * b.n)) AS s
FROM (SELECT arrayJoin(range(1000000)) AS n) AS a CROSS JOIN (SELECT arrayJoin(range(1000000)) AS n) AS b"""


def ended(server: Any) -> float:
    """Texts of users that ended with an error of theirs."""
    found = re.search(r'spyglass_store_failures_total\{operation="sql",reason="query_invalid"\} ([0-9.]+)', server.get("/metrics").text)
    return float(found[1]) if found else 0.0


def test_a_client_that_leaves_ends_its_query(server: Any, eventually: Any) -> None:
    """At once, and not after the time that a query may take; others are answered meanwhile."""
    body = json.dumps({"sql": LONG}).encode()
    head = f"POST /api/v1/sql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    before = ended(server)
    with socket.create_connection(("127.0.0.1", server.http)) as connection:
        connection.sendall(head + body)
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    eventually(lambda: ended(server) == before + 1)
