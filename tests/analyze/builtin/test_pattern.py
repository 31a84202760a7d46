"""What failed, slow and costly runs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from spyglass.analyze.builtin.pattern import Pattern, Settings
from spyglass.model.finding import Finding

HOUR_NS = 3_600 * 10**9
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("project", "trace", "agent", "span")),
        ("failed", pa.uint8()),
        ("duration_ns", pa.int64()),
        ("cost_usd", pa.float64()),
        ("features", pa.list_(pa.string())),
    ]
)


def looked(rows: list[dict[str, Any]], settings: Settings | None = None) -> list[Finding]:
    """What is found of these runs."""

    def ask(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        assert (parameters["since_ns"], parameters["now_ns"]) == (5, HOUR_NS)
        return pa.Table.from_pylist(rows, SCHEMA)

    return list(Pattern(settings or Settings()).look(ask, 5, HOUR_NS))


def runs(seed: int, count: int = 600, **said: Any) -> list[dict[str, Any]]:
    """Runs of two agents with three tools and two models; `fails`, `lasts`, `costs` say what a run with these features does."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        agent, model = random.choice(["planner", "writer"]), random.choice(["old", "new"], p=[0.8, 0.2])
        features = [f"agent\t{agent}", f"model\t{model}", *(f"tool\t{tool}" for tool in ("search", "read", "pay") if random.random() < 0.4)]
        told = {name: said[name](features) if name in said else usual for name, usual in (("fails", 0.05), ("lasts", 1.0), ("costs", 0.01))}
        made.append(
            {
                "project": "p",
                "trace": number.to_bytes(16).hex(),
                "agent": agent,
                "span": (number + 1).to_bytes(8).hex(),
                "failed": int(random.random() < told["fails"]),
                "duration_ns": int(1e9 * told["lasts"] * np.exp(random.normal(0, 0.2))),
                "cost_usd": told["costs"] * float(np.exp(random.normal(0, 0.2))),
                "features": features,
            }
        )
    return made


def test_what_failed_runs_have_in_common_is_told_with_both_shares() -> None:
    """With runs that show it, and what it explains."""
    (one,) = looked(runs(1, fails=lambda features: 0.4 if "tool\tpay" in features and "model\tnew" in features else 0.04))
    assert (one.rule, one.severity) == ("failed_have", "warning")
    assert one.title.startswith("runs with model new and tool pay are failed in ")
    assert one.subject["feature"] == "model new and tool pay"
    assert one.evidence[0].trace_id
    assert one.observed is not None
    assert one.expected is not None
    assert one.observed > one.expected[1]


@pytest.mark.parametrize(("said", "rule"), [("lasts", "slow_have"), ("costs", "costly_have")])
def test_slow_and_costly_runs_are_so_for_their_agent(said: str, rule: str) -> None:
    """An agent that always takes ten times as long is not slow."""
    found = looked(runs(2, **{said: lambda features: (10.0 if "agent\twriter" in features else 1.0) * (3.0 if "model\tnew" in features else 1.0)}))
    assert [(one.rule, one.subject["feature"]) for one in found] == [(rule, "model new")]


def test_where_nothing_has_a_cause_hardly_anything_is_told() -> None:
    """A budget of one false alarm in two days, over a day."""
    assert sum(len(looked(runs(seed, 300, fails=lambda _: 0.1))) for seed in range(25)) <= 2


def test_few_runs_and_none_tell_nothing() -> None:
    """Whatever they have in common; costs that are no numbers count as none."""
    assert looked([]) == []
    few = runs(3, 40, fails=lambda features: 0.9 if "tool\tpay" in features else 0.0)[:14]
    assert looked(few) == []
    strange = [run | {"cost_usd": float("nan"), "duration_ns": 0, "features": []} for run in runs(4, 50)]
    assert looked(strange) == []
