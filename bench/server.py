"""A server of our own for a benchmark: a child process on free ports and an empty directory, and what it costs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from spyglass.store.engine import Engine

__all__ = ["Server", "server", "stored_bytes"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is."""

    process: psutil.Process
    data_dir: Path
    ports: dict[str, int]
    ready_s: float

    def url(self, port: str = "http") -> str:
        """The base of a port."""
        return f"http://127.0.0.1:{self.ports[port]}"

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def wait_for_rest(self, most_s: float = 60, look_s: float = 0.5, share: float = 0.1) -> None:
        """Until what a start leaves to do is done: it uses less than that share of a core over one look."""
        end, before = time.monotonic() + most_s, self.cpu_s()
        while time.monotonic() < end:
            time.sleep(look_s)
            if (now := self.cpu_s()) - before < share * look_s:
                return
            before = now
        raise SystemExit("the server did not come to rest")

    def memory_mb(self) -> float:
        """Resident memory."""
        return self.process.memory_info().rss / 2**20


@contextlib.contextmanager
def server(data_dir: Path | None = None, **settings: str) -> Iterator[Server]:
    """Run `spyglass up` for as long as the block lasts. `settings`: as in the environment, without `SPYGLASS_`."""
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as fresh:
        folder = data_dir or Path(fresh)
        begin = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "spyglass",
            "up",
            "--data-dir",
            str(folder),
            "--json",
            "--http-port",
            "0",
            "--otlp-http-port",
            "0",
            "--otlp-grpc-port",
            "0",
        ]
        with (folder / "server.log").open("wb") as log:
            environment = os.environ | {f"SPYGLASS_{name}": value for name, value in settings.items()}
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True)  # Ctrl-C is ours alone
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise SystemExit(f"the server did not start:\n{(folder / 'server.log').read_text()[-2000:]}")
        ports = json.loads(line)["ports"]
        try:
            yield Server(psutil.Process(child.pid), folder, ports, time.perf_counter() - begin)
        finally:
            child.terminate()
            child.wait(60)


def stored_bytes(data_dir: Path) -> dict[str, int]:
    """Bytes on disk by table of a stopped server; parts that merges have replaced and that go within a minute are left out."""
    engine = Engine.open(f"chdb://{data_dir}/store", data_dir=data_dir)
    try:
        return {name: table.size_bytes for name, table in engine.status().tables.items()}
    finally:
        engine.close()
