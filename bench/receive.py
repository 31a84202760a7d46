"""What receiving costs: `python bench/receive.py [--rounds N]` prints requests/s and the server's CPU time per request, for small and large bodies.

HTTP through the whole port; gRPC straight into its server ("direct"), and through the front that looks at the first bytes ("port").
The server runs in a process of its own with a sink that keeps nothing; four clients.
CPU times are the best of the rounds, which take turns, so that all modes see the same weather.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import uvloop

from spyglass.model.body import Body, Outcome
from spyglass.model.clock import SystemClock
from spyglass.receive.grpc import GrpcServer
from spyglass.receive.grpc_port import GrpcPort
from spyglass.receive.intake import Intake
from spyglass.receive.keys import Keys
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import Limits
from spyglass.receive.serve import serving
from spyglass.receive.settings import HttpSettings
from spyglass.receive.sockets import bind

CLIENTS = 4
TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
WORDS = [random.Random(1).randbytes(4).hex() for _ in range(3000)]


@dataclass
class Case:
    """One line of the table."""

    mode: str
    title: str
    size_bytes: int
    requests: int
    coding: str = ""
    cpu_ms: float = float("inf")
    per_s: float = 0.0


CASES = [
    Case("http", "HTTP", 2_000, 4_000),
    Case("http", "HTTP", 425_000, 600),
    Case("http", "HTTP gzip", 425_000, 300, "gzip"),
    Case("direct", "gRPC direct", 2_000, 4_000),
    Case("grpc", "gRPC port", 2_000, 4_000),
    Case("direct", "gRPC direct", 425_000, 600),
    Case("grpc", "gRPC port", 425_000, 600),
]


class Nowhere:
    """A sink that keeps nothing."""

    async def submit(self, _body: Body) -> Outcome:
        """Forget a body."""
        return Outcome(512)


async def serve(mode: str) -> None:
    """The server's process: prints its port, then its CPU seconds for each line it reads."""
    intake = Intake(Nowhere(), Limits(), Keys(), Ledger(), SystemClock())
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def answer(port: int) -> None:
        print(port, flush=True)
        while await lines.readline():
            used = resource.getrusage(resource.RUSAGE_SELF)
            print(used.ru_utime + used.ru_stime, flush=True)

    if mode == "http":
        async with serving(Nowhere(), http=HttpSettings(port=0), grpc=None) as listening:
            await answer(listening.http[0][1])
    elif mode == "direct":
        server = GrpcServer(intake, lambda peer: peer, lambda: True)
        await answer(await server.start("127.0.0.1:0"))
        await server.stop(1)
    else:
        port = GrpcPort(intake, lambda: True, None)
        sockets = await bind(("127.0.0.1",), 0, "port")
        await port.start(sockets, "")
        await answer(sockets[0].getsockname()[1])
        await port.stop(1)


class Server:
    """A server's process, seen from here."""

    def __init__(self, mode: str) -> None:
        command = [sys.executable, __file__, "--serve", mode]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.line())

    def line(self) -> str:
        while True:
            line = self.process.stdout.readline().strip()  # type: ignore[union-attr]
            if not line:
                raise RuntimeError("the server has ended")
            if "receiving" not in line:  # its log
                return line

    def cpu_s(self) -> float:
        self.process.stdin.write("\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]
        return float(self.line())

    def stop(self) -> None:
        self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait(10)


def body_of(size_bytes: int) -> bytes:
    """Text that shrinks as telemetry does."""
    chance = random.Random(2)
    text = b"".join(chance.choice(WORDS).encode() + chance.randbytes(1) for _ in range(size_bytes // 9 + 1))
    return text[:size_bytes]


def http_client(port: int, case: Case) -> Callable[[int], None]:
    body = body_of(case.size_bytes)
    coding = b""
    if case.coding:
        body, coding = gzip.compress(body, 6), b"content-encoding: gzip\r\n"
    head = b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n" + coding + b"content-length: %d\r\n\r\n" % len(body)

    async def send(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
        writer.close()

    return lambda count: uvloop.run(send(count))


def grpc_client(port: int, case: Case) -> Callable[[int], None]:
    body = body_of(case.size_bytes)

    def send(count: int) -> None:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            export: Any = channel.unary_unary(TRACES)
            for _ in range(count):
                export(body)

    return send


def run(server: Server, case: Case) -> None:
    """One round of one case."""
    send = (http_client if case.mode == "http" else grpc_client)(server.port, case)
    send(20)
    cpu_s, start = server.cpu_s(), time.perf_counter()
    clients = [threading.Thread(target=send, args=(case.requests // CLIENTS,)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    case.per_s = max(case.per_s, case.requests / (time.perf_counter() - start))
    case.cpu_ms = min(case.cpu_ms, (server.cpu_s() - cpu_s) / case.requests * 1e3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the table here too")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(serve(options.serve))
        os._exit(0)
    servers = {mode: Server(mode) for mode in dict.fromkeys(case.mode for case in CASES)}
    for _ in range(options.rounds):
        for case in CASES:
            run(servers[case.mode], case)
    for server in servers.values():
        server.stop()
    direct = {case.size_bytes: case.cpu_ms for case in CASES if case.mode == "direct"}
    print(f"{'':14}{'bytes':>9}{'requests/s':>12}{'CPU ms':>9}{'of direct':>11}")
    for case in CASES:
        ratio = f"{case.cpu_ms / direct[case.size_bytes]:.2f}" if case.mode != "http" else ""
        print(f"{case.title:14}{case.size_bytes:>9,}{case.per_s:>12,.0f}{case.cpu_ms:>9.3f}{ratio:>11}")
    if options.json:
        options.json.write_text(json.dumps([vars(case) for case in CASES], indent=1))


if __name__ == "__main__":
    main()
