"""Configurations that outlive the process: what the server gave last in, the same out when it is away. A file each, that only this user can read.

They lie in `SPYGLASS_SDK_CACHE_DIR`, else in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

__all__ = ["Shelf"]

_LARGEST_BYTES: Final = 4 * 2**20


class Shelf:
    """A folder of files, one per key. What cannot be read is as if it were not there; what cannot be written raises OSError."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        told, usual = environ.get("SPYGLASS_SDK_CACHE_DIR"), environ.get("XDG_CACHE_HOME")
        self._folder = Path(told) if told else (Path(usual) if usual else Path.home() / ".cache") / "spyglass" / "configurations"

    def get(self, key: tuple[str, ...]) -> dict[str, Any] | None:
        """What was put there last; None: nothing, or nothing that is ours."""
        path = self._path(key)
        try:
            about = path.lstat()
            if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST_BYTES or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
                return None
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("key") == list(key) else None

    def put(self, key: tuple[str, ...], value: Mapping[str, Any]) -> None:
        """Keep it; a reader sees the old file or the new one, never a part."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({**value, "key": list(key)}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path(key))
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    def drop(self, key: tuple[str, ...]) -> None:
        """Forget it."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: tuple[str, ...]) -> Path:
        return self._folder / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]}.json"
