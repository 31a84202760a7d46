"""Which addresses are of one's own network: an IP address in, whether a connection to it stays inside out.

Only ranges that are meant for inner use. `ipaddress.is_private` says less: it names all that is not assigned to the public, documentation (203.0.113.0/24),
benchmarks and what is reserved among it, and leaves out the range that providers and clusters share.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

__all__ = ["Address", "bare", "is_inner"]

Address = IPv4Address | IPv6Address
_INNER: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host (RFC 1122)
            "127.0.0.0/8",
            "10.0.0.0/8",  # RFC 1918
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",  # link-local (RFC 3927)
            "100.64.0.0/10",  # shared behind carrier-grade NAT (RFC 6598): clouds, clusters and overlay networks number their own machines by it
            "224.0.0.0/4",  # groups, and everybody here: no router hands these to the internet
            "255.255.255.255/32",
            "::/128",
            "::1/128",
            "fc00::/7",  # unique local (RFC 4193)
            "fe80::/10",
            "fec0::/10",  # site-local, which they replaced
            "ff00::/8",
        ),
    )
)
_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052


def bare(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, NAT64, 6to4), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_inner(address: Address) -> bool:
    """Whether it is this machine, or one that only its own network reaches."""
    found = bare(address)
    return any(found in network for network in _INNER if network.version == found.version)
