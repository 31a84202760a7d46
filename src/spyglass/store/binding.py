"""Values for the placeholders of a query: Python values come in, what the database reads as `{name:Type}` goes out.

Nothing is ever written into the SQL itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from spyglass.model.errors import QueryError

__all__ = ["bound", "placeholders", "quoted", "without_literals"]

# Strings, quoted names, here-documents and comments: whatever looks like SQL inside them is none.
_LITERAL: Final = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | `(?:[^`\\]|\\.|``)*` | "(?:[^"\\]|\\.|"")*" | (\$\w*\$).*?\1 | /\*.*?\*/ | --[^\n]* | \#[ !][^\n]*""",
    re.VERBOSE | re.DOTALL,
)
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*):([^{}]+)\}")
_OPENING: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*):")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\b": "\\b", "\f": "\\f"})


@dataclass(frozen=True, slots=True)
class _Written:
    """Text that the client must hand on as it is: it escapes strings, and takes `str()` of what it does not know."""

    text: str

    def __str__(self) -> str:
        return self.text


def without_literals(sql: str) -> str:
    """The SQL with every string, quoted name and comment replaced by a blank."""
    return _LITERAL.sub(" ", sql)


def placeholders(sql: str) -> dict[str, str]:
    """Name and type of each `{name:Type}`, in order of appearance; those inside strings and comments do not count."""
    outside = set(_OPENING.findall(without_literals(sql)))
    return {match[1]: match[2].strip() for match in _PLACEHOLDER.finditer(sql) if match[1] in outside}


def bound(sql: str, parameters: Mapping[str, Any] | None) -> dict[str, object] | None:
    """What to bind to each placeholder; None where the SQL has none. Values without a placeholder are left out.

    Times are taken as UTC, bytes go to FixedString or String, sequences to Array (or Tuple), mappings to Map.

    Raises:
        QueryError: a placeholder has no value, or its value is of a type that cannot be bound.
    """
    values = parameters or {}
    wanted = placeholders(sql)
    for name, kind in wanted.items():
        if name not in values:
            raise QueryError(f"parameter {name!r}: the query has {{{name}:{kind}}}, but no value was given for it", parameter=name)
    try:
        result = {name: _outer(values[name], kind) for name, kind in wanted.items()}
        for text in (sql, *result.values()):
            str(text).encode()
    except UnicodeEncodeError as error:
        raise QueryError("the query, or one of its values, is not valid Unicode text") from error
    except TypeError as error:
        raise QueryError(str(error)) from error
    return result or None


def quoted(text: str) -> str:
    """A string literal."""
    return f"'{text.translate(_ESCAPES)}'"


def _outer(value: object, kind: str) -> object:
    match value:
        case None | str() | bytes():
            return value
        case datetime():
            return _Written(_instant(value))
        case date() | UUID():
            return _Written(str(value))
        case list() | tuple() if kind.startswith("Tuple("):
            return _Written(f"({','.join(map(_inner, value))})")
        case _:
            return _Written(_inner(value))


def _inner(value: object) -> str:
    """The value as it is written inside an array."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(int(value))
        case float():
            return repr(value)
        case str():
            return quoted(value)
        case bytes():
            return "'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"
        case datetime():
            return quoted(_instant(value))
        case date() | UUID():
            return quoted(str(value))
        case Mapping():
            return "{" + ",".join(f"{_inner(key)}:{_inner(item)}" for key, item in value.items()) + "}"
        case list() | tuple() | set() | frozenset():
            return f"[{','.join(map(_inner, value))}]"
        case _:
            raise TypeError(f"a value of type {type(value).__name__} cannot be bound to a query")


def _instant(value: datetime) -> str:
    """UTC, with as many digits as the value has: nanoseconds too where it is a pandas Timestamp, as Arrow gives them."""
    utc = value.astimezone(UTC) if value.tzinfo else value
    digits = f"{utc.microsecond:06d}{getattr(value, 'nanosecond', 0):03d}".rstrip("0")
    return f"{utc:%Y-%m-%d %H:%M:%S}" + (f".{digits}" if digits else "")
