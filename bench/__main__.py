"""`make bench`: every benchmark, one table."""

from __future__ import annotations

import argparse
import platform

from rich.console import Console
from rich.table import Table

from bench import agents, alerts, analyzers, conversation, executions, health, ingest, latency, queries, rhythm, security, snapshots, soon, watch, web
from bench.server import server


def _start() -> list[tuple[str, str]]:
    with server() as first:
        fresh = f"{first.ready_s:.1f} s, {first.memory_mb():.0f} MB resident"
    with server() as again:
        return [
            ("first start of the run", fresh),
            ("ready on a warm disk, at rest", f"{again.ready_s:.1f} s, {again.memory_mb():.0f} MB resident  (bars 3 s, 500 MB)"),
        ]


def main() -> None:
    """Run what was asked, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000_000, help="spans of the query benchmark")
    parts = {
        "start": _start,
        "ingest": ingest.main,
        "latency": latency.main,
        "queries": lambda: queries.main(asked.spans),
        "conversation": conversation.main,
        "agents": agents.main,
        "analyzers": analyzers.main,
        "alerts": alerts.main,
        "executions": executions.main,
        "rhythm": rhythm.main,
        "health": health.main,
        "security": security.main,
        "snapshots": snapshots.main,
        "soon": soon.main,
        "watch": watch.main,
        "web": web.main,
    }
    parser.add_argument("only", nargs="*", choices=[*parts, []], help="which ones")
    asked = parser.parse_args()
    table = Table(title=f"Spyglass on {platform.machine()}, Python {platform.python_version()}", box=None, title_justify="left")
    table.add_column("what")
    table.add_column("measured")
    for name in asked.only or parts:
        for what, measured in parts[name]():
            table.add_row(what, measured)
        table.add_section()
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
