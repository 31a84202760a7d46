"""`spyglass import` and `spyglass export`: records from and to files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api
from spyglass.cli.exporting import Asked, What, write_file
from spyglass.cli.formats.pieces import Piece, Skipped
from spyglass.cli.formats.recognise import READERS, FormatOrAuto, recognise
from spyglass.cli.formats.source import Source
from spyglass.cli.otlp import DEFAULT_ENDPOINT, Endpoint, Sender
from spyglass.cli.show import console, count, duration, print_json
from spyglass.model.errors import InputError

__all__ = ["export", "import_"]

_SHOWN_FAULTS = 20

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files; gzip and zstd are undone. `-` is standard input.")],
    form: Annotated[FormatOrAuto, typer.Option("--format", "-f", help="Of the files; `auto` looks into each.")] = "auto",
    project: Annotated[
        str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant who gets them.", show_default="as they say")
    ] = None,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    json: Json = False,
) -> None:
    """Send files of traces, logs and metrics to a server. Ends with code 1 when anything of them was not taken."""
    missing = [str(path) for path in files if str(path) != "-" and not path.is_file()]
    if missing:
        raise InputError(f"no such file: {', '.join(missing)}")
    began = time.monotonic()
    sender = Sender(endpoint, project)
    told = _Told(json)
    try:
        with _progress(files, json) as bar:
            sender.on_wait = bar.say
            for path in files:
                _send_file(path, form, sender, told, bar)
            sender.flush()
    finally:
        sender.close()
    told.end(sender, time.monotonic() - began)
    if told.skipped or sender.sent.rejected:
        raise typer.Exit(1)


def export(
    query: Annotated[str, typer.Argument(help="A search, such as `agent:planner`; see docs/search.md. Nothing: everything.")] = "",
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; `.gz` and `.zst` compress it, `-` is standard output.")] = Path("-"),
    kind: Annotated[What, typer.Option("--kind", "-k", help="Which records.")] = "spans",
    form: Annotated[FormatOrAuto, typer.Option("--format", "-f", help="Of the file; `auto` goes by its name.")] = "auto",
    trace: Annotated[str | None, typer.Option("--trace", "-t", help="Only this trace, whenever it was.")] = None,
    since: Since = "-24h",
    until: Until = "now",
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Write what matches into a file, whole. Ends with code 4 when nothing does."""
    began = time.monotonic()
    asked = Asked(kind, {"query": query, "project": project, "from": since, "to": until, "kind": kind} | ({"trace_id": trace} if trace else {}))
    quiet = json or not stderr.is_terminal or (str(output) == "-" and console.is_terminal)
    with api(url, api_key, timeout_s=120) as client, Progress(TextColumn("{task.description}"), console=stderr, transient=True, disable=quiet) as progress:
        task = progress.add_task("asking …", total=None)
        records = write_file(client, asked, output, form, lambda so_far: progress.update(task, description=f"{count(so_far)} {kind}"))
    seconds = time.monotonic() - began
    if json:
        summary = {"records": records, "kind": kind, "file": str(output), "seconds": round(seconds, 3)}
        stderr.print_json(data=summary, indent=None)  # the data may go to standard output
    elif records:
        stderr.print(f"{records:,} {kind} of project {project} → {output} in {duration(seconds * 1e9)}", markup=False)
    else:
        stderr.print(f"No {kind} of project {project} match{'' if trace else f' in this time range (--from {since})'}.", markup=False)
    if not records:
        raise typer.Exit(4)


def _send_file(path: Path, form: FormatOrAuto, sender: Sender, told: _Told, bar: _Bar) -> None:
    try:
        with Source(path) as source:
            for piece in _read(source, form):
                if isinstance(piece, Skipped):
                    told.skip(source.name, piece)
                else:
                    sender.add(piece)
                bar.move(source)
            bar.done(source)
    except OSError as error:
        told.skip(str(path), Skipped("", f"cannot be read to its end: {error.strerror or error}"))


def _read(source: Source, form: FormatOrAuto) -> Iterator[Piece | Skipped]:
    try:
        reader = READERS[recognise(source.head) if form == "auto" else form]
    except InputError as error:
        yield Skipped("", error.message)
        return
    yield from reader(source)


class _Told:
    """What was left out, told as it happens and counted at the end."""

    def __init__(self, json: bool) -> None:
        self._json = json
        self.skipped = 0

    def skip(self, file: str, fault: Skipped) -> None:
        """Tell of something that could not be read."""
        self.skipped += 1
        if self._json:
            print_json({"type": "skipped", "file": file, "place": fault.place, "reason": fault.reason})
        elif self.skipped <= _SHOWN_FAULTS:
            stderr.print(f"{file}{f': {fault.place}' if fault.place else ''}: skipped: {fault.reason}", style="yellow", markup=False)
        elif self.skipped == _SHOWN_FAULTS + 1:
            stderr.print("… and more; --json tells all of them", style="yellow")

    def end(self, sender: Sender, seconds: float) -> None:
        """Tell what became of everything."""
        sent = sender.sent
        if self._json:
            for reason, records in sent.rejected.items():
                print_json({"type": "rejected", "records": records, "reason": reason})
            figures = {"accepted": sent.accepted, "rejected": sent.rejected.total(), "skipped": self.skipped, "bodies": sent.bodies, "bytes": sent.bytes}
            print_json({"type": "summary", **figures, "retries": sent.retries, "seconds": round(seconds, 3)})
            return
        console.print(f"{sent.accepted:,} records accepted in {duration(seconds * 1e9)}", style="green" if sent.accepted else "")
        for reason, records in sent.rejected.most_common(_SHOWN_FAULTS):
            console.print(f"{records:,} rejected: {reason}", style="red", markup=False)
        if self.skipped:
            console.print(f"{self.skipped:,} places skipped", style="yellow")


class _Bar:
    """Bytes of all files."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self._before = 0

    def move(self, source: Source) -> None:
        """Show how far reading has come."""
        self._progress.update(self._task, completed=self._before + source.position, description=source.path.name)

    def done(self, source: Source) -> None:
        """The next file comes."""
        self._before += source.size

    def say(self, text: str) -> None:
        """Show why it takes long."""
        self._progress.update(self._task, description=text[:60])


@contextmanager
def _progress(files: list[Path], json: bool) -> Iterator[_Bar]:
    sizes = Counter({path: path.stat().st_size for path in files if str(path) != "-"})
    columns = TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=stderr, transient=True, disable=json or not stderr.is_terminal) as progress:
        yield _Bar(progress, progress.add_task("", total=sizes.total() or None))
