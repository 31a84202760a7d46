"""Harm in the arguments of tools: calls in, findings out, each with what a database, a shell, a file system or the network would have done.

Rows pass a vectorised filter first; the few that are left are read by grammars, not searched for words. An argument that is meant to be a statement or a
command is judged by what it does, any other by whether it is one at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.security.addresses import forbidden
from spyglass.analyze.builtin.security.calls import Call, Leaf, calls, leaves, of_tools
from spyglass.analyze.builtin.security.meant import Meant, meant
from spyglass.analyze.builtin.security.paths import climbs
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.shell import harmful, starts_command
from spyglass.analyze.builtin.security.sql import Break, break_out, condition
from spyglass.analyze.builtin.security.sql_abuse import abuses
from spyglass.analyze.builtin.security.threat import Hint, Impact, Owasp, noisy_or, severity
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Injection", "Settings", "analyzer", "hints"]

_VERSION: Final = "1.1.0"
# RE2, over the arguments as JSON. Whatever a detector finds has one of these.
_SQL: Final = (
    r"(?i)\b(?:union|select|insert|delete|drop|truncate|exec|execute|declare|waitfor|having|information_schema|sleep|benchmark|shutdown|alter|procedure|from)\b|"
    r"(?:'|\\\"|`|%2[27]|[\x{2018}\x{2019}]).{0,8}(?:[=<>|&*^-]|%2|%3|--|#|\b(?:or|and|xor|like|is|in|div|mod|not|rlike|regexp|glob|collate|between)\b)|"
    r"\b(?:or|and|xor|like|in|is)\b.{0,30}[=<>('\d]|\bnot\s+null|\border\s+by\b|\binto\s+\w+file|\bprogram\s+'|"
    r"--|/\*|#\"|;\s*\w|\w\s*\(|%[023][0-9a-f]|[=|&]{1,2}|::"
)
_SHELL: Final = r"[;|&`\n]|\\n|\\r|\$\(|\$\{|%0a|%3b|%7c|%26|/dev/|rm\s+-|mkfs|dd\s|history|>>|[<>]\("
_PATH: Final = (
    r"(?i)\.\.|%2e|%c0|0x2e|\\x2e|etc/|/proc/|"
    r"\.ssh|\.aws|\.kube|\.docker|\.netrc|\.pgpass|\.git-cred|\.npmrc|\.pypirc|\.gnupg|_history|run/secrets|\.ini|web-inf|system32|\.htpasswd|ntds"
)
_ADDRESS: Final = r"(?i)[a-z]:(?:\\?/){1,3}|169\.254|metadata\.google"
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_SLUG: Final = re.compile(r"[\w.~-]*$")  # words of a title, as pages have them in their addresses
_MOST_VALUES: Final = 32
_DATA: Final = re.compile(r"data:[\w/.+-]{0,64}(?:;[\w=.-]{1,64}){0,4};base64,[\w+/=\n-]*", re.IGNORECASE)
_ACTS: Final = frozenset(("union", "stacked", "file", "runs_function"))  # no condition of a filter does these
_TAKE_SQL: Final = frozenset((Meant.STATEMENT, Meant.QUESTION, Meant.SEARCH))
_SURE, _LIKELY, _AMONG_WORDS = 0.9, 0.7, 0.55
_IMPACTS: Final = {"metadata": Impact.CRITICAL, "hidden": Impact.HIGH, "scheme": Impact.HIGH, "file": Impact.MEDIUM, "private": Impact.MEDIUM}
_SAYS: Final = {
    "metadata": "asks the cloud's metadata service, which hands out credentials",
    "hidden": "leads into the inner network by an address that hides it",
    "scheme": "uses a scheme that reaches other services than web servers",
    "file": "reads a file of the machine by an address",
    "private": "leads into the inner network",
}
_LONGEST_NAME: Final = 100  # of an argument
_ADVICE: Final = {
    "sql_injection": "Bind values instead of putting them into the text of a statement; look where this value came from.",
    "sql_abuse": "Give the tool a database user that may only read what it needs.",
    "command_injection": "Pass arguments as a list, never through a shell; look where this value came from.",
    "harmful_command": "Stop the run and look at what made the agent do this; run commands in a sandbox without secrets and network.",
    "path_traversal": "Resolve paths and refuse those outside the folder that the tool is meant for.",
    "forbidden_address": "Let the tool reach only the hosts it needs; block link-local and private ranges.",
}


class Settings(BaseModel, extra="forbid", frozen=True):
    """What is worth a word."""

    least_confidence: float = Field(0.5, ge=0, le=1, description="Hints less sure than this are not told.")


class Injection:
    """Remembers only what it has said within the hour."""

    def __init__(self, settings: Settings) -> None:
        self._least = settings.least_confidence
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Finished calls of tools."""
        if not isinstance(seen, Batch):
            return
        self._quiet.heed(seen)
        rows = of_tools(seen)
        masks = [pc.match_substring_regex(rows["input"], pattern).combine_chunks() for pattern in (_SQL, _SHELL, _PATH, _ADDRESS)] if rows.num_rows else []
        if not masks:
            return
        suspect = pc.or_(pc.or_(masks[0], masks[1]), pc.or_(masks[2], masks[3]))
        flags = zip(*(pc.filter(mask, suspect).to_pylist() for mask in masks), strict=True)
        for call, asked in zip(calls(rows.filter(suspect)), flags, strict=True):
            yield from self._told(seen.kind, call, [one for one in hints(call, *asked) if one.confidence >= self._least])

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

    def _told(self, kind: str, call: Call, noticed: list[Hint]) -> Iterator[Finding]:
        threat = noisy_or(one.confidence for one in {one.rule: one for one in noticed}.values())
        for rule in sorted({one.rule for one in noticed}):
            worst = max((one for one in noticed if one.rule == rule), key=lambda one: (one.impact, one.confidence, one.says))
            if not self._quiet.speaks(call.at_ns, kind, call.project, call.agent, call.tool, rule, severity(worst.impact, worst.confidence)):
                continue
            yield self._quiet.tells(
                Finding(
                    analyzer=analyzer.name,
                    version=_VERSION,
                    rule=rule,
                    project=call.project,
                    time_ns=call.at_ns,
                    title=f"{call.agent or 'An agent'} called {call.tool or 'a tool'} with an argument that {worst.says}",
                    severity=severity(worst.impact, worst.confidence),
                    subject=call.subject,
                    probability=None,
                    evidence=(call.evidence,),
                    suggestion=_ADVICE[rule],
                    owasp=worst.owasp.value,
                    details={"confidence": worst.confidence, "threat": threat, "impact": worst.impact.name.lower()},
                )
            )


