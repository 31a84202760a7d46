"""Says the same thing once an hour: keys in, whether to speak out. Remembers a bounded number of keys; the longest silent are forgotten first."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

__all__ = ["Quiet"]

_HOUR_NS: Final = 3_600 * 10**9
_MOST: Final = 20_000


class Quiet:
    """Time is the arrival of rows."""

    def __init__(self, again_ns: int = _HOUR_NS, most: int = _MOST) -> None:
        self._again_ns, self._most = again_ns, most
        self._told: dict[str, int] = {}  # when, the longest ago first

    def said(self, at_ns: int, *key: str) -> bool:
        """Whether this key was heard of within the hour before; nothing is remembered of the question."""
        before = self._told.get("\0".join(key))
        return before is not None and at_ns - before < self._again_ns

    def speaks(self, at_ns: int, *key: str) -> bool:
        """Whether nothing was said of this key within the hour before; from now on it was."""
        name = "\0".join(key)
        before = self._told.get(name)
        if before is not None and at_ns - before < self._again_ns:
            return False
        self._told.pop(name, None)
        self._told[name] = at_ns
        if len(self._told) > self._most:
            del self._told[next(iter(self._told))]
        return True

    def save(self) -> pa.Table:
        """What was said when; columns key and told_ns."""
        return pa.table({"key": pa.array(self._told.keys(), pa.string()), "told_ns": pa.array(self._told.values(), pa.int64())})

    def restore(self, rows: pa.Table | None) -> None:
        """Go on from what `save` gave."""
        if rows is not None:
            self._told = dict(zip(rows["key"].to_pylist(), rows["told_ns"].to_pylist(), strict=True))
