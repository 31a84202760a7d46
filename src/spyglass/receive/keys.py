"""Who may send: the keys, and where a request may carry one.

In: the values of the `authorization` and `x-api-key` headers. Out: nothing, or `Unauthorized`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator

from spyglass.model.errors import ConfigError, Unauthorized

__all__ = ["Keys"]

_HOW = "send `Authorization: Bearer KEY`, `x-api-key: KEY`, or Basic with the key as user or password"


class Keys:
    """The keys of those who may send, or read; none: everyone may. `setting` and `how` are for messages.

    Raises:
        ConfigError: a key is empty.
    """

    def __init__(self, keys: Iterable[str] = (), setting: str = "receive.api_keys", how: str = _HOW) -> None:
        self._setting, self._how = setting, how
        wanted = tuple(keys)
        if not all(wanted):
            raise ConfigError(f"{setting}: expected keys of at least one character, got an empty one; remove it")
        # Digests, so that neither the comparison's time nor a dump of the memory tells a key.
        self._digests = frozenset(_digest(key) for key in wanted)

    def check(self, authorization: str | None, *others: str | None) -> bool:
        """Let pass whoever shows a key, in the `authorization` header or as one of `others`; True: one was shown, False: none is required.

        Raises:
            Unauthorized: keys are required and none of them was shown.
        """
        if not self._digests:
            return False
        shown = list(_shown(authorization, others))
        # Each with each, so that the time does not tell which one is nearly right.
        right = [hmac.compare_digest(_digest(key), known) for key in shown for known in self._digests]
        if any(right):
            return True
        raise Unauthorized(f"the key is not one of {self._setting}; {self._how}" if shown else f"a key is required: {self._how}")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _shown(authorization: str | None, others: Iterable[str | None]) -> Iterator[str]:
    yield from (other.strip() for other in others if other)
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
