"""`spyglass version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

from spyglass.cli.client import Json
from spyglass.cli.show import console, print_json

__all__ = ["version"]


def version(json: Json = False) -> None:
    """Print the versions of Spyglass and of what it stands on."""
    told = {name: installed(name) for name in ("spyglass", "chdb-core", "clickhouse-connect", "pyarrow", "ptars", "genai-prices")} | {
        "python": platform.python_version()
    }
    if json:
        print_json(told)
        return
    for name, number in told.items():
        console.print(f"{name:20}{number}")
