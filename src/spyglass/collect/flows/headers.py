"""What of a message's head is kept. Keys, cookies and tokens are not among it: nothing is kept that is not on a list.

In: header fields and request targets as they were sent. Out: the fields that the parsers need, lower case; paths and queries without secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Fields", "kept", "safe_target", "traceparent"]

Fields = dict[str, str]

# Authorization, Cookie, Set-Cookie, X-Api-Key, Api-Key, X-Goog-Api-Key, Proxy-Authorization and whatever comes after them are left out by not standing here.
_KEPT: Final = frozenset(
    """
    :authority :method :path :protocol :scheme :status accept anthropic-version connection content-encoding content-length content-type conversation_id host
    mcp-protocol-version mcp-session-id request-id sec-websocket-extensions sec-websocket-protocol server session_id traceparent transfer-encoding upgrade
    user-agent x-request-id
    """.split()
)
_LONGEST: Final = 4096  # characters of a value
_SECRET: Final = re.compile(
    r"(?i)(?:^|[-_.])(?:key|apikey|token|secret|sig|signature|credential|credentials|password|passwd|pwd|auth|authorization|code|jwt|session|assertion|ticket)$|accesskeyid$|apikey$"
)
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")


def kept(fields: Iterable[tuple[str, str]]) -> Fields:
    """The fields that we may keep; of several with one name all, joined by commas (the first, where a list makes no sense)."""
    found: Fields = {}
    for name, value in fields:
        if name not in _KEPT:
            continue
        before = found.get(name)
        if before is None:
            found[name] = value[:_LONGEST]
        elif not name.startswith(":") and len(before) < _LONGEST:
            found[name] = f"{before}, {value}"[:_LONGEST]
    return found


def safe_target(target: str) -> tuple[str, str]:
    """Path and query of a request target; values of a query that are secrets by their name are `REDACTED`. What is no path (CONNECT's) is none."""
    if not target.startswith("/"):
        if "://" not in target[:16]:
            return "", ""
        try:
            parts = urlsplit(target)
        except ValueError:
            return "", ""
        target = f"{parts.path or '/'}?{parts.query}"  # without user and password
    path, _, query = target.partition("#")[0].partition("?")
    return path[:_LONGEST], "&".join(_safe_pair(pair) for pair in query[:_LONGEST].split("&")) if query else ""


def _safe_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}=REDACTED" if equals and _SECRET.search(name) else pair


def traceparent(value: str | None) -> tuple[bytes, bytes] | None:
    """Trace and span id of a W3C `traceparent`; None where it is absent, malformed or all zero."""
    match = _TRACEPARENT.fullmatch(value or "")
    if match is None or (value or "").startswith("ff"):
        return None
    trace, span = bytes.fromhex(match[1]), bytes.fromhex(match[2])
    return (trace, span) if any(trace) and any(span) else None
