"""What an agent has never done before, and when it never was at work: spans in, findings out. It says "unusual", never "failing" or "hostile".

`new_tool`, `new_host`, `new_path`: a tool that the agent has not called, an address or a folder that its calls have not named, where it is known well and
anything new has a chance below one in a hundred. Whether others of its role (its name without a number) do the same decides how much that matters.
`unusual_hour`: it calls tools at an hour of the day at which it, keeping regular hours, never was active on days like this one.
`risky_at_unusual_hour`: the same, and among the calls is one that cannot be taken back; it stands in the place of `unusual_hour` where both come at once.
Which tools an agent calls in which proportion is the matter of `drift` (`inputs_changed`), in which order that of `flow`, how its figures belong together
that of `relations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field, field_validator

from spyglass.analyze.builtin.minutes import LATER_NS, MINUTE_NS, MinutesInParts
from spyglass.analyze.builtin.pooled import Pooled
from spyglass.analyze.builtin.security.threat import Impact, Owasp, severity
from spyglass.analyze.builtin.spells import Spell, Spells
from spyglass.analyze.builtin.touched import ASPECTS, role_of, touched
from spyglass.analyze.stats.digest import Numbers, combined, of_names
from spyglass.analyze.stats.firsts import Firsts, New
from spyglass.analyze.stats.hours import HOUR_NS, Hours
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Behaviour", "Settings", "analyzer"]

Whole = npt.NDArray[np.int64]
_MOST_AT_ONCE: Final = 5  # new things of one agent and kind in a minute that are told one by one
_RISKY_SURE: Final = 0.65  # a risky call at an unusual hour is harm
_SAYS: Final = {
    "tool": ("calls the tool {thing}", "Find out what it was asked to do and by whom. If its version or task is new, all is well; else take the tool from it."),
    "host": ("names the host {thing}", "Look where the address came from: the user, a tool's answer, or the model. Block the host if nobody meant it."),
    "path": ("works in {thing}", "Look whether the task needs this folder; else limit the tool to its own."),
}


class Settings(BaseModel, extra="forbid", frozen=True):
    """When an agent is known, and how rare is rare."""

    rarity: float = Field(0.01, gt=0, lt=1, description="Chance of anything new in a call, above which nothing new is told.")
    learns_calls: int = Field(200, ge=20, le=1_000_000, description="Calls of tools (with an address, with a path) before an agent's habits count as known.")
    learns_minutes: int = Field(60, ge=0, le=525_600, description="Minutes since the first of them.")
    most_agents: int = Field(20_000, ge=10, le=1_000_000, description="Agents that are known; those that were silent longest give way.")
    most_things: int = Field(200_000, ge=1_000, le=10_000_000, description="Tools, hosts and paths that are known, of all agents together.")
    risky_tools: str = Field("", description="Regular expression of tools that cannot be taken back. Empty: that of `compliance`, as far as it is set.")

    @field_validator("risky_tools")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        """One that RE2 takes."""
        try:
            pc.match_substring_regex(pa.array([""]), value)
        except pa.ArrowInvalid as error:
            raise ValueError(f"it is no regular expression: {error}") from None
        return value


class Behaviour:
    """Habits of agents, and of their roles."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # an agent, its role: each with three kinds of things
        self._firsts = Firsts(6 * settings.most_agents, 2 * settings.most_things)
        self._hours = Hours(settings.most_agents)
        self._spells = Spells()
        self._minutes, self._fresh = MinutesInParts(LATER_NS["behaviour"]), Pooled(1_000)

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls of tools."""
        if isinstance(seen, Batch):
            self._fresh.add(seen)
        return ()

    def _take(self) -> None:
        if (batch := self._fresh.take()) is not None:
            self._minutes.add(touched(batch.rows, self._settings.risky_tools))

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself, some agents after the others: so it does not matter how they were cut."""
        if self._fresh.ready(now_ns) or self._minutes.due(now_ns):
            self._take()
        for part in self._minutes.over(now_ns):
            rows = part.sort_by([("received", "ascending"), ("trace_id", "ascending"), ("span_id", "ascending")])
            yield from self._look(rows.append_column("role", role_of(rows["agent"])))

    def _look(self, rows: pa.Table) -> Iterator[Finding]:
        """Some agents' minute, in the order of arrival."""
        for number, aspect in enumerate(ASPECTS):
            yield from self._things(rows.filter(pc.not_equal(rows[aspect], "")), aspect, np.uint64(number))
        yield from self._hour(rows)

    def _things(self, rows: pa.Table, aspect: str, number: np.uint64) -> Iterator[Finding]:
        if not rows.num_rows:
            return
        told = _grouped(rows, ["project", "role", aspect])
        of_role = self._firsts.see(_numbers(told, number, ["project", "role"]), of_names(told[aspect]), *_when(told))
        known = {key for key, first in zip(_keys(told, ["project", "role", aspect]), of_role.first.tolist(), strict=True) if not first}
        told = _grouped(rows, ["project", "agent", "role", aspect])
        own = self._firsts.see(_numbers(told, number + np.uint64(8), ["project", "agent"]), of_names(told[aspect]), *_when(told))
        old = _when(told)[1] - own.since_ns >= self._settings.learns_minutes * MINUTE_NS
        unusual = np.flatnonzero(own.first & old & (own.times >= self._settings.learns_calls) & (own.chance < self._settings.rarity))
        so_many: dict[tuple[str, str], int] = {}
        for at, row in zip(unusual.tolist(), told.take(pa.array(unusual)).to_pylist(), strict=True):
            who = row["project"], row["agent"]
            so_many[who] = so_many.get(who, 0) + 1
            if so_many[who] <= _MOST_AT_ONCE:
                yield self._first(row, aspect, own, at, (row["project"], row["role"], row[aspect]) in known)

    def _first(self, row: dict[str, Any], aspect: str, own: New, at: int, of_role: bool) -> Finding:
        """One thing that an agent does for the first time."""
        does, advice = _SAYS[aspect]
        times, kinds, chance = int(own.times[at]), int(own.kinds[at]), float(own.chance[at])
        others = f"; other agents named {row['role']} do" if of_role and row["role"] != row["agent"] else ""
        different = "always the same one" if kinds == 1 else f"{kinds} different ones"
        return Finding(
            analyzer="behaviour",
            version=analyzer.version,
            rule=f"new_{aspect}",
            project=row["project"],
            time_ns=row["received_min"],
            title=f"{row['agent']} {does.format(thing=row[aspect])} for the first time, after {times:,} calls with {different}{others}",
            severity="info" if others or aspect == "path" else "warning",
            subject={"agent": row["agent"], aspect: row[aspect]},
            probability=chance,
            evidence=(Evidence(row["trace_id_first"].hex(), row["span_id_first"].hex()),),
            suggestion=advice,
            details={"calls_before": times, "kinds_before": kinds, "known_days": round((row["received_min"] - int(own.since_ns[at])) / (24 * HOUR_NS), 2)},
        )

    def _hour(self, rows: pa.Table) -> Iterator[Finding]:
        told = _grouped(rows, ["project", "agent"])
        _, at_ns = _when(told)
        judged = self._hours.see(_numbers(told, np.uint64(99), ["project", "agent"]), at_ns)
        unusual = np.flatnonzero(judged.unusual)
        found = told.take(pa.array(unusual)).to_pylist()
        for at, row in zip(unusual.tolist(), found, strict=True):
            self._spells.begin((row["project"], row["agent"]), int(at_ns[at]), int(judged.days[at]), float(judged.chance[at]))
        accused = set()
        for row, spell in self._spells.risky(rows):
            accused.add((row["project"], row["agent"]))
            yield _risky(row, spell)
        for at, row in zip(unusual.tolist(), found, strict=True):
            if (row["project"], row["agent"]) in accused:
                continue
            hour, days = int(at_ns[at] // HOUR_NS % 24), int(judged.days[at])
            yield Finding(
                analyzer="behaviour",
                version=analyzer.version,
                rule="unusual_hour",
                project=row["project"],
                time_ns=row["received_min"],
                title=f"{row['agent']} calls {row['tool_first']} at {hour:02}:00 UTC, an hour in which it was silent on {days} days like this one",
                severity="info",
                subject={"agent": row["agent"]},
                observed=1.0,
                expected=(0.0, 0.0),
                probability=float(judged.chance[at]),
                evidence=(Evidence(row["trace_id_first"].hex(), row["span_id_first"].hex()),),
                suggestion="Look who started this run. A new schedule explains it; a key that somebody else uses does, too.",
                details={"hour_utc": hour, "days_before": days, "expected_without_habits": round(float(judged.expected[at]), 1)},
            )

    def save(self) -> State:
        """Habits, and what waits."""
        self._take()
        state = {**self._firsts.save(), "hours": self._hours.save(), "spells": self._spells.save()}
        return state | self._minutes.save()

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._firsts.restore({name: state[name] for name in ("owners", "things")})
        self._hours.restore(state["hours"])
        self._spells.restore(state.get("spells"))
        self._minutes.restore(state)


def _risky(row: dict[str, Any], spell: Spell) -> Finding:
    """A call that cannot be taken back, at an hour at which its agent never was at work."""
    hour = row["received"] // HOUR_NS % 24
    return Finding(
        analyzer="behaviour",
        version=analyzer.version,
        rule="risky_at_unusual_hour",
        project=row["project"],
        time_ns=row["received"],
        title=f"{row['agent']} calls {row['tool']}, which {row['risk']}, at {hour:02}:00 UTC; it was silent at such hours on {spell.days} days like this one",
        severity=severity(Impact.HIGH, _RISKY_SURE),
        subject={"agent": row["agent"], "tool": row["tool"]},
        observed=1.0,
        expected=(0.0, 0.0),
        probability=spell.chance,
        evidence=(Evidence(row["trace_id"].hex(), row["span_id"].hex()),),
        suggestion="Look who started this run, and undo what it did if nobody meant it. Let this tool work only at hours at which somebody watches.",
        owasp=Owasp.IDENTITY_ABUSE.value,
        details={"hour_utc": hour, "days_before": spell.days, "confidence": _RISKY_SURE, "impact": Impact.HIGH.name.lower()},
    )


def _grouped(rows: pa.Table, keys: list[str]) -> pa.Table:
    """Who did what: how often, when first, and in which call. In the order of arrival."""
    found = rows.group_by(keys, use_threads=False).aggregate(
        [("received", "count"), ("received", "min"), ("trace_id", "first"), ("span_id", "first"), *([] if "tool" in keys else [("tool", "first")])]
    )
    return found.sort_by([("received_min", "ascending"), *((key, "ascending") for key in keys)])


def _when(told: pa.Table) -> tuple[Whole, Whole]:
    return told["received_count"].to_numpy(), told["received_min"].to_numpy()


def _numbers(told: pa.Table, part: np.uint64, keys: list[str]) -> Numbers:
    return combined(np.full(told.num_rows, part, np.uint64), *(of_names(told[key]) for key in keys))


def _keys(told: pa.Table, keys: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(told[key].to_pylist() for key in keys), strict=True)


analyzer: Final = AnalyzerKind(
    name="behaviour",
    version="1.0.0",
    description="Tools, hosts and folders that an agent never touched before, and hours at which it never was at work.",
    reads=frozenset({"span"}),
    settings=Settings,
    news=True,
    make=Behaviour,
    rules=(*(f"new_{aspect}" for aspect in ASPECTS), "unusual_hour", "risky_at_unusual_hour"),
)
