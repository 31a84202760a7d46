"""Tools whose own result says that they failed, while their span does not: a tool that answers instead of raising leaves its span without an error.

In: the kinds, statuses and outputs of rows. Out: changed statuses. Only flags count, at the top of a result that is a mapping: `is_error: true` and
`status: error`, as ADK, Anthropic, Bedrock, LangChain and MCP have them. Words do not: what reads like a complaint may be what was asked for.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.fill import Filled
from spyglass.refine.picks import Rows
from spyglass.refine.plan import KIND_CODES
from spyglass.refine.rules import STATUSES, State, set_status
from spyglass.refine.transforms import parse

__all__ = ["apply", "says_failure"]

_TOOL: Final = KIND_CODES["tool"]
_ERROR: Final = STATUSES.index("error")
_LONGEST: Final = 4096  # bytes of a result that is looked into: failures are short
# What a result with a flag has in it, as JSON, as JSON inside of JSON, or as Python's repr.
_HINT: Final = r"""\b(?:is_error|isError|status)\\*["']\s*:\s*\\*["']?(?:true|True|error)\b"""
_BEGINNINGS: Final = np.frombuffer(b'{"', np.uint8)
_AROUND: Final = ("response", "kwargs")  # Google's function responses and LangChain's serialised messages have the result inside
_DEEPEST: Final = 3


def apply(state: State, filled: Filled) -> None:
    """Tools with such a result have failed."""
    tools = (state.kind == _TOOL) & (state.status != _ERROR)
    if "output" not in filled.texts or not tools.any():
        return
    results = filled.texts["output"].done()
    rows = _mappings(results, np.flatnonzero(tools))
    if not len(rows):
        return
    some = results.take(pa.array(rows))
    hinted = np.asarray(pc.match_substring_regex(some, _HINT).to_numpy(zero_copy_only=False), bool)
    failed = [row for row, text in zip(rows[hinted].tolist(), some.filter(pa.array(hinted)).to_pylist(), strict=True) if says_failure(text)]
    if failed:
        mask = np.zeros(len(state.kind), dtype=bool)
        mask[failed] = True
        set_status(state, mask, _ERROR)


def _mappings(results: pa.StringArray, rows: Rows) -> Rows:
    """Those of the rows whose result is short and begins as a mapping does, perhaps in quotes."""
    _, offsets, data = results.buffers()
    bounds = np.frombuffer(offsets, np.int32)[results.offset : results.offset + len(results) + 1]
    lengths = bounds[rows + 1] - bounds[rows]
    rows = rows[(lengths > 1) & (lengths <= _LONGEST)]
    return rows[np.isin(np.frombuffer(data, np.uint8)[bounds[rows]], _BEGINNINGS)] if len(rows) else rows


def says_failure(result: Any, depth: int = 0) -> bool:
    """Whether a result, structured or as text, has a flag of failure."""
    if isinstance(result, str):
        result = parse(result)
        if isinstance(result, str):  # JSON in JSON
            result = parse(result)
    if not isinstance(result, dict):
        return False
    if result.get("is_error") is True or result.get("isError") is True or result.get("status") == "error":
        return True
    return depth < _DEEPEST and any(says_failure(result[key], depth + 1) for key in _AROUND if isinstance(result.get(key), dict | str))
