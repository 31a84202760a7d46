"""What `tellings` keep so that history can be priced again: by what name, and in what service tier, a call was priced.

In: rows of spans or log records. Out: the columns `price_key` (provider, model, requested model and service tier, of the record that told the tokens: another
one than tells the rest, where several spans tell of a call) and `cache_write_1h_tokens`. And back: what pricing asks for, from these two.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.billing import extras_of
from spyglass.model.columns import flat

__all__ = ["BILLED", "as_priced", "billed"]

BILLED: Final = {"price_key": pa.string(), "cache_write_1h_tokens": pa.uint64()}

_PARTS: Final = ("provider", "model", "request_model", "service_tier")
_BETWEEN: Final = "\x1f"  # the unit separator
_KINDS: Final = pa.array(["llm", "embedding"])


def billed(rows: pa.Table) -> dict[str, pa.Array]:
    """The columns of `BILLED` for n rows of spans or log records; empty where there is nothing to price."""
    extras = extras_of(rows["attributes"])
    tiers = extras.service_tier if extras.service_tier is not None else pa.scalar("")
    keys = pc.binary_join_element_wise(*(flat(rows[name]) for name in _PARTS[:3]), tiers, _BETWEEN)
    priced = pc.and_(flat(rows["has_usage"]), pc.is_in(flat(rows["kind"]), _KINDS))
    long_kept = extras.cache_write_1h_tokens if extras.cache_write_1h_tokens is not None else np.zeros(rows.num_rows, np.uint64)
    return {"price_key": pc.if_else(priced, keys, ""), "cache_write_1h_tokens": pa.array(long_kept)}


def as_priced(calls: pa.Table) -> pa.Table:
    """Rows of `tellings` with the provider, model, `request_model` and `service_tier` by which they were priced."""
    keys = flat(calls["price_key"]).dictionary_encode()
    known = [[*key.split(_BETWEEN), "", "", "", ""][: len(_PARTS)] for key in keys.dictionary.to_pylist()]
    for place, name in enumerate(_PARTS):
        column = pa.array([parts[place] for parts in known], pa.string()).take(keys.indices)
        at = calls.schema.get_field_index(name)
        calls = calls.append_column(name, column) if at < 0 else calls.set_column(at, name, column)
    return calls
