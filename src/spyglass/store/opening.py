"""Opening the database: an address comes in, a database that exists and handles to it go out."""

from __future__ import annotations

import itertools
import secrets
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from spyglass.model.errors import ConfigError, SpyglassError
from spyglass.store.address import Address
from spyglass.store.failures import command_failure
from spyglass.store.handles import EmbeddedHandle, Handle, RemoteHandle, Settings
from spyglass.store.settings import EngineSettings

__all__ = ["Opener"]

_ACCESS_DENIED: Final = 497
_UNAUTHORISED: Final = frozenset({192, 193, 194, 516})


class Opener:
    """Opens handles at one address. `name` begins the comment that all their queries carry."""

    def __init__(self, address: Address, settings: EngineSettings, config: Path | None) -> None:
        self.name = f"spyglass/{secrets.token_hex(4)}"
        self._address, self._settings, self._config = address, settings, config
        self._numbers = itertools.count(1)
        self._remote: Client | None = None  # shared by all handles of a server
        self._keeper: Client | None = None  # the embedded engine, and its lock, go when its last handle does

    def make_database(self, cluster: str | None) -> None:
        """Make the database if there is none, and prove that it can be used.

        Raises:
            ConfigError: the directory or the server does not let us in.
            Refused: the server does not answer.
        """
        kind = " ENGINE = Atomic" if self._config is not None else f" ON CLUSTER `{cluster}`" if cluster else ""
        client: Client | None = None
        try:
            client = self._connect(None)
            self._create(client, f"CREATE DATABASE IF NOT EXISTS `{self._address.database}`{kind}")
            if self._config is None:
                self._remote = self._connect(self._address.database)
            else:
                self._keeper, client = client, None
        except ClickHouseError as error:
            raise self._failure(error) from error
        except OSError as error:
            raise ConfigError(f"store.url: {self._address}: {error.strerror}") from error
        finally:
            if client is not None:
                client.close()

    def handle(self, pool: str, defaults: Settings) -> Handle:
        """A new handle, whose queries run under `defaults` unless told otherwise."""
        name = f"{self.name}/{pool.replace(' ', '-')}-{next(self._numbers)}"
        if self._remote is not None:
            return RemoteHandle(name, self._remote, defaults)
        return EmbeddedHandle(name, self._connect(self._address.database), defaults)

    def close(self) -> None:
        """Close what handles share."""
        for client in (self._remote, self._keeper):
            if client is not None:
                client.close()

    def _connect(self, database: str | None) -> Client:
        if self._config is not None:
            return self._address.embedded(self._config, database)
        return self._address.remote(
            database,
            connections=self._settings.handles,
            connect_timeout_s=self._settings.connect_timeout_s,
            answer_timeout_s=10 + max(self._settings.insert_timeout_s, self._settings.query_timeout_s),
        )

    @staticmethod
    def _create(client: Client, sql: str) -> None:
        try:
            client.command(sql)
        except ClickHouseError as error:
            if getattr(error, "code", None) != _ACCESS_DENIED:  # then an administrator must have made it
                raise

    def _failure(self, error: ClickHouseError) -> SpyglassError:
        if self._config is not None:
            return ConfigError(f"store.url: {self._address} cannot be opened: another process has it, or its files are damaged or not ours to write")
        if getattr(error, "code", None) in _UNAUTHORISED:
            return ConfigError(f"store.url: {self._address}: the server refuses the user or the password")
        return command_failure(error)
