"""Broken bodies over HTTP and gRPC: does each get an answer, does the server live, and are its neighbours kept?

    python -m bench.fuzz --count 1000000        (Ctrl-C ends it early, with its report)

Bodies like those of real exporters are damaged in many ways and sent over several connections; every tenth request is a good one. Wrong is: an answer of
5xx (INTERNAL, UNKNOWN, UNAVAILABLE over gRPC), a connection that ends without one, a good body that is refused or not stored exactly once, a server that
is gone or not well in the end, an exception in its log. Exit code 1: something was wrong; the seed that is printed sends the same again.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import random
import signal
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
import zstandard
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.kill9 import settle
from bench.server import Server, server
from bench.workload import Template, logs, points, spans

THREADS = 6
ENOUGH = threading.Event()  # Ctrl-C: what was sent so far is looked at and told
GOOD_EVERY = 10
METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
MESSAGES = {"traces": ExportTraceServiceRequest, "logs": ExportLogsServiceRequest, "metrics": ExportMetricsServiceRequest}
UNWELL = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
EXTREMES = (b"\x00" * 8, b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\xff" * 9 + b"\x01", b"\x80" * 10, b"\xc3\x28", b"\xed\xa0\x80", b"\x00")
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1),
    "deflate": zlib.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),  # one each: they are not for two threads
}


@dataclass
class Report:
    """What came back."""

    sent: int = 0
    good: Counter[str] = field(default_factory=Counter)  # rows of good bodies by signal
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


# ---- damage


def flip(data: bytearray, chance: random.Random) -> None:
    """Some bits."""
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random) -> None:
    """The end off."""
    del data[chance.randrange(len(data)) :]


def drop(data: bytearray, chance: random.Random) -> None:
    """A piece out of the middle."""
    begin = chance.randrange(len(data))
    del data[begin : begin + chance.choice((1, 2, 8, 100))]


def repeat(data: bytearray, chance: random.Random) -> None:
    """A piece twice."""
    begin = chance.randrange(len(data))
    data[begin:begin] = data[begin : begin + chance.choice((1, 8, 200))]


def put(data: bytearray, chance: random.Random) -> None:
    """Extreme numbers, bad UTF-8."""
    begin = chance.randrange(len(data))
    extreme = chance.choice(EXTREMES)
    data[begin : begin + (len(extreme) if chance.random() < 0.7 else 0)] = extreme


def noise(data: bytearray, chance: random.Random) -> None:
    """Random bytes over a piece."""
    begin = chance.randrange(len(data))
    data[begin : begin + 40] = chance.randbytes(chance.randrange(60))


def nest(data: bytearray, chance: random.Random) -> None:
    """Lists within lists within lists, where a field may stand."""
    inner = b""
    for _ in range(chance.choice((3, 90, 120, 2_000))):
        inner = b"\x2a" + _length(b"\x0a" + _length(inner))  # AnyValue.array_value { values: … }
    attribute = b"\x0a\x01x\x12" + _length(inner)
    data[:] = b"\x0a" + _length(b"\x0a" + _length(b"\x0a" + _length(attribute))) + bytes(data)


def shuffle(data: bytearray, chance: random.Random) -> None:
    """Halves exchanged."""
    at = chance.randrange(len(data))
    data[:] = data[at:] + data[:at]


DAMAGES = (flip, flip, flip, cut, drop, repeat, put, put, noise, nest, shuffle)


def _length(data: bytes) -> bytes:
    number, out = len(data), bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number]) + data


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to four damages."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if made:
            chance.choice(DAMAGES)(made, chance)
    return bytes(made)


# ---- senders


class Sender:
    """One thread with a connection of each kind."""

    def __init__(self, running: Server, templates: dict[str, Template], number: int, seed: int) -> None:
        self.report = Report()
        self._chance, self._number = random.Random(seed * 1000 + number), number
        self._templates = templates
        self._json = {signal: MessageToJson(MESSAGES[signal].FromString(template.body)).encode() for signal, template in templates.items()}
        self._port = running.ports["otlp_http"]
        self._http = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        channel = grpc.insecure_channel(f"127.0.0.1:{running.ports['otlp_grpc']}", options=[("grpc.use_local_subchannel_pool", 1)])
        self._grpc = {signal: channel.unary_unary(method) for signal, method in METHODS.items()}

    def run(self, count: int) -> None:
        """Send so many."""
        for at in range(count):
            if len(self.report.wrong) > 100 or ENOUGH.is_set():
                return
            signal = self._chance.choice(tuple(METHODS))
            good = at % GOOD_EVERY == 0
            body = self._templates[signal].stamp(self._number * 10**9 + at, time.time_ns() - 10**10)
            if good:
                self._tell(f"good {signal}", self._good(signal, body), ok=True)
                self.report.good[signal] += self._templates[signal].rows
            elif self._chance.random() < 0.4:
                self._tell("grpc", self._call(signal, damaged(body, self._chance)))
            else:
                self._tell("http", self._broken(signal, body))

    def _good(self, signal: str, body: bytes) -> str:
        headers = {"content-type": "application/x-protobuf", "x-spyglass-project": "good"}
        return self._post(f"/v1/{signal}", body, headers)

    def _broken(self, signal: str, body: bytes) -> str:
        """A damaged body, or a good one with headers that lie."""
        chance = self._chance
        as_json = chance.random() < 0.3
        data = damaged(self._json[signal] if as_json else body, chance)
        headers = {"content-type": "application/json" if as_json else "application/x-protobuf", "x-spyglass-project": "broken"}
        if chance.random() < 0.2:
            encoding = chance.choice(tuple(ENCODINGS))
            data, headers["content-encoding"] = ENCODINGS[encoding](data), encoding
            if chance.random() < 0.5:
                data = damaged(data, chance)
        if chance.random() < 0.05:
            name = chance.choice(("content-type", "content-encoding", "x-spyglass-project", "authorization"))
            headers[name] = chance.choice(("", "text/plain", "gzip, gzip", "snappy", "application/x-protobuf; charset=utf-16", "Basic !!!", "x" * 3000))
        path = chance.choice(("/v1/traces", "/v1/logs", "/v1/metrics")) if chance.random() < 0.05 else f"/v1/{signal}"
        return self._post(path, data, headers)

    def _post(self, path: str, data: bytes, headers: dict[str, str]) -> str:
        for attempt in range(2):  # the server may close a connection that was idle
            try:
                self._http.request("POST", path, data, headers)
                answer = self._http.getresponse()
                answer.read()
            except (http.client.HTTPException, OSError) as error:
                self._http.close()
                if attempt:
                    return f"no answer: {type(error).__name__}"
            else:
                return str(answer.status)
        raise AssertionError

    def _call(self, signal: str, data: bytes) -> str:
        try:
            self._grpc[signal](data, metadata=(("x-spyglass-project", "broken"),), timeout=60)
        except grpc.RpcError as error:
            return str(error.code().name)
        return "OK"

    def _tell(self, what: str, answer: str, *, ok: bool = False) -> None:
        self.report.sent += 1
        self.report.answers[f"{what} {answer}"] += 1
        unwell = answer.startswith(("5", "no answer")) or answer in {code.name for code in UNWELL}
        if unwell or (ok and answer != "200"):
            self.report.wrong.append(f"{what}: {answer}")


def run(running: Server, count: int, seed: int) -> Report:
    """Send `count` requests."""
    templates = {"traces": spans(8), "logs": logs(8), "metrics": points(8)}
    senders = [Sender(running, templates, number, seed) for number in range(THREADS)]
    begin = time.perf_counter()
    threads = [threading.Thread(target=sender.run, args=(-(-count // THREADS),)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = Report(seconds=time.perf_counter() - begin)
    for sender in senders:
        report.sent += sender.report.sent
        report.good += sender.report.good
        report.answers += sender.report.answers
        report.wrong += sender.report.wrong
    report.wrong += afterwards(running, report)
    return report


def afterwards(running: Server, report: Report) -> list[str]:
    """What is wrong with the server now."""
    if not running.process.is_running() or running.process.status() == "zombie":
        return ["the server is gone"]
    settle(running, 300)
    health = httpx.get(f"{running.url()}/health", timeout=60, trust_env=False, verify=False)
    wrong = [] if health.status_code == 200 else [f"not well: {health.json()['problems']}"]
    return wrong + _neighbours(running, report) + _exceptions(running.data_dir / "server.log")


def _neighbours(running: Server, report: Report) -> list[str]:
    tables = {"traces": "spans", "logs": "events", "metrics": "points"}
    columns = ", ".join(f"(SELECT count() FROM {table} WHERE scope_name != 'spyglass.server') AS {signal}" for signal, table in tables.items())
    answer = httpx.post(
        f"{running.url()}/api/v1/sql", params={"project": "good"}, json={"sql": f"SELECT {columns}"}, timeout=120, trust_env=False, verify=False
    )
    [found] = answer.json()["items"]
    return [f"good {signal}: sent {report.good[signal]}, found {rows}" for signal, rows in found.items() if rows != report.good[signal]]


def _exceptions(log: Path) -> list[str]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [f"in its log: {line.get('event')}: {str(line['exception'])[-300:]}" for line in lines if "exception" in line][:5]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, lambda *_: ENOUGH.set())
    with server() as running:
        report = run(running, options.count, options.seed)
        memory_mb = running.memory_mb() if running.process.is_running() else 0.0
    told: dict[str, Any] = {"sent": report.sent, "per_s": round(report.sent / report.seconds), "seed": options.seed, "memory_mb": round(memory_mb)}
    told |= {"answers": dict(sorted(report.answers.items())), "wrong": report.wrong}
    print(json.dumps(told) if options.json else "\n".join(f"{name:>10}  {value}" for name, value in told.items()))
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
