"""Which functions users may call: what the engine has comes in, the names that are allowed go out.

An allow-list by category, so that functions of a new category stay shut until somebody has looked at them, minus names of those categories that do harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["SHUT", "TABLE_FUNCTIONS", "allowed", "base_aggregate"]

_CATEGORIES: Final = frozenset(
    {
        *("Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times", "Distance", "Encoding", "Financial"),
        *("Hash", "IP Address", "JSON", "Logical", "Map", "Mathematical", "Null", "Random Number", "Rounding", "String", "String Replacement"),
        *("String Search", "String Splitting", "Time Window", "Tuple", "Type Conversion", "URL", "UUID"),
    }
)
# Of the other categories, and words of the grammar that look like functions.
_ALSO: Final = frozenset(
    "bar byteSize caseWithExpression _CAST countDigits exists finalizeAggregation formatReadableDecimalSize formatReadableQuantity formatReadableSize "
    "formatReadableTimeDelta getSubcolumn grouping identity ignore isConstant isDecimalOverflow lambda materialize parseReadableSize parseReadableSizeOrNull "
    "parseReadableSizeOrZero parseTimeDelta rowNumberInAllBlocks rowNumberInBlock toColumnTypeName toTypeName transform untuple variantElement variantType "
    "version visibleWidth".split()
)
_SQUARE: Final = "its cost grows with the square of the text, and nothing can stop it"
SHUT: Final[Mapping[str, str]] = {
    "editDistance": _SQUARE,
    "editDistanceUTF8": _SQUARE,
    "damerauLevenshteinDistance": _SQUARE,
    "arrayLevenshteinDistance": _SQUARE,
    "arrayLevenshteinDistanceWeighted": _SQUARE,
    "arraySimilarity": _SQUARE,
    "flameGraph": "it reads the engine's memory",
    "aggThrow": "it fails on purpose",
    "formatRow": "its formats can read files",
    "formatRowNoNewline": "its formats can read files",
    "generateSnowflakeID": "it numbers across queries",
    "nothing": "it is the engine's own",
    "nothingNull": "it is the engine's own",
    "nothingUInt64": "it is the engine's own",
    "throwIf": "it fails on purpose, which can tell what other rows hold",
    "file": "it reads files",
    "sleep": "it only holds a place",
    "sleepEachRow": "it only holds a place",
}
TABLE_FUNCTIONS: Final = frozenset({"numbers", "numbers_mt", "zeros", "generate_series", "generateseries", "primes", "sqlstandardvalues"})
_COMBINATORS: Final = (
    "SimpleState",
    "OrDefault",
    "Distinct",
    "Resample",
    "ForEach",
    "ArgMax",
    "ArgMin",
    "OrNull",
    "Tuple",
    "Merge",
    "State",
    "Array",
    "Map",
    "If",
)


def allowed(functions: Iterable[Mapping[str, Any]]) -> tuple[frozenset[str], frozenset[str]]:
    """Names of functions and of aggregate functions that may be called, in lower case.

    Args:
        functions: rows of `sql/gate/functions.sql`.
    """
    rows = {row["name"]: row for row in functions if row["builtin"]}
    shut = {name.lower() for name in SHUT}
    names, aggregates = {name.lower() for name in _ALSO}, set()
    for name, row in rows.items():
        meant = rows.get(row["alias_to"], row)
        safe = meant["category"] in _CATEGORIES or meant["name"] in _ALSO
        if safe and not {name.lower(), meant["name"].lower()} & shut:
            names.add(name.lower())
            if row["aggregate"]:
                aggregates.add(name.lower())
    return frozenset(names), frozenset(aggregates)


def base_aggregate(name: str, aggregates: frozenset[str]) -> bool:
    """Whether the name is an allowed aggregate function with combinators behind it: `countIf`, `sumMergeOrNull`."""
    lower = name.lower()
    if lower in aggregates:
        return True
    return any(lower.endswith(tail.lower()) and base_aggregate(name[: -len(tail)], aggregates) for tail in _COMBINATORS if len(name) > len(tail))
