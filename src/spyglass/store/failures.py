"""What went wrong in the database, as one of our errors: a client's exception comes in, a SpyglassError goes out.

The text of a failure is kept where it helps the asker, without the engine's own words (codes, versions, stack, file names) and without data:
a failed conversion quotes the value that it met, which may be somebody's prompt.
"""

from __future__ import annotations

import re
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from spyglass.model.errors import QueryError, Refused, SpyglassError, StoreError

__all__ = ["command_failure", "insert_failure", "read_failure"]

# Codes of the engine's src/Common/ErrorCodes.cpp: shortness of something, a server that is away, a broken store. None of them is the asker's fault.
_OVERLOADED: Final = frozenset({202, 439})
_AWAY: Final = frozenset({198, 209, 210, 279, 319, 519, 999})
_BROKEN: Final = frozenset({40, 49, 74, 75, 76, 107, 170, 228, 236, 242, 243, 271, 425, 528, 1000, 1001, 1002})
_DENIED: Final = frozenset({164, 291, 392, 452, 497})

_HEAD: Final = re.compile(r".*DB::\w*Exception: ", re.DOTALL)  # up to the innermost
_TAIL: Final = re.compile(
    r"(:? In (scope|query) |:? [Ww]hile (executing|processing)|:? \(in (query|file/uri)|:? value .* cannot be parsed as |,? Stack|\(version ).*", re.DOTALL
)
_NAME: Final = re.compile(r"\.?\s*\([A-Z][A-Z0-9_]+\)\s*$")
_UUID: Final = re.compile(r"\s*\(?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)?")
_PATH: Final = re.compile(r"(?<![\w'`:/])/(?:[\w.-]+/)+[\w.-]*")
_QUOTES_DATA: Final = tuple("cannot_parse cannot_read cannot_convert cannot_compile incorrect_data unknown_element value_is_out corrupted invalid_".split())
_AS_TYPE: Final = re.compile(r"' as ([A-Z]\w*(?:\([\d, ]*\))?)")
_MEANT: Final = re.compile(r"Maybe you meant: \['(\w[\w.]*)'")
_UNKNOWN: Final = {
    46: ("function", re.compile(r"name `([^`]+)`")),
    47: ("column", re.compile(r"identifier `([^`]+)`")),
    60: ("table", re.compile(r"'([^']+)'")),
}
_PARAMETER: Final = re.compile(r"cannot be parsed as (.+?) for query parameter '(\w+)'")
_POSITION: Final = re.compile(r"failed at position (\d+)")
_UNCLOSED: Final = re.compile(r"'(.)' at position (\d+)")
_EXPECTED: Final = re.compile(r"Expected (?:one of: )?(.*)", re.DOTALL)
_MAXIMUM: Final = re.compile(r"max(?:imum| rows| bytes)?: ([\d.]+)( ?[a-zA-Z]*)")
_SECONDS: Final = {"ms": 1e-3, "sec": 1.0, "seconds": 1.0}
_COUNTS: Final = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}


def read_failure(error: Exception, sql: str = "") -> SpyglassError:
    """The error of a query: QueryError where the text or its limits are at fault, Refused when the store is short of something, else StoreError.

    Args:
        error: what the client raised.
        sql: the text that the asker wrote; line and column (1-based, characters) of a syntax error are told in `details`.
    """
    code, text = _code(error), str(error)
    if refused := _absence(error, code):
        return refused
    if code is None or code in _BROKEN or not isinstance(error, DatabaseError):
        return StoreError(f"the store could not answer: {_plain(text)}", reason=_name(error))
    if code == 62:
        return _syntax_error(text, sql)
    if found := _PARAMETER.search(text):
        return QueryError(f"parameter {found[2]!r}: its value cannot be read as {found[1]}", reason="bad_parameter", parameter=found[2])
    if code in _UNKNOWN and (found := _UNKNOWN[code][1].search(text)):
        return _unknown(_UNKNOWN[code][0], found[1], text, _name(error))
    if code in _DENIED:
        return QueryError("this is not allowed here: a query can only read", reason="denied")
    return _exceeded(code, text) or QueryError(_conversion(error) or _plain(text), reason=_name(error))


def insert_failure(error: Exception, table: str) -> SpyglassError:
    """The error of an insert: Refused where the same rows may succeed later, else StoreError."""
    code, text = _code(error), str(error)
    if refused := _absence(error, code):
        return refused
    if isinstance(error, OSError):  # the embedded engine reads the batch from a temporary file
        return Refused(f"table {table}: the batch could not be handed over: {error.strerror}", retry_after_s=5.0, reason="os_error")
    match code:
        case 243:
            return Refused(f"table {table}: no space is left on the store's disk: free some, or keep less", retry_after_s=10.0, reason="no_space")
        case 252 if "single INSERT block" not in text:  # too many partitions in one batch would fail the same way again
            return Refused(f"table {table}: rows arrive faster than the store merges them", retry_after_s=5.0, reason="too_many_parts")
        case 241 | 159 | 394:
            return Refused(f"table {table}: the insert was stopped: {_plain(text)}", retry_after_s=2.0, reason=_name(error))
    return StoreError(f"table {table}: {_conversion(error) or _plain(text)}", reason=_name(error))


