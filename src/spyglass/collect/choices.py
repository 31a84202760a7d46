"""Which runners somebody started or stopped by hand: kept in a file, so that it holds over restarts of the server.

In: the name of a runner and what was chosen. Out: whether it shall run. A choice is against a setting: where `enabled` was changed since, the setting
holds again.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Final

import structlog

__all__ = ["Choices"]

log = structlog.get_logger()

_FILE: Final = "choices.json"


class Choices:
    """Any thread. Made with the folder of the runners; a file that cannot be read is as one that is not there, and is said."""

    def __init__(self, folder: Path) -> None:
        self._path, self._lock = folder / _FILE, threading.Lock()
        self._made = _read(self._path)

    def runs(self, name: str, enabled: bool) -> bool:
        """Whether the runner shall run; `enabled`: what its settings say."""
        made = self._made.get(name)
        return made["run"] if made is not None and made["enabled"] == enabled else enabled

    def choose(self, name: str, enabled: bool, run: bool) -> None:
        """Keep it, before anybody is told. Where the disk refuses it holds until the server ends, and that is said."""
        with self._lock:
            made = {other: one for other, one in self._made.items() if other != name}
            self._made = made if run == enabled else {**made, name: {"enabled": enabled, "run": run}}
            try:
                _write(self._path, self._made)
            except OSError as error:
                log.warning("choice of runner not kept", runner=name, error=str(error))


def _read(path: Path) -> dict[str, dict[str, bool]]:
    try:
        told = json.loads(path.read_bytes())
        return {str(name): {"enabled": bool(one["enabled"]), "run": bool(one["run"])} for name, one in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("choices of runners not readable; the settings hold", path=str(path), error=str(error))
        return {}


def _write(path: Path, made: dict[str, dict[str, bool]]) -> None:
    """Whole or not at all, and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(made, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
