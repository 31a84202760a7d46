"""`spyglass import` and `spyglass export`: records from and to files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Since, Until, Url, api
from spyglass.cli.endpoint import Endpoint, beside
from spyglass.cli.formats import FormatOrAuto, What
from spyglass.cli.show import console, count, duration

__all__ = ["export", "import_"]

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files; gzip and zstd are undone. `-` is standard input.")],
    form: Annotated[FormatOrAuto, typer.Option("--format", "-f", help="Of the files; `auto` looks into each.")] = "auto",
    project: Annotated[
        str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant who gets them.", show_default="as they say")
    ] = None,
    endpoint: Endpoint = None,
    url: Url = DEFAULT_URL,
    json: Json = False,
) -> None:
    """Send files of traces, logs and metrics to a server; what it has already changes nothing. Ends with code 1 when anything of them was not taken."""
    from spyglass.cli.importing import send_files  # noqa: PLC0415 - Arrow takes a third of a second to load, which most commands do not need

    if not send_files(files, form, endpoint or beside(url, os.environ), project, json=json):
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
    from spyglass.cli.exporting import Asked, write_file  # noqa: PLC0415 - as above

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
