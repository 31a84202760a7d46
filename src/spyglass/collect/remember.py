"""What a runner remembers over restarts: bytes in, a file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(file: Path, data: bytes) -> None:
    """Replace the file at once: whoever reads it, also after a crash of this process, sees the old or the new one.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    beside = file.with_name(f"{file.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
