"""Watching: what it costs the watched program, what goes through, what is lost; rows of the table of `make bench`. Needs root and a kernel that takes programs.

The machine is shared, so slow-downs are ratios of medians of runs in turns, and each row says how busy it was. Slow-down is that of the whole: probe, collector
and a server on the same machine, everything on.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator

from bench import watch_levels, watch_rates
from bench.server import server
from bench.watch_slowdown import BARS, WHAT, slowdowns, watching
from spyglass.collect.probe import requirements
from spyglass.telemetry.logs import configure

__all__ = ["main"]

ROUNDS = 6
STEADY, FAST, FASTEST = 100_000, 200_000, 1_000_000


def main() -> list[tuple[str, str]]:
    """Everything; rows of what and measured."""
    return list(rows())


def rows(rounds: int = ROUNDS) -> Iterator[tuple[str, str]]:
    """The same, as each is known."""
    lacking = [f"{each.name}: {each.found}" for each in requirements.check() if each.needed and not each.met]
    if lacking:
        yield "watching", f"not measured: {'; '.join(lacking)}"
        return
    configure("error", "console")
    yield from rates()
    yield from levels()
    yield from slower(rounds)


def load() -> str:
    """How busy the machine is."""
    return f"load {os.getloadavg()[0]:.0f}"


def slower(rounds: int) -> Iterator[tuple[str, str]]:
    """The watched program beside the same one unwatched."""
    most = 0.0
    for name, found in slowdowns(rounds):
        yield f"watched: {WHAT[name]}", f"{found}  ({BARS[name]}), {load()}"
        most = max(most, found.memory_mb)
    yield "watched: memory of collector and probe together, the most", f"{most:.0f} MB resident  (bar 150 MB)"


def rates() -> Iterator[tuple[str, str]]:
    """Records, payloads, beginnings."""
    for rate, bar in ((STEADY, "nothing lost"), (FAST, "loss counted"), (FASTEST, "as fast as it can; loss counted")):
        yield f"watched: {rate:,} kernel events a second wanted", f"{watch_rates.flood(rate)}  (bar: {bar}), {load()}"
    out, back = watch_rates.payload()
    yield "watched: 1 MiB in one TLS call, and back", f"{out:,} and {back:,} bytes seen  (bar: whole)"
    begin = watch_rates.begin()
    parts = f"start {begin.start_s:.2f}, libraries {begin.attach_s:.2f}, track {begin.track_s:.2f} s"
    yield "watched: attaching, median of five", f"{begin.whole_s:.2f} s: {parts}  (bar 1 s), {load()}"
    with server() as up:
        took = statistics.median(watch_rates.first_instruction(watching(up.url("otlp_http"), "--quiet")) for _ in range(5))
    yield "watched: from `spyglass watch` to the command's first instruction", f"{took:.2f} s, {load()}"


def levels() -> Iterator[tuple[str, str]]:
    """Without programs in the kernel."""
    ran, seen, argued = watch_levels.partial()
    yield "watched as root without eBPF: programs that end at once", f"{seen} of {ran} seen, {argued} with arguments  (bar: every exec)"
    ran, seen = watch_levels.minimal()
    yield "watched without privilege: programs that live 0.21 s", f"{seen} of {ran} seen  (bar 95 %)"


if __name__ == "__main__":
    for what, measured in rows(int(sys.argv[1]) if sys.argv[1:] else ROUNDS):
        print(f"{what}: {measured}", flush=True)
