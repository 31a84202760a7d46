"""Kill -9 during ingest, again and again: is everything that was acknowledged there, exactly once, and do the sums agree with the records?

    python -m bench.kill9 --trials 200

Each trial starts the server on the same directory, sends again what got no answer from the one before, checks what that one acknowledged, and then sends
spans (traces cut in two bodies), log records and points over four connections until a random moment, at which the server is killed. In the end the
roll-ups, the table of traces and the calls are compared with what the records come to. Exit code 1: something was lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.server import Server, server
from bench.workload import logs, points, spans

CONNECTIONS = 4
LONGEST_S = 2.0  # of a life after the first request
TABLES = {"traces": "spans", "logs": "events", "metrics": "points"}


@dataclass(frozen=True)
class Body:
    """A request."""

    project: str
    signal: str
    rows: int
    data: bytes


@dataclass
class Report:
    """What became of it all."""

    trials: int = 0
    bodies: int = 0
    rows: int = 0
    without_answer: int = 0  # bodies that were sent again after the kill
    wrong: list[str] = field(default_factory=list)
    slowest_start_s: float = 0.0


class Bodies:
    """New bodies without end; safe in several threads."""

    def __init__(self) -> None:
        self._templates = {"logs": logs(40), "metrics": points(40)}
        self._spans = spans(64)
        self._lock = threading.Lock()
        self._numbers = iter(range(2**62))

    def group(self, project: str) -> Iterator[Body]:
        """Children, then log records and points, then the roots of the same traces."""
        with self._lock:
            number = next(self._numbers)
        now = time.time_ns() - 10**10
        children, roots = halves(self._spans.stamp(number, now))
        yield Body(project, "traces", self._spans.rows - self._spans.rows // 8, children)
        for signal, template in self._templates.items():
            yield Body(project, signal, template.rows, template.stamp(number, now))
        yield Body(project, "traces", self._spans.rows // 8, roots)


def halves(body: bytes) -> tuple[bytes, bytes]:
    """A request of spans as two: those with a parent, and the others."""
    parts = []
    for root in (False, True):
        request = ExportTraceServiceRequest.FromString(body)
        for group in request.resource_spans:
            for scope in group.scope_spans:
                kept = [span for span in scope.spans if (not span.parent_span_id) is root]
                del scope.spans[:]
                scope.spans.extend(kept)
        parts.append(request.SerializeToString())
    return parts[0], parts[1]


class Senders:
    """Threads that send until the server is gone, and know what was acknowledged."""

    def __init__(self, running: Server, bodies: Bodies, project: str) -> None:
        self.acknowledged: list[Body] = []
        self.in_doubt: list[Body] = []
        self.wrong: list[str] = []
        self._endpoint, self._bodies, self._project = running.url("otlp_http"), bodies, project
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(CONNECTIONS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait for them to see the end."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with httpx.Client(timeout=30, trust_env=False, verify=False) as client:
            while not self._over.is_set():
                for body in self._bodies.group(self._project):
                    if not self._deliver(client, body):
                        return

    def _deliver(self, client: httpx.Client, body: Body) -> bool:
        try:
            status = post(client, self._endpoint, body)
        except httpx.TransportError:
            self.in_doubt.append(body)
            return False
        if status == 200:
            self.acknowledged.append(body)
        else:
            self.wrong.append(f"{body.signal} answered with {status}")
        return True


def post(client: httpx.Client, endpoint: str, body: Body) -> int:
    """Send a body."""
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": body.project}
    return client.post(f"{endpoint}/v1/{body.signal}", content=body.data, headers=headers).status_code


def settle(running: Server, timeout_s: float = 60.0) -> None:
    """Wait until the log is in the store."""
    deadline = time.monotonic() + timeout_s
    while httpx.get(f"{running.url()}/health", timeout=30, trust_env=False, verify=False).json()["log"]["unconsumed_bytes"]:
        if time.monotonic() > deadline:
            raise SystemExit(f"the store did not catch up within {timeout_s:.0f} s")
        time.sleep(0.05)


def check(running: Server, bodies: Sequence[Body]) -> list[str]:
    """What is wrong with the rows of these bodies, all of one project: lost or doubled."""
    wanted = Counter(dict.fromkeys(TABLES.values(), 0))
    for body in bodies:
        wanted[TABLES[body.signal]] += body.rows
    unique = {"spans": "uniqExact(trace_id, span_id)", "events": "uniqExact(event_id)", "points": "count()"}
    sent = "scope_name != 'spyglass.server'"  # analyzers may have found something
    columns = ", ".join(
        f"(SELECT count() FROM {table} WHERE {sent}) AS {table}, (SELECT {what} FROM {table} WHERE {sent}) AS unique_{table}" for table, what in unique.items()
    )
    url = f"{running.url()}/api/v1/sql"
    [told] = httpx.post(url, params={"project": bodies[0].project}, json={"sql": f"SELECT {columns}"}, timeout=60, trust_env=False, verify=False).json()[
        "items"
    ]
    return [
        f"{bodies[0].project}: {table}: sent {rows}, found {told[table]}, of which {told[f'unique_{table}']} different"
        for table, rows in wanted.items()
        if not rows == told[table] == told[f"unique_{table}"]
    ]


def run(folder: Path, trials: int, seed: int, *, quiet: bool = False) -> Report:
    """Kill `trials` servers on one directory."""
    chance, bodies, report = random.Random(seed), Bodies(), Report()
    before: list[Body] = []
    doubt: list[Body] = []
    for trial in range(trials + 1):
        with server(folder) as running:
            report.slowest_start_s = max(report.slowest_start_s, running.ready_s)
            _make_good(running, doubt, report)
            if before:
                settle(running)
                report.wrong += check(running, before)
            if trial == trials:
                break
            senders = Senders(running, bodies, f"trial-{trial}")
            time.sleep(chance.random() ** 2 * LONGEST_S)
            running.process.kill()
            senders.join()
        before, doubt = senders.acknowledged + senders.in_doubt, senders.in_doubt
        report.trials += 1
        report.bodies += len(before)
        report.rows += sum(body.rows for body in before)
        report.without_answer += len(doubt)
        report.wrong += senders.wrong
        if not quiet:
            print(f"trial {trial + 1:4}: {len(senders.acknowledged):4} acknowledged, {len(doubt)} in doubt, {len(report.wrong)} wrong", flush=True)
    report.wrong += differences(folder)
    return report


def _make_good(running: Server, doubt: Sequence[Body], report: Report) -> None:
    """Send again what got no answer, as an exporter does."""
    with httpx.Client(timeout=30, trust_env=False, verify=False) as client:
        statuses = [post(client, running.url("otlp_http"), body) for body in doubt]
    report.wrong += [f"sent again, answered with {status}" for status in statuses if status != 200]


# ---- what the sums say


ROLL_UPS = {
    "spans_minute": (
        "SELECT project, minute, kind, service, agent, model, tool, sum(count), sum(errors), sum(duration_ns) FROM spans_minute GROUP BY ALL",
        "SELECT project, toStartOfMinute(start), kind, service, agent, model, tool, count(), countIf(status='error'), sum(duration_ns) FROM spans GROUP BY ALL",
    ),
    "events_minute": (
        "SELECT project, minute, event_name, severity, source, service, sum(count) FROM events_minute GROUP BY ALL",
        "SELECT project, toStartOfMinute(time), event_name, severity, source, service, count() FROM events GROUP BY ALL",
    ),
    "facets_hour": (
        "SELECT project, hour, value, sum(count), sum(errors) FROM facets_hour WHERE field = 'kind' GROUP BY ALL",
        "SELECT project, toStartOfHour(start), kind, count(), countIf(status = 'error') FROM spans GROUP BY ALL",
    ),
    "traces": (
        "SELECT project, trace_id, min(start), max(end), min(first_received), max(last_received), sum(span_rows) FROM traces GROUP BY ALL",
        "SELECT project, trace_id, min(start), max(start + toIntervalNanosecond(duration_ns)), min(received), max(received), count() FROM spans GROUP BY ALL",
    ),
}


def differences(folder: Path) -> list[str]:
    """Where sums and calls disagree with the records, in a process of its own: only one may have the directory open."""
    command = [sys.executable, "-m", "bench.kill9", "--verify", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return list(json.loads(done.stdout)) if done.returncode == 0 else [f"the store could not be looked at: {done.stderr[-2000:]}"]


def verify(folder: Path) -> list[str]:
    """The same, here."""
    from spyglass.store.engine import Engine  # noqa: PLC0415 - not in the process that starts servers

    engine = Engine.open(f"chdb://{(folder / 'store').absolute()}", data_dir=folder)
    wrong = []
    for table, (summed, counted) in ROLL_UPS.items():
        for left, right, what in ((summed, counted, "too much"), (counted, summed, "too little")):
            found = engine.read(f"SELECT count() AS n FROM ({left} EXCEPT {right})")["n"][0].as_py()
            wrong += [f"{table}: {found} rows {what}"] if found else []
    wrong += _calls(engine)
    engine.close()
    return wrong


def _calls(engine: Any) -> list[str]:
    """Whether the calls are those that all spans together come to."""
    from spyglass.store.calls import LEAN_COLUMNS, calls_of_spans, lean_rows  # noqa: PLC0415

    lean = lean_rows(engine.read(f"SELECT {', '.join(LEAN_COLUMNS)}, request_model, attributes FROM spans"))
    kept = engine.read(f"SELECT {', '.join(_FIGURES)} FROM tellings FINAL WHERE counted AND source = 'span'")
    told = calls_of_spans(lean, now_ns=1, replace=False)
    told, found = _figures(told.filter(told["counted"])), _figures(kept)
    missing, extra = len(told.items() - found.items()), len(found.items() - told.items())
    return [f"calls: {missing} missing or other, {extra} extra or other, of {len(told)}"] if missing or extra else []


_FIGURES = ("project", "call_key", "kind", "failed", "input_tokens", "output_tokens", "agent", "session_id")


def _figures(calls: pa.Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = zip(*(calls[name].to_pylist() for name in _FIGURES), strict=True)
    return {row[:2]: row[2:] for row in rows}


def main() -> None:
    """Print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verify", type=Path, metavar="DIR", help="only compare sums and records of a directory")
    options = parser.parse_args()
    if options.verify is not None:
        print(json.dumps(verify(options.verify)))
        return
    with tempfile.TemporaryDirectory(prefix="spyglass-kill9-") as folder:
        report = run(Path(folder), options.trials, options.seed, quiet=options.json)
    told = {name: value for name, value in vars(report).items() if name != "wrong"} | {"seed": options.seed, "wrong": report.wrong}
    print(json.dumps(told) if options.json else "\n".join(f"{name:>16}  {value}" for name, value in told.items()))
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
