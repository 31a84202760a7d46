"""Attempts to get in that failed, and those that did not: log records and calls in, who tried what and when out.

There is no common form; what failed attempts have in common are a few words, an address and perhaps a name. A vectorised filter leaves the rows
with such words.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.finding import SERVER_SCOPE, Evidence
from spyglass.model.schema import Kind

__all__ = ["Failure", "failures"]

# RE2. Somebody was turned away …
_REFUSED: Final = (
    r"(?i)fail|invalid|incorrect|wrong|denied|unauthori[sz]ed|unsuccessful|no such user|not found|does not exist|rejected|unknown user|brute.?force|locked|"
    r"rate.?limit|too many|could not|can'?t find|bad (?:password|login|user)|error|NT_STATUS|\b40[13]\b|[\s:=\">]4625\b|no authenticate|"
    r"disconnected from auth|honeypot|cowrie|ACCEPT host=|half open|"
    r"mismatch|refused|authenticating user|unable to negotiate|WRONGPASS|\"POST |mislukt|fehlgeschlagen|ung(?:ü|ue)ltig|échou|fallid|falhou|fallit"
)
# … from where one has to say who one is.
_ENTRY: Final = (
    r"(?i)log[-_ ]?[io]n|logon|sign.?in|auth|pass|credential|\buser|account|2fa|\botp\b|token|\bsasl\b|kerberos|\bssh|\b40[13]\b|4625|ACCEPT host=|"
    r"permission|"
    r"forbidden|cowrie|honeypot|IKE_SA|trusted domain"
)
_FAILED: Final = (
    r"fail(?:ed|ure)?\b|invalid (?:user|login|credential|password|username|authentication|token|key)|incorrect|wrong[ _]?pass|denied|unauthori[sz]ed|"
    r"unsuccessful|no such user|mismatch|refused connect|(?:closed|reset) by (?:authenticating|invalid) user|unable to negotiate|WRONGPASS|aborted login|"
    r"maximum authentication attempts|(?:user|account)\S*(?: \S+){0,4} (?:was )?not found|not found in ldap|does not exist|unknown user|"
    r"can'?t find user|rejected|"
    r"bad (?:password|login|user)|auth[-_ ]?(?:error|fail)|LOGIN_ERROR|NT_STATUS_(?:WRONG|NO_SUCH|LOGON|ACCOUNT)|\"?success\"?[:=]\s*false|"
    r"could not (?:retrieve user|authenticate)|<EventID>4625|NO AUTHENTICATE|disconnected from authenticating|invalid authentication|trusted domain error|"
    r"auth(?:entication)?(?: \w+){0,2} error|AuthFailed|ChallengeResponseFailed|InvalidPassword|InvalidAccountID|deleting half open IKE_SA|"
    r"mislukte|fehlgeschlagen|ungültige (?:anmeldung|zugang)|échou|(?:acceso|sesión|autenticación) fallid|falhou|fallito|"
    r"ACCEPT host=|cowrie.{0,120}new connection|\"POST [^\"\s]*(?:login|log-in|signin|sign-in|logon|xmlrpc\.php|/administrator|"
    r"/session)[^\"\s]* HTTP/[\d.]+\" (?:200|40\d)\b"
)
_STATUS: Final = r"(?:\"\s|(?:status(?:[-_ ]?code)?|code)\W{1,3}|\|\s|returned\s|HTTP/[\d.]+\"?\s|\s)40[13](?=[\s|,\"}])"
_SAID: Final = r"brute[- ]?force|locked out|(?:attempt\S*|login)\b.{0,60}\brate-?limited|too many (?:auth|failed|login)"
_WENT_WELL: Final = r"\"?success\"?[:=]\s*true|login success|accepted password|logged in successfully|\bno failure"
# RE2. Somebody got in.
_ENTERED: Final = (
    r"(?i)\baccepted (?:password|publickey|keyboard)|\blogged in|\blog[io]n:? (?:was )?succe|\bsuccess\w* (?:log|auth|sign)|"
    r"\bauth\w* (?:was )?succe|[\s:=\">]4624\b"
)
_GOT_IN: Final = re.compile(_ENTERED)
_V4: Final = r"\d(?<![\w.]\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w.]*\.\d)(?!\w)"
_V6: Final = r"(?<![\w.:])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?!\w|\.\d)"
_FROM: Final = (
    r"(?:\bfrom(?: \w{1,64})?(?: (?:private |public )?ip(?: address)?:?)?|\brhost|\brip|\bip[-_ ]?addr(?:ess)?|\brem(?:ote)?[-_]?ip|\bsrc[-_]?ip|"
    r"failed for|(?<!for-)(?<!for)\bip|remote[-_ ]?(?:addr(?:ess)?|host|ip)?|"
    r"client(?:[-_ ]?(?:addr|ip|host))?|\boip|\bsource|\bsrc|\bhost|\bpeer|RemoteAddress=\"IPV4/\w+|half open IKE_SA with)\W{0,4}(?:ipv[46]:)?\W?(?:::ffff:)?$"
)
_NOT_FROM: Final = r"(?:\blip|\bto|local\w*|dst|LocalAddress=\"IPV4/\w+|\bon|version|server|\(\[)\W{0,4}$"
_SERVED: Final = re.compile(r":(?:\d{2,3}|3306|5432|8080|8443)\b|\s(?:GET|POST|HEAD|PUT)\s/")  # a port at which something listens
_USER: Final = r"(?:invalid user|user(?:_?name)?s?|account|login|set_id|accountname|for)[\"'`]?\s*[=:]?\s*(?:name\s*[=:]\s*)?[\"'`<\[]{0,2}([\w.@+$\\-]{1,64})"
_NO_NAMES: Final = frozenset("from for name id null none or and the was is has with invalid failed login user error not password undefined agent on by".split())
_FORWARDED: Final = re.compile(r"x-forwarded-for\W{1,4}([0-9a-f.:]+)", re.IGNORECASE)
_LONGEST: Final = 2_048
_TURNED_AWAY: Final = re.compile(
    r"\b40[13]\b|unauthori[sz]ed|forbidden|permission denied|access denied|not (?:authenticated|authorized)|"
    r"(?:invalid|wrong|expired|incorrect) (?:\w+ )?(?:token|credentials?|api.?key|password|login)|\bauth(?:entication|orization)? (?:failed|"
    r"error|required|failure)",
    re.IGNORECASE,
)


class _Patterns(NamedTuple):
    """What is looked for in one record."""

    failed: re.Pattern[str]
    status: re.Pattern[str]
    said: re.Pattern[str]
    went_well: re.Pattern[str]
    address: re.Pattern[str]
    v4: re.Pattern[str]
    named: re.Pattern[str]
    not_from: re.Pattern[str]
    user: re.Pattern[str]


_WRITTEN: Final = (_FAILED, _STATUS, _SAID, _WENT_WELL, f"{_V6}|{_V4}", _V4, _FROM, _NOT_FROM, _USER)
_ANY_CASE: Final = _Patterns(*(re.compile(pattern, re.IGNORECASE) for pattern in _WRITTEN))
# The same for text in small letters: three to five times as fast, since letters that do not match need no second look.
_SMALL: Final = _Patterns(
    *(re.compile(re.sub(r"\\.|[A-Z]", lambda one: one.group() if "\\" in one.group() else one.group().lower(), pattern)) for pattern in _WRITTEN)
)


def _spelled(text: str) -> tuple[str, _Patterns]:
    """The text as it is looked through, and by what; every character stands where it stood."""
    return (text.lower(), _SMALL) if text.isascii() else (text, _ANY_CASE)


class Failure(NamedTuple):
    """One failed attempt, or one that went well."""

    project: str
    at_ns: int  # when it happened, as the record says
    received_ns: int
    source: str  # an address, else the agent that tried
    user: str  # empty: not told
    target: str  # service or tool
    sure: bool  # whoever told it had already called it an attack
    agent: str
    evidence: Evidence
    entered: bool = False  # it did not fail: somebody got in


def failures(batch: Batch) -> Iterator[Failure]:
    """All of a batch of events or spans, in order; of records also those of somebody who got in."""
    if batch.kind is Kind.EVENT:
        yield from _of_events(batch.rows)
    elif batch.kind is Kind.SPAN:
        yield from _of_spans(batch.rows)


def _of_events(rows: pa.Table) -> Iterator[Failure]:
    body = rows["body"]
    own = pc.fill_null(pc.equal(rows["scope_name"], SERVER_SCOPE), False)  # findings quote what was tried: they are no attempts
    refused = pc.and_(pc.match_substring_regex(body, _REFUSED), pc.match_substring_regex(body, _ENTRY))
    got_in = pc.match_substring_regex(pc.if_else(refused, "", body), _ENTERED)  # those refused are read below anyway
    rows = rows.filter(pc.and_(pc.invert(own), pc.or_(refused, got_in)))
    if not rows.num_rows:
        return
    taken = rows.select(["project", "body", "service", "source", "agent", "event_id", "user_id"]).to_pydict()
    for i, (at_ns, received_ns) in enumerate(zip(_times(rows["time"]), _times(rows["received"]), strict=True)):
        text = taken["body"][i][:_LONGEST]
        spelled, find = _spelled(text)
        low = spelled if find is _SMALL else text.lower()
        # The words without which the patterns find nothing: looking for them is far cheaper.
        hinted = "brute" in low or "locked out" in low or "limited" in low or "too many" in low
        sure = hinted and bool(find.said.search(spelled))
        if sure or find.failed.search(spelled) or find.status.search(spelled):
            entered = False
        elif _GOT_IN.search(spelled):
            entered = True
        else:
            continue
        if not entered and ("success" in low or "accepted" in low or "logged in" in low or "no failure" in low) and find.went_well.search(spelled):
            continue
        evidence = Evidence(event_id=taken["event_id"][i].hex())
        target = taken["service"][i] or taken["source"][i]
        for source in sources(text) or ([taken["agent"][i]] if taken["agent"][i] else []):
            yield Failure(
                taken["project"][i],
                at_ns or received_ns,
                received_ns,
                source,
                taken["user_id"][i] or user(text),
                target,
                sure,
                taken["agent"][i],
                evidence,
                entered,
            )


def _of_spans(rows: pa.Table) -> Iterator[Failure]:
    failed = pc.and_(pc.equal(rows["status"], "error"), pc.not_equal(rows["tool"], ""))
    rows = rows.filter(pc.and_not(failed, rows["pending"]))
    if not rows.num_rows:
        return
    names = ["project", "tool", "agent", "user_id", "status_message", "error_type", "output", "trace_id", "span_id"]
    taken = rows.select(names).to_pydict()
    for i, (start_ns, lasted_ns, received_ns) in enumerate(zip(_times(rows["start"]), rows["duration_ns"].to_pylist(), _times(rows["received"]), strict=True)):
        said = f"{taken['error_type'][i]} {taken['status_message'][i]} {taken['output'][i][:256]}"
        if not _TURNED_AWAY.search(said) or not taken["agent"][i]:
            continue
        evidence = Evidence(taken["trace_id"][i].hex(), taken["span_id"][i].hex())
        agent = taken["agent"][i]
        yield Failure(taken["project"][i], start_ns + lasted_ns, received_ns, agent, taken["user_id"][i], taken["tool"][i], False, agent, evidence)


def sources(text: str) -> list[str]:
    """Addresses from which an attempt came, as the record says: named as such, else the first that stands in it. And those that a proxy vouches for."""
    named: list[str] = []
    others: list[str] = []
    servers: list[str] = []
    spelled, find = _spelled(text)
    for match in (find.v4 if spelled.count(":") < 2 else find.address).finditer(spelled):
        address = _canonical(match.group())
        start = match.start()
        before = spelled[max(0, start - 40) : start]
        if address is None or before.endswith("(["):  # a time of day, or what a mail client calls itself
            continue
        if before.endswith(" from ") or find.named.search(before):
            named.append(address)
        elif before.endswith("@") or _SERVED.match(text, match.end()):
            servers.append(address)
        elif not find.not_from.search(before):
            others.append(address)
    forwarded = ("orwarded" in text or "ORWARDED" in text) and _FORWARDED.search(text)
    behind = [one] if forwarded and (one := _canonical(forwarded.group(1))) else []
    return list(dict.fromkeys([*(named[:1] or others[:1] or servers[:1]), *behind]))


def user(text: str) -> str:
    """The name that was tried; empty: the record does not say."""
    spelled, find = _spelled(text)
    for match in find.user.finditer(spelled):
        name = text[slice(*match.span(1))].strip("'\"`")
        if name.lower() not in _NO_NAMES and not name.replace(".", "").isdigit():
            return name
    return ""


@lru_cache(4_096)
def _canonical(written: str) -> str | None:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    if address.version == 6 and "::" not in written and written.count(":") < 7:
        return None  # a time of day
    return str(mapped or address)


def _times(column: pa.ChunkedArray) -> list[int]:
    values: list[int] = column.cast(pa.int64()).to_pylist()
    return values
