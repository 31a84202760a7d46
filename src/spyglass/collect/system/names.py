"""Messages to and from name servers in, lookups out; remembers which name an address was found under."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from spyglass.collect.records import Datagram

__all__ = ["Lookup", "Names"]

_ADDRESSES: Final = frozenset({dns.rdatatype.A, dns.rdatatype.AAAA})
_MAX_ANSWERS: Final = 64


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to a name server, and what came of it."""

    record: Datagram  # the answer; of an unanswered question: the question
    name: str
    type: str  # A, AAAA, …
    answers: tuple[str, ...] = ()
    error: str = ""  # NXDOMAIN, SERVFAIL, …; timeout
    duration_ns: int = -1


class Names:
    """Pairs questions with answers. Bounded: the oldest question, or name, makes room."""

    def __init__(self, bound: int = 10_000, timeout_s: float = 5) -> None:
        self._bound = bound
        self._timeout_ns = round(timeout_s * 1e9)
        self._asked: OrderedDict[tuple[int, str, int, str, str], Datagram] = OrderedDict()
        self._named: OrderedDict[tuple[int, str], str] = OrderedDict()  # by root and address

    def name(self, root: int, address: str) -> str:
        """The name under which processes of this watch last found the address; empty: none was seen."""
        return self._named.get((root, address), "") or self._named.get((0, address), "")

    def take(self, record: Datagram) -> tuple[Lookup | None, bool]:
        """A lookup, when the message ends one; False: it could not be read."""
        try:
            message = dns.message.from_wire(record.data, ignore_trailing=True, continue_on_error=True)
            question = message.question[0] if message.question else None
        except (dns.exception.DNSException, ValueError):
            return None, False
        if question is None:
            return None, False
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        key = (record.actor.pid, record.remote.address, message.id, name, kind)
        if not message.flags & dns.flags.QR:
            self._asked[key] = record
            if len(self._asked) > self._bound:
                self._asked.popitem(last=False)
            return None, True
        asked = self._asked.pop(key, None)
        answers = self._answers(message)
        self._remember(record.actor.root, name, answers)
        rcode = message.rcode()
        return Lookup(
            record,
            name,
            kind,
            answers,
            "" if rcode == dns.rcode.NOERROR else dns.rcode.to_text(rcode),
            max(record.time_ns - asked.time_ns, 0) if asked else -1,
        ), True

    def unanswered(self, now_ns: int) -> list[Lookup]:
        """Questions that waited too long; each is given once."""
        out = []
        while self._asked:
            key, record = next(iter(self._asked.items()))
            if record.time_ns + self._timeout_ns > now_ns:
                break
            del self._asked[key]
            out.append(Lookup(record, key[3], key[4], error="timeout"))
        return out

    @staticmethod
    def _answers(message: dns.message.Message) -> tuple[str, ...]:
        texts = [item.to_text() for rrset in message.answer if rrset.rdtype in _ADDRESSES for item in rrset]
        return tuple(texts[:_MAX_ANSWERS])

    def _remember(self, root: int, name: str, addresses: tuple[str, ...]) -> None:
        for address in addresses:
            for key in ((root, address), (0, address)):
                self._named[key] = name
                self._named.move_to_end(key)
        while len(self._named) > self._bound:
            self._named.popitem(last=False)
