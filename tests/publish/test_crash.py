"""The log under kill -9."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

CHILD = Path(__file__).with_name("crash_child.py")
TRIALS = 12


def _live(child: subprocess.Popen[str], first: int, count: int, kill_after: int) -> set[int]:
    """One life: killed once it has acknowledged so many bodies, if `count` are more; all that it acknowledged."""
    assert child.stdin is not None
    assert child.stdout is not None
    print(first, count, file=child.stdin, flush=True)
    lines = [child.stdout.readline()]
    pid = int(lines[0].removeprefix("pid "))
    while lines[-1] not in {"ended\n", ""}:
        if len(lines) == kill_after:
            os.kill(pid, signal.SIGKILL)
        lines.append(child.stdout.readline())
    assert lines[-1] == "ended\n"
    return {int(line) for line in lines[1:-1]}


def test_kill_minus_nine_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Killed again and again at any moment: every acknowledged body is in the sink exactly once, whole, and no token ever had other rows.

    Each life sends again the last bodies of the one before, as a sender does that got no answer.
    """
    chance = random.Random()
    acknowledged: set[int] = set()
    with subprocess.Popen([sys.executable, str(CHILD), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        for _ in range(TRIALS):
            acknowledged |= _live(child, max(0, max(acknowledged, default=0) - 10), 100_000, chance.randint(2, 30))
        _live(child, 0, 0, -1)
    tokens = list((tmp_path / "sink").glob("*-*-*"))
    assert not [token.name for token in tokens if token.name.startswith("mismatch")]
    stored = Counter(line for token in tokens if token.suffix != ".part" for line in token.read_text().splitlines())
    whole = {int(line.rpartition("-")[2]) for line in stored}
    assert acknowledged <= whole
    assert stored == {f"{kind} body-{number}": rows for number in whole for kind, rows in (("span", 2), ("event", 1))}
