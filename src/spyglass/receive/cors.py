"""Web pages that send OTLP from a browser (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).

In: the headers of a request. Out: the headers that let the browser send it, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["Cors", "Headers"]

Headers = list[tuple[bytes, bytes]]

_HEADER_NAMES: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~ ,-]{0,1000}")
_ALWAYS: Final = b"authorization, content-encoding, content-type, x-api-key, x-spyglass-project"
_PREFLIGHT_AGE_S: Final = b"7200"  # the most that Chromium remembers


class Cors:
    """The origins that may send."""

    def __init__(self, allowed_origins: tuple[str, ...] = ()) -> None:
        self._patterns = [re.compile(".*".join(map(re.escape, origin.rstrip("/").split("*"))), re.IGNORECASE) for origin in allowed_origins]

    def headers(self, request: Mapping[bytes, bytes]) -> Headers:
        """What an answer to this request carries so that the page may read it; empty when there is no page, or it may not."""
        origin = request.get(b"origin")
        if origin is None or not self._allows(origin):
            return []
        return [(b"access-control-allow-origin", origin), (b"vary", b"origin"), (b"access-control-expose-headers", b"retry-after")]

    def preflight(self, request: Mapping[bytes, bytes]) -> Headers:
        """The headers of a preflight's answer; empty when the page may not send."""
        granted = self.headers(request)
        if not granted:
            return []
        asked = request.get(b"access-control-request-headers", b"")
        names = asked if asked and _HEADER_NAMES.fullmatch(asked) else _ALWAYS
        return [
            *granted,
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", names),
            (b"access-control-max-age", _PREFLIGHT_AGE_S),
        ]

    def _allows(self, origin: bytes) -> bool:
        text = origin.decode("latin-1")
        return any(pattern.fullmatch(text) for pattern in self._patterns)