def hints(call: Call, sql: bool = True, shell: bool = True, path: bool = True, address: bool = True) -> list[Hint]:
    """What is wrong with the arguments of one call; the flags say which detectors to ask."""
    found: list[Hint] = []
    for leaf in leaves(call.input):
        name = leaf.path.rpartition(".")[2]
        if _DATA.fullmatch(leaf.text):
            continue
        reader, where = meant(call.tool, name, leaf.text), _where(name)
        if sql and reader is not Meant.COMMAND:
            found += _sql(leaf.text, reader, where)
        if reader in (Meant.TEXT, Meant.SEARCH):
            continue
        if shell:
            found += _shell(leaf, reader is Meant.COMMAND, where)
        if path:
            found += _path(leaf, reader is Meant.COMMAND, where)
        if address:
            found += _address(leaf, where)
    return found


def _sql(text: str, reader: Meant, where: str) -> Iterator[Hint]:
    if reader in _TAKE_SQL and (worse := abuses(text)) is not None:
        if worse:
            says = f"is SQL, as meant, but has {_list(worse)}, {where}"
            yield Hint("sql_abuse", says, 0.6, Impact.MEDIUM, Owasp.TOOL_MISUSE)
        return
    found = [way for part in _values(text) if (way := break_out(part)) is not None and _counts(way, part, reader)]
    if not found:
        return
    way = max(found, key=lambda one: one.confidence)
    sure = way.confidence * (0.6 if way.statement else 1.0)
    if way.prose or not way.fits:
        sure = min(sure, _AMONG_WORDS)
    yield Hint(
        "sql_injection",
        f"a database would read as SQL, {where}: it {_list(([f'closes the text by a {_QUOTES[way.quote]}'] if way.quote else []) + _said(way.does))}",
        sure,
        Impact.HIGH if sure >= 0.8 or (way.statement and way.confidence >= 0.8) else Impact.MEDIUM,
        Owasp.TOOL_MISUSE,
    )


