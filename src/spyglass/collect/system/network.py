"""Connections and messages to name servers become network events with the names of the peers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from errno import EALREADY, EINPROGRESS, EISCONN
from typing import Final

from spyglass.collect.records import Accept, Close, Connect, Datagram, Endpoint
from spyglass.collect.system.files import error_name
from spyglass.collect.system.names import Lookup, Names
from spyglass.collect.system.notes import Notes
from spyglass.collect.system.settings import Settings
from spyglass.collect.system.sieve import Sieve, sampled
from spyglass.collect.system.text import clean
from spyglass.collect.system.tree import Process
from spyglass.model.told import Value

__all__ = ["Network"]

_MAPPED: Final = "::ffff:"
_UNDER_WAY: Final = (-EINPROGRESS, -EALREADY)
_UNNAMED: Final = "unnamed_sockets"  # both ends of a pair are this program's or its child's, and have no address
_UNUSED: Final = "unused_udp"  # resolvers connect UDP sockets to learn which way a packet would go, and send nothing
_NAME_CACHE: Final = ("/var/run/nscd/socket", "/run/nscd/socket")


@dataclass(slots=True)
class _Connection:
    process: Process
    record: Connect | Accept
    told: bool
    sole: bool = True  # the only peer of this socket


class Network:
    """Tells who talks to whom, and how much."""

    def __init__(self, notes: Notes, sieve: Sieve, settings: Settings) -> None:
        self._notes, self._sieve, self._share, self._bound = notes, sieve, settings.sampling.network, settings.bounds.connections
        self._names = Names(settings.bounds.names)
        self._open: OrderedDict[tuple[int, int], _Connection] = OrderedDict()  # by pid and socket
        self._quiet: dict[tuple[int, int], _Connection] = {}  # UDP, not told yet

    def connected(self, record: Connect, process: Process) -> None:
        """It asked for a connection."""
        key, failed = (process.pid, record.socket), record.result < 0 and record.result not in _UNDER_WAY
        before = self._open.get(key)
        again = before is not None and before.process is process and before.record.remote == record.remote
        if record.result == -EISCONN or (again and not failed):
            return self._notes.fold(process.root, "repeated_connect")
        if record.transport == "unix" and failed and record.remote.address in _NAME_CACHE:
            return self._notes.fold(process.root, "name_services")
        if record.message:
            return self._addressed(key, process, record)
        if record.transport == "udp" and not failed:
            return self._later(key, process, record)
        if not failed:
            self._keep(key, _Connection(process, record, told=True))
        return self._tell(process, "net.connect", record, {"error.type": error_name(record.result)} if failed else {})

    def accepted(self, record: Accept, process: Process) -> None:
        """A connection came in to it."""
        self._keep((process.pid, record.socket), _Connection(process, record, told=True))
        self._tell(process, "net.accept", record, {})

    def closed(self, record: Close, process: Process) -> None:
        """A connection ended."""
        key = (process.pid, record.socket)
        connection = self._open.pop(key, None)
        self._quiet.pop(key, None)
        moved = record.sent_bytes > 0 or record.received_bytes > 0
        if record.transport == "udp" and not moved and not (connection and connection.told):
            return self._notes.fold(process.root, _UNUSED)
        if record.transport == "unix" and connection is None and not record.remote.address:
            return self._notes.fold(process.root, _UNNAMED)
        if connection and not connection.told:
            self._tell(process, "net.connect", connection.record, {})
        if connection and connection.sole and not record.remote.port:  # the socket does not know: none of UDP without a connection, none of Unix sockets
            record = record._replace(remote=connection.record.remote)
        attributes: dict[str, Value] = {}
        if record.sent_bytes >= 0:
            attributes["network.sent_bytes"] = record.sent_bytes
        if record.received_bytes >= 0:
            attributes["network.received_bytes"] = record.received_bytes
        if opened_ns := record.opened_ns or (connection.record.time_ns if connection else 0):
            attributes["network.duration_ns"] = max(record.time_ns - opened_ns, 0)
        return self._tell(process, "net.close", record, attributes)

    def datagram(self, record: Datagram, process: Process) -> None:
        """A message to or from a name server."""
        lookup, readable = self._names.take(record)
        if not readable:
            self._notes.lose({"dns_unreadable": 1})
        elif lookup is not None:
            self._lookup(process, lookup)

    def flush(self) -> None:
        """The window is over: UDP connections that are still open are meant, and those of processes that ended are not."""
        for connection in self._quiet.values():
            if connection.process.ended_ns:
                self._notes.fold(connection.process.root, _UNUSED)
                continue
            connection.told = True
            self._tell(connection.process, "net.connect", connection.record, {})
        self._quiet.clear()
        for key in [key for key, connection in self._open.items() if connection.process.ended_ns]:
            del self._open[key]

    def overdue(self, now_ns: int) -> list[Lookup]:
        """Questions to name servers that nobody answered; to be told with `unanswered`."""
        return self._names.unanswered(now_ns)

    def unanswered(self, lookup: Lookup, process: Process) -> None:
        """Nobody answered the process."""
        self._lookup(process, lookup)

    def _addressed(self, key: tuple[int, int], process: Process, record: Connect) -> None:
        """A message went to somebody over a socket that may have several peers."""
        before = self._open.get(key)
        alone = before is None or before.process is not process or (before.sole and before.record.remote == record.remote)
        self._keep(key, _Connection(process, record, told=True, sole=alone))
        self._tell(process, "net.connect", record, {})

    def _later(self, key: tuple[int, int], process: Process, record: Connect) -> None:
        connection = _Connection(process, record, told=False)
        self._keep(key, connection)
        self._quiet[key] = connection
        if len(self._quiet) > self._bound:
            self.flush()

    def _keep(self, key: tuple[int, int], connection: _Connection) -> None:
        self._open[key] = connection
        self._open.move_to_end(key)
        if len(self._open) > self._bound:
            self._quiet.pop(self._open.popitem(last=False)[0], None)
            self._notes.lose({"connections_forgotten": 1})

    def _lookup(self, process: Process, lookup: Lookup) -> None:
        attributes: dict[str, Value] = {
            "dns.question.name": clean(lookup.name, 1024),
            "dns.question.type": lookup.type,
            "dns.answers": lookup.answers,
            "network.transport": "udp",
            **_peer(lookup.record.remote),
        }
        if lookup.error:
            attributes["error.type"] = lookup.error
        if lookup.duration_ns >= 0:
            attributes["network.duration_ns"] = lookup.duration_ns
        if not process.wanted or not self._sieve.takes_peer(lookup.record.remote.address, 0, lookup.name):
            return self._notes.drop("filtered")
        return self._notes.event(process, "dns.lookup", lookup.record.time_ns, attributes)

    def _tell(self, process: Process, name: str, record: Connect | Accept | Close, more: dict[str, Value]) -> None:
        remote, address = record.remote, _plain(record.remote.address)
        server = "" if record.transport == "unix" else self._names.name(process.root, address)
        if not process.wanted or not self._sieve.takes_peer(address, remote.port, server):
            return self._notes.drop("filtered")
        if not sampled(f"{process.pid}:{process.started_ns}:{record.socket}", self._share):
            return self._notes.drop("sampled")
        attributes: dict[str, Value] = {"network.transport": record.transport, **_peer(remote, record.transport), **more}
        if server and name != "net.accept":
            attributes["server.address"] = server
            attributes["server.port"] = remote.port
        if record.local is not None and record.local.address:
            attributes["network.local.address"] = clean(_plain(record.local.address))
            if record.local.port:
                attributes["network.local.port"] = record.local.port
        return self._notes.event(process, name, record.time_ns, attributes)


def _plain(address: str) -> str:
    return address[len(_MAPPED) :] if address.startswith(_MAPPED) and "." in address else address


def _peer(remote: Endpoint, transport: str = "udp") -> dict[str, Value]:
    if transport == "udp" and not remote.port:  # it had several, or none
        return {"network.type": "ipv6" if ":" in remote.address else "ipv4"}
    address = _plain(remote.address)
    attributes: dict[str, Value] = {"network.peer.address": clean(address)} if address else {}
    if transport != "unix":
        attributes["network.type"] = "ipv6" if ":" in address else "ipv4"
        attributes["network.peer.port"] = remote.port
    return attributes
