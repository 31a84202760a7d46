"""Where the store is: a URL comes in, an address that a client can be opened at goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.httputil import get_pool_manager

from spyglass.model.errors import ConfigError

__all__ = ["Address", "parse"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_SCHEMES: Final = {"chdb": False, "clickhouse": False, "http": False, "clickhouses": True, "https": True}
_OPTIONS: Final = ("verify", "ca_cert", "client_cert", "client_cert_key")


@dataclass(frozen=True, slots=True)
class Address:
    """A directory (embedded) or a server, and the name of our database there. Its text never shows the password."""

    database: str
    path: Path | None = None
    host: str = ""
    port: int = 0
    secure: bool = False
    username: str = field(default="default", repr=False)
    password: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)  # of TLS

    def __str__(self) -> str:
        return str(self.path) if self.path else f"{self.host}:{self.port}"

    def embedded(self, config: Path, database: str | None = None) -> Client:
        """Open a handle of the engine in this process; the first one starts it with the configuration file."""
        return clickhouse_connect.get_client(interface="chdb", path=str(self.path), database=database, chdb_options={"config-file": str(config)})

    def remote(self, database: str | None = None, *, connections: int = 1, connect_timeout_s: float = 10, answer_timeout_s: float = 300) -> Client:
        """Open a client of the server, for as many threads as it has connections."""
        return clickhouse_connect.get_client(
            host=self.host,
            port=self.port,
            secure=self.secure,
            username=self.username,
            password=self.password,
            database=database,
            connect_timeout=round(connect_timeout_s),
            send_receive_timeout=round(answer_timeout_s),
            pool_mgr=get_pool_manager(maxsize=connections, **self.options),
            autogenerate_session_id=False,  # a session would run one query at a time, and stay locked after a lost answer
            **self.options,
        )


def parse(url: str, *, directory: Path, database: str) -> Address:
    """Read a URL.

    Args:
        url: `chdb:///path`, `chdb://` (then `directory`), or `clickhouse://user:password@host:8123/database` (also clickhouses, http, https).
        directory: where the embedded engine keeps its files when the URL names no path.
        database: used where the URL names none.

    Raises:
        ConfigError: it is no such URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"store.url: {error}") from error
    if parts.scheme not in _SCHEMES:
        raise ConfigError(f"store.url: expected chdb:// or clickhouse://, got {parts.scheme or url!r}")
    if parts.scheme == "chdb":
        path = url[len("chdb:") :].removeprefix("//")  # as it is: a directory's name may have %, # and blanks in it
        if path and not path.startswith("/"):
            raise ConfigError(f"store.url: expected chdb:///absolute/path (three slashes), got {url}")
        return Address(_name(database), path=Path(path) if path.strip("/") else directory)
    if not parts.hostname:
        raise ConfigError(f"store.url: expected {parts.scheme}://host:port/database, got no host")
    secure = _SCHEMES[parts.scheme]
    return Address(
        _name(unquote(parts.path.strip("/")) or database),
        host=parts.hostname,
        port=port or (8443 if secure else 8123),
        secure=secure,
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        options=_options(parts),
    )


def _options(parts: SplitResult) -> dict[str, Any]:
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise ConfigError(f"store.url: {unknown[0]!r} is not an option: expected one of {', '.join(_OPTIONS)}")
    if "verify" in options:
        options["verify"] = options["verify"].lower() not in {"0", "false", "no", "off"}
    return options


def _name(database: str) -> str:
    if not _NAME.fullmatch(database):
        raise ConfigError(f"store.url: {database!r} is no name for a database: expected letters, digits and _, at most 63")
    return database
