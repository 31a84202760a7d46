"""How quickly agents are listed and looked at: 10,000 of them, registered and beating, with the executions of bench/executions.py; medians over the API.

python -m bench.agents [--past N] [--beats N] [--dir PATH]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from bench.executions import fill
from bench.server import server
from spyglass.facts.agents import Declaration, DeclaredAgents, Registration
from spyglass.facts.database import Facts
from spyglass.model.clock import SystemClock

_AGENTS = 10_000
_ASKED = (
    ("list, first page of 50", "/api/v1/agents", {"limit": 50}),
    ("list, first page of 200", "/api/v1/agents", {}),
    ("list, 7 days", "/api/v1/agents", {"from": "-7d"}),
    ("list, of an owner", "/api/v1/agents", {"owner": "team-3"}),
    ("list, by name", "/api/v1/agents", {"contains": "agent-99"}),
    ("one agent", "/api/v1/agents/agent-42", {}),
    ("one agent, by id", "/api/v1/agents/id-42", {}),
    ("an unknown agent", "/api/v1/agents/agnt-42", {}),
    ("trends of a day", "/api/v1/agents/agent-42/trends", {}),
    ("trends of an hour", "/api/v1/agents/agent-42/trends", {"from": "-1h"}),
)


def declare(folder: Path) -> None:
    """Register them all."""
    facts = Facts.open(f"sqlite:///{folder / 'facts.db'}")
    told = [Declaration(f"agent-{at}", f"id-{at}", "worker", f"team-{at % 20}", body={"tags": ["bench"], "tools": ["find"]}) for at in range(_AGENTS)]
    DeclaredAgents(facts, SystemClock()).register([Registration("default", one, time.time_ns()) for one in told])
    facts.close()


def main(past: int = 300_000, beats: int = 60, folder: Path | None = None, runs: int = 15) -> list[tuple[str, str]]:
    """Fill, ask, and give a row for each question."""
    with tempfile.TemporaryDirectory(prefix="spyglass-agents-") as fresh:
        place = folder or Path(fresh)
        if not (place / "facts.db").exists():
            fill(place, past, _AGENTS, beats, 1_000)
            declare(place)
        found = []
        with server(place) as running, httpx.Client(base_url=running.url(), timeout=60, trust_env=False) as client:
            running.wait_for_rest()
            for name, path, asked in _ASKED:
                took = []
                for _ in range(runs + 2):
                    begin = time.perf_counter()
                    client.get(path, params=asked)
                    took.append((time.perf_counter() - begin) * 1e3)
                took = sorted(took[2:])
                found.append((name, f"{statistics.median(took):.0f} ms (best {took[0]:.0f}, worst {took[-1]:.0f})"))
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--past", type=int, default=300_000)
    parser.add_argument("--beats", type=int, default=60)
    parser.add_argument("--dir", type=Path)
    told = parser.parse_args()
    for name, took in main(told.past, told.beats, told.dir):
        print(f"{name:30} {took}")
