"""What an agent remembers: `read`, `write` and `delete` of a key in, the events `memory.read`, `memory.write` and `memory.delete` out.

`Memory` is a mapping that tells them by itself. Content goes as far as capture allows; size and hash are of the whole value as typed JSON, whatever is told of
it.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any, Final, TypeVar

from spyglass_sdk import names
from spyglass_sdk.content import said
from spyglass_sdk.events import emit
from spyglass_sdk.execution import here
from spyglass_sdk.guard import harmless
from spyglass_sdk.settings import recording
from spyglass_sdk.typed import Bounds, encode

__all__ = ["Memory", "delete", "read", "write"]

V = TypeVar("V")
_MOST_S: Final = 0.5
_KEY_BYTES: Final = 512
_NOTHING: Final = object()


def read(key: str, value: object = _NOTHING, *, scope: str = "") -> None:
    """The agent read a key. `value`: what it found, None for nothing; left out, that is not told."""
    _tell("memory.read", key, value, scope)


def write(key: str, value: object, *, scope: str = "") -> None:
    """The agent wrote a key."""
    _tell("memory.write", key, value, scope)


def delete(key: str, *, scope: str = "") -> None:
    """The agent deleted a key."""
    _tell("memory.delete", key, _NOTHING, scope)


@harmless(None)
def _tell(event: str, key: str, value: object, scope: str) -> None:
    settings = recording()
    told: dict[str, Any] = {**here(), names.MEMORY_KEY: said(key, _KEY_BYTES), names.MEMORY_SCOPE: said(scope, _KEY_BYTES) or None}
    body = None
    if value is not _NOTHING and settings.capture != "off":
        typed = encode(value, Bounds(settings.max_snapshot_bytes, _MOST_S))
        told |= {names.MEMORY_BYTES: len(typed.text.encode("utf-8", "replace")), names.MEMORY_HASH: typed.hash}
        body = typed.text if settings.capture == "full" else None
    emit(event, told, body=body)


class Memory(MutableMapping[str, V]):
    """A mapping that tells what is read, written and deleted; `store` keeps it, an empty dict if there is none."""

    def __init__(self, store: MutableMapping[str, V] | None = None, *, scope: str = "") -> None:
        self._store: MutableMapping[str, V] = {} if store is None else store
        self.scope = scope

    def __getitem__(self, key: str) -> V:
        try:
            found = self._store[key]
        except KeyError:
            read(key, None, scope=self.scope)
            raise
        read(key, found, scope=self.scope)
        return found

    def __setitem__(self, key: str, value: V) -> None:
        self._store[key] = value
        write(key, value, scope=self.scope)

    def __delitem__(self, key: str) -> None:
        del self._store[key]
        delete(key, scope=self.scope)

    def __contains__(self, key: object) -> bool:
        """To look whether there is one tells nothing."""
        return key in self._store

    def __iter__(self) -> Iterator[str]:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)

    def __repr__(self) -> str:
        return f"Memory({self._store!r}, scope={self.scope!r})"
