"""Secrets at rest: settings with secrets in, a text that tells nothing without the key out, and back. The only door to cryptography.

Keys are Fernet's (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec): the first seals, all open. They come from the settings; else from a file in
the data directory, which is made when there is none.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from cryptography.fernet import Fernet, InvalidToken

from spyglass.model.errors import ConfigError, Conflict

__all__ = ["FILE", "Vault"]

log = structlog.get_logger()

FILE: Final = "secrets.key"  # in the data directory; a key in each line, the newest first
_SEALED: Final = "sealed"
_KEY: Final = "key"
_SETTING: Final = "facts.secret_keys"


class Vault:
    """Seals and opens. Safe from any thread."""

    def __init__(self, keys: Sequence[str], path: Path | None = None) -> None:
        """`keys`: the first seals. `path`: of the file that they are from; None: they are settings.

        Raises:
            ConfigError: a key is none.
        """
        self._lock = threading.Lock()
        self.path = path
        self._keys = _ciphers(keys, str(path) if path else _SETTING)

    @classmethod
    def open(cls, data_dir: Path, keys: Sequence[str] = ()) -> Vault:
        """With the keys of the settings; what the file has besides them opens, too. Without any, the file is made.

        Raises:
            ConfigError: a key is none, or the file cannot be read, or made, or others may read it.
        """
        path = data_dir / FILE
        there = _read(path)
        if keys:
            return cls([*keys, *there])
        return cls(there or [_make(path)], path)

    @property
    def key_id(self) -> str:
        """Of the key that seals: 12 hex digits that tell nothing of it."""
        return next(iter(self._keys))

    def seal(self, where: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of a body: it can be opened under the same `where` only, so that nobody can put it elsewhere."""
        with self._lock:
            key_id, cipher = next(iter(self._keys.items()))
        return {_SEALED: cipher.encrypt(orjson.dumps({"where": where, "body": body})).decode(), _KEY: key_id}

    def opened(self, where: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        """A body as it was sealed; one that never was, as it is.

        Raises:
            ConfigError: the key is gone, or what is kept was changed.
        """
        if not _is_sealed(kept):
            return dict(kept)
        key_id = str(kept[_KEY])
        cipher = self._keys.get(key_id)
        if cipher is None:
            has = ", ".join(self._keys)
            raise ConfigError(
                f"its secrets are sealed with the key {key_id}, which is not here (there is {has}): put that key back, into {_SETTING} or as a line of "
                f"{FILE} in the data directory, or tell the settings anew"
            )
        try:
            told = orjson.loads(cipher.decrypt(str(kept[_SEALED])))
        except (InvalidToken, orjson.JSONDecodeError) as error:
            raise ConfigError("what is kept of its secrets was changed by somebody else than Spyglass; tell the settings anew") from error
        if told["where"] != where:
            raise ConfigError(f"its secrets were sealed for {told['where']!r}; tell the settings anew")
        return dict(told["body"])

    def stale(self, kept: Mapping[str, Any]) -> bool:
        """Whether it is not sealed with the first key, and could be."""
        return bool(kept) and (not _is_sealed(kept) or (kept[_KEY] != self.key_id and kept[_KEY] in self._keys))

    def add(self) -> str:
        """Make a new key, which seals from now on; its id. The old ones still open.

        Raises:
            Conflict: keys are settings: whoever set them changes them.
            ConfigError: the file cannot be written.
        """
        if self.path is None:
            raise Conflict(
                f"the keys are settings: put a new one in front of {_SETTING}, start the server, and take the old one out when everything is sealed anew"
            )
        with self._lock:
            fresh = Fernet.generate_key().decode()
            _write(self.path, [fresh, *_read(self.path)])
            self._keys = {**_ciphers([fresh], str(self.path)), **self._keys}
        return self.key_id

    def drop_old(self) -> int:
        """Forget all keys of the file but the first: nothing is sealed with them any more; how many those were."""
        if self.path is None:
            return 0
        with self._lock:
            kept = _read(self.path)
            _write(self.path, kept[:1])
            self._keys = dict(list(self._keys.items())[:1])
        return len(kept) - 1


def _is_sealed(kept: Mapping[str, Any]) -> bool:
    return _SEALED in kept and _KEY in kept


def _ciphers(keys: Sequence[str], where: str) -> dict[str, Fernet]:
    try:
        return {hashlib.sha256(key.encode()).hexdigest()[:12]: Fernet(key) for key in keys}
    except ValueError as error:
        wanted = "expected 32 bytes as url-safe base64, such as `spyglass alerts new-key` prints"
        raise ConfigError(f"{where}: {wanted}") from error


def _read(path: Path) -> list[str]:
    try:
        mode = path.stat().st_mode
        lines = path.read_text("ascii").split()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the keys of secrets cannot be read ({type(error).__name__}); they belong to whoever runs the server") from error
    if mode & 0o077:
        raise ConfigError(f"{path}: others may read the keys of secrets (mode {mode & 0o777:o}); chmod 600 it, then rotate the key")
    return lines


def _make(path: Path) -> str:
    """A new key in a new file, unless somebody else was quicker."""
    key = Fernet.generate_key().decode()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = _read(path)
        if not found:
            raise ConfigError(f"{path}: expected a key of secrets in it, found nothing; put the key back, or delete the file") from None
        return found[0]
    except OSError as error:
        raise ConfigError(f"{path}: the key of secrets cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("secret key made", path=str(path))
    return key


def _write(path: Path, keys: Sequence[str]) -> None:
    """All of it or nothing, on the disk when this returns: what is sealed next must never outlive its key."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{key}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigError(f"{path}: the keys of secrets cannot be written: {error.strerror}; nothing was changed") from error