def _counts(way: Break, text: str, reader: Meant) -> bool:
    """Whether it is none of what such an argument has anyway: sentences with words of SQL, conditions of a filter, examples in a text."""
    if reader in (Meant.VALUE, Meant.STATEMENT):
        return not way.prose or (way.fits and not way.statement)
    if way.prose or not way.fits:
        return False
    if reader is Meant.TEXT:
        return not way.statement and way.confidence >= _SURE and (bool(way.quote) or not _ACTS.isdisjoint(way.does))
    return not _ACTS.isdisjoint(way.does) or (bool(way.quote) and way.confidence >= _LIKELY and not condition(text))


def _values(text: str) -> list[str]:
    """Those within an address, each for itself; else the text."""
    if not _URL.match(text):
        return [text]
    try:
        parts = urlsplit(text)
    except ValueError:
        return [text]
    segments = [unquote(one) for one in parts.path.split("/") if not _SLUG.match(one)]
    return [*segments, *(value for _, value in parse_qsl(parts.query)), unquote(parts.fragment)][:_MOST_VALUES]


def _where(name: str) -> str:
    return f"in `{name[:_LONGEST_NAME]}`" if name else "in its text"


_QUOTES: Final = {"'": "single quote", '"': "double quote", "`": "backtick"}


# What `sql.Break.does` tells, for people.
_DOES: Final = {
    "union": "adds a query of its own",
    "cut_union": "begins a query of its own",
    "select": "asks a query of its own",
    "stacked": "starts a second statement",
    "statement_begun": "starts a second statement",
    "statement": "is a whole statement",
    "file": "reads or writes a file of the server",
    "catalogue": "asks for the database's own tables",
    "runs_function": "calls a function that does more than compute",
    **dict.fromkeys(("calls", "call_begun", "cast"), "calls a function"),
    **dict.fromkeys(("logic", "comparison"), "adds a condition"),
    "tautology": "adds a condition that is always true",
    "cut": "cuts off the rest of the statement",
    "values": "adds values",
    "projection": "says where to read",
    "expression": "adds an expression",
    **dict.fromkeys(("order", "having", "procedure", "where", "when"), "adds a clause"),
}
_MOST_SAID: Final = 3


def _said(does: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_DOES[one] for one in does))[:_MOST_SAID]


def _list(what: Iterable[str]) -> str:
    """One, two and three.

    >>> _list(["a", "b", "c"]), _list(["a"])
    ('a, b and c', 'a')
    """
    *first, last = what
    return f"{', '.join(first)} and {last}" if first else last


def _shell(leaf: Leaf, command: bool, where: str) -> Iterator[Hint]:
    if worst := harmful(leaf.text):
        yield Hint(
            "harmful_command",
            f"holds a command that {worst.does}, {where}",
            worst.confidence if command else worst.confidence * 0.8,
            Impact.CRITICAL,
            Owasp.CODE_EXECUTION,
        )
    if not command and (started := starts_command(leaf.text)):
        says = f"starts a command of its own where a shell reads it, {where}"
        yield Hint("command_injection", says, started.confidence, Impact.CRITICAL, Owasp.CODE_EXECUTION)


def _path(leaf: Leaf, command: bool, where: str) -> Iterator[Hint]:
    climb = climbs(leaf.text)
    if climb is None or (command and climb.does == "climbs"):
        return
    says = {"hidden": "climbs out of its folder by dots that are hidden", "climbs": "climbs far out of its folder"}.get(
        climb.does, "names a file in which secrets are kept"
    )
    yield Hint("path_traversal", f"{says}, {where}", climb.confidence, Impact.MEDIUM if climb.does == "climbs" else Impact.HIGH, Owasp.TOOL_MISUSE)


def _address(leaf: Leaf, where: str) -> Iterator[Hint]:
    place = forbidden(leaf.text)
    if place is not None and place.kind in _SAYS:
        yield Hint("forbidden_address", f"{_SAYS[place.kind]}, {where}", place.confidence, _IMPACTS[place.kind], Owasp.TOOL_MISUSE)


analyzer: Final = AnalyzerKind(
    name="injection",
    version=_VERSION,
    description="Arguments of tools that would break out of a statement, a command, a folder or the outer network.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    make=Injection,
    rules=tuple(_ADVICE),
)
