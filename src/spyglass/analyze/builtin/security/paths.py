"""Paths that climb out of their folder, or name what nobody should read: a text in, what it does out.

Escapes of addresses are undone (twice, with the overlong forms that old decoders accept), then the path is walked: `a/../b` stays inside, `a/../../b` does not.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

__all__ = ["Climb", "climbs"]

_PATH: Final = re.compile(r"[^\s\"'<>|;,()]{3,1024}")
_OVERLONG: Final = re.compile(r"%(?:c0%ae|u002e|uff0e|e0%80%ae|c0%2e)|0x2e|\\x2e|\\u002e", re.IGNORECASE)
_SLASHES: Final = re.compile(r"%(?:c0%af|c1%9c|u2215|u2216|e0%80%af)|0x2f|0x5c|\\x2f|\\u002f", re.IGNORECASE)
_SECRET: Final = re.compile(
    r"(?:^|/)(?:etc/(?:passwd|shadow|gshadow|sudoers|master\.passwd|security/passwd)|proc/(?:self|\d+)/(?:environ|cmdline|maps|fd|mem)|\.ssh/(?:id_[a-z0-9]+|authorized_keys)|"
    r"\.aws/credentials|\.kube/config|\.docker/config\.json|\.netrc|\.pgpass|\.git-credentials|\.npmrc|\.pypirc|\.gnupg/|\.bash_history|"
    r"var/run/secrets/|run/secrets/|boot\.ini|win(?:dows|nt)/(?:win\.ini|system\.ini|system32/config/\w+|repair/sam)|win\.ini|web-inf/web\.xml|\.htpasswd|ntds\.dit)(?:$|[^a-z0-9_-])",
    re.IGNORECASE,
)
_MOST: Final = 32


class Climb(NamedTuple):
    """What a path does."""

    path: str  # as it is read, shortened
    does: str  # climbs, hidden (its dots are escaped), secret, climbs_to_secret
    confidence: float


def climbs(text: str) -> Climb | None:
    """The worst path within the text; None: all stay where they are."""
    found = [one for match in list(_PATH.finditer(text))[:_MOST] if (one := _judged(match.group()))]
    return max(found, key=lambda one: one.confidence, default=None)


def _judged(written: str) -> Climb | None:
    plain, hidden = _plain(written)
    if "/" not in plain and ".." not in plain:
        return None
    levels = _levels(plain)
    secret = bool(_SECRET.search(plain))
    shown = plain[:120]
    if hidden and (levels or secret):
        return Climb(shown, "hidden", 0.95)
    if secret and "../" in plain:
        return Climb(shown, "climbs_to_secret", 0.95)
    if secret:
        return Climb(shown, "secret", 0.7)
    if levels >= 3 or (levels and "\0" in written):
        return Climb(shown, "climbs", 0.55)
    return None


def _plain(written: str) -> tuple[str, bool]:
    """As a file system sees it, and whether dots or slashes were hidden."""
    text = written
    for _ in range(2):
        text = unquote(_SLASHES.sub("/", _OVERLONG.sub(".", text)))
    hidden = text.replace("\\", "/").count("../") > written.replace("\\", "/").count("../") or "..;/" in text or ".../" in text
    return text.replace("\\", "/").replace("..;/", "../").replace(".../", "../").replace("\0", ""), hidden


def _levels(path: str) -> int:
    """How far above where it begins the path comes at its highest."""
    depth = lowest = 0
    for part in path.partition("://")[2].partition("/")[2].split("/") if "://" in path else re.split(r"[/?=&]", path):
        if part == "..":
            depth -= 1
            lowest = min(lowest, depth)
        elif part not in ("", "."):
            depth += 1
    return -lowest
