"""The SQL of this room, for small files of SQLite: `sql/<name>.sql` in, its statements by name out.

A file has a comment with its purpose, then statements, each after a line `-- name: what it does`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

__all__ = ["statements"]

_NAMED: Final = re.compile(r"^-- ([a-z_]+): .*\n", re.MULTILINE)


@cache
def statements(name: str) -> Mapping[str, str]:
    """All statements of a file."""
    text = (files("spyglass.collect") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    parts = _NAMED.split(text)[1:]
    return MappingProxyType({key: statement.strip() for key, statement in zip(parts[::2], parts[1::2], strict=True)})
