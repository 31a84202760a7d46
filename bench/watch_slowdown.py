"""How much slower programs are under `spyglass watch`: runs with and without it in turns, the ratio of their medians, and what the watch needs meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.server import server
from spyglass.collect.probe.attach import libraries_of_machine

__all__ = ["Measured", "loads", "slowdowns", "watching"]

FILES = 8000
WORKLOADS = {"agent": 4, "pingpong": 8, "pingpong here": 8, "tar": 3}  # runs of one session
BARS = {"agent": "bar 1.03 ×", "pingpong": "bar 1.2 ×", "pingpong here": "no bar", "tar": "bar 1.4 ×"}
WHAT = {
    "agent": "agent: calls of 80 ms, shell, files",
    "pingpong": "10,000 TLS exchanges of 1 KiB, nothing else",
    "pingpong here": "the same, its other end with the same library on this machine",
    "tar": f"tar of {FILES:,} files, packed and unpacked",
}


class Measured(NamedTuple):
    """Seconds of every run and those of its own on processors, and the most memory that the watch had."""

    plain: list[tuple[float, float]]
    watched: list[tuple[float, float]]
    memory_mb: float

    def medians(self) -> tuple[float, float]:
        """Seconds without and with the watch."""
        return statistics.median(each[0] for each in self.plain), statistics.median(each[0] for each in self.watched)

    @property
    def ratio(self) -> float:
        """Of the medians."""
        plain, watched = self.medians()
        return watched / plain

    @property
    def best(self) -> float:
        """Ratio of the quickest runs: what is left of it when others leave the machine alone for a moment."""
        return min(each[0] for each in self.watched) / min(each[0] for each in self.plain)

    @property
    def own(self) -> float:
        """What the watch adds to the program's own time on processors (medians), as a share of the quickest run: how busy others are matters little for it."""
        plain, watched = (statistics.median(each[1] for each in runs) for runs in (self.plain, self.watched))
        return (watched - plain) / min(each[0] for each in self.plain)

    def __str__(self) -> str:
        plain, watched = self.medians()
        runs = f"medians of {len(self.plain)} runs each: {plain:.2f} and {watched:.2f} s"
        return f"{self.ratio:.3f} × ({runs}; of the quickest {self.best:.3f} ×; own processor time added: {self.own:+.1%} of a quick run)"


@contextlib.contextmanager
def loads(folder: Path, *, elsewhere: bool = True) -> Iterator[tuple[str, str]]:
    """The other side of all connections; gives the ports of the model and of the echo.

    `elsewhere`: with a TLS library of its own, as a server on another machine has; else with the one that is watched, and each of its calls pays, too.
    """
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    if elsewhere:
        for library in libraries_of_machine():
            shutil.copy(library, folder / ".".join(library.name.split(".")[:3]))
    environment = {**os.environ, **({"LD_LIBRARY_PATH": str(folder)} if elsewhere else {})}
    command = [*program("serve"), str(certificate), str(key)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        model, echo = process.stdout.readline().split()
        yield model, echo
    finally:
        process.communicate()


def program(name: str) -> list[str]:
    """A program of `watch_loads`."""
    return [sys.executable, "-m", "bench.watch_loads", name]


def watching(endpoint: str, *options: str) -> list[str]:
    """The beginning of a watched command."""
    return [sys.executable, "-m", "spyglass", "watch", "--endpoint", endpoint, "--level", "full", *options, "--"]


def memory_mb(process: psutil.Process) -> float:
    """The most that a watch (without what it watches) has had in memory so far: the collector, and its probe."""
    total = 0
    with contextlib.suppress(psutil.Error, OSError, StopIteration):
        for each in (process, *(child for child in process.children() if "spyglass.collect.probe" in child.cmdline())):
            lines = Path(f"/proc/{each.pid}/status").read_text(encoding="ascii").splitlines()
            total += int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    return total / 1024


def session(argv: Sequence[str]) -> tuple[float, str]:
    """Run to the end; gives the most memory of the watch, and what it said."""
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(argv, stderr=said) as process:
        most, looked = 0.0, psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, memory_mb(looked))
            time.sleep(0.2)
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(argv)} ended with {process.returncode}:\n{text[-2000:]}")
    return most, text


def commands(folder: Path, model: str, echo: str) -> dict[str, list[str]]:
    """The workloads."""
    many = folder / "many"
    for number in range(FILES):
        path = many / f"{number % 80:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"some text\n" * 200)
    (folder / "agents").mkdir()
    unpack = f"rm -rf {folder}/out && mkdir {folder}/out && tar -cf {folder}/all.tar -C {many} . && tar -xf {folder}/all.tar -C {folder}/out"
    return {"agent": [*program("agent"), model, str(folder / "agents")], "pingpong": [*program("pingpong"), echo], "tar": ["sh", "-c", unpack]}


def measure(name: str, argv: Sequence[str], rounds: int, endpoint: str, told: Path) -> Measured:
    """In turns, and each time in the other order."""
    plain: list[tuple[float, float]] = []
    watched: list[tuple[float, float]] = []
    most = 0.0
    command = [*program("runs"), str(WORKLOADS[name]), str(told), *argv]
    session(command)
    for turn in range(rounds):
        for under_watch in (False, True) if turn % 2 else (True, False):
            used, _ = session([*(watching(endpoint, "--quiet") if under_watch else ()), *command])
            most = max(most, used) if under_watch else most
            (watched if under_watch else plain).extend((wall, own) for wall, own in json.loads(told.read_text()))
    return Measured(plain, watched, most)


def slowdowns(rounds: int, only: Sequence[str] = ()) -> Iterator[tuple[str, Measured]]:
    """All workloads, one after the other."""
    with (
        tempfile.TemporaryDirectory(prefix="spyglass-bench-") as name,
        tempfile.TemporaryDirectory(prefix="spyglass-bench-") as other,
        server() as up,
        loads(Path(name)) as (model, echo),
        loads(Path(other), elsewhere=False) as (_, here),
    ):
        every = commands(Path(name), model, echo)
        every["pingpong here"] = [*program("pingpong"), here]
        for each in only or WORKLOADS:
            yield each, measure(each, every[each], rounds, up.url("otlp_http"), Path(name) / "told.json")


if __name__ == "__main__":
    for name, found in slowdowns(int(sys.argv[1]), sys.argv[2:]):
        print(f"{name}: {found}  ({BARS[name]}), {found.memory_mb:.0f} MB, load {os.getloadavg()[0]:.1f}", flush=True)
