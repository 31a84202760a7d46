"""Who may send: the keys, and where a request may carry one.

In: the values of the `authorization` and `x-api-key` headers. Out: nothing, or `Unauthorized`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator

from spyglass.model.errors import ConfigError, Unauthorized

__all__ = ["Keys"]

_HOW = "send `Authorization: Bearer KEY`, `x-api-key: KEY`, or Basic with the key as user or password"


class Keys:
    """The keys of those who may send; none: everyone may.

    Raises:
        ConfigError: a key is empty.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        wanted = tuple(keys)
        if not all(wanted):
            raise ConfigError("receive.api_keys: expected keys of at least one character, got an empty one; remove it")
        # Digests, so that neither the comparison's time nor a dump of the memory tells a key.
        self._digests = frozenset(_digest(key) for key in wanted)

    def check(self, authorization: str | None, api_key: str | None) -> None:
        """Let pass whoever shows a key.

        Raises:
            Unauthorized: keys are required and none of them was shown.
        """
        if not self._digests:
            return
        shown = list(_shown(authorization, api_key))
        if any(_digest(key) in self._digests for key in shown):
            return
        raise Unauthorized(f"the key is not one of receive.api_keys; {_HOW}" if shown else f"a key is required: {_HOW}")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _shown(authorization: str | None, api_key: str | None) -> Iterator[str]:
    if api_key:
        yield api_key.strip()
    scheme, _, value = (authorization or "").strip().partition(" ")
    match scheme.lower():
        case "bearer":
            yield value.strip()
        case "basic":
            yield from _basic(value)


def _basic(value: str) -> Iterator[str]:
    """User and password; Langfuse's clients put their public and their secret key there."""
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode("utf-8", "surrogateescape").partition(":")
    except (binascii.Error, ValueError):
        return
    yield user
    yield password
