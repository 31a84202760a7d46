"""Deeds that matter when nobody accounts for them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from spyglass.analyze.builtin.security.deeds import PROGRAMS, RULES, SECRETS, STARTS, deed
from spyglass.analyze.builtin.security.unexplained import Settings, Unexplained

UNASSIGNED = ("192.0.2.1", "198.51.100.1", "203.0.113.7", "198.18.0.1", "240.0.0.1", "2001:db8::1")  # not of the public, and nobody's own network
INNER = (
    "10.0.0.1",
    "172.31.0.1",
    "192.168.0.1",
    "169.254.1.1",
    "100.64.0.1",
    "127.9.9.9",
    "::1",
    "fe80::1%eth0",
    "fd00::1",
    "64:ff9b::10.0.0.1",
    "224.0.0.251",
)
ROW = {"name": "", "path": "", "target": "", "server": "", "peer": ""}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"name": "file.read", "path": "/srv/a/.ssh/id_rsa"}, "unexplained_secret_read"),
        ({"name": "file.open", "path": "/srv/r/.aws/credentials"}, "unexplained_secret_read"),
        ({"name": "file.delete", "path": "/srv/a/.netrc"}, "unexplained_secret_changed"),
        ({"name": "file.write", "path": "/srv/a/.zshrc"}, "unexplained_start_file"),
        ({"name": "file.rename", "path": "/tmp/x", "target": "/etc/cron.d/job"}, "unexplained_start_file"),
        ({"name": "process.exec", "path": "/usr/bin/curl"}, "unexplained_fetch"),
        ({"name": "process.exec", "path": "/usr/local/bin/pip3.11"}, "unexplained_install"),
        ({"name": "process.exec", "path": "/bin/sh"}, "unexplained_shell"),
        ({"name": "net.connect", "peer": "8.8.8.8"}, "unexplained_host"),
        ({"name": "net.connect", "peer": "::ffff:8.8.8.8", "server": "a.example"}, "unexplained_host"),
        ({"name": "net.connect", "peer": "64:ff9b::8.8.8.8"}, "unexplained_host"),
        *(({"name": "net.connect", "peer": peer}, "unexplained_host") for peer in UNASSIGNED),
        *(({"name": "net.connect", "peer": peer}, "") for peer in INNER),
        ({"name": "file.read", "path": "/srv/a/.ssh/id_rsa.pub"}, ""),
        ({"name": "file.read", "path": "/srv/a/.bashrc"}, ""),
        ({"name": "file.write", "path": "/srv/profile.txt"}, ""),
        ({"name": "process.exec", "path": "/usr/bin/gcc"}, ""),
        ({"name": "net.connect", "peer": "10.1.2.3", "server": "db.internal"}, ""),
        ({"name": "net.connect", "peer": "127.0.0.1"}, ""),
        ({"name": "net.connect", "peer": "", "server": ""}, ""),
    ],
)
def test_a_deed_is_what_it_touches(row, rule):
    """Files of secrets and starts, hosts outside, programs that fetch, install or interpret."""
    found = deed(ROW | row)
    assert (found.rule if found else "") == rule
    assert not rule or RULES[rule].advice


def test_the_store_and_this_process_read_the_expressions_alike():
    """They are RE2, too."""
    for pattern in (SECRETS, STARTS, PROGRAMS):
        pc.match_substring_regex(pa.array(["/srv/a/.ssh/id_rsa"]), pattern)


def test_without_what_joins_spans_and_evidence_nothing_is_said():
    """Nothing is asked either."""
    assert list(Unexplained(Settings()).look(None, 0, 1)) == []
