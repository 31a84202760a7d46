"""Says the same thing once an hour: keys in, whether to speak out. Remembers a bounded number of keys; the longest silent are forgotten first.

Where somebody says that something was done about a finding (an event `audit` of the server), it is told again as soon as it is found again: else it would
look mended for the rest of the hour.
"""

from __future__ import annotations

from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.batch import Batch
from spyglass.model.finding import SERVER_SCOPE, Finding
from spyglass.model.schema import Kind

__all__ = ["Quiet"]

_Value = TypeVar("_Value")
_HOUR_NS: Final = 3_600 * 10**9
_MOST: Final = 20_000
_ACTION, _SUBJECT = "spyglass.audit.action", "spyglass.audit.subject"


class Quiet:
    """Time is the arrival of rows."""

    def __init__(self, again_ns: int = _HOUR_NS, most: int = _MOST) -> None:
        self._again_ns, self._most = again_ns, most
        self._told: dict[str, tuple[int, str]] = {}  # when, and under which fingerprint; the longest ago first
        self._done: dict[str, int] = {}  # when something was done about a fingerprint
        self._latest = ""  # of the keys

    def said(self, at_ns: int, *key: str) -> bool:
        """Whether this key was heard of within the hour before, and nothing was done about it since; nothing is remembered of the question."""
        before = self._told.get("\0".join(key))
        return before is not None and at_ns - before[0] < self._again_ns and not before[0] < self._done.get(before[1], 0) <= at_ns

    def speaks(self, at_ns: int, *key: str) -> bool:
        """Whether nothing was said of this key within the hour before; from now on it was."""
        if self.said(at_ns, *key):
            return False
        self._latest = "\0".join(key)
        self._put(self._told, self._latest, (at_ns, ""))
        return True

    def tells(self, finding: Finding) -> Finding:
        """The finding, as which is told what was spoken of last."""
        if self._latest in self._told:
            self._told[self._latest] = (self._told[self._latest][0], finding.fingerprint)
        return finding

    def heed(self, seen: Batch) -> None:
        """What people did about findings; a batch of events may tell it."""
        if seen.kind is not Kind.EVENT:
            return
        rows = seen.rows
        told = rows.filter(pc.and_(pc.equal(rows["event_name"], "audit"), pc.equal(rows["scope_name"], SERVER_SCOPE)))
        if told.num_rows:
            for at_ns, pairs in zip(told["received"].cast(pa.int64()).to_pylist(), told["attributes"].to_pylist(), strict=True):
                attributes = dict(pairs)
                if attributes.get(_ACTION) == "finding.mitigate":
                    self._put(self._done, attributes.get(_SUBJECT) or "", at_ns)

    def save(self) -> pa.Table:
        """What was said when, and about what something was done when; columns key, told_ns, fingerprint and done_ns."""
        rows = [(key, told_ns, fingerprint, self._done.get(fingerprint, 0)) for key, (told_ns, fingerprint) in self._told.items()]
        columns = zip(*rows, strict=True) if rows else ((),) * 4
        types = {"key": pa.string(), "told_ns": pa.int64(), "fingerprint": pa.string(), "done_ns": pa.int64()}
        return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)})

    def restore(self, rows: pa.Table | None) -> None:
        """Go on from what `save` gave; earlier versions told of the first two columns only."""
        if rows is None:
            return
        keys, told_ns = rows["key"].to_pylist(), rows["told_ns"].to_pylist()
        tells_more = "fingerprint" in rows.column_names
        fingerprints: list[str] = rows["fingerprint"].to_pylist() if tells_more else [""] * len(keys)
        done_ns: list[int] = rows["done_ns"].to_pylist() if tells_more else [0] * len(keys)
        self._told = dict(zip(keys, zip(told_ns, fingerprints, strict=True), strict=True))
        self._done = {fingerprint: at_ns for fingerprint, at_ns in zip(fingerprints, done_ns, strict=True) if at_ns}

    def _put(self, memory: dict[str, _Value], name: str, value: _Value) -> None:
        memory.pop(name, None)
        memory[name] = value
        if len(memory) > self._most:
            del memory[next(iter(memory))]
