"""Sends files to a server: what is in them goes over OTLP, what is not taken is told, with its place and its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from spyglass.cli.formats import FormatOrAuto
from spyglass.cli.formats.recognise import READERS, recognise
from spyglass.cli.formats.source import Source
from spyglass.cli.otlp import Sender
from spyglass.cli.show import console, duration, print_json
from spyglass.decode.pieces import Piece, Skipped
from spyglass.model.errors import InputError

__all__ = ["send_files"]

_SHOWN_FAULTS: Final = 20

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def send_files(files: list[Path], form: FormatOrAuto, endpoint: str | None, project: str | None, *, json: bool) -> bool:
    """Send all of them, tell what became of them, and give whether everything was taken.

    Raises:
        InputError: a file is not there, or the server does not take anything of us.
        Refused: the server was busy for too long.
        httpx.TransportError: there is no server.
    """
    missing = [str(path) for path in files if str(path) != "-" and not path.is_file()]
    if missing:
        raise InputError(f"no such file: {', '.join(missing)}")
    began = time.monotonic()
    sender = Sender(endpoint, project)
    told = _Told(json=json)
    try:
        with _progress(files, quiet=json) as bar:
            sender.on_wait = bar.say
            for path in files:
                _send_file(path, form, sender, told, bar)
            sender.flush()
    finally:
        sender.close()
    told.end(sender, time.monotonic() - began)
    return not told.skipped and not sender.sent.rejected


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

    def __init__(self, *, json: bool) -> None:
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
def _progress(files: list[Path], *, quiet: bool) -> Iterator[_Bar]:
    size = sum(path.stat().st_size for path in files if str(path) != "-")
    columns = TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=stderr, transient=True, disable=quiet or not stderr.is_terminal) as progress:
        yield _Bar(progress, progress.add_task("", total=size or None))
