"""The page about time travel is true: its examples run, one after the other, against a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.flow.conftest import Client

PAGE = Path(__file__).parents[2] / "docs" / "time-travel.md"


def test_the_examples_run(client: Client) -> None:
    """As one program; nothing of the SDK fails in it."""
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 5
    end = "assert spyglass_sdk.flush(30)\nassert not spyglass_sdk.status()['faults'], spyglass_sdk.status()\n"
    told = {"SPYGLASS_ENDPOINT": client.server.endpoint, "SPYGLASS_API": client.server.url, "SPYGLASS_PROJECT": client.project, "NO_PROXY": "*"}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SPYGLASS_", "OTEL_"))} | told
    command = [sys.executable, "-c", "\n".join([*examples, end])]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
