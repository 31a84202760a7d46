"""Which tools agents are offered: spans in, names of tools out. Texts that were read before are not read again.

Read are the attributes that hold a whole list: OpenTelemetry's, and those of frameworks that write the same shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.stats.digest import combined, digests

__all__ = ["Offer", "Offers"]

_KEYS: Final = pa.array(["gen_ai.tool.definitions", "gen_ai.agent.tools", "ai.prompt.tools", "mlflow.chat.tools"])
_MOST_TEXTS: Final = 10_000
_MOST_TOOLS: Final = 500  # of one text
_LONGEST_NAME: Final = 200
_DEEPEST: Final = 4
_END_BYTES: Final = 256  # and the length: what lists are told apart by


class Offer(NamedTuple):
    """A list of tools that an agent was given, the first time that it is seen."""

    project: str
    agent: str
    received_ns: int
    tools: tuple[str, ...]
    size_bytes: int  # of the definitions, as they were sent


class Offers:
    """Remembers which texts it has read, by agent, length and end."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str, int], None] = {}

    def look(self, rows: pa.Table) -> Iterator[Offer]:
        """Lists that are new, in the order of arrival."""
        found = []
        for batch in rows.select(["project", "agent", "received", "attributes"]).combine_chunks().to_batches():
            attributes = batch["attributes"]
            hits = np.flatnonzero(pc.is_in(attributes.keys, _KEYS).to_numpy(zero_copy_only=False))
            offsets = attributes.offsets.to_numpy()
            hits = hits[(hits >= offsets[0]) & (hits < offsets[-1])]
            places = np.searchsorted(offsets, hits, "right") - 1
            texts = attributes.items.take(pa.array(hits))
            columns = [batch[name].take(pa.array(places)) for name in ("project", "agent", "received")]
            texts = texts.cast(pa.large_binary())
            marks = combined(digests(pc.binary_slice(texts, -_END_BYTES)), pc.binary_length(texts).to_numpy().astype(np.uint64))
            table = pa.table({"project": columns[0], "agent": columns[1], "received": columns[2].cast(pa.int64()), "mark": marks, "text": texts})
            table = table.filter(pc.not_equal(table["agent"], ""))
            table = table.group_by(["project", "agent", "mark"], use_threads=False).aggregate([("received", "min"), ("text", "min")])
            found += [row for row in table.to_pylist() if (row["project"], row["agent"], row["mark"]) not in self._read]
        for row in sorted(found, key=lambda row: (row["received_min"], row["project"], row["agent"], row["mark"])):
            yield from self._new(row)

    def _new(self, row: dict[str, Any]) -> Iterator[Offer]:
        if len(self._read) >= _MOST_TEXTS:
            del self._read[next(iter(self._read))]
        self._read[row["project"], row["agent"], row["mark"]] = None
        try:
            value = orjson.loads(row["text_min"])
        except orjson.JSONDecodeError:
            return
        tools = tuple(sorted(set(_names(value)))[:_MOST_TOOLS])
        if tools:
            yield Offer(row["project"], row["agent"], row["received_min"], tools, len(row["text_min"]))

    def save(self) -> pa.Table:
        """What was read."""
        schema = pa.schema([("project", pa.string()), ("agent", pa.string()), ("mark", pa.uint64())])
        return pa.table([pa.array([key[at] for key in self._read], schema.types[at]) for at in range(3)], schema=schema)

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._read = dict.fromkeys(zip(*(column.to_pylist() for column in state.columns), strict=True))


def _names(value: Any, depth: int = 0) -> Iterator[str]:
    """The names in a list of tools, however they are wrapped."""
    if depth > _DEEPEST:
        return
    match value:
        case str() if depth and len(value) <= _LONGEST_NAME and not value.startswith(("{", "[")):
            yield value
        case str() if depth:
            try:
                yield from _names(orjson.loads(value), depth + 1)
            except orjson.JSONDecodeError:
                return
        case list():
            for one in value:
                yield from _names(one, depth + 1)
        case {"name": str(name)}:
            yield name[:_LONGEST_NAME]
        case dict():
            for key in ("function", "toolSpec", "tool_spec", "functionDeclarations", "function_declarations"):
                yield from _names(value.get(key), depth + 1)
        case _:
            return
