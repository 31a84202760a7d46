"""Tells the story of `spyglass demo` to a server: first the past, then live."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from spyglass.cli.otlp import Sender
from spyglass.cli.show import console, print_json
from spyglass.story.day import Day
from spyglass.story.telling import Record, pieces

__all__ = ["Plan", "perform"]

_TICK_S: Final = 1.0
_NAMES: Final = {"traces": "spans", "logs": "log records", "metrics": "data points"}

stderr = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is told to whom."""

    endpoint: str | None  # None: as the environment says
    project: str | None
    url: str  # where to look at it
    rate: float  # what begins, per minute
    past_s: float
    live_s: float | None  # None: until somebody presses Ctrl-C
    seed: int | None
    json: bool


def perform(plan: Plan) -> bool:
    """Tell it, say where to look, and give whether the server took everything.

    Raises:
        InputError, Refused, httpx.TransportError: as `otlp.Sender`.
    """
    now_ns = time.time_ns()
    day = Day(now_ns if plan.seed is None else plan.seed, now_ns - int(plan.past_s * 1e9), now_ns, plan.rate)
    sender = Sender(plan.endpoint, plan.project)
    told = Counter[str]()
    try:
        _tell_past(day, sender, told, now_ns, quiet=plan.json)
        if not plan.json:
            _say_where_to_look(day, told, plan.url, plan.project)
        if plan.live_s != 0.0:
            _tell_live(day, sender, told, plan.live_s, quiet=plan.json)
    finally:
        sender.close()
    if plan.json:
        sights = [{"what": sight.what, "trace_id": sight.trace_id} for sight in day.sights]
        print_json({**{_NAMES[signal].replace(" ", "_"): told[signal] for signal in _NAMES}, "rejected": sender.sent.rejected.total(), "sights": sights})
    for reason, records in sender.sent.rejected.items():
        stderr.print(f"{records:,} rejected: {reason}", style="red", markup=False)
    return not sender.sent.rejected


def _tell_past(day: Day, sender: Sender, told: Counter[str], now_ns: int, *, quiet: bool) -> None:
    columns = TextColumn("{task.description}"), BarColumn(bar_width=None)
    with Progress(*columns, console=stderr, transient=True, disable=quiet or not stderr.is_terminal) as progress:
        task = progress.add_task("imagining a day …", total=None)
        sender.on_wait = lambda why: progress.update(task, description=why[:60])
        records = list(day.until(now_ns))
        progress.update(task, description="telling it …", total=len(records))
        _send(sender, records, told, lambda number: progress.advance(task, number))


def _tell_live(day: Day, sender: Sender, told: Counter[str], live_s: float | None, *, quiet: bool) -> None:
    """Once a second what happened meanwhile, until the time is over or somebody presses Ctrl-C."""
    deadline = None if live_s is None else time.monotonic() + live_s
    with suppress(KeyboardInterrupt), stderr.status("live …") if not quiet and stderr.is_terminal else nullcontext():
        while deadline is None or time.monotonic() < deadline:
            time.sleep(_TICK_S if deadline is None else max(0.0, min(_TICK_S, deadline - time.monotonic())))
            _send(sender, day.until(time.time_ns()), told, lambda _: None)
    if not quiet:
        console.print(f"Told {_counts(told)} in all.")


def _send(sender: Sender, records: Iterable[Record], told: Counter[str], tell: Callable[[int], None]) -> None:
    for piece in pieces(records):
        sender.add(piece)
        told[piece.signal] += piece.records
        tell(piece.records)
    sender.flush()


def _counts(told: Counter[str]) -> str:
    return ", ".join(f"{told[signal]:,} {name}" for signal, name in _NAMES.items() if told[signal])


def _say_where_to_look(day: Day, told: Counter[str], url: str, project: str | None) -> None:
    of_project = f" --project {project}" if project else ""
    lines = [f"Told {_counts(told)}. Look at it:", "", f"  {url}", f"  spyglass query 'status:error'{of_project}", f"  spyglass tail{of_project}"]
    for sight in {sight.what: sight for sight in day.sights}.values():
        lines += ["", f"  {sight.what}:", f"  spyglass trace {sight.trace_id}{of_project}"]
    for line in (*lines, ""):
        console.print(line, markup=False, soft_wrap=True)
