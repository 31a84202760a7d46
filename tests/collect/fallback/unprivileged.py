"""Run by `test_unprivileged.py`: becomes nobody where it can, watches a program of its own, and prints what it saw as JSON.

Argument: `connector` or `polling`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import monotonic

from spyglass.collect.fallback.levels import survey
from spyglass.collect.fallback.sources import Sources
from spyglass.collect.fallback.tracked import Tracked
from spyglass.collect.records import Exec, Exit


def main() -> None:
    """Watch."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    seen = survey()
    with subprocess.Popen(["/bin/bash", "-c", "read _; for i in {1..20}; do sleep 0.21 & done; wait; exit 3"], stdin=subprocess.PIPE, cwd="/") as program:
        sources = Sources(Tracked([program.pid]), connector=sys.argv[1] == "connector")
        program.stdin.close()  # type: ignore[union-attr]
        records, until = [], monotonic() + 20
        while monotonic() < until and not any(type(record) is Exit and record.actor.pid == program.pid for record in records):
            records += sources.read(0.05)
            program.poll()
        sources.close()
    print(  # noqa: T201
        json.dumps(
            {
                "uid": os.geteuid(),
                "level": sources.level,
                "problems": sources.problems,
                "survey": [seen.level, *seen.problems],
                "sleeps": sum(type(record) is Exec and record.argv == ("sleep", "0.21") for record in records),
                "codes": [record.code for record in records if type(record) is Exit],
            }
        )
    )


if __name__ == "__main__":
    main()
