"""From one attribute's text to one usable value. Types lie: numbers come as text, text as JSON text, lists as Python's repr.

In: the text of an attribute value, and what a dialect file says to do with it (`as:`). Out: the value, or None when it says nothing usable.
Every function is total: any text in, no exception out.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

import orjson

__all__ = ["JSON_LIMIT", "NUMBERS", "TEXTS", "dig", "flag", "number", "parse", "strings", "text", "total"]

JSON_LIMIT: Final = 1 << 20  # longer texts are not searched for values inside them
_CACHED: Final = 1024  # texts up to this length are parsed once, while they stay among the latest
_REPR_LIMIT: Final = 16_384
_LARGEST: Final = 1e12  # no call has more tokens, costs more or lasts longer (s); such a number is noise
_IDENTIFIER: Final = re.compile(r'\s*\{\s*"id"\s*:\s*"((?:chatcmpl-|resp_|msg_)[^"\\]{1,200})"')
_IDENTIFIERS: Final = ("chatcmpl-", "resp_", "msg_")
_IDENTIFIED: Final = (("id",), ("llm_output", "id"), ("generations", "0", "0", "message", "kwargs", "response_metadata", "id"))
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})


def text(value: Any, absent: frozenset[str]) -> str | None:
    """A text without JSON quotes around it; None when it says nothing. Structures become JSON."""
    if isinstance(value, str):
        return _said(value, absent)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value) if math.isfinite(value) else None
    if not value:
        return None
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError, RecursionError):
        return None


def _said(value: str, absent: frozenset[str]) -> str | None:
    for _ in range(3):  # quotes in quotes in quotes were seen
        stripped = value.strip()
        quoted = len(stripped) > 1 and stripped[0] == stripped[-1] == '"'
        inner = parse(stripped) if quoted and stripped not in absent else None
        if not isinstance(inner, str):
            break
        value = inner
    return None if value.strip() in absent else value


def number(value: Any) -> float | None:
    """A finite number, also from text in JSON quotes; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().strip('"').strip()
        if not value or len(value) > 40:
            return None
    elif not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) <= _LARGEST else None


def flag(value: Any) -> bool | None:
    """True or false, also from `"False"` and the like."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().strip('"').lower()
    return True if word in _TRUE else False if word in _FALSE else None


def strings(value: Any) -> list[str]:
    """A list of texts from an array, the JSON text or repr of one, or a single text."""
    if isinstance(value, str):
        stripped = value.strip()
        parsed = parse(stripped) if stripped[:1] in ("[", '"') else None
        value = [stripped] if parsed is None else parsed
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item and item not in ("null", "None")]
    return [value] if isinstance(value, str) and value else []


def parse(value: str) -> Any:
    """The structure that a JSON text, or Python's repr of a structure, stands for; None when it stands for none."""
    return _parse_short(value) if len(value) <= _CACHED else _parse(value)


@lru_cache(maxsize=2048)
def _parse_short(value: str) -> Any:
    return _parse(value)


def _parse(value: str) -> Any:
    if len(value) > JSON_LIMIT:
        return None
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        pass
    if len(value) > _REPR_LIMIT or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return found if isinstance(found, dict | list) else None


def dig(value: Any, path: tuple[str, ...]) -> Any:
    """What lies at `path` in a structure: names, numbers of places, `*` for any place of a list; JSON text on the way is parsed.

    None when there is nothing. With `*` it is the first place that has something.
    """
    for at, step in enumerate(path):
        if isinstance(value, str):
            value = parse(value)
        if step == "*":
            rest = path[at + 1 :]
            return next((found for item in _items(value) if (found := dig(item, rest)) not in (None, "", [], {})), None)
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.lstrip("-").isdigit():
            place = int(step)
            value = value[place] if -len(value) <= place < len(value) else None
        else:
            return None
    return value


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value[:256]
    elif isinstance(value, dict):
        yield from list(value.values())[:256]


def total(value: Any, names: tuple[str, ...]) -> float | None:
    """The sum of the numbers of a mapping whose names match; `names[0]` must be there."""
    if isinstance(value, str):
        value = parse(value)
    if not isinstance(value, dict) or names[0] not in value:
        return None
    found = [amount for name, told in value.items() if any(fnmatchcase(str(name), wanted) for wanted in names) and (amount := number(told)) is not None]
    return sum(found) if found else None


def _response_id(value: str) -> str | None:
    """The provider's id at the top of a raw response, or where LangChain keeps it in what it makes of one."""
    found = _IDENTIFIER.match(value)
    if found:
        return found.group(1)
    if value.lstrip()[:1] != "{" or '"id"' not in value:
        return None
    whole = parse(value)
    places = (dig(whole, path) for path in _IDENTIFIED)
    return next((told for told in places if isinstance(told, str) and told.startswith(_IDENTIFIERS)), None)


def _iso_ns(value: Any) -> float | None:
    """Nanoseconds since 1970 of an ISO time, perhaps in JSON quotes."""
    try:
        moment = datetime.fromisoformat(str(value).strip().strip('"'))
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return float(int(moment.timestamp() * 1_000_000) * 1000)


def _first_token_s(value: Any) -> float | None:
    """Seconds from seconds or, where it is a whole number above 20, from milliseconds."""
    found = number(value)
    return found / 1e3 if found is not None and found > 20 and found.is_integer() else found


def _scaled(factor: float) -> Callable[[Any], float | None]:
    def scale(value: Any) -> float | None:
        found = number(value)
        return None if found is None else found * factor

    return scale


def _failure_code(value: str) -> str | None:
    """An HTTP status that is a failure."""
    found = number(value)
    return str(int(found)) if found is not None and 400 <= found < 600 else None


TEXTS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "lower": str.lower,
    "first_segment": lambda value: value.split(".", 1)[0],
    "first_line": lambda value: value.split("\n", 1)[0][:200],
    "before_slash": lambda value: value.rsplit("/", 1)[0] if "/" in value else None,
    "after_slash": lambda value: value.rsplit("/", 1)[-1],
    "response_id": _response_id,
    "present": lambda _: "true",
    "failure_code": _failure_code,
}
NUMBERS: Final[Mapping[str, Callable[[Any], float | None]]] = {
    "ms": _scaled(1e-3),
    "ns": _scaled(1e-9),
    "micro": _scaled(1e-6),
    "seconds_or_ms": _first_token_s,
    "iso_time": _iso_ns,
}
