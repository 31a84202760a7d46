"""The SQL of the store: `sql/<area>/<name>.sql`, by name. A file's name comes in, its statement and what its header tells go out.

A file opens with comment lines: the purpose first, then each parameter with its type, the columns with their units, and `unbounded: reason`
where it has no limit or no time range. `tests/store/test_sqlfiles.py` holds every file to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from spyglass.model.errors import StoreError
from spyglass.store.binding import placeholders

__all__ = ["Query", "SqlFile", "load", "names", "read_file"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*/[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with the values of its placeholders: `engine.read(query.text, query.parameters)`."""

    text: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file: its statement without the header, and what the header tells."""

    name: str
    text: str
    header: tuple[str, ...]  # without the comment marks
    parameters: Mapping[str, str]  # name → type, as in the statement

    @property
    def purpose(self) -> str:
        """The first line."""
        return self.header[0] if self.header else ""

    @property
    def unbounded(self) -> str | None:
        """Why the file has no limit or no time range; None where it has both."""
        return next((line.split(":", 1)[1].strip() for line in self.header if line.startswith("unbounded:")), None)

    def query(self, **values: Any) -> Query:
        """The statement with its values.

        Raises:
            StoreError: a value is missing, or has no placeholder.
        """
        if values.keys() != self.parameters.keys():
            raise StoreError(f"sql/{self.name}.sql takes {sorted(self.parameters)}, got {sorted(values)}")
        return Query(self.text, values)


def load(name: str) -> str:
    """The statement of `<area>/<name>`, e.g. `load("traces/list")`."""
    return read_file(name).text


@cache
def read_file(name: str) -> SqlFile:
    """The file `<area>/<name>`.

    Raises:
        StoreError: there is no such file.
    """
    if not _NAME.fullmatch(name):
        raise StoreError(f"sql: {name!r} is no <area>/<name>")
    try:
        lines = (_root() / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise StoreError(f"sql: there is no file {name}.sql") from error
    size = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    text = "\n".join(lines[size:]).strip().removesuffix(";")
    return SqlFile(name, text, tuple(line.removeprefix("--").strip() for line in lines[:size]), placeholders(text))


def names(area: str | None = None) -> list[str]:
    """The names of all files, or of one area; sorted. Migrations (`ddl`) are not among them unless asked for."""
    areas = [area] if area else sorted(entry.name for entry in _root().iterdir() if entry.is_dir() and entry.name != "ddl")
    return sorted(f"{each}/{entry.name.removesuffix('.sql')}" for each in areas for entry in (_root() / each).iterdir() if entry.name.endswith(".sql"))


def _root() -> Traversable:
    return files("spyglass.store") / "sql"
