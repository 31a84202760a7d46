"""Which calls of models ask the same again: spans in; those whose answers can be compared out, with what tells questions apart.

Somebody says so (the attribute `spyglass.canary`, a name), or a call at temperature 0 has the same input, settings and tools as some before: then nothing but
the model can make its answers differ more than they always did.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.stats.digest import Numbers, combined, digests, of_ids
from spyglass.model.batch import Batch

__all__ = ["Repeats", "asked"]

_MARK: Final = "spyglass.canary"
_TEMPERATURE: Final = "gen_ai.request.temperature"
_TOLD: Final = pa.array(  # what an answer depends on, beside the model and what was said
    [
        _MARK,
        _TEMPERATURE,
        *(f"gen_ai.request.{name}" for name in ("top_p", "top_k", "max_tokens", "seed", "frequency_penalty", "presence_penalty", "stop_sequences")),
        "gen_ai.output.type",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
    ]
)
_COLUMNS: Final = ("project", "received", "trace_id", "span_id", "model", "request_model")
_LONGEST: Final = 100  # of a mark
_TIMES: Final = 5  # that the same must have been asked, to be asked again and again
_CELLS: Final = 1 << 16


def asked(batch: Batch) -> pa.Table:
    """Calls that succeeded and say what was asked and answered: project, received, trace_id, span_id, model (that was asked for), mark, question, answer, text.

    `question` and `answer` are numbers; `text` is empty where only the hash of the answer is known.
    """
    rows = batch.rows
    usable = pc.and_(pc.and_(pc.equal(rows["kind"], "llm"), pc.invert(rows["pending"])), pc.not_equal(rows["status"], "error"))
    rows = rows.filter(usable).select([*_COLUMNS, "input", "output", "input_messages", "output_messages", "attributes"]).combine_chunks()
    settings, marks, cold = _settings(rows["attributes"])
    keep = cold | (marks != "")
    if not keep.any():
        return _EMPTY
    rows, settings, marks = rows.filter(pa.array(keep)).combine_chunks(), settings[keep], marks[keep]
    said, heard = _listed(rows["input_messages"]), _listed(rows["output_messages"])
    answers = np.where(heard != 0, heard, _texted(rows["output"]))
    texts = _texts(rows, batch.messages)
    known = (answers != 0) & ((said != 0) | (_texted(rows["input"]) != 0))
    table = pa.table(
        {
            **{name: rows[name] for name in ("project", "trace_id", "span_id")},
            "received": rows["received"].cast(pa.int64()),
            "model": pc.if_else(pc.equal(rows["request_model"], ""), rows["model"], rows["request_model"]),
            "mark": pa.array(marks.tolist(), pa.string()),
            "question": combined(settings, said, _texted(rows["input"])),
            "answer": answers,
            "text": texts,
        }
    ).select(_EMPTY.column_names)
    return table.filter(pa.array(known))


class Repeats:
    """How often the same was asked: counts in cells, so that what is remembered is bounded; two that share a cell only count too early."""

    def __init__(self) -> None:
        self._cells = np.zeros(_CELLS, np.uint8)
        self._day = 0

    def again(self, questions: Numbers, day: int) -> npt.NDArray[np.bool_]:
        """Which were asked often enough before; a day later each count is half."""
        if day > self._day:
            self._cells >>= np.uint8(min(day - self._day, 8) if self._day else 0)
            self._day = day
        places = (questions >> np.uint64(48)).astype(np.intp)
        cells, which, times = np.unique(places, return_inverse=True, return_counts=True)
        order = np.argsort(which, kind="stable")
        before = np.empty(len(places), np.int64)
        before[order] = np.arange(len(places)) - np.repeat(np.cumsum(times) - times, times)  # among these
        found: npt.NDArray[np.bool_] = self._cells[places] + before >= _TIMES
        self._cells[cells] = np.minimum(self._cells[cells].astype(np.int64) + times, 255).astype(np.uint8)
        return found

    def save(self) -> pa.Table:
        """One row."""
        return pa.table({"cells": [self._cells.tobytes()], "day": [self._day]})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._cells, self._day = np.frombuffer(state["cells"][0].as_py(), np.uint8).copy(), state["day"][0].as_py()


_EMPTY: Final = pa.table(
    {
        "project": pa.array([], pa.string()),
        "received": pa.array([], pa.int64()),
        "trace_id": pa.array([], pa.binary(16)),
        "span_id": pa.array([], pa.binary(8)),
        "model": pa.array([], pa.string()),
        "mark": pa.array([], pa.string()),
        "question": pa.array([], pa.uint64()),
        "answer": pa.array([], pa.uint64()),
        "text": pa.array([], pa.string()),
    }
)


def _settings(column: pa.ChunkedArray) -> tuple[Numbers, npt.NDArray[np.str_], npt.NDArray[np.bool_]]:
    """Of each call: a number for all that is told, its mark, and whether it is at temperature 0."""
    found, marks, cold = np.zeros(len(column), np.uint64), np.zeros(len(column), f"<U{_LONGEST}"), np.zeros(len(column), np.bool_)
    begin = 0
    for attributes in column.chunks:
        offsets = attributes.offsets.to_numpy()
        hits = np.flatnonzero(pc.is_in(attributes.keys, _TOLD).to_numpy(zero_copy_only=False))
        hits = hits[(hits >= offsets[0]) & (hits < offsets[-1])]
        places = begin + np.searchsorted(offsets, hits, "right") - 1
        keys, texts = attributes.keys.take(pa.array(hits)), pc.fill_null(attributes.items.take(pa.array(hits)), "")
        np.add.at(found, places, combined(digests(keys), digests(texts)))
        marked = pc.equal(keys, _MARK).to_numpy(zero_copy_only=False)
        marks[places[marked]] = pc.utf8_slice_codeunits(texts.filter(pa.array(marked)), 0, _LONGEST).to_pylist()
        warm = pc.equal(keys, _TEMPERATURE).to_numpy(zero_copy_only=False)
        cold[places[warm]] = pc.match_substring_regex(texts.filter(pa.array(warm)), r"^0(?:\.0*)?$").to_numpy(zero_copy_only=False)
        begin += len(attributes)
    return found, marks, cold


def _texted(column: pa.ChunkedArray) -> Numbers:
    """A number for each text; 0: none."""
    return np.where(pc.greater(pc.binary_length(column), 0).to_numpy(), digests(column), np.uint64(0))


def _listed(column: pa.ChunkedArray) -> Numbers:
    """A number for each list of hashes, in their order; 0: none."""
    lists = column.combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    found = np.zeros(len(lists), np.uint64)
    if lengths.any():
        places = np.repeat(np.arange(len(lists)), lengths)
        position = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        np.add.at(found, places, combined(of_ids(lists.flatten()), position.astype(np.uint64)))
    return found


def _texts(rows: pa.Table, messages: pa.Table | None) -> pa.ChunkedArray:
    """What was answered: the output, or the text of the last message, where it came along."""
    if messages is None or not messages.num_rows:
        return rows["output"]
    said = messages.filter(pc.equal(messages["direction"], "output")).combine_chunks()
    lists = rows["output_messages"].combine_chunks()
    filled = pc.greater(pc.fill_null(pc.list_value_length(lists), 0), 0)
    last = lists.values.take(pc.subtract(lists.offsets.slice(1), 1).filter(filled))
    texts = said["text"].take(pc.index_in(last, said["hash"].combine_chunks()))
    return pc.replace_with_mask(rows["output"].combine_chunks(), filled, pc.fill_null(texts, "").combine_chunks())
