"""Acknowledged means kept: a server that is killed at any moment loses and doubles nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench(name: str, *arguments: str) -> dict[str, object]:
    """What a program of `bench/` reports."""
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--json", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.stdout, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_kill_minus_nine_loses_and_doubles_nothing() -> None:
    """Each acknowledged record is there once after each kill, and in the end all sums and calls agree with the records. `bench/kill9.py` has more trials."""
    told = bench("kill9", "--trials", "2")
    assert told["wrong"] == []
    assert told["trials"] == 2


def test_broken_bodies_harm_nobody() -> None:
    """Each gets its answer, none of them 5xx, and every good body between them is kept once. `bench/fuzz.py` sends more."""
    told = bench("fuzz", "--count", "498")
    assert told["wrong"] == []
    assert told["sent"] == 498
