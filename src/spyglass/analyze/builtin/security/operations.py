"""What calls of tools do: names and arguments in, operations as bits out; and which of them cannot be taken back.

A name says what a tool is for, the arguments may say more: a statement of SQL is read as a database reads it, a command is judged as `injection` judges it.
Names are looked at once each. Reading arguments takes some 50 µs, so a vectorised filter says first which operations they may have (`suspects`), and whoever
asks reads them (`does`) only where the answer would be news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.builtin.security.calls import leaves
from spyglass.analyze.builtin.security.shell import harmful
from spyglass.analyze.builtin.security.sql_statements import NEAR, statement
from spyglass.analyze.builtin.security.sql_tokens import tokens

__all__ = ["OPERATIONS", "Bits", "Suspects", "bits_of", "does", "names_bits", "suspects"]

Bits = npt.NDArray[np.uint8]
OPERATIONS: Final = ("reads", "writes", "deletes", "executes", "sends", "pays", "administers", "root")
"""Bit by bit, lowest first."""
_BIT: Final = {name: 1 << at for at, name in enumerate(OPERATIONS)}
_A: Final = r"(?i)(?:^|[_.:/\s-])"  # a word begins
_NAMES: Final = {
    "reads": rf"{_A}(?:read|get|list|search|query|lookup|fetch|find|view|open|load|select|describe|show|retrieve|browse)",
    "writes": rf"{_A}(?:write|create|update|insert|put|save|edit|append|modify|replace|patch|upsert|rename|move)",
    "deletes": rf"{_A}(?:delete|remove|drop|purge|destroy|truncate|unlink|erase|wipe|uninstall)",
    "executes": rf"{_A}(?:exec|shell|bash|terminal|command|powershell|eval|spawn|interpreter|run_?(?:code|python|command|script|shell)|"
    r"code_?(?:interpreter|execut\w*))",
    "sends": rf"{_A}(?:send|post|publish|tweet|upload|share|forward|reply|notify|webhook|http|curl|e?mail|push)",
    "pays": rf"{_A}(?:pay|payment|transfer|purchase|buy|refund|charge|withdraw|payout)(?:$|[_.:/\s-])",
    "administers": rf"{_A}(?:grant|revoke|permissions?|roles?|iam|admin|sudo|passwords?|credentials?|deploy|firewall|policy|policies|acl)(?:$|[_.:/\s-])",
}
_CAMEL: Final = r"([a-z0-9])([A-Z])"
# RE2, over arguments: whatever `does` finds has one of these.
_KINDS: Final = r"(?:table|database|view|index|user|schema|procedure|function|trigger|role|login|column|temp|temporary|unique|or|if)\b"
_S, _B = r"(?:\s|\\[nrt])+", r"(?:\b|\\[nrt])"  # spaces and begins of words, as JSON has them, too
_MAYBE: Final = {
    "deletes": rf"(?i){_B}(?:drop|truncate){_S}\w|{_B}delete{_S}(?:\S+{_S}){{0,2}}from\b|{_B}rm{_S}-",
    "writes": rf"(?i){_B}(?:insert|merge|replace){_S}(?:\w+{_S}){{0,2}}into\b|{_B}update{_S}(?:\S+{_S}){{1,3}}set\b|{_B}(?:create|rename){_S}{_KINDS}",
    "administers": rf"(?i){_B}(?:grant|revoke){_S}\w|{_B}alter{_S}{_KINDS}",
    "root": rf"{_B}sudo\s",
    "sends": rf"{_B}(?:curl|wget|nc|ncat|scp|ssh)\s",
}
_HARM: Final = (
    r"(?i)\bmkfs|\bof=/dev/|/dev/(?:tcp|udp)/|\bcrontab\b|authorized_keys|_history|history\s+-c|histfile|mkfifo|socat\s|base64\s|powershell|printenv|"
    r"\.bashrc|\.profile|etc/(?:cron|passwd|sudoers)"
)
_ANY: Final = "(?i)" + "|".join(pattern.removeprefix("(?i)") for pattern in (*_MAYBE.values(), _HARM))
_VERBS: Final = {
    **dict.fromkeys(("drop", "truncate", "delete"), "deletes"),
    **dict.fromkeys(("insert", "update", "merge", "replace", "create", "rename"), "writes"),
    **dict.fromkeys(("grant", "revoke", "alter"), "administers"),
}
_FOREVER: Final = frozenset(("drop", "truncate", "delete", "alter", "grant", "revoke"))
_COMMAND: Final = re.compile(r"bash|shell|terminal|exec|command|\brun|powershell|code", re.IGNORECASE)
_PROGRAMS: Final = (
    ("root", re.compile(r"(?:^|[;&|(]\s*)sudo\s")),
    ("deletes", re.compile(r"(?:^|[;&|(]\s*|sudo\s+)rm\s+-")),
    ("sends", re.compile(r"(?:^|[;&|(]\s*|sudo\s+)(?:curl|wget|nc|ncat|scp|ssh)\s")),
)
_WIPES: Final = re.compile(r"(?:^|[;&|(]\s*|sudo\s+)rm\s+(?:-\w+\s+)*-\w*r", re.IGNORECASE)
_MOST_BYTES: Final = 2_048  # of arguments that the filter looks at
_LONGEST: Final = 4_096  # characters of arguments that are read
_MOST_NAMES: Final = 20_000


def names_bits(names: pa.Array, known: dict[str, int]) -> Bits:
    """What tools with these names are for; `known` remembers each name."""
    coded = names.dictionary_encode()
    told = coded.dictionary.to_pylist()
    if len(known) > _MOST_NAMES:
        known.clear()
    if fresh := [name for name in told if name not in known]:
        split = pc.replace_substring_regex(pa.array(fresh, pa.string()), _CAMEL, r"\1_\2")
        flags = np.zeros(len(fresh), np.uint8)
        for operation, pattern in _NAMES.items():
            flags |= np.where(pc.match_substring_regex(split, pattern).to_numpy(zero_copy_only=False), _BIT[operation], 0).astype(np.uint8)
        known |= zip(fresh, flags.tolist(), strict=True)
    return np.array([known[name] for name in told], np.uint8)[coded.indices.to_numpy()] if told else np.zeros(0, np.uint8)


class Suspects(NamedTuple):
    """Of each call: which operations its arguments may have, and these arguments; empty where they have none for sure."""

    bits: Bits
    said: pa.Array


def suspects(inputs: pa.ChunkedArray) -> Suspects:
    """The arguments of n calls."""
    begins = pc.binary_slice(inputs.cast(pa.binary()), 0, _MOST_BYTES)
    any_ = pc.match_substring_regex(begins, _ANY)
    bits = np.zeros(len(inputs), np.uint8)
    places = np.flatnonzero(any_.to_numpy())
    if not len(places):
        return Suspects(bits, pa.array([""] * len(inputs), pa.string()))
    few = begins.take(pa.array(places))
    for operation, pattern in _MAYBE.items():
        bits[places] |= np.where(pc.match_substring_regex(few, pattern).to_numpy(), _BIT[operation], 0).astype(np.uint8)
    said = pc.if_else(any_, pc.utf8_slice_codeunits(inputs, 0, _LONGEST), "")
    return Suspects(bits, said.combine_chunks() if isinstance(said, pa.ChunkedArray) else said)


def bits_of(names: frozenset[str]) -> int:
    """Operations as one number."""
    return sum(_BIT[name] for name in names)


def does(tool: str, text: str) -> tuple[frozenset[str], str]:
    """What the arguments of one call would make a database or a shell do, and what of it cannot be taken back."""
    found: set[str] = set()
    worst = ""
    for leaf in leaves(text):
        for verb in _statements(leaf.text):
            if verb in _VERBS:
                found.add(_VERBS[verb])
                worst = worst or (f"has SQL that does {verb.upper()}" if verb in _FOREVER else "")
        if _COMMAND.search(tool):
            found |= {operation for operation, pattern in _PROGRAMS if pattern.search(leaf.text)}
            if command := harmful(leaf.text):
                worst = worst or f"has a command that {command.does}"
            elif _WIPES.search(leaf.text):
                worst = worst or "has a command that deletes whole folders"
    return frozenset(found), worst


def _statements(text: str) -> Iterator[str]:
    """Verbs of the statements of a text that is SQL."""
    pieces = tokens(text.lower())
    begin = 0
    while begin < len(pieces) and statement(pieces[begin : begin + NEAR]):
        yield next(piece.text for piece in pieces[begin:] if piece.kind in "Enf")
        begin = next((at + 1 for at in range(begin, len(pieces)) if pieces[at].kind == ";"), len(pieces))
