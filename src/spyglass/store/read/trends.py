"""How an agent did over time: runs, outcome, duration, tokens and cost, per bucket of time; long ranges from the sums of hours and days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from spyglass.store.read import sums
from spyglass.store.read.asking import Ask, Scope, ask
from spyglass.store.read.together import together

__all__ = ["MOST_BUCKETS", "Bucket", "Trend", "bucket_s_of", "trend"]

MOST_BUCKETS: Final = 1_000
_AIM: Final = 60  # buckets, where nobody says how long one is
_LENGTHS_S: Final = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400)
_HOUR_S: Final = 3600
_KINDS: Final = ("agent", "llm", "tool", "embedding")  # in the sums


@dataclass(frozen=True, slots=True)
class Bucket:
    """Figures of one bucket, or of all."""

    runs: int = 0
    failed_runs: int = 0
    ended_runs: int = 0
    p50_ns: float | None = None
    p95_ns: float | None = None
    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0

    @property
    def success(self) -> float | None:
        """Share of the ended runs that did not fail; None: none has ended."""
        return max(0.0, 1 - self.failed_runs / self.ended_runs) if self.ended_runs else None


@dataclass(frozen=True, slots=True)
class Trend:
    """Buckets by number, 0 the first, without empty ones; and all of them together."""

    buckets: dict[int, Bucket]
    whole: Bucket


def bucket_s_of(span_s: float) -> int:
    """A length that gives about sixty buckets."""
    return next((length for length in _LENGTHS_S if span_s / length <= _AIM), _LENGTHS_S[-1])


def trend(engine: Ask, scope: Scope, agent: str, bucket_s: int, until_s: int = 0) -> Trend:
    """Figures per bucket, counted from the start of the scope, which lies on a border of buckets as its end does.

    `until_s`: the first hour that is not in the sums yet (store/sums.py); of long ranges what is before is read from there, and its quantiles are within 1 %.
    """
    span_s = max(1, (scope.to_ns - scope.from_ns) // 10**9)
    buckets, (whole,) = together(
        lambda: _told(engine, scope, agent, bucket_s, until_s), lambda: list(_told(engine, scope, agent, span_s, until_s).values()) or [Bucket()]
    )
    return Trend(buckets, whole)


def _told(engine: Ask, scope: Scope, agent: str, bucket_s: int, until_s: int) -> dict[int, Bucket]:
    buckets = sums.Buckets(bucket_s, scope.from_ns // 10**9)
    return _summed(engine, scope, agent, buckets, until_s) if sums.fits(scope, buckets, until_s) else _ask(engine, scope, agent, bucket_s)


def _summed(engine: Ask, scope: Scope, agent: str, buckets: sums.Buckets, until_s: int) -> dict[int, Bucket]:
    limit = (MOST_BUCKETS + 1) * len(_KINDS)
    rows = sums.series(engine, scope, buckets, until_s, "[toString(kind)]", limit, "agent = {call_agent:String}", call_agent=agent).to_pylist()
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        figures = found.setdefault(row["bucket"], {"cost_usd": 0.0})
        figures["cost_usd"] += row["cost_usd"]
        match row["groups"][0]:
            case "agent":
                p50, _, p95, _ = map(_number, row["quantiles_ns"])
                ended = row["count"] - row["pending"]
                figures |= {"runs": row["count"], "failed_runs": row["errors"], "ended_runs": ended, "p50_ns": p50, "p95_ns": p95}
            case "llm":
                figures |= {"model_calls": row["count"], "input_tokens": row["input_tokens"], "output_tokens": row["output_tokens"]}
            case "tool":
                figures["tool_calls"] = row["count"]
    return {number: Bucket(**told) for number, told in sorted(found.items())}


def _ask(engine: Ask, scope: Scope, agent: str, bucket_s: int) -> dict[int, Bucket]:
    origin_s = scope.from_ns // 10**9
    common = {"origin_s": origin_s, "bucket_s": bucket_s, "limit": MOST_BUCKETS + 1}
    by_hour = origin_s % _HOUR_S == 0 and bucket_s % _HOUR_S == 0
    runs = ask(engine, "agents/trend_hours" if by_hour else "agents/trend_runs", scope.parameters(agent=agent, **common))
    calls = ask(engine, "agents/trend_calls", scope.parameters(call_agent=agent, **common))
    found: dict[int, dict[str, Any]] = {}
    for row in (*runs.to_pylist(), *calls.to_pylist()):
        found.setdefault(row.pop("bucket"), {}).update({name: _number(value) for name, value in row.items()})
    return {number: Bucket(**told) for number, told in sorted(found.items())}


def _number(value: Any) -> Any:
    """NaN, where there was nothing to take a quantile of, is none."""
    return None if value != value else value  # noqa: PLR0124 - only NaN differs from itself
