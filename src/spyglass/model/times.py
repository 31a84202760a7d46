"""Times as text, the same wherever people read them: ISO 8601 with nanoseconds and Z."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.schema import TIME

__all__ = ["iso", "iso_texts"]


def iso(time_ns: int) -> str:
    """One time, ns since 1970 UTC."""
    return str(iso_texts(pa.array([time_ns]).cast(TIME))[0].as_py())


def iso_texts(times: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column of times (UTC where no zone is told) as a column of texts."""
    return pc.replace_substring(times.cast(TIME).cast(pa.string()), " ", "T", max_replacements=1)
