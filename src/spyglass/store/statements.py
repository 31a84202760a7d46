"""SQL files cut into statements, and statements made ready for where they run: text in, text out.

The text of a migration is plain SQL for one machine, so that it can be read and tried by hand. For a cluster it is rewritten, by known forms only:
`CREATE TABLE t` becomes `CREATE TABLE t ON CLUSTER c`, `MergeTree` becomes `ReplicatedMergeTree` (where replicas meet is the server's
`default_replica_path`), and the deduplication window is that of replicas. What has no known form is refused.
"""

from __future__ import annotations

import re
from typing import Final

from spyglass.model.errors import ConfigError

__all__ = ["is_repeatable", "rendered", "split"]

# One token each: strings, quoted names, comments, here-documents, words, white space; else a single character.
_TOKEN: Final = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.|'')*' | `(?:[^`\\]|\\.|``)*` | "(?:[^"\\]|\\.|"")*" | (?P<mark>\$\w*\$).*?(?P=mark))
      | (?P<comment>--[^\n]* | \#[ !][^\n]* | /\*.*?\*/)
      | (?P<space>\s+) | (?P<word>\w+) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TARGET: Final = re.compile(
    r"^(?P<verb>(?:CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MATERIALIZED VIEW|DICTIONARY)|ALTER TABLE|DROP (?:TABLE|VIEW|DICTIONARY)|TRUNCATE TABLE|OPTIMIZE TABLE)"
    r"(?: IF (?:NOT )?EXISTS)?) (?P<name>`?\w+`?)(?= |$)",
    re.IGNORECASE,
)
_ENGINE: Final = re.compile(r"\bENGINE = (?P<kind>(?:Replacing|Aggregating|Summing|Collapsing|VersionedCollapsing|Coalescing)?MergeTree)\b")
_WINDOW: Final = re.compile(r"\bnon_replicated_deduplication_window\b")
_REPEATABLE: Final = re.compile(
    r"^(?:CREATE (?:OR REPLACE |(?:TABLE|VIEW|MATERIALIZED VIEW|DICTIONARY) IF NOT EXISTS )|DROP \w+(?: VIEW)? IF EXISTS |TRUNCATE TABLE |OPTIMIZE TABLE "
    r"|ALTER TABLE \S+ (?:(?:ADD|DROP|RENAME) (?:COLUMN|INDEX|PROJECTION) IF (?:NOT )?EXISTS |MODIFY |COMMENT |MATERIALIZE |DELETE |UPDATE ))",
    re.IGNORECASE,
)


def split(sql: str) -> list[str]:
    r"""The statements of a file, without comments, white space made single; strings are left as they are. A `;` ends a statement.

    >>> split("CREATE TABLE a (b String DEFAULT ';'); -- first; table\nDROP TABLE c")
    ["CREATE TABLE a (b String DEFAULT ';')", 'DROP TABLE c']
    """
    statements = [""]
    for token in _TOKEN.finditer(sql):
        if token["other"] == ";":
            statements.append("")
        else:
            statements[-1] += " " if token["space"] or token["comment"] else token[0]
            if token["space"] or token["comment"]:
                statements[-1] = statements[-1].rstrip() + " "
    return [statement.strip() for statement in statements if statement.strip()]


def is_repeatable(statement: str) -> bool:
    """Whether running it twice is the same as once, by its form: a migration that a crash interrupted is run again from its start."""
    return bool(_REPEATABLE.match(statement))


def rendered(statement: str, cluster: str | None) -> str:
    """The statement for one machine (as it is), or for every machine of a cluster.

    Raises:
        ConfigError: it has no known form for a cluster.
    """
    if cluster is None:
        return statement
    target = _TARGET.match(statement)
    if target is None:
        raise ConfigError(f"store.cluster: there is no form for a cluster of the statement `{statement[:60]} …`")
    statement = f"{target[0]} ON CLUSTER `{cluster}`{statement[target.end() :]}"
    return _WINDOW.sub("replicated_deduplication_window", _ENGINE.sub(r"ENGINE = Replicated\g<kind>", statement))
