"""Finds transcripts: walks the roots of the formats that are switched on. In: roots. Out: what lies there by now, and what could not be looked at.

Links are followed, each folder once (so loops end), and nothing but regular files is opened. Bounded in depth and number.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from spyglass.collect.transcripts.formats import Format

__all__ = ["Found", "Walk"]

_PROBLEMS: Final = 20  # told at a time


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript as it is now; of a folder of events the time is that of the folder."""

    format: Format
    path: str
    size: int
    modified_ns: int

    @property
    def child(self) -> bool:
        """Written by a sub-agent: the session that started it is to be read first."""
        return PurePath(self.path).name.startswith("agent-")


@dataclass(slots=True)
class Walk:
    """One look at everything."""

    most: int
    since_ns: int  # files that were not written since then are left alone
    problems: list[str] = field(default_factory=list)
    too_many: bool = False
    old: int = 0

    def run(self, roots: Sequence[tuple[Format, str]]) -> dict[str, Found]:
        """All transcripts below the roots, by their paths."""
        out: dict[str, Found] = {}
        for kind, root in roots:
            for found in self._below(kind, root):
                if len(out) >= self.most:
                    self.too_many = True
                    return out
                out.setdefault(found.path, found)
        return out

    def _below(self, kind: Format, root: str) -> Iterator[Found]:
        seen: set[tuple[int, int]] = set()
        rest = [(root, 0)]
        while rest:
            folder, depth = rest.pop()
            for entry in self._entries(folder, seen):
                about = self._stat(entry)
                if about is None:
                    continue
                path = PurePath(entry.path)
                if stat.S_ISDIR(about.st_mode):
                    if kind.shape == "directory" and kind.matches(path):
                        yield from self._recent(Found(kind, entry.path, 0, about.st_mtime_ns))
                    elif depth < kind.depth:
                        rest.append((entry.path, depth + 1))
                elif stat.S_ISREG(about.st_mode) and kind.shape != "directory" and kind.matches(path):
                    yield from self._recent(Found(kind, entry.path, about.st_size, about.st_mtime_ns))

    def _recent(self, found: Found) -> Iterator[Found]:
        if found.modified_ns >= self.since_ns:
            yield found
        else:
            self.old += 1

    def _entries(self, folder: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
        try:
            about = Path(folder).stat()
            if (about.st_dev, about.st_ino) in seen:
                return []
            seen.add((about.st_dev, about.st_ino))
            with os.scandir(folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []  # gone meanwhile, or an agent that is not used here
        except OSError as error:
            self._problem(folder, error)
            return []

    def _stat(self, entry: os.DirEntry[str]) -> os.stat_result | None:
        try:
            return entry.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._problem(entry.path, error)
            return None

    def _problem(self, path: str, error: OSError) -> None:
        if len(self.problems) < _PROBLEMS:
            self.problems.append(f"{path}: {(error.strerror or 'unreadable').lower()}; let the user that Spyglass runs as read it")
