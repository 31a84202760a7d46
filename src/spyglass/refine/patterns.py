"""Many regular expressions against many texts, each text looked at once.

In: patterns, then texts (names of spans, scopes, keys) of which few are distinct. Out: which patterns match which text, or which row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat

__all__ = ["NOTHING", "Coded", "Mask", "Patterns", "globbed"]

Mask = npt.NDArray[np.bool_]

_REMEMBERED: Final = 16_384  # distinct texts remembered; then they are forgotten and looked at again
_SHORT: Final = 256  # characters of a text that is remembered
_MANY: Final = 1_024  # texts from which on compiled code sifts first
_LONGEST: Final = 1_024  # characters of a text that are looked at
NOTHING: Final[frozenset[int]] = frozenset()


def globbed(glob: str) -> str:
    """The regular expression of a name in which `*` stands for anything."""
    return "^" + ".*".join(re.escape(part) for part in glob.split("*")) + "$"


class Patterns:
    """A numbered list of patterns. `which(text)` says the numbers of those which match, and remembers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._compiled: list[re.Pattern[str]] = []
        self._any: re.Pattern[str] | None = None
        self._seen: dict[str, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self._compiled)

    def add(self, pattern: str) -> int:
        """The number of a pattern, the same for the same pattern."""
        number = self._numbers.get(pattern)
        if number is None:
            number = self._numbers[pattern] = len(self._compiled)
            self._compiled.append(re.compile(pattern, re.DOTALL))
            self._any = None
            self._seen.clear()
        return number

    def which(self, text: str) -> frozenset[int]:
        """The numbers of all patterns that match (search, not full match)."""
        found = self._seen.get(text)
        if found is None:
            found = self._look(text[:_LONGEST])
            if len(text) <= _SHORT:
                if len(self._seen) >= _REMEMBERED:
                    self._seen.clear()
                self._seen[text] = found
        return found

    def group(self, number: int, text: str) -> str | None:
        """What the first group of a pattern holds in a text, or the whole match where it has no group; None: it does not match."""
        found = self._compiled[number].search(text[:_LONGEST])
        return None if found is None else found.group(1 if found.re.groups else 0)

    def candidates(self, texts: list[str], array: pa.StringArray) -> list[str]:
        """The texts of which any can match; `array` holds the same texts. Many texts are sifted in compiled code first."""
        if len(texts) <= _MANY or not self._compiled:
            return texts if self._compiled else []
        found: list[str] = array.filter(pc.match_substring_regex(array, self._union())).to_pylist()
        return found

    def _union(self) -> str:
        return "|".join(f"(?:{compiled.pattern})" for compiled in self._compiled)

    def _look(self, text: str) -> frozenset[int]:
        if self._any is None:
            self._any = re.compile(self._union() or "(?!)", re.DOTALL)
        if not self._any.search(text):
            return NOTHING
        return frozenset(number for number, compiled in enumerate(self._compiled) if compiled.search(text))


class Coded:
    """A column of texts as codes of its distinct texts; n rows."""

    def __init__(self, column: pa.Array | pa.ChunkedArray) -> None:
        encoded = flat(column).dictionary_encode()
        self.codes: npt.NDArray[np.int32] = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        self.texts: list[str] = [text or "" for text in encoded.dictionary.to_pylist()]
        self._sets: dict[int, list[frozenset[int]]] = {}
        self._masks: dict[tuple[int, int], Mask | None] = {}

    def matches(self, patterns: Patterns, number: int) -> Mask | None:
        """The rows whose text matches pattern `number`; None: no row."""
        at = (id(patterns), number)
        if at not in self._masks:
            hit = np.fromiter((number in found for found in self._which(patterns)), dtype=bool, count=len(self.texts))
            self._masks[at] = self.rows(hit)
        return self._masks[at]

    def _which(self, patterns: Patterns) -> list[frozenset[int]]:
        sets = self._sets.get(id(patterns))
        if sets is None:
            sets = self._sets[id(patterns)] = [patterns.which(text) for text in self.texts]
        return sets

    def among(self, texts: Iterable[str]) -> Mask | None:
        """The rows whose text is one of `texts`; None: no row."""
        wanted = frozenset(texts)
        return self.rows(np.fromiter((text in wanted for text in self.texts), dtype=bool, count=len(self.texts)))

    def rows(self, hit: Mask) -> Mask | None:
        """Which rows have a text that was hit; `hit` has one value per distinct text."""
        if not hit.any():
            return None
        return np.append(hit, False)[self.codes]
