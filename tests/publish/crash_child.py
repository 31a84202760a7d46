"""A process that makes others which are killed while they append and consume: `crash_child.py FOLDER`, and on stdin lines `FIRST COUNT`.

For each line a fresh process is forked, which saves it the imports. It prints `pid N`, appends the bodies FIRST to FIRST + COUNT - 1 (each a batch
of spans and one of events, with its number as key), prints the number of each that was acknowledged, and meanwhile carries claims to a sink,
a folder with one file per token, as a store that deduplicates by token would. With COUNT 0 it only carries what is left. Then comes `ended`.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from pathlib import Path

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Claim
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.rows import events, spans

LIMITS = Limits(segment_bytes=30_000, min_free_bytes=0)
SPANS, EVENTS = spans(2), events(1)


def body(number: int) -> list[Batch]:
    """What one request becomes."""
    name = f"body-{number}"
    rows = SPANS.set_column(SPANS.schema.get_field_index("name"), "name", [[name, name]])
    event = EVENTS.set_column(EVENTS.schema.get_field_index("event_name"), "event_name", [[name]])
    return [Batch(Kind.SPAN, rows), Batch(Kind.EVENT, event)]


def names(claim: Claim) -> str:
    """What the sink keeps of a claim: kind and body of each row."""
    columns = [entry.batch.rows["name" if entry.batch.kind is Kind.SPAN else "event_name"].to_pylist() for entry in claim.entries]
    return "\n".join(f"{entry.batch.kind} {name}" for entry, rows in zip(claim.entries, columns, strict=True) for name in rows)


def carry(log: DiskLog, sink: Path, claim: Claim) -> None:
    """Insert once per token, then move the cursor."""
    target = sink / claim.token
    if target.exists():
        if target.read_text() != names(claim):
            (sink / f"mismatch-{claim.token}").touch()
    else:
        fresh = sink / f"{claim.token}.part"
        fresh.write_text(names(claim))
        fresh.rename(target)
    log.cursor("store").done(claim)


def consume(log: DiskLog, sink: Path) -> None:
    """Claims of changing size, until killed."""
    cursor = log.cursor("store")
    while True:
        if cursor.wait(1) and (claim := cursor.claim(random.randint(1, 40), 1 << 30)):
            carry(log, sink, claim)


def append(log: DiskLog, numbers: range) -> None:
    """One body after the other, each acknowledged when it is kept."""
    for number in numbers:
        log.append(body(number), [number.to_bytes(8)]).result(30)
        os.write(1, f"{number}\n".encode())


def live(folder: Path, first: int, count: int) -> None:
    """Run until killed, or until nothing is left."""
    os.write(1, f"pid {os.getpid()}\n".encode())
    log, sink = DiskLog(folder / "log", LIMITS), folder / "sink"
    sink.mkdir(exist_ok=True)
    if count == 0:
        while claim := log.cursor("store").claim(1000, 1 << 30):
            carry(log, sink, claim)
        log.close()
        return
    threading.Thread(target=consume, args=(log, sink), daemon=True).start()
    appenders = [threading.Thread(target=append, args=(log, range(first + at, first + count, 2))) for at in range(2)]
    for appender in appenders:
        appender.start()
    for appender in appenders:
        appender.join()


def main() -> None:
    """One process per line."""
    for line in sys.stdin:
        first, count = map(int, line.split())
        pid = os.fork()
        if pid == 0:
            try:
                live(Path(sys.argv[1]), first, count)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