def command_failure(error: Exception) -> SpyglassError:
    """The error of a statement of our own (DDL, maintenance)."""
    code = _code(error)
    if refused := _absence(error, code):
        return refused
    if code == 243:
        return Refused("no space is left on the store's disk: free some, or keep less", retry_after_s=10.0, reason="no_space")
    return StoreError(f"the store refused a statement: {_plain(str(error))}", reason=_name(error))


def _absence(error: Exception, code: int | None) -> Refused | None:
    """The store is away, or has no room for one more query: nobody's text is at fault, and it will pass."""
    if code in _OVERLOADED or (code == 241 and "Query memory limit" not in str(error)):
        return Refused("the store is busy: it has no memory or thread left for this", retry_after_s=2.0, reason="overloaded")
    if code in _AWAY or (code is None and isinstance(error, OperationalError)):
        return Refused("the store does not answer", retry_after_s=5.0, reason="away")
    return None


def _exceeded(code: int, text: str) -> QueryError | None:
    match code:
        case 159 | 160:
            return QueryError(f"the query took longer than {_maximum(text)} and was stopped: narrow its time range or add filters", reason="timeout")
        case 241:
            return QueryError(f"the query needs more memory than {_maximum(text)}: narrow its time range, or group by fewer values", reason="memory")
        case 158 | 307 | 396:
            return QueryError(f"the query reads or answers more than {_maximum(text)}: add a LIMIT, or narrow its time range", reason="too_large")
        case 394:
            return QueryError("the query was cancelled", reason="cancelled")
        case 167 | 168 | 306 | 672:
            return QueryError("the query is too long, or too deeply nested, to be read", reason="too_deep")
    return None


def _maximum(text: str) -> str:
    """The limit that a message names: `1000.000 ms` is 1 s, `10.00` is 10 rows."""
    found = _MAXIMUM.search(text)
    if found is None:
        return "its limit"
    number, unit = float(found[1]), found[2].strip()
    if unit in _SECONDS:
        return f"{number * _SECONDS[unit]:g} s"
    if unit in _COUNTS:
        return f"{number * _COUNTS[unit]:,.0f} {'bytes' if 'max bytes' in text else 'rows'}"
    return f"{number:g} {unit}"


def _unknown(what: str, name: str, text: str, reason: str) -> QueryError:
    meant = _MEANT.search(text)
    message = f"there is no {what} {name!r}" + (f": did you mean {meant[1]!r}?" if meant else "")
    return QueryError(message, reason=reason, **({"suggestion": meant[1]} if meant else {}))


def _conversion(error: Exception) -> str | None:
    """Failures that quote data: told without it."""
    if not _name(error).startswith(_QUOTES_DATA):
        return None
    if _name(error) == "cannot_compile_regexp":
        return "a pattern is no regular expression of the RE2 syntax"
    wanted = _AS_TYPE.search(str(error))
    what = f"cannot be read as {wanted[1]}" if wanted else f"has the wrong form ({_name(error)})"
    return f"a value {what}: functions that end in OrNull or OrZero do without it"


def _syntax_error(text: str, sql: str) -> QueryError:
    found, unclosed, expected = _POSITION.search(text), _UNCLOSED.search(text), _EXPECTED.search(text)
    details: dict[str, int] = {}
    message = "syntax error"
    if found:
        source = sql.encode()
        position = int(unclosed[2] if unclosed else found[1])
        details["line"], details["column"] = _place(source, position)
        rest = source[position - 1 :].decode(errors="ignore").split("\n")[0][:30]
        message += f" at line {details['line']}, column {details['column']}, near {rest!r}" if rest.strip() else " at the end of the query"
    if unclosed:
        message += ": the bracket is never closed"
    elif "not closed" in text:
        message += ": the quote is never closed"
    elif expected:
        keywords = [option for option in _plain(expected[1]).split(", ") if option.isupper()]
        message += f": expected {', '.join(keywords[:6])}{' …' if len(keywords) > 6 else ''}" if keywords else ""
    return QueryError(message, reason="syntax_error", **details)


def _place(source: bytes, position: int) -> tuple[int, int]:
    """Line and column of a byte position, all counted from 1."""
    before = source[: position - 1].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _code(error: Exception) -> int | None:
    return error.code if isinstance(error, ClickHouseError) and hasattr(error, "code") else None


def _name(error: Exception) -> str:
    name = getattr(error, "name", None)
    return name.lower() if isinstance(name, str) else type(error).__name__


def _plain(text: str) -> str:
    """What the engine said, without its own names, in one line of at most 300 characters."""
    text = _TAIL.sub("", _HEAD.sub("", text))
    text = _PATH.sub("a file", _UUID.sub("", _NAME.sub("", text)))
    text = " ".join(_NAME.sub("", text).split()).rstrip(".: ")
    return f"{text[:300]} …" if len(text) > 300 else text
