"""Lives through an alert in a process of its own, and kills itself after a step: `life_child.py DATABASE URL STEP NUMBER`. STEP `-`: it is not killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from world import START_S, World

from spyglass.alert.judge import Figures

BEGIN_S, END_S, LAST_S = 5, 25, 70


def main(database: str, url: str, step: str, number: int) -> None:
    """Time goes on where the last process died."""
    clock_file = Path(f"{database}.clock")
    passed = int(clock_file.read_text()) if clock_file.exists() else 0
    left = number

    def after(done: str) -> None:
        nonlocal left
        left -= done == step
        if done == step and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    world = World(Path(database), after, START_S + passed)
    if not passed:
        world.channel("one", f"{url}/one")
        world.channel("two", f"{url}/two")
        world.rule()
        world.routing(route={"channels": ["one", "two"], "group_wait_s": 1, "group_interval_s": 10})
    while passed < LAST_S:
        passed += 1
        clock_file.write_text(str(passed))
        world.figures = {(): Figures(10, 9 if BEGIN_S <= passed < END_S else 0)}
        world.run(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
