"""Requests that a tool should not make (server-side request forgery): a text in, what is wrong with the addresses within it out.

An address is taken apart as clients do, and its host as the C library does: `2130706433`, `0x7f.1`, `017700000001` and
`[::ffff:127.0.0.1]` are all this machine.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import unquote

from spyglass.analyze.builtin.security.networks import bare, is_inner

__all__ = ["Place", "forbidden"]

_URL: Final = re.compile(r"\b([a-z][a-z0-9+.-]{1,20}):/{1,3}([^\s\"'<>`\\^{}|]{1,2048})", re.IGNORECASE)
_BARE: Final = re.compile(r"\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b", re.IGNORECASE)
_STRANGE: Final = frozenset("gopher dict ldap ldaps jar netdoc phar expect zip glob ogg rar tftp sftp php".split())
_METADATA: Final = frozenset(
    "169.254.169.254 169.254.170.2 169.254.169.253 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 metadata.google.internal metadata "
    "metadata.azure.internal metadata.packet.net instance-data rancher-metadata".split()
)
_SPELLED: Final = re.compile(r"(?:^|[.-])(\d{1,3}[.-]\d{1,3}[.-]\d{1,3}[.-]\d{1,3})\.(?:nip|sslip|xip)\.(?:io|name)$")
_LOCAL: Final = ("localhost", "localhost.localdomain", "localtest.me", "lvh.me")
_MOST: Final = 32


class Place(NamedTuple):
    """Where an address leads."""

    host: str
    kind: str  # metadata, hidden, scheme, file, private, loopback
    confidence: float


_CONFIDENCE: Final = {"metadata": 0.97, "hidden": 0.92, "scheme": 0.85, "file": 0.6, "private": 0.5, "loopback": 0.3}


def forbidden(text: str) -> Place | None:
    """The worst place that an address within the text leads to; None: all are ordinary."""
    found = [place for match in list(_URL.finditer(text))[:_MOST] if (place := _judged(match.group(1).lower(), match.group(2)))]
    if not found and (bare := _BARE.search(text)):
        found = [Place(bare.group().lower(), "metadata", 0.8)]
    return max(found, key=lambda one: one.confidence, default=None)


def _judged(scheme: str, rest: str) -> Place | None:
    host, disguised = _host(rest)
    if scheme in _STRANGE:
        return Place(host, "scheme", _CONFIDENCE["scheme"])
    if scheme == "file":
        return Place(host, "file", _CONFIDENCE["file"])
    kind = _kind(host)
    kind = "hidden" if disguised and kind in ("private", "loopback") else kind
    return Place(host, kind, _CONFIDENCE[kind]) if kind else None


def _host(rest: str) -> tuple[str, bool]:
    """The host, and whether it is disguised: behind the name of another one as its user, or in letters that only look like others."""
    user, _, authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    written = unquote(authority).lower()
    authority = unicodedata.normalize("NFKC", written).replace("\u3002", ".")  # as names are read (UTS 46)
    disguised = authority != written or "." in user.partition(":")[0]
    if authority.startswith("["):
        return authority[1:].partition("]")[0], disguised
    return authority.partition(":")[0].rstrip("."), disguised


def _kind(host: str) -> str:
    if host in _METADATA:
        return "metadata"
    if host in _LOCAL or host.endswith(tuple(f".{name}" for name in _LOCAL)):
        return "hidden" if host.endswith((".me",)) or host in ("localtest.me", "lvh.me") else "loopback"
    spelled = _SPELLED.search(host)
    written = spelled.group(1).replace("-", ".") if spelled else host
    address, plain = _address(written)
    if address is None:
        return ""
    carried = bare(address)
    if str(carried) in _METADATA:
        return "metadata"
    inside = is_inner(carried)
    if inside and (spelled or not plain or carried is not address):
        return "hidden"
    if carried.is_loopback or carried.is_unspecified:
        return "loopback"
    return "private" if inside else "hidden" if not plain else ""


def _address(host: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address | None, bool]:
    """The address, and whether it is written as people write it."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]), True
    except ValueError:
        pass
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(re.fullmatch(r"0x[0-9a-f]{1,8}|\d{1,13}", part) for part in parts):
        return None, True
    if len(parts) == 1 and len(host) < 8:  # `http://8080` is a slip, no address
        return None, True
    numbers = [_number(part) for part in parts]
    if any(number is None for number in numbers):
        return None, True
    whole = [number for number in numbers if number is not None]
    value = whole[-1]
    for at, number in enumerate(whole[:-1]):
        if number > 255:
            return None, True
        value += number << (24 - 8 * at)
    return (ipaddress.IPv4Address(value), False) if value < 2**32 else (None, True)


def _number(part: str) -> int | None:
    try:
        if part.startswith("0x"):
            return int(part, 16)
        return int(part, 8) if part.startswith("0") and len(part) > 1 else int(part)
    except ValueError:
        return None
