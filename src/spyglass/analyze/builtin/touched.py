"""What calls of tools touch: spans in, slim rows out: the tool, the host of the first address, the folder of the first path, and what may be risky of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.analyze.builtin.security.operations import suspects

__all__ = ["ASPECTS", "role_of", "touched"]

ASPECTS: Final = ("tool", "host", "path")
_KINDS: Final = pa.array(["tool", "mcp", "retriever"])
_COLUMNS: Final = ["project", "agent", "received", "trace_id", "span_id", "tool"]
_MOST_BYTES: Final = 2_048  # of arguments that are looked at
_LONGEST: Final = 200
_ROLES: Final[dict[str, str]] = {}  # of names that were looked at: to look again takes longer than all else that is done with a name
_MOST_ROLES: Final = 50_000
_HOST: Final = r"://(?:[^/\s\"'@]*@)?(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\])"
_PATH: Final = r"(?:^|[\s\"'=(:,])(?P<path>(?:[A-Za-z]:)?/[\w.@+-]+(?:/[\w.@+-]+)?)/"  # its first two folders
_NUMBERED: Final = r"(?i)[-_ .#]*(?:\d+|[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"


def touched(rows: pa.Table, risky: str = "") -> pa.Table:
    """Of calls that have ended and are an agent's; a host or path of "" is none.

    `risky`: a regular expression (RE2) of tools, told in the column `risky`. `said`: arguments that may be risky (`operations.does`), else "".
    """
    keep = pc.and_(pc.is_in(rows["kind"], _KINDS), pc.and_(pc.invert(rows["pending"]), pc.not_equal(rows["agent"], "")))
    inputs = rows["input"].filter(keep)
    texts = pc.binary_slice(inputs.cast(pa.binary()), 0, _MOST_BYTES)
    table = rows.select(_COLUMNS).filter(keep)
    is_risky = pc.match_substring_regex(table["tool"], risky) if risky else pa.array(np.zeros(table.num_rows, np.bool_))
    hosts = pc.ascii_lower(_found(texts, _HOST, "host"))
    paths = pc.if_else(pc.equal(hosts, ""), _found(texts, _PATH, "path"), "")  # that of an address is none of a file
    table = table.set_column(2, "received", table["received"].cast(pa.int64()))
    table = table.set_column(5, "tool", pc.utf8_slice_codeunits(table["tool"], 0, _LONGEST))
    return table.append_column("host", hosts).append_column("path", paths).append_column("risky", is_risky).append_column("said", suspects(inputs).said)


def role_of(agents: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The name without the number that tells its instances apart: `worker-17` is a `worker`. Each name is looked at once."""
    encoded = (agents.combine_chunks() if isinstance(agents, pa.ChunkedArray) else agents).dictionary_encode("encode")
    names = encoded.dictionary.to_pylist()
    roles = {name: _ROLES.get(name) for name in names}
    if fresh := [name for name, role in roles.items() if role is None]:
        bare = pc.replace_substring_regex(pa.array(fresh, pa.string()), _NUMBERED, "").to_pylist()
        roles |= (found := {name: role or name for name, role in zip(fresh, bare, strict=True)})
        if len(_ROLES) > _MOST_ROLES:
            _ROLES.clear()
        _ROLES.update(found)
    return pa.array([roles[name] for name in names], pa.string()).take(encoded.indices)


def _found(texts: pa.ChunkedArray, pattern: str, name: str) -> pa.ChunkedArray:
    matches = pc.extract_regex(texts, pattern)
    field = pc.fill_null(pc.struct_field(matches, name), b"")
    return pc.cast(pc.binary_slice(field, 0, _LONGEST), pa.string())
