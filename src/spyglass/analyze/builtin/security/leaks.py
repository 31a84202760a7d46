"""Secrets and personal data that leave in the arguments of tools: calls in, findings out, which name what it is and never show it.

Secrets are taken out of all telemetry before anything looks at it, and leave a mark that says what stood there: that mark, in the arguments of a tool that acts
on the outside, is the evidence. Personal data is found by numbers that check themselves (cards, IBAN), so that an order number is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow.compute as pc

from spyglass.analyze.builtin.security.calls import Call, calls, of_tools
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, noisy_or, severity
from spyglass.analyze.builtin.security.trail import ACTS, UNTRUSTED, Purposes
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Leaks", "Settings", "analyzer", "personal"]

_VERSION: Final = "1.1.0"
_SUSPECT: Final = r"\[redacted:|\b(?:\d[ -]?){13,19}\b|\b[A-Z]{2}\d{2} ?[A-Z0-9]{4}|\b\d{3}-\d{2}-\d{4}\b|@"  # RE2
_MARK: Final = re.compile(r"\[redacted:([a-z0-9_]{1,64})\]")
_CARD: Final = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SOCIAL: Final = re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b")
_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Whom the first digits belong to, and how many there are then (ISO/IEC 7812, as the issuers tell): of any sixteen digits one in ten would check by chance.
_CARDS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|"
    r"(?:6011|65\d\d|64[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-8]|63|67)\d{10,17}"
)
_MANY_MAILS: Final = 10  # addresses in one call: a list of people, not a recipient
_LONGEST: Final = 65_536
_OUTSIDE: Final = re.compile(f"{ACTS}|{UNTRUSTED[4:]}")


class Settings(Purposes):
    """Which tools act on the outside."""


class Leaks:
    """Remembers only what it has said within the hour."""

    def __init__(self, settings: Settings) -> None:
        self._acts, self._trusted = frozenset(settings.acts) | frozenset(settings.untrusted), frozenset(settings.trusted)
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Finished calls of tools."""
        if not isinstance(seen, Batch):
            return
        self._quiet.heed(seen)
        rows = of_tools(seen)
        if not rows.num_rows:
            return
        for call in calls(rows.filter(pc.match_substring_regex(rows["input"], _SUSPECT))):
            if call.tool not in self._trusted:
                yield from self._told(seen.kind, call, call.tool in self._acts or bool(_OUTSIDE.search(call.tool)))

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Nothing waits for time."""
        del now_ns
        return ()

    def save(self) -> State:
        """See `contracts.Analyzer`."""
        return {"told": self._quiet.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))

    def _told(self, kind: str, call: Call, outside: bool) -> Iterator[Finding]:
        text = call.input[:_LONGEST]
        marks = sorted(set(_MARK.findall(text)))
        data = personal(text) if outside else []
        for rule, found, impact in (("secret_leaves", marks, Impact.CRITICAL), ("personal_data_leaves", data, Impact.HIGH)):
            sure = noisy_or([0.85 if outside else 0.4, *([0.3] if len(found) > 1 else [])])
            weight = severity(impact, sure)
            if not found or not self._quiet.speaks(call.at_ns, kind, rule, call.project, call.agent, call.tool, *found):
                continue
            where = ", which acts on the outside" if outside else ""
            yield self._quiet.tells(
                Finding(
                    analyzer=analyzer.name,
                    version=_VERSION,
                    rule=rule,
                    project=call.project,
                    time_ns=call.at_ns,
                    title=f"{call.agent or 'An agent'} gave {_list(found)} to {call.tool or 'a tool'}{where}",
                    severity=weight,
                    subject=call.subject,
                    evidence=(call.evidence,),
                    suggestion=_ADVICE[rule],
                    owasp=(Owasp.IDENTITY_ABUSE if rule == "secret_leaves" else Owasp.TOOL_MISUSE).value,
                    details={"confidence": round(sure, 3), "kinds": found, "impact": impact.name.lower()},
                )
            )


_ADVICE: Final = {
    "secret_leaves": "Revoke the secret if the tool should not have it; let tools fetch credentials themselves, so that no model ever sees them.",
    "personal_data_leaves": "See whether the receiver may have it; take it out, or replace it, before the call.",
}


def personal(text: str) -> list[str]:
    """Which personal data a text has, by what checks itself: card numbers (Luhn), IBAN (modulo 97), social security numbers; and lists of addresses."""
    found = set()
    if any(_is_card(re.sub(r"[ -]", "", match.group())) for match in _CARD.finditer(text)):
        found.add("a card number")
    if any(_is_iban(match.group().replace(" ", "")) for match in _IBAN.finditer(text)):
        found.add("an account number")
    if _SOCIAL.search(text):
        found.add("a social security number")
    if len({match.group().lower() for match in _MAIL.finditer(text)}) >= _MANY_MAILS:
        found.add("a list of mail addresses")
    return sorted(found)


def _is_card(digits: str) -> bool:
    """Luhn's check, for numbers as cards have them."""
    if not _CARDS.fullmatch(digits) or len(set(digits)) < 2:
        return False
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 13616."""
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1


def _list(found: list[str]) -> str:
    return ", ".join(one.replace("_", " ") for one in found[:4])


analyzer: Final = AnalyzerKind(
    name="leaks",
    version=_VERSION,
    description="Secrets and personal data that leave in the arguments of tools.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    make=Leaks,
    rules=tuple(_ADVICE),
)
