"""Where the store is, as a URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from spyglass.model.errors import ConfigError
from spyglass.store.address import parse

HOME = Path("/home/store")


@pytest.mark.parametrize(
    ("url", "path"),
    [("chdb:///var/lib/x", "/var/lib/x"), ("chdb://", "/home/store"), ("chdb:///", "/home/store"), ("chdb:///a b/c%20d#e", "/a b/c%20d#e")],
)
def test_a_directory_is_taken_as_it_is(url: str, path: str) -> None:
    """Blanks, per cent signs and hashes are part of its name."""
    assert str(parse(url, directory=HOME, database="spyglass").path) == path


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("clickhouse://h", ("h", 8123, False, "default", "", "spyglass")),
        ("clickhouse://me:p%40ss@h:9000/other", ("h", 9000, False, "me", "p@ss", "other")),
        ("clickhouses://h/db", ("h", 8443, True, "default", "", "db")),
        ("https://h:443/db", ("h", 443, True, "default", "", "db")),
        ("http://[::1]:8123/db", ("::1", 8123, False, "default", "", "db")),
    ],
)
def test_a_server_has_defaults(url: str, expected: tuple[object, ...]) -> None:
    """Port, user and database."""
    address = parse(url, directory=HOME, database="spyglass")
    assert (address.host, address.port, address.secure, address.username, address.password, address.database) == expected


def test_the_options_of_tls_are_known() -> None:
    """And others are refused."""
    assert parse("https://h/db?verify=false&ca_cert=/x.pem", directory=HOME, database="spyglass").options == {"verify": False, "ca_cert": "/x.pem"}
    with pytest.raises(ConfigError, match="'verfy' is not an option"):
        parse("https://h/db?verfy=false", directory=HOME, database="spyglass")


def test_the_password_is_never_shown() -> None:
    """Not in messages, not in logs."""
    address = parse("clickhouse://me:secret@h/db", directory=HOME, database="spyglass")
    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    "url", ["", "store", "postgres://x", "chdb://relative/path", "chdb:relative", "clickhouse://", "clickhouse://h:port/db", "clickhouse://h/a-b"]
)
def test_a_wrong_url_is_told(url: str) -> None:
    """As an error of the setting."""
    with pytest.raises(ConfigError, match=r"store\.url"):
        parse(url, directory=HOME, database="spyglass")
