"""A trace as columns: what drawing, folding, searching and adding up a whole tree needs, in about 80 bytes per span.

In: a `Tree` and what counts in it. Out: plain lists, one entry per row in depth-first order. Texts are numbers into `names`; starts are nanoseconds after
the first one, as JavaScript cannot hold those since 1970. Tokens and cost stand at the span that a call is counted at, so that they can be added up.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.store.read.counted import Counted
from spyglass.store.read.tree import Tree

__all__ = ["FLAGS", "outline"]

FLAGS: Final = ("error", "pending", "plumbing", "critical", "orphan", "messages", "unpriced", "issues", "call")  # bits, from the lowest
_TEXTS: Final = ("name", "kind", "service", "agent", "model", "tool")
_FIGURES: Final = ("depth", "descendants", "duration_ns", "self_ns")


def outline(tree: Tree, counts: Counted, offset: int = 0, limit: int | None = None) -> dict[str, Any]:
    """The columns of `limit` rows from `offset`, and `begin_ns`, which starts are counted from. `counts` has a row for each of the tree."""
    rows = tree.rows
    starts = np.asarray(rows["start"].to_numpy(), np.int64)
    begin = int(starts.min()) if len(starts) else 0
    page = rows.slice(offset, limit)
    columns: dict[str, Any] = {name: page[name].to_pylist() for name in _FIGURES}
    columns["start_ns"] = (starts[offset : offset + page.num_rows] - begin).tolist()
    columns["span_id"] = [span.hex() for span in page["span_id"].to_pylist()]
    shown = slice(offset, offset + page.num_rows)
    columns["input_tokens"] = counts.input_tokens[shown].tolist()
    columns["output_tokens"] = counts.output_tokens[shown].tolist()
    columns["cost_usd"] = counts.cost_usd[shown].tolist()
    columns["flags"] = _flags(page, counts.call[shown]).tolist()
    names, numbers = _numbered(page)
    return {"begin_ns": begin, "names": names, **columns, **numbers}


def _flags(page: pa.Table, call: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    said = {
        "error": pc.equal(page["status"], "error"),
        "messages": pc.greater(pc.add(page["inputs"].cast(pa.int64()), page["outputs"].cast(pa.int64())), 0),
        "unpriced": pc.equal(page["cost_source"], "unknown_model"),
        "issues": pc.greater(pc.list_value_length(page["issues"]), 0),
        "call": pa.array(call),
    }
    flags = np.zeros(page.num_rows, np.int64)
    for bit, flag in enumerate(FLAGS):
        values = said[flag] if flag in said else page[flag]
        flags = flags | (np.asarray(values.to_numpy(zero_copy_only=False), np.int64) << bit)
    return flags


def _numbered(page: pa.Table) -> tuple[list[str], dict[str, list[int]]]:
    """Every text once, and per column the number of each row's."""
    places: dict[str, int] = {}
    numbers: dict[str, list[int]] = {}
    for column in _TEXTS:
        encoded = pc.dictionary_encode(page[column].cast(pa.string()).combine_chunks())
        array = encoded if isinstance(encoded, pa.DictionaryArray) else pa.concat_arrays(encoded.chunks)
        own = [places.setdefault(text, len(places)) for text in array.dictionary.to_pylist()]
        numbers[column] = np.asarray(own, np.int64)[array.indices.to_numpy()].tolist() if own else []
    return list(places), numbers
