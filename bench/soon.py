"""How soon a finding is kept: processor time from a batch that analyzers can read to the finding in the log on the disk, and when the store answers with it.

    python -m bench.soon [--seconds N]

Batches come at even times whether the one before is done or not; the time of each is what all before it left over and its own: what the analyzers compute
(processor time of one thread, so that whatever else the machine does is left out), and the encoding, decoding and flush to the disk of what they found. Two
loads: the detectors of values, with 150,000 values a second (each call carries eight: it counts, fails, lasts, begins to answer, takes, gives, caches and
costs), of ten thousand agents of whom some go wrong; and all analyzers, with as many spans a second as asked, and an injection now and then.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.builtin.anomaly import Settings as AnomalySettings
from spyglass.analyze.kinds import wanted
from spyglass.analyze.loop import Loop
from spyglass.app.build import refinery
from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.config.spec import Analyzers
from spyglass.decode.decoder import Decoder
from spyglass.model.batch import Batch
from spyglass.model.body import Body
from spyglass.model.clock import SystemClock
from spyglass.model.finding import SERVER_SCOPE, Finding, event_of
from spyglass.model.schema import Kind
from spyglass.model.told import Told
from spyglass.publish.log import DiskLog
from spyglass.refine.dialect import Dialects
from spyglass.refine.price import Pricer
from spyglass.refine.redact import Redactor
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.writer import Writer
from spyglass.testing.rows import spans

__all__ = ["main"]

_AGENTS = 10_000
_FIGURES = 8
_VALUES_S = 150_000
_TICK_S = 0.05
_SECOND_NS = 10**9
_MINUTE_NS = 60 * _SECOND_NS
_LEARNS = 10  # minutes
_WRONG = 500  # of the agents
_DETECTORS = ("aggregation", "anomaly", "flood", "relations")
_INJECTED = "{\"id\": \"1' OR '1'='1' UNION SELECT password FROM users --\"}"


@dataclass(frozen=True, slots=True)
class _Load:
    what: str
    spans_s: float
    analyzers: Collection[str]  # none: all
    seconds: float  # in the middle of which a minute ends: that is when most is judged
    wrong: int  # agents whose calls take twenty times as long in the last two minutes
    injected: int  # every so many batches one


class _Rows:
    """Spans of many agents, quickly: each keeps to its own four rows (model, tools, texts), with other ids, times and durations."""

    def __init__(self, seed: int = 1) -> None:
        self._rng, self._rows, self._names = np.random.default_rng(seed), spans(_AGENTS), np.array([f"agent-{number}" for number in range(_AGENTS)])

    def batch(self, count: int, at_ns: int, wrong: int = 0, injected: bool = False) -> Batch:
        """`count` spans that arrive now; runs of four of an agent, or all agents' one by one."""
        rng = self._rng
        agents = np.repeat(np.arange(_AGENTS) if count == 4 * _AGENTS else rng.integers(_AGENTS, size=count // 4 + 1), 4)[:count]
        lasted = (rng.lognormal(18, 0.4, count) * np.where(agents < wrong, 20, 1)).astype(np.uint64)
        traces, own = rng.bytes(16 * (count // 4 + 1)), rng.bytes(8 * count)
        told = {
            "received": np.full(count, at_ns),
            "start": at_ns - lasted.astype(np.int64),
            "agent": self._names[agents],
            "trace_id": [traces[16 * (row // 4) : 16 * (row // 4) + 16] for row in range(count)],
            "span_id": [own[8 * row : 8 * row + 8] for row in range(count)],
            "duration_ns": lasted,
        }
        rows = self._rows.take(pa.array((4 * agents + np.arange(count) % 4) % _AGENTS))
        for name, values in told.items():
            rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), pa.array(values).cast(rows.schema.field(name).type))
        if injected:
            at = rows.schema.get_field_index("input")
            tools = zip(rows["kind"].to_pylist(), rows["input"].to_pylist(), strict=True)
            rows = rows.set_column(
                at, rows.schema.field(at), pa.array([_INJECTED if kind == "tool" else text for kind, text in tools], rows.schema.field(at).type)
            )
        return Batch(Kind.SPAN, rows)


class _Kept:
    """Where findings go: the log of a server and its store."""

    def __init__(self, folder: Path) -> None:
        self._engine = Engine.open(f"chdb://{folder}/store", data_dir=folder)
        migrate(self._engine, SystemClock())
        self._log = DiskLog(folder / "log")
        self._decoder, self._chain = Decoder(), refinery(Dialects.load(), Redactor(), Pricer())
        self._writer = Writer(self._engine, self._log.cursor("store"), SystemClock())
        self._writer.start()

    def keep(self, findings: Sequence[Finding]) -> float:
        """On the disk; gives the seconds that it took: processor time, but all of the time that the flush took."""
        began, waited = time.thread_time(), 0.0
        for encoded in encode(Told(events=tuple(map(event_of, findings))), Scope(SERVER_SCOPE, "0"), lambda *_: None, Bounds()):
            decoded = self._decoder.decode(encoded.signal, [Body(encoded.signal, "protobuf", encoded.data, "default")], time.time_ns())
            batch = self._chain.refine(decoded.batch).batch
            if batch is not None:
                handed = time.perf_counter()
                self._log.append([batch]).result(30)
                waited += time.perf_counter() - handed
        return time.thread_time() - began + waited

    def close(self) -> None:
        self._writer.stop()
        self._log.close()
        self._engine.close()


def _took(load: _Load, kept: _Kept) -> Iterator[tuple[float, int]]:
    """Of each batch the processor time, and how many findings there were in it."""
    found = wanted(Analyzers())
    stages = [[kind for kind in stage if not load.analyzers or kind.name in load.analyzers] for stage in found.stages]
    loop = Loop(stages, {**found.settings, "anomaly": AnomalySettings(learns_minutes=_LEARNS)}, workers=1, share=1e9)
    rows, per_tick = _Rows(), round(load.spans_s * _TICK_S) // 4 * 4
    windows = 5 * _MINUTE_NS  # of which one ends with that minute, too
    at_ns = time.time_ns() // windows * windows - _MINUTE_NS
    for _ in range(_LEARNS + 5):
        loop.observe([rows.batch(4 * _AGENTS, at_ns + _MINUTE_NS // 2)], at_ns + _MINUTE_NS // 2)
        at_ns += _MINUTE_NS
    for _ in range(60 - round(load.seconds / 2)):  # the minute that is going to end is as busy from its beginning, in larger batches
        at_ns += _SECOND_NS
        loop.observe([rows.batch(round(load.spans_s) // 4 * 4, at_ns, load.wrong)], at_ns)
    gc.collect()
    gc.freeze()  # as a server does when it has started
    for number in range(round(load.seconds / _TICK_S)):
        at_ns += round(_TICK_S * _SECOND_NS)
        batch = rows.batch(per_tick, at_ns, load.wrong, bool(load.injected) and number % load.injected == 0)
        began = time.thread_time()
        findings = loop.observe([batch], at_ns)
        spent = time.thread_time() - began
        yield spent + (kept.keep(findings) if findings else 0.0), len(findings)
    loop.close()


def _measured(load: _Load, kept: _Kept) -> Iterator[tuple[str, str]]:
    took, counts = (np.array(one) for one in zip(*_took(load, kept), strict=True))
    free_at, latencies = 0.0, []
    for number, one in enumerate(took):
        free_at = max(free_at, number * _TICK_S) + one
        latencies.append(free_at - number * _TICK_S)
    every, busy = np.array(latencies) * 1e3, took.sum() / (len(took) * _TICK_S)
    said = f"batch readable to finding on the disk: {_of(every)} (bar 50); {busy:.0%} of a core"
    if (told := every[counts > 0]).size:
        said += f"; the {len(told)} batches with findings: {_of(told)}"
    yield load.what, said


def _of(milliseconds: npt.NDArray[np.float64]) -> str:
    return f"median {np.median(milliseconds):.0f} ms, p99 {np.quantile(milliseconds, 0.99):.0f}"


def main(seconds: float = 20.0, spans_s: float = 5_000.0) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    loads = (
        _Load(f"{_VALUES_S:,} values/s, detectors", _VALUES_S / _FIGURES, _DETECTORS, seconds, _WRONG, 0),
        _Load(f"{spans_s:,.0f} spans/s, all analyzers", spans_s, (), seconds, _WRONG, 7),
    )
    out = []
    with tempfile.TemporaryDirectory() as folder:
        kept = _Kept(Path(folder))
        try:
            for load in loads:
                out += list(_measured(load, kept))
        finally:
            kept.close()
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--spans", type=float, default=5_000.0, help="a second, for all analyzers")
    asked = parser.parse_args()
    for what, measured in main(asked.seconds, asked.spans):
        print(f"{what:40} {measured}")
