"""What users and programs told a conversation: spans with their messages in, the names that they told out.

Where messages were recognised, a span holds their hashes and no text (`input` is empty): what was said stands in the messages that come along. A conversation
of which such spans are known and no message is, because it was told before a restart, is not heard: what its user had named is not known.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.builtin.security.identifiers import IDENTIFIERS, identifiers
from spyglass.model.batch import Batch

__all__ = ["Voices"]

_TRUSTED: Final = pa.array(["user", "system", "developer"])
_ANSWER: Final = '"tool_call_response"'  # what a tool returned, in whichever role it is told
_NO_TRACE: Final = bytes(16)
_MOST: Final = 50_000  # conversations
_MOST_NAMES: Final = 256


class Voices:
    """Conversations, those that were silent longest first."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str] | None] = {}  # None: not heard

    def hear(self, batch: Batch) -> None:
        """Spans of any kind, with the messages that are new."""
        if batch.messages is not None:
            self._told(batch.messages)
        rows = batch.rows
        speaks = pc.and_(pc.greater(pc.list_value_length(rows["input_messages"]), 0), pc.equal(rows["input"], ""))
        speaks = pc.and_(pc.fill_null(speaks, False), pc.equal(rows["kind"], "llm"))
        found = rows.select(["project", "session_id", "trace_id"]).filter(speaks)
        if not found.num_rows:
            return
        found = found.group_by(["project", "session_id", "trace_id"], use_threads=False).aggregate([])
        for project, session, trace in zip(*(found[name].to_pylist() for name in ("project", "session_id", "trace_id")), strict=True):
            key = self.key(project, session, trace)
            self._keep(key, self._names.get(key))

    def names(self, key: str) -> frozenset[str] | None:
        """Addresses and accounts that were told; None: the conversation has messages that were not heard."""
        return self._names.get(key, frozenset())

    @staticmethod
    def key(project: str, session: str, trace: bytes) -> str:
        """Of a span's conversation, as messages have it."""
        return f"{project}\0{session or (trace.hex() if trace != _NO_TRACE else '')}"

    def save(self) -> pa.Table:
        """Columns key and names; null: not heard."""
        names = [None if one is None else sorted(one) for one in self._names.values()]
        return pa.table({"key": pa.array(self._names.keys(), pa.string()), "names": pa.array(names, pa.list_(pa.string()))})

    def restore(self, rows: pa.Table | None) -> None:
        """Go on from what `save` gave."""
        if rows is not None:
            told = (None if one is None else frozenset(one) for one in rows["names"].to_pylist())
            self._names = dict(zip(rows["key"].to_pylist(), told, strict=True))

    def _told(self, messages: pa.Table) -> None:
        told = messages.filter(pc.and_(pc.equal(messages["direction"], "input"), pc.is_in(messages["role"], _TRUSTED)))
        if not told.num_rows:
            return
        for project, scope in zip(told["project"].to_pylist(), told["scope"].to_pylist(), strict=True):
            key = f"{project}\0{scope}"
            self._keep(key, self._names.get(key) or frozenset())
        few = told.filter(pc.match_substring_regex(told["text"], IDENTIFIERS))
        few = few.filter(pc.invert(pc.match_substring(few["body"], _ANSWER)))
        for project, scope, text in zip(few["project"].to_pylist(), few["scope"].to_pylist(), few["text"].to_pylist(), strict=True):
            key = f"{project}\0{scope}"
            known = self._names.get(key) or frozenset()
            if len(known) < _MOST_NAMES:
                self._keep(key, known | identifiers(text))

    def _keep(self, key: str, names: frozenset[str] | None) -> None:
        self._names.pop(key, None)
        self._names[key] = names
        if len(self._names) > _MOST:
            del self._names[next(iter(self._names))]
