"""The page about the SDK is true: its examples run, and every public name stands in it."""

import re
from pathlib import Path

import pytest

import spyglass_sdk
from spyglass_sdk import settings

PAGE = Path(__file__).parents[2] / "docs" / "sdk.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(number, receiver, program, tmp_path):
    """Each is a program of its own, which loses nothing."""
    begin = f"import os, spyglass_sdk as s\nos.chdir({str(tmp_path)!r})\ns.init()\n"
    end = "\nfound = s.flush(20)\nassert found, found\nassert not s.status()['faults'], s.status()\n"
    program(begin + EXAMPLES[number] + end, SPYGLASS_ENDPOINT=receiver.url)


def test_every_public_name_is_told():
    """What is exported is documented."""
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in spyglass_sdk.__all__ if not re.search(rf"\b{name}\b", page)] == []


def test_every_setting_is_told():
    """Each field has its row, and the default that the page says."""
    page = PAGE.read_text(encoding="utf-8")
    for made in (settings.Recording(), settings.Keeping()):
        for name in made.__dataclass_fields__:
            (row,) = re.findall(rf"^\| `{name}`.*$", page, re.MULTILINE)
            default = getattr(made, name)
            assert default is None or row.rstrip(" |").endswith(
                (f"{default}", f"`{default}`", f"{default:g}" if isinstance(default, float) else str(default).lower())
            )
