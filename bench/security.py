"""What the security analyzers cost: processor time of each for a span with texts as agents have them, and for a record where every one is a failure."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from spyglass.analyze.kinds import wanted
from spyglass.config.spec import Analyzers
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import BASE_NS, events, spans

__all__ = ["main"]

_ROWS = 4_096
_ANALYZERS = ("brute_force", "injection", "leaks", "privileges", "provenance", "tool_definitions")
_TOOLS = ("web_search", "query_database", "send_email", "read_file", "calculator", "fetch_url", "get_weather", "run_python")
_WORDS = (
    "the a of and to in is for on with that by as at from this it are be or an was has more than its which can will also other these into their over only when "
    "hotel flight price room train museum guide opening hours parking city north winter travel booking report quarter market product launch team plan cost "
    "customer order shipping status table value column model data result query user account message note system important next weather rain temperature"
).split()


def _text(chance: random.Random, words: int) -> str:
    said = []
    while words > 0:
        count = chance.randint(6, 16)
        words -= count
        said.append(" ".join(chance.choices(_WORDS, k=count)).capitalize() + ".")
    if chance.random() < 0.3:
        said.append(f"See https://docs.example.org/{chance.choice(_WORDS)} or write to {chance.choice(_WORDS)}@example.com.")
    return " ".join(said)


def _rich(seed: int) -> Batch:
    """Traces of an agent, two calls of a model with a prompt of 2 kB, and a call of a tool that returns 1 kB."""
    chance, at = random.Random(seed), [BASE_NS + (seed * _ROWS + row) * 50_000 for row in range(_ROWS)]
    kinds = [("agent", "llm", "tool", "llm")[row % 4] for row in range(_ROWS)]
    tools = [chance.choice(_TOOLS) if kind == "tool" else "" for kind in kinds]
    asked = [_text(chance, {"llm": 300, "tool": 8, "agent": 20}[kind]) for kind in kinds]
    told = [_text(chance, {"llm": 80, "tool": 150, "agent": 60}[kind]) for kind in kinds]
    traces = [((seed * _ROWS + row) // 4).to_bytes(16, "big") for row in range(_ROWS)]
    return Batch(Kind.SPAN, spans(_ROWS, kind=kinds, tool=tools, name=tools, input=asked, output=told, trace_id=traces, start=at, received=at))


def _failing(seed: int) -> Batch:
    rows = range(seed * _ROWS, (seed + 1) * _ROWS)
    at, ids = [BASE_NS + row * 50_000 for row in rows], [(row + 1).to_bytes(16, "big") for row in rows]
    bodies = [f"Failed password for user{row % 97} from 203.0.{row % 13}.{row % 200} port 22 ssh2" for row in rows]
    return Batch(Kind.EVENT, events(_ROWS, body=bodies, service="sshd", agent="", user_id="", time=at, received=at, event_id=ids))


def _costs(what: str, batches: Sequence[Batch], rounds: int) -> list[tuple[str, str]]:
    rows, found = sum(map(len, batches)), wanted(Analyzers())
    out, total = [], 0.0
    for kind in (kind for stage in found.stages for kind in stage if kind.name in _ANALYZERS):
        took = []
        for _ in range(rounds):
            made = kind.make(found.settings[kind.name])
            began = time.process_time()
            for batch in batches:
                for _ in (*made.observe(batch), *made.settle(batch.rows["received"][-1].value)):  # type: ignore[union-attr]
                    pass
            took.append(time.process_time() - began)
        total += min(took)
        out.append((f"{what}: {kind.name}", f"{min(took) / rows * 1e6:.2f} µs of CPU"))
    return [*out, (f"{what}: all", f"{rows / total:,.0f}/s on one core  (bar 20,000)")]


def main(batches: int = 3, rounds: int = 3) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    return [*_costs("a rich span", [_rich(seed) for seed in range(batches)], rounds), *_costs("a failure", [_failing(seed) for seed in range(batches)], rounds)]


if __name__ == "__main__":
    for what, measured in main():
        print(f"{what:40} {measured}")
