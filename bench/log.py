"""How fast the durable log takes spans: prints rows/s and MB/s with 4 concurrent appenders, then the latency of a steady trickle.

    python bench/log.py [--dir DIR] [--seconds S]

Rows are 512 to an append, with texts that do not compress away; MB are those of the rows in memory. Needs about 1 GB of free disk in DIR.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from pathlib import Path

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.rows import spans

ROWS = 512
APPENDERS = 4


def batches(count: int) -> list[Batch]:
    """Batches of spans of about 1.3 kB in memory, which is 830 bytes of OTLP."""
    chance = random.Random(1)
    words = [chance.randbytes(4).hex() for _ in range(3000)]

    def row() -> list[tuple[str, str]]:
        said = [(f"gen_ai.{name}", " ".join(chance.choices(words, k=k))) for name, k in (("input", 22), ("output", 13))]
        return [*said, ("id", chance.randbytes(8).hex()), ("server.address", "api.example.com")]

    tables = (spans(ROWS, first=at * ROWS, attributes=[row() for _ in range(ROWS)], attribute_types="ssss") for at in range(count))
    return [Batch(Kind.SPAN, table) for table in tables]


def flood(log: DiskLog, work: list[Batch], seconds: float) -> tuple[int, float, float]:
    """Appends made by all appenders, each waiting for its receipt; wall and CPU seconds."""
    end = time.monotonic() + seconds
    counts = [0] * APPENDERS

    def appender(which: int) -> None:
        while time.monotonic() < end:
            log.append([work[counts[which] % len(work)]], [os.urandom(16)]).result(60)
            counts[which] += 1

    start, cpu = time.monotonic(), time.process_time()
    threads = [threading.Thread(target=appender, args=(which,)) for which in range(APPENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), time.monotonic() - start, time.process_time() - cpu


def trickle(log: DiskLog, work: list[Batch], count: int) -> list[float]:
    """Seconds that each of `count` appends took, 10 a second."""
    taken = []
    for at in range(count):
        start = time.monotonic()
        log.append([work[at % len(work)]], [os.urandom(16)]).result(60)
        taken.append(time.monotonic() - start)
        time.sleep(max(0.0, 0.1 - taken[-1]))
    return sorted(taken)


def drain(log: DiskLog) -> tuple[int, float]:
    """Rows read back through a cursor, and CPU seconds."""
    cursor = log.cursor("bench")
    rows, cpu = 0, time.process_time()
    while claim := cursor.claim(50_000, 64 << 20):
        rows += claim.rows
        cursor.done(claim)
    return rows, time.process_time() - cpu


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dir", type=Path, default=None, help="a folder on the disk to measure")
    arguments.add_argument("--seconds", type=float, default=5.0)
    chosen = arguments.parse_args()
    work = batches(16)
    raw_mb = work[0].rows.nbytes / 1e6
    with tempfile.TemporaryDirectory(dir=chosen.dir) as folder, DiskLog(Path(folder) / "log", Limits(max_bytes=8 << 30)) as log:
        log.cursor("bench")
        appends, wall_s, cpu_s = flood(log, work, chosen.seconds)
        disk_mb = log.status().size_bytes / 1e6
        print(f"{APPENDERS} appenders, {ROWS} rows an append: {appends * ROWS / wall_s:,.0f} rows/s, {appends * raw_mb / wall_s:.0f} MB/s of rows, ", end="")
        print(f"{disk_mb / wall_s:.0f} MB/s to the disk, {cpu_s / appends * 1e3:.2f} ms of CPU an append")
        rows, cpu_s = drain(log)
        print(f"read back through a cursor: {rows / max(cpu_s, 1e-9):,.0f} rows per CPU second")
        taken = trickle(log, work, round(chosen.seconds * 20))
        p50, p99 = taken[len(taken) // 2], taken[min(len(taken) - 1, len(taken) * 99 // 100)]
        print(f"10 appends a second: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, worst {taken[-1] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
