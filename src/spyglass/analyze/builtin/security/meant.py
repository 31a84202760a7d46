"""What an argument is for: names of a tool and of its argument in, who will read the value out.

The same text is an order to one reader and a text to another: SQL is work for a database, a condition is work for a filter, and whoever searches the web or
writes a page may write about all of them.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

__all__ = ["Meant", "meant"]


class Meant(Enum):
    """Who reads it."""

    STATEMENT = auto()  # a database, as a whole statement
    COMMAND = auto()  # a shell or an interpreter
    QUESTION = auto()  # a filter with conditions of its own, or a search for one word
    SEARCH = auto()  # a search by a sentence: it asks about commands and places, and goes to none
    TEXT = auto()  # people, models, files
    VALUE = auto()  # a program, as one value among others


_DATABASES: Final = re.compile(r"sql|quer(?:y|ies)|statement|database|(?:^|[^a-z])db(?:$|[^a-z])", re.IGNORECASE)
_STATEMENTS: Final = re.compile(r"sql|quer(?:y|ies)|statement", re.IGNORECASE)
_SHELLS: Final = re.compile(r"bash|shell|terminal|exec|command|python|interpreter|\brun\b|code|powershell", re.IGNORECASE)
_COMMANDS: Final = re.compile(r"^(?:cmd|command|commands|script|code|shell|bash|args?|argv|input|program|source|stdin)$", re.IGNORECASE)
_QUESTIONS: Final = re.compile(
    r"^(?:q|jql|cql|kql|tql|soql|odata|lucene|graphql|cypher|sparql|promql|search\w*|keywords?|terms?|topics?|questions?|equation|math)$|"
    r"quer(?:y|ies)|filter|where|conditions?|criteria|predicate|expression|formula|selector|xpath|json_?path|jmespath|regex|pattern|^jq$",
    re.IGNORECASE,
)
_TEXTS: Final = re.compile(
    r"content|body|text|message|description|file_?text|(?:new|old)_?str|patch|diff|markdown|html|prompt|title|subject|summary|notes?$|comment|thought|"
    r"reason|explanation|instruction|question|task|goal|todo|(?:^|_)plan$|snippet",
    re.IGNORECASE,
)
_SEARCHES: Final = re.compile(r"search|find|look|retriev|rag|wiki|google|brows|know|kb|docs|ask|memory", re.IGNORECASE)
_LONG: Final = 2_000  # characters


def meant(tool: str, name: str, text: str) -> Meant:
    """Of one value. `name`: the last of the names that lead to it; empty where the arguments are one text."""
    if (_COMMANDS.match(name) or not name) and _SHELLS.search(tool):
        return Meant.COMMAND
    database = bool(_DATABASES.search(tool))
    if (_STATEMENTS.search(name) and (database or "sql" in name.lower())) or (database and not _QUESTIONS.search(name) and not _TEXTS.search(name)):
        return Meant.STATEMENT
    if _QUESTIONS.search(name):
        return Meant.SEARCH if " " in text.strip() and _SEARCHES.search(tool) else Meant.QUESTION
    if _TEXTS.search(name) or len(text) > _LONG:
        return Meant.TEXT
    return Meant.VALUE
