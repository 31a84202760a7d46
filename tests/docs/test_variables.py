"""Server and SDK share the prefix SPYGLASS_, and often a machine."""

import re
from pathlib import Path

import pytest

SDK = Path(__file__).parents[2] / "sdk" / "src"


def test_variables_of_the_sdk_are_no_unknown_settings():
    """A shell that is set up for an instrumented program can start the server too."""
    load = pytest.importorskip("spyglass.config.load").load
    names = {name for path in SDK.rglob("*.py") for name in re.findall(r'"(SPYGLASS_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert names
    assert load(environ=dict.fromkeys(names, "http://localhost"))
