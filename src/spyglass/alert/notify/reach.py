"""Where channels may connect to: a host that somebody wrote into a setting in, one address that was checked out.

So nobody who may write a channel can use the server against its own network.

A name is resolved once, every address it has must be allowed, and the connection goes to the address that was checked, not to the name: what is resolved
otherwise a moment later (DNS rebinding) changes nothing. Only public addresses are allowed, beside `alerts.allowed_networks` of the operator.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from spyglass.model.errors import InputError, Refused

__all__ = ["address_of", "allowed"]

Address = IPv4Address | IPv6Address
_MOST_NAME: Final = 253
# Public by their bits, but they carry an IPv4 address to who knows where: NAT64, 6to4, Teredo.
_CARRIERS: Final = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def allowed(address: Address, networks: Iterable[str]) -> bool:
    """Whether a connection may go there."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in map(ip_network, networks) if network.version == address.version):
        return True
    carried = any(address in network for network in _CARRIERS if network.version == address.version)
    return address.is_global and not address.is_multicast and not carried


async def address_of(host: str, port: int, networks: Iterable[str]) -> str:
    """The address to connect to.

    Raises:
        InputError: the host is none, or may not be reached.
        Refused: its name cannot be resolved now.
    """
    if not host or len(host) > _MOST_NAME:
        raise InputError("expected the name of a host, or its address")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{host[:80]} cannot be resolved; check its name", retry_after_s=30) from error
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    networks = tuple(networks)
    if not addresses or not all(allowed(address, networks) for address in addresses):
        raise InputError(f"{host[:80]} is not on the public internet; the operator may allow its network with the setting alerts.allowed_networks")
    return str(addresses[0])
