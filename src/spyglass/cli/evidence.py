"""`spyglass evidence TRACE`: what was seen on the machine, beside what the trace says."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from spyglass.cli.client import DEFAULT_URL, ApiKey, Json, Project, Url, api, check
from spyglass.cli.show import clock_time, console, duration, print_json
from spyglass.cli.trace import name_of, read_trace, stderr
from spyglass.model.errors import NotFound

__all__ = ["evidence"]

_FEW = 10
_LIFE = {"process.exec", "process.fork", "process.exit"}  # told by the tree itself


def evidence(
    trace_id: Annotated[str, typer.Argument(help="Trace id, 32 hex digits.")],
    project: Project = "default",
    url: Url = DEFAULT_URL,
    api_key: ApiKey = "",
    json: Json = False,
) -> None:
    """Show what processes did while a trace ran, which span caused it, what no span explains. Ends with code 4 when nobody was watching."""
    with api(url, api_key) as client:
        try:
            found = check(client.get(f"/api/v1/traces/{trace_id}/evidence", params={"project": project})).json()
            _, spans = read_trace(client, trace_id, project)
        except NotFound as error:
            stderr.print(error.message, style="yellow", markup=False)
            raise typer.Exit(4) from None
    if json:
        print_json(found)
    elif found["watches"]:
        _print(found, {span["span_id"]: name_of(span) for span in spans})
    if not found["watches"]:
        if not json:
            stderr.print("Nobody was watching while this trace ran. Watch an agent with: spyglass watch -- COMMAND", style="yellow", markup=False)
        raise typer.Exit(4)


def _print(found: dict[str, Any], names: dict[str, str]) -> None:
    facts = [f"{len(found['processes'])} processes", f"{len(found['actions'])} actions", f"{len(found['calls'])} model calls on the wire"]
    console.print(Text(" · ".join(facts), style="dim"))
    for line in _processes(found, names):
        console.print(line, no_wrap=True, overflow="ellipsis")
    if found["spans"]:
        console.print(Text("\nWhat spans caused", style="bold"))
        console.print(_lines((names.get(one["span_id"], one["span_id"]), _caused(one, found)) for one in found["spans"]))
    unexplained = [action for action in found["actions"] if action["unexplained"]]
    if unexplained:
        console.print(Text("\nNothing in the trace accounts for", style="bold red"))
        console.print(_lines((clock_time(one["time"]), one["name"], one["what"]) for one in unexplained))
    if found["unsupported"]:
        console.print(Text("\nClaims without evidence", style="bold yellow"))
        console.print(_lines((one["name"], one["reason"]) for one in found["unsupported"]))
    if found["calls"]:
        console.print(Text("\nModel calls on the wire", style="bold"))
        console.print(
            _lines((one["model"] or "?", duration(one["duration_ns"]), _because(one["link"], names) or "told by nothing else") for one in found["calls"])
        )
    if found["truncated"]:
        console.print("There was more than is looked at.", style="yellow")


def _caused(one: dict[str, Any], found: dict[str, Any]) -> str:
    """`ran make; write out.o (2 kB); api.example.com:443`, in lines; the first few of each."""
    programs = {process["id"]: process for process in found["processes"]}
    ran = [f"ran {shlex.join(programs[each]['command_args']) or programs[each]['executable'] or each}" for each in one["processes"]]
    files = [f"{', '.join(use['did'])} {use['path']}{' → ' + use['target'] if use['target'] else ''}{' ✗' if use['failed'] else ''}" for use in one["files"]]
    hosts = [f"{use['host']}:{use['port']}{' ✗' if use['failed'] else ''}" for use in one["hosts"]]
    lines = [line for part in (ran, files, hosts) for line in (*part[:_FEW], *([f"… {len(part) - _FEW} more"] if len(part) > _FEW else []))]
    return "\n".join(lines)


def _processes(found: dict[str, Any], names: dict[str, str]) -> Iterator[Text]:
    """The tree of processes, each with what it did below it, and the span that caused it."""
    children: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    known = {one["id"] for one in found["processes"]}
    for one in found["processes"]:
        children[one["parent"] if one["parent"] in known else None].append(one)
    did: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for action in found["actions"]:
        if action["name"] not in _LIFE:
            did[action["process"]].append(action)
    for depth, process in _walk(children, None, 0):
        yield _beside(_process, process, depth, _because(process["link"], names))
        for action in did[process["id"]]:
            own = action["link"] if action["link"] and action["link"]["span_id"] != (process["link"] or {}).get("span_id") else None
            yield _beside(_action, action, depth + 1, _because(own, names))


def _beside(line: Callable[[dict[str, Any], int, int], Text], one: dict[str, Any], depth: int, because: str) -> Text:
    """What happened, and why to the right of it; nothing takes no room."""
    room = console.width if not because else console.width * 3 // 5
    text = line(one, depth, room)
    if because:
        text.truncate(room - 1, overflow="ellipsis")
        text.pad_right(room - text.cell_len)
        text.append(because, style="dim")
    return text


def _cut(text: str, room: int) -> str:
    """With `…` in its middle where it is longer: both ends of a path say more than that."""
    least = max(room, 12)
    return text if cell_len(text) <= least else f"{text[: least // 3 - 1]}…{text[-(least - least // 3) :]}"


def _walk(children: dict[str | None, list[dict[str, Any]]], parent: str | None, depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    work = [(depth, one) for one in reversed(children[parent])]
    while work:
        depth, one = work.pop()
        yield depth, one
        work += [(depth + 1, child) for child in reversed(children[one["id"]])]


def _process(process: dict[str, Any], depth: int, room: int) -> Text:  # noqa: ARG001 - arguments say most where they begin
    line = Text("  " * depth)
    line.append(f"{process['pid']} ", style="dim")
    line.append(" → ".join(map(shlex.join, process["programs"])) or process["executable"] or "?", style="bold")
    if process["exit_signal"]:
        line.append(f" ✗ {process['exit_signal']}", style="red")
    elif process["exit_code"]:
        line.append(f" ✗ exit {process['exit_code']}", style="red")
    return line


def _action(action: dict[str, Any], depth: int, room: int) -> Text:
    line = Text("  " * depth)
    line.append(f"{action['name']} ", style="cyan")
    wrong = f" ✗ {action['error']}" if action["error"] else ""
    line.append(_cut(action["what"], room - line.cell_len - len(wrong) - 1), style="red" if action["error"] or action["unexplained"] else "")
    return line.append(wrong, style="red")


def _because(link: dict[str, Any] | None, names: dict[str, str]) -> str:
    return f"{names.get(link['span_id'], link['span_id'])}  {link['confidence']:.0%} {link['reason']}" if link else ""


def _lines(rows: Any) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table
