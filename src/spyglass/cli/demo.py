"""`spyglass demo`: the work of a few lively agents, so that the first look is not empty."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from spyglass.cli.client import DEFAULT_URL, Json, Url
from spyglass.cli.otlp import DEFAULT_ENDPOINT, Endpoint, Sender
from spyglass.cli.show import console, print_json
from spyglass.cli.story.day import Day
from spyglass.cli.story.telling import Record, pieces
from spyglass.cli.times import seconds

__all__ = ["demo"]

_TICK_S: Final = 1.0
_NAMES: Final = {"traces": "spans", "logs": "log records", "metrics": "data points"}

stderr = Console(stderr=True, highlight=False)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Only tell of the past, then end.")] = False,
    for_: Annotated[str | None, typer.Option("--for", help="Go on for so long, such as 5m.", show_default="until Ctrl-C")] = None,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=600, help="Conversations, questions and tasks that begin per minute.")] = 6,
    past: Annotated[str, typer.Option("--past", help="How much of the past is told first, such as 1h or 10m.")] = "1h",
    seed: Annotated[int | None, typer.Option("--seed", help="The same seed tells the same story.", show_default="by the clock")] = None,
    project: Annotated[str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant who gets it.", show_default="default")] = None,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    url: Url = DEFAULT_URL,
    json: Json = False,
) -> None:
    """Send the work of some agents: a support desk, a research team, a programmer, and two in trouble. First the past hour, then live."""
    past_s, live_s = seconds(past), 0.0 if once else seconds(for_) if for_ else None
    now_ns = time.time_ns()
    day = Day(now_ns if seed is None else seed, now_ns - int(past_s * 1e9), now_ns, rate)
    sender = Sender(endpoint, project)
    told = Counter[str]()
    try:
        _tell_past(day, sender, told, now_ns, quiet=json)
        if not json:
            _say_where_to_look(day, told, url, project)
        if live_s != 0.0:
            _tell_live(day, sender, told, live_s, quiet=json)
    finally:
        sender.close()
    if json:
        sights = [{"what": sight.what, "trace_id": sight.trace_id} for sight in day.sights]
        print_json({**{_NAMES[signal].replace(" ", "_"): told[signal] for signal in _NAMES}, "rejected": sender.sent.rejected.total(), "sights": sights})
    if sender.sent.rejected:
        for reason, records in sender.sent.rejected.items():
            stderr.print(f"{records:,} rejected: {reason}", style="red", markup=False)
        raise typer.Exit(1)


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
