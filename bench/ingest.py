"""Sustained ingest, client included: acknowledged, durable and in the store; beside what decode and insert alone reach on the same bytes."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
import httpx
import pyarrow as pa

from bench.server import Server, server
from bench.workload import Template, logs, points, spans
from spyglass.decode.decoder import Decoder
from spyglass.model.body import Body
from spyglass.model.clock import SystemClock
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.rows import span_rows

__all__ = ["main"]

CONNECTIONS = 4
_METHODS = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_TABLES = {"traces": "spans", "logs": "events", "metrics": "points"}


def alone(seconds: float) -> float:
    """Spans per second that decode and insert reach in one thread, in commits of about 25,000 rows, with nothing else around."""
    made = [spans(512, seed) for seed in range(8)]
    decoder, normalise = Decoder(), Normaliser(Dialects.load())
    with TemporaryDirectory() as folder:
        engine = Engine.open(f"chdb://{folder}/store", data_dir=Path(folder))
        try:
            migrate(engine, SystemClock())
            done, spent = 0, 0.0
            for number in itertools.count():
                bodies = [Body("traces", "protobuf", made[i % 8].stamp(number * 100 + i, time.time_ns())) for i in range(48)]
                begin = time.perf_counter()
                batches = [decoder.decode("traces", bodies[at : at + 8], time.time_ns()).batch for at in range(0, 48, 8)]
                spent += time.perf_counter() - begin
                rows = pa.concat_tables([normalise(batch).rows for batch in batches])  # the table's columns, not counted
                lean, payloads = span_rows(rows)
                begin = time.perf_counter()
                engine.insert("spans", lean, token=f"alone-{number}")
                if payloads.num_rows:
                    engine.insert("payloads", payloads, token=f"alone-{number}")
                spent += time.perf_counter() - begin
                done += rows.num_rows
                if spent > seconds:
                    return done / spent
        finally:
            engine.close()
    raise AssertionError


def sustained(running: Server, made: list[Template], signal: str, transport: str, seconds: float) -> tuple[float, float]:
    """Rows per second from the first byte sent to the last row in the store, and the server's CPU microseconds per row."""
    stop = time.perf_counter() + seconds
    sent = [0] * CONNECTIONS
    before, cpu = _stored(running, signal), running.cpu_s()
    begin = time.perf_counter()

    def work(number: int) -> None:
        send = _grpc(running, signal) if transport == "grpc" else _http(running, signal)
        for turn in itertools.count():
            if time.perf_counter() > stop:
                return
            template = made[(number + turn) % len(made)]
            send(template.stamp(hash((signal, transport, number, turn)) % 2**32, time.time_ns()))
            sent[number] += template.rows

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while _stored(running, signal) - before < sum(sent):
        time.sleep(0.05)
    took = time.perf_counter() - begin
    return sum(sent) / took, (running.cpu_s() - cpu) / sum(sent) * 1e6


def _http(running: Server, signal: str) -> Callable[[bytes], None]:
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["otlp_http"], timeout=60)

    def send(body: bytes) -> None:
        while True:
            connection.request("POST", f"/v1/{signal}", body, {"content-type": "application/x-protobuf"})
            response = connection.getresponse()
            answer = response.read()
            if response.status == 200:
                return
            if response.status not in (429, 503):
                raise SystemExit(f"{response.status} {answer!r}")
            time.sleep(float(response.headers.get("retry-after", "1")))

    return send


def _grpc(running: Server, signal: str) -> Callable[[bytes], None]:
    channel = grpc.insecure_channel(f"127.0.0.1:{running.ports['otlp_grpc']}", [("grpc.use_local_subchannel_pool", 1)])
    call = channel.unary_unary(_METHODS[signal])
    return lambda body: call(body, timeout=60) and None


def _stored(running: Server, signal: str) -> int:
    answer = httpx.post(f"{running.url()}/api/v1/sql", json={"sql": f"SELECT count() AS n FROM {_TABLES[signal]}"}, timeout=60)
    return int(answer.json()["items"][0]["n"])


def main(seconds: float = 15.0) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    out = []
    floor = alone(seconds / 2)
    out.append(("decode + insert alone, one thread", f"{floor:,.0f} spans/s"))
    traces = [spans(512, seed) for seed in range(8)]
    for transport in ("http", "grpc"):
        with server() as running:
            rate, cpu = sustained(running, traces, "traces", transport, seconds)
            out.append((f"OTLP/{transport} spans, in the store", f"{rate:,.0f} spans/s = {rate / floor:.2f} x alone; {cpu:.0f} µs server CPU a span"))
    for signal, made in (("logs", [logs(512, seed) for seed in range(8)]), ("metrics", [points(512, seed) for seed in range(8)])):
        with server() as running:
            rate, cpu = sustained(running, made, signal, "http", seconds)
            out.append((f"OTLP/http {signal}, in the store", f"{rate:,.0f} rows/s; {cpu:.0f} µs server CPU a row"))
    return out


if __name__ == "__main__":
    for what, measured in main():
        print(f"{what:45} {measured}")
