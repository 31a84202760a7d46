"""Listening sockets.

In: hosts and a port of the settings. Out: bound sockets, all of one port; or an error that says which setting to change.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Sequence
from typing import Final, cast

import structlog

from spyglass.model.errors import ConfigError

__all__ = ["bind"]

log = structlog.get_logger()

_BACKLOG: Final = 1024
_TRIES: Final = 20  # to find a port that is free on every host
_ABSENT: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


async def bind(hosts: Sequence[str], port: int, setting: str) -> list[socket.socket]:
    """Sockets that listen on each address of the hosts; port 0 takes one that is free on all of them.

    An IPv6 loopback that this machine has not is left out when there are other hosts.

    Raises:
        ConfigError: a host is unknown or not of this machine, or the port is in use or not allowed.
    """
    addresses = [address for host in hosts for address in await _resolve(host, setting)]
    for _ in range(_TRIES - 1 if port == 0 else 0):
        with contextlib.suppress(_Taken):
            return _bind_all(addresses, port, setting)
    try:
        return _bind_all(addresses, port, setting)
    except _Taken as taken:
        raise ConfigError(f"{setting}: {taken} is in use; end the program that listens there (`lsof -i :{port}` names it), or choose another port") from taken


class _Taken(Exception):
    """A port is in use; never leaves this module."""


Where = tuple[str, int] | tuple[str, int, int, int]
Address = tuple[socket.AddressFamily, Where]


async def _resolve(host: str, setting: str) -> list[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigError(f"host: {host!r} (for {setting}) is not an address of this machine: {error.strerror}") from error
    return [(socket.AddressFamily(family), cast("Where", address)) for family, _, _, _, address in found]


def _bind_all(addresses: Sequence[Address], port: int, setting: str) -> list[socket.socket]:
    bound: list[socket.socket] = []
    with contextlib.ExitStack() as undo:
        for family, address in addresses:
            try:
                one = _bind(family, address, port, both=not any(other is socket.AF_INET for other, _ in addresses))
            except OSError as error:
                if error.errno in _ABSENT and address[0] == "::1" and len(addresses) > 1:
                    log.info("no such loopback", host=address[0])
                    continue
                raise _explained(error, f"{_written(address[0])}:{port}", setting) from error
            undo.callback(one.close)
            bound.append(one)
            port = one.getsockname()[1]
        undo.pop_all()
    return bound


def _bind(family: socket.AddressFamily, address: Where, port: int, *, both: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # `::` means IPv4 too, unless an IPv4 address is listed beside it.
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        one.bind((address[0], port, *address[2:]))
        one.listen(_BACKLOG)
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one


def _explained(error: OSError, where: str, setting: str) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return _Taken(where)
    if error.errno == errno.EACCES:
        return ConfigError(f"{setting}: {where} is not allowed for this user; choose a port above 1023")
    if error.errno in _ABSENT:
        return ConfigError(f"host: {where} (for {setting}) is not an address of this machine; `0.0.0.0` listens on all of them")
    return ConfigError(f"{setting}: {where} cannot be listened on: {error.strerror}")


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
