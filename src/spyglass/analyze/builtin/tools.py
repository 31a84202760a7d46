"""Tools that are dead or waste something: spans and the frame `calls.steps` in, findings out, each at most once a day.

`always_fails`: every call for a long while failed. `never_called`: an agent is offered tools that it never calls, and pays for their definitions in each
prompt. `unread`: results after which no model was called in the same trace. `repeated`: calls that repeat one of the same run, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.minutes import LATER_NS
from spyglass.analyze.builtin.offered import Offer, Offers
from spyglass.analyze.builtin.pooled import Pooled
from spyglass.analyze.builtin.steps import STEPS, Steps, steps_of
from spyglass.analyze.stats.digest import Numbers, combined, of_ids, of_names
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Settings", "Tools", "analyzer"]

_ROUND_NS: Final = 10 * 60 * 10**9  # after which a trace counts as over, and in which all is looked at once
_DAY_NS: Final = 24 * 3_600 * 10**9
_MOST_ROWS: Final = 200_000  # that wait for the end of their trace
_LONGEST_SILENCE: Final = 14 * 144  # rounds; what waited longer was forgotten
_BYTES_PER_TOKEN: Final = 4  # of English and JSON, roughly


class Settings(BaseModel, extra="forbid", frozen=True):
    """From when on something is worth a word."""

    failures: int = Field(10, ge=3, le=100_000, description="Calls of a tool by an agent, all failed one after the other, that are `always_fails`.")
    calls: int = Field(50, ge=10, le=1_000_000, description="Calls a day, before `unread` and `repeated` are judged.")
    unread_share: float = Field(0.9, gt=0, le=1, description="Share of results that no model read.")
    repeated_share: float = Field(0.2, gt=0, le=1, description="Share of calls that repeat an earlier one of their run with the same result.")
    offers: int = Field(500, ge=10, le=10_000_000, description="Model calls of an agent, before a tool that was never called is dead.")
    days: float = Field(1.0, gt=0, le=365, description="And for so long it must have been offered.")
    polling_tools: str = Field("(?i)poll|wait|sleep|status|heartbeat", description="Regular expression of tools that may be called again and again.")
    most_tools: int = Field(20_000, ge=100, le=1_000_000, description="Tools of agents that are kept; those that were called longest ago give way.")


@dataclass(slots=True)
class _Use:
    """What is known of one tool of one agent; counts are of the day, but for `failures`, which is in a row."""

    failures: int = 0
    calls: int = 0
    unread: int = 0
    repeated: int = 0
    output_bytes: int = 0
    duration_ns: int = 0
    last_ns: int = 0  # call
    offered_ns: int = 0  # first time
    trace: bytes = b""
    span: bytes = b""
    told_fails: int = 0
    told_unread: int = 0
    told_repeated: int = 0


@dataclass(slots=True)
class _Agent:
    """What is known of one agent."""

    calls: int = 0  # of models, since it was first offered tools
    size_bytes: int = 0  # of the latest definitions
    tools: int = 0  # that they define
    told_ns: int = 0


class Tools:
    """Every tool of every agent, and the calls of traces that may go on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._offers = Offers()
        self._uses: dict[tuple[str, str, str], _Use] = {}
        self._agents: dict[tuple[str, str], _Agent] = {}
        self._waiting: list[pa.Table] = []
        self._new: list[Offer] = []
        self._fresh = Pooled(1_300)  # spans in which offers were not looked for
        self._round = 0  # the latest that was looked at
        self._day = 0
        self._one_in = 1  # traces that are looked at

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans tell what agents are offered, calls what they use."""
        if isinstance(seen, Frame):
            self._wait(self._thinned(seen.rows))
            self._bound()
        else:
            self._fresh.add(seen)
        return ()

    def _take(self) -> None:
        if (batch := self._fresh.take()) is not None:
            self._new += self._offers.look(batch.rows)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Every ten minutes, of what arrived before the last ten."""
        over = (now_ns - LATER_NS["tools"]) // _ROUND_NS
        if self._fresh.ready(now_ns) or over > self._round:
            self._take()
        if over <= self._round:
            return
        table = pa.concat_tables(self._waiting).combine_chunks() if self._waiting else None
        steps = steps_of(table, self._settings.polling_tools) if table is not None else None
        first = int(steps.received.min()) // _ROUND_NS + 1 if steps is not None else over + 1
        for number in range(max(self._round + 1, first, over - _LONGEST_SILENCE), over + 1):
            yield from self._look(table, steps, number * _ROUND_NS)
        self._waiting = []
        if table is not None and steps is not None:
            self._wait(table.filter(pa.array(steps.received >= (over - 1) * _ROUND_NS)))
        self._round = over
        self._one_in = max(1, self._one_in // 2)

    def _bound(self) -> None:
        """Of too many traces every second one is looked at, or every fourth and so on: shares stay what they are."""
        while sum(table.num_rows for table in self._waiting) > _MOST_ROWS:
            self._one_in *= 2
            waiting, self._waiting = self._waiting, []
            for table in waiting:
                self._wait(self._thinned(table))

    def _wait(self, table: pa.Table) -> None:
        if table.num_rows:
            self._waiting.append(table)

    def _thinned(self, table: pa.Table) -> pa.Table:
        return table.filter(pa.array(of_ids(table["trace_id"]) % np.uint64(self._one_in) == 0)) if self._one_in > 1 else table

    def _look(self, table: pa.Table | None, steps: Steps | None, until_ns: int) -> Iterator[Finding]:
        """Count what arrived in the round before the last, knowing what came in the last."""
        self._new_day((until_ns - 2 * _ROUND_NS) // _DAY_NS)
        for offer in self._new:
            if offer.received_ns < until_ns:
                self._offered(offer)
        self._new = [offer for offer in self._new if offer.received_ns >= until_ns]
        if table is not None and steps is not None:
            known = (steps.received < until_ns) & (steps.received >= until_ns - 2 * _ROUND_NS)
            old = steps.received < until_ns - _ROUND_NS
            if (old & known).any():
                self._count(table, steps, old, known)
        yield from self._tell(until_ns)

    def _count(self, table: pa.Table, steps: Steps, old: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> None:
        order = np.lexsort((steps.span, steps.start, steps.received))
        order = order[known[order]]
        _, first = np.unique(steps.span[order], return_index=True)
        order = order[np.sort(first)]  # what senders sent twice counts once
        ordered = steps.at(order)
        trace = combined(of_names(table["project"]), of_ids(table["trace_id"]))[order]
        unread, repeated = _unread(ordered, trace), _repeated(ordered)
        judged = old[order]
        rows = table.take(pa.array(order[judged]))
        marks: dict[str, npt.NDArray[Any]] = {
            "unread": unread[judged],
            "repeated": repeated[judged],
            "failed": ordered.failed[judged],
            "tool_call": ordered.tool[judged],
        }
        marks["received_ns"] = ordered.received[judged]
        rows = rows.append_column("order", pa.array(np.arange(rows.num_rows)))
        for name, column in marks.items():
            rows = rows.append_column(name, pa.array(column.astype(np.int64)))
        self._add(rows.filter(pc.and_(pc.equal(rows["tool_call"], 1), pc.not_equal(rows["agent"], ""))))
        models = rows.filter(pc.equal(rows["kind"], "llm")).group_by(["project", "agent"], use_threads=False).aggregate([("order", "count")])
        for project, agent, count in zip(*(models[name].to_pylist() for name in ("project", "agent", "order_count")), strict=True):
            if (project, agent) in self._agents:
                self._agents[project, agent].calls += count

    def _add(self, rows: pa.Table) -> None:
        """Calls of tools to what is known of them."""
        sums = ("unread", "repeated", "failed", "output_bytes", "duration_ns")
        wanted = [*((name, "sum") for name in sums), ("order", "count"), ("received_ns", "max"), ("trace_id", "last"), ("span_id", "last"), ("failed", "list")]
        table = rows.group_by(["project", "agent", "tool"], use_threads=False).aggregate(wanted)
        table = table.sort_by([(name, "ascending") for name in ("project", "agent", "tool")])
        for row in table.to_pylist():
            use = self._use((row["project"], row["agent"], row["tool"]))
            failed: list[int] = row["failed_list"]
            in_row = failed[::-1].index(0) if 0 in failed else len(failed) + use.failures
            use.told_fails = use.told_fails if in_row > use.failures else 0
            use.failures = in_row
            use.calls += row["order_count"]
            use.unread += row["unread_sum"]
            use.repeated += row["repeated_sum"]
            use.output_bytes += row["output_bytes_sum"]
            use.duration_ns += row["duration_ns_sum"]
            use.last_ns = max(use.last_ns, row["received_ns_max"])
            use.trace, use.span = row["trace_id_last"], row["span_id_last"]

    def _use(self, key: tuple[str, str, str]) -> _Use:
        if key not in self._uses and len(self._uses) >= self._settings.most_tools:
            oldest = sorted(self._uses, key=lambda one: (self._uses[one].last_ns or self._uses[one].offered_ns, one))
            for one in oldest[: max(1, len(oldest) // 16)]:
                del self._uses[one]
        return self._uses.setdefault(key, _Use())

    def _offered(self, offer: Offer) -> None:
        agent = self._agents.setdefault((offer.project, offer.agent), _Agent())
        agent.size_bytes, agent.tools = offer.size_bytes, len(offer.tools)
        for tool in offer.tools:
            use = self._use((offer.project, offer.agent, tool))
            use.offered_ns = use.offered_ns or offer.received_ns
        while len(self._agents) > self._settings.most_tools:
            del self._agents[next(iter(self._agents))]

    def _tell(self, now_ns: int) -> Iterator[Finding]:
        dead: dict[tuple[str, str], list[str]] = {}
        long_ago = now_ns - round(self._settings.days * _DAY_NS)
        for key in sorted(self._uses):
            use = self._uses[key]
            yield from self._told_of(key, use, now_ns)
            if use.offered_ns and use.offered_ns <= long_ago and not use.last_ns:
                dead.setdefault(key[:2], []).append(key[2])
        for named, tools in dead.items():
            agent = self._agents.get(named)
            if agent is not None and agent.calls >= self._settings.offers and now_ns - agent.told_ns >= _DAY_NS:
                agent.told_ns = now_ns
                yield self._dead(named, agent, tools, now_ns)

    def _told_of(self, key: tuple[str, str, str], use: _Use, now_ns: int) -> Iterator[Finding]:
        settings, (_, agent, tool) = self._settings, key
        if use.failures >= settings.failures and use.failures >= 2 * use.told_fails:
            use.told_fails = use.failures
            yield self._finding(key, use, now_ns, "always_fails", float(use.failures), "calls", f"{agent}: the last {use.failures} calls of {tool} all failed")
        if use.calls < settings.calls:
            return
        seconds, tokens = use.duration_ns / 1e9, use.output_bytes // _BYTES_PER_TOKEN
        unread, repeated = use.unread / use.calls, use.repeated / use.calls
        if unread >= settings.unread_share and not use.told_unread:
            use.told_unread = 1
            title = f"{agent}: {unread:.0%} of the results of {tool} are never read by a model ({use.calls} calls, {seconds:.3g} s today)"
            yield self._finding(key, use, now_ns, "unread", unread, "1", title)
        if repeated >= settings.repeated_share and not use.told_repeated:
            use.told_repeated = 1
            title = f"{agent}: {repeated:.0%} of the calls of {tool} repeat an earlier one of their run, with the same result"
            title += f" (some {round(tokens * repeated):,} tokens and {seconds * repeated:.3g} s today)"
            yield self._finding(key, use, now_ns, "repeated", repeated, "1", title)

    def _finding(self, key: tuple[str, str, str], use: _Use, now_ns: int, rule: str, observed: float, unit: str, title: str) -> Finding:
        project, agent, tool = key
        most = {"always_fails": self._settings.failures - 1, "unread": self._settings.unread_share, "repeated": self._settings.repeated_share}[rule]
        return Finding(
            analyzer="tools",
            version=analyzer.version,
            rule=rule,
            project=project,
            time_ns=now_ns,
            title=title,
            severity="error" if rule == "always_fails" else "info",
            subject={"agent": agent, "tool": tool},
            observed=observed,
            expected=(0.0, float(most)),
            unit=unit,
            evidence=(Evidence(use.trace.hex(), use.span.hex()),),
            suggestion=_ADVICE[rule],
            details={"calls": use.calls, "seconds": round(use.duration_ns / 1e9, 3), "result_tokens": use.output_bytes // _BYTES_PER_TOKEN},
        )

    def _dead(self, named: tuple[str, str], agent: _Agent, tools: list[str], now_ns: int) -> Finding:
        """The definitions that nobody needs are sent with each call."""
        wasted = agent.size_bytes // _BYTES_PER_TOKEN * min(len(tools), agent.tools) // max(agent.tools, 1)
        shown = ", ".join(tools[:5]) + (f" and {len(tools) - 5} more" if len(tools) > 5 else "")
        return Finding(
            analyzer="tools",
            version=analyzer.version,
            rule="never_called",
            project=named[0],
            time_ns=now_ns,
            title=f"{named[1]}: offered in {agent.calls:,} model calls and never used: {shown}; the definitions take about {wasted:,} tokens of each prompt",
            severity="info",
            subject={"agent": named[1]},
            observed=float(len(tools)),
            unit="tools",
            suggestion=_ADVICE["never_called"],
            details={"tools": tools[:50], "model_calls": agent.calls, "tokens_each": wasted},
        )

    def _new_day(self, day: int) -> None:
        if day == self._day:
            return
        self._day = day
        for use in self._uses.values():
            use.calls = use.unread = use.repeated = use.output_bytes = use.duration_ns = use.told_unread = use.told_repeated = 0

    def save(self) -> State:
        """All that is known, and what waits."""
        self._take()
        uses = {name: [key[at] for key in self._uses] for at, name in enumerate(("project", "agent", "tool"))}
        use_columns = {one.name: [getattr(use, one.name) for use in self._uses.values()] for one in fields(_Use)}
        agents = {name: [key[at] for key in self._agents] for at, name in enumerate(("project", "agent"))}
        agent_columns = {one.name: [getattr(agent, one.name) for agent in self._agents.values()] for one in fields(_Agent)}
        new = [[str(part) for part in offer[:2]] for offer in self._new]
        state = {
            "uses": pa.table({**uses, **use_columns}),
            "agents": pa.table({**agents, **agent_columns}),
            "offers": self._offers.save(),
            "round": pa.table({"round": [self._round], "day": [self._day], "one_in": [self._one_in]}),
            "new": pa.table(
                {
                    "project": pa.array([one[0] for one in new], pa.string()),
                    "agent": pa.array([one[1] for one in new], pa.string()),
                    "received_ns": pa.array([offer.received_ns for offer in self._new], pa.int64()),
                    "tools": pa.array([list(offer.tools) for offer in self._new], pa.list_(pa.string())),
                    "size_bytes": pa.array([offer.size_bytes for offer in self._new], pa.int64()),
                }
            ),
        }
        return state | ({"waiting": pa.concat_tables(self._waiting)} if self._waiting else {})

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._uses = {(row.pop("project"), row.pop("agent"), row.pop("tool")): _Use(**row) for row in state["uses"].to_pylist()}
        self._agents = {(row.pop("project"), row.pop("agent")): _Agent(**row) for row in state["agents"].to_pylist()}
        self._offers.restore(state["offers"])
        self._new = [Offer(**(row | {"tools": tuple(row["tools"])})) for row in state["new"].to_pylist()]
        self._round, self._day = state["round"]["round"][0].as_py(), state["round"]["day"][0].as_py()
        self._one_in = state["round"]["one_in"][0].as_py()
        self._waiting = [state["waiting"]] if "waiting" in state else []


def _unread(steps: Steps, trace: Numbers) -> npt.NDArray[np.bool_]:
    """Calls of tools that gave something, after which no model was called in the same trace."""
    unique, inverse = np.unique(trace, return_inverse=True)
    latest = np.full(len(unique), np.iinfo(np.int64).min)
    models = ~steps.tool
    np.maximum.at(latest, inverse[models], steps.start[models])
    found: npt.NDArray[np.bool_] = steps.tool & ~steps.failed & (latest[inverse] < steps.end)
    return found


def _repeated(steps: Steps) -> npt.NDArray[np.bool_]:
    """Calls of tools that were made before in the same run, with the same result."""
    key = combined(steps.run, steps.result)
    countable = steps.tool & steps.told & ~steps.failed & ~steps.patient
    found = np.zeros(len(key), np.bool_)
    at = np.flatnonzero(countable)
    _, first = np.unique(key[at], return_index=True)
    found[at] = True
    found[at[first]] = False
    return found


_ADVICE: Final = {
    "always_fails": "Repair the tool or take it away: the agent loses a step with each try.",
    "unread": "If the call is made for what it does (it sends, it saves), all is well; else leave it out, or give its result to the model.",
    "repeated": "Keep results for the run, or tell the agent what it has asked already.",
    "never_called": "Take these tools out of the prompt, or say in their descriptions when they are of use.",
}

analyzer: Final = AnalyzerKind(
    name="tools",
    version="1.0.0",
    description="Tools that always fail, are never called, or whose results nobody reads or were known already.",
    reads=frozenset({"span", STEPS}),
    settings=Settings,
    news=True,
    make=Tools,
    rules=tuple(_ADVICE),
)
