"""Harm in the arguments of tools: calls in, findings out, each with what a database, a shell, a file system or the network would have done.

Rows pass a vectorised filter first; the few that are left are read by grammars, not searched for words. An argument that is meant to be a statement or a
command is judged by what it does, any other by whether it is one at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.security.addresses import forbidden
from spyglass.analyze.builtin.security.calls import Call, Leaf, calls, leaves, of_tools
from spyglass.analyze.builtin.security.paths import climbs
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.shell import harmful, starts_command
from spyglass.analyze.builtin.security.sql import break_out
from spyglass.analyze.builtin.security.threat import Hint, Impact, Owasp, noisy_or, severity
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Injection", "Settings", "analyzer", "hints"]

_VERSION: Final = "1.0.0"
# RE2, over the arguments as JSON. Whatever a detector finds has one of these.
_SQL: Final = (
    r"(?i)\b(?:union|select|insert|delete|drop|truncate|exec|execute|declare|waitfor|having|information_schema|sleep|benchmark|shutdown|alter|procedure|from)\b|"
    r"(?:'|\\\"|`|%2[27]|[\x{2018}\x{2019}]).{0,8}(?:[=<>|&*^-]|%2|%3|--|#|\b(?:or|and|xor|like|is|in|div|mod|not|rlike|regexp|glob|collate|between)\b)|\b(?:or|and|xor|like|in)\b.{0,30}[=<>('\d]|"
    r"--|/\*|#\"|;\s*\w|\w\s*\(|%[023][0-9a-f]|[=|&]{1,2}|::"
)
_SHELL: Final = r"[;|&`\n]|\\n|\\r|\$\(|\$\{|%0a|%3b|%7c|%26|/dev/|rm\s+-|mkfs|dd\s|history|>>|[<>]\("
_PATH: Final = (
    r"(?i)\.\.|%2e|%c0|0x2e|\\x2e|etc/|/proc/|"
    r"\.ssh|\.aws|\.kube|\.docker|\.netrc|\.pgpass|\.git-cred|\.npmrc|\.pypirc|\.gnupg|_history|run/secrets|\.ini|web-inf|system32|\.htpasswd|ntds"
)
_ADDRESS: Final = r"(?i)[a-z]:(?:\\?/){1,3}|169\.254|metadata\.google"
_WORDS_SQL: Final = re.compile(r"sql|quer(?:y|ies)|statement", re.IGNORECASE)
_WORDS_SHELL: Final = re.compile(r"^(?:cmd|command|commands|script|code|shell|bash|args?|argv|input|program|source|stdin)$", re.IGNORECASE)
_TOOLS_SHELL: Final = re.compile(r"bash|shell|terminal|exec|command|python|interpreter|\brun\b|code|powershell", re.IGNORECASE)
_TEXTS: Final = re.compile(r"content|body|text|message|description|file_text|new_str|old_str|patch|diff|markdown|html|prompt", re.IGNORECASE)
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
            yield Finding(
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


def hints(call: Call, sql: bool = True, shell: bool = True, path: bool = True, address: bool = True) -> list[Hint]:
    """What is wrong with the arguments of one call; the flags say which detectors to ask."""
    found: list[Hint] = []
    for leaf in leaves(call.input):
        name = leaf.path.rpartition(".")[2]
        prose = bool(_TEXTS.search(name)) or len(leaf.text) > 2_000
        command = bool(_WORDS_SHELL.match(name) and _TOOLS_SHELL.search(call.tool)) or (not leaf.path and bool(_TOOLS_SHELL.search(call.tool)))
        if sql and not command:
            found += _sql(call, leaf, name, prose)
        if shell:
            found += _shell(leaf, command, prose, _where(name))
        if path and not prose:
            found += _path(leaf, command, _where(name))
        if address and not prose:
            found += _address(leaf, _where(name))
    return found


def _sql(call: Call, leaf: Leaf, name: str, prose: bool) -> Iterator[Hint]:
    meant = bool(_WORDS_SQL.search(name) or _WORDS_SQL.search(call.tool) or "database" in call.tool.lower())
    way = break_out(leaf.text)
    if way is None or (prose and way.confidence < 0.9):
        return
    where = _where(name)
    if way.statement and meant:  # it is meant to be SQL: told only for what no query of an application does
        worse = [one for one in way.does if one in ("stacked", "catalogue", "file", "runs_function")]
        if worse:
            yield Hint("sql_abuse", f"is SQL, as meant, but has {_list(worse)} {where}", 0.6, Impact.MEDIUM, Owasp.TOOL_MISUSE)
        return
    strong = way.confidence >= 0.8
    yield Hint(
        "sql_injection",
        f"leaves its place in a statement {where} ({_list(way.does)}{f', behind a {_QUOTES[way.quote]}' if way.quote else ''})",
        way.confidence * (0.6 if way.statement else 1.0),
        Impact.HIGH if strong else Impact.MEDIUM,
        Owasp.TOOL_MISUSE,
    )


def _where(name: str) -> str:
    return f"in `{name[:_LONGEST_NAME]}`" if name else "in its text"


_QUOTES: Final = {"'": "single quote", '"': "double quote", "`": "backtick"}


def _list(does: Iterable[str]) -> str:
    return ", ".join(one.replace("_", " ") for one in does)


def _shell(leaf: Leaf, command: bool, prose: bool, where: str) -> Iterator[Hint]:
    if not prose and (worst := harmful(leaf.text)):
        yield Hint(
            "harmful_command",
            f"holds a command that {worst.does}, {where}",
            worst.confidence if command else worst.confidence * 0.8,
            Impact.CRITICAL,
            Owasp.CODE_EXECUTION,
        )
    if not command and not prose and (started := starts_command(leaf.text)):
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
