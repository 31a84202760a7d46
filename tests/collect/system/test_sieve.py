"""Filters, noise and sampling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spyglass.collect.system.settings import Settings
from spyglass.collect.system.sieve import Sieve, sampled


def sieve(**settings):
    return Sieve(Settings(**settings))


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", "shared_libraries"),
        ("/etc/ld.so.cache", "shared_libraries"),
        ("/proc/1/stat", "kernel"),
        ("/usr/lib/locale/C.utf8/LC_TIME", "locale"),
        ("/app/__pycache__/x.cpython-311.pyc", "python_cache"),
        ("/h/me/notes.so.txt", ""),
        ("/h/me/project/main.py", ""),
    ],
)
def test_noise_has_a_rule(path, rule):
    """What every program does is known by name."""
    assert sieve().path(path).read_rule == rule


@pytest.mark.parametrize("path", ["/h/a/.ssh/id_ed25519", "/w/.env", "/h/a/.aws/credentials", "/proc/1/environ", "/etc/shadow"])
def test_reading_secrets_is_interesting(path):
    """Whatever noise rule it also falls under."""
    assert sieve().path(path).interesting


def test_writing_a_library_is_not_noise():
    """Only reading it is."""
    view = sieve().path("/usr/lib/libevil.so")
    assert (view.read_rule, view.write_rule) == ("shared_libraries", "")


@pytest.mark.parametrize(
    ("hosts", "peer", "taken"),
    [
        ({"only": ["10.0.0.0/8"]}, ("10.1.2.3", 80, ""), True),
        ({"only": ["10.0.0.0/8"]}, ("11.1.2.3", 80, ""), False),
        ({"only": ["*.example.com"]}, ("11.1.2.3", 80, "api.example.com"), True),
        ({"skip": ["127.0.0.0/8", "::1"]}, ("127.0.0.1", 80, ""), False),
        ({"skip": ["127.0.0.0/8"]}, ("/run/docker.sock", 0, ""), True),
        ({"only": ["10.0.0.0/8"], "skip": ["secret.*"]}, ("10.0.0.1", 80, "secret.local"), False),
    ],
)
def test_hosts_are_networks_addresses_or_names(hosts, peer, taken):
    """What is skipped wins."""
    assert sieve(hosts=hosts).takes_peer(*peer) is taken


def test_ports_are_numbers_or_ranges():
    """And the wrong ones are refused when set."""
    rules = sieve(ports={"skip": ["53", "8000-8999"]})
    assert rules.takes_peer("1.1.1.1", 443, "")
    assert not rules.takes_peer("1.1.1.1", 8443, "")
    with pytest.raises(ValidationError):
        sieve(ports={"skip": ["http"]})


@given(st.text(), st.floats(0, 1))
def test_a_key_is_always_sampled_alike(key, share):
    """All is told at 1, nothing at 0."""
    assert sampled(key, 1.0)
    assert not sampled(key, 0.0)
    assert sampled(key, share) == sampled(key, share)


def test_the_share_is_about_kept():
    """Over many keys."""
    kept = sum(sampled(f"/srv/{index}", 0.25) for index in range(4000))
    assert 800 < kept < 1200


@given(st.text(max_size=300))
def test_any_path_is_judged(path):
    """None stops the road."""
    assert "file.path" in sieve().path(path).attributes
