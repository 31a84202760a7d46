"""How the commands about agents show one: items of the API in, lines out."""

from __future__ import annotations

from typing import Any, Final

import orjson
from rich.table import Table

from spyglass.cli.show import clock_time, console, cost, count, duration

__all__ = ["lines", "print_diff", "print_lines", "where"]

_STYLES: Final = {"added": "green", "removed": "red", "changed": "yellow", "same": "dim"}
_MARKS: Final = {"added": "+", "removed": "-", "changed": "~", "same": " "}


def print_lines(told: list[tuple[str, str]]) -> None:
    """Names and values, one pair a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in told:
        table.add_row(name, value.replace("[", "\\["))
    console.print(table)


def lines(item: dict[str, Any]) -> list[tuple[str, str]]:
    """One agent, as the API tells it."""
    said = item["registration"] or {}
    told = [("agent", item["agent"]), ("state", item["state"])]
    told += [(name, str(said[name])) for name in ("type", "owner", "model", "description") if said.get(name)]
    told += [(name, ", ".join(item[name])) for name in ("models", "tools", "services", "environments", "capabilities", "tags") if item[name]]
    lasted = f", median {duration(item['p50_ns'])}, p95 {duration(item['p95_ns'])}" if item["p50_ns"] is not None else ""
    told.append(("runs", f"{item['runs']}, {item['failed_runs']} failed, {item['running']} running{lasted}"))
    tokens = f"{count(item['input_tokens'])} tokens in, {count(item['output_tokens'])} out"
    told.append(("calls", f"{item['model_calls']} of models ({tokens}, {cost(item['cost_usd']) or '$0'}), {item['tool_calls']} of tools"))
    told.append(("last seen", clock_time(item["last_seen"])))
    if item["metrics"]:
        told.append(("figures", ", ".join(f"{name} {value}" for name, value in item["metrics"]["values"].items())))
    told += [("live", f"{where(place)}: {_version(place)}, since {clock_time(place['since'])}") for place in item["live"]]
    for one in item["deployments"]:
        pinned = ", pinned" if one["pinned"] else ""
        told.append(("deployed", f"{one['environment']}: configuration {one['number']}{pinned}, since {clock_time(one['deployed'])}"))
    for one in item["drift"]:
        what = ", ".join(_differs(each) for each in one["differences"])
        told.append(("drift", f"{where(one)}: not as configuration {one['number']} says: {what}"))
    return told


def _differs(one: dict[str, Any]) -> str:
    return "prompt" if one["what"] == "prompt" else f"{one['what']} {one['observed']} instead of {one['declared']}"


def where(place: dict[str, Any]) -> str:
    """Environment and service."""
    return "/".join(part for part in (place["environment"], place["service"]) if part) or "somewhere"


def _version(one: dict[str, Any]) -> str:
    return f"version {one['number']}" + (f" ({one['version']})" if one["version"] else "")


def print_diff(told: dict[str, Any]) -> None:
    """What differs between two versions, as the API tells it."""
    first, second = told["first"], told["second"]
    console.print(f"{told['agent']}: {_version(first)} and {_version(second)}", style="bold", markup=False)
    if told["same"]:
        console.print("Nothing that was seen of them differs.")
    for change in [told["model"]] if told["model"] else []:
        console.print(f"model: {change['before']} -> {change['after']}", style=_STYLES["changed"], markup=False)
    for change in told["settings"]:
        console.print(f"settings{change['path']}: {_json(change['before'])} -> {_json(change['after'])}", style=_STYLES[change["kind"]], markup=False)
    for tool in told["tools"]:
        console.print(f"{_MARKS[tool['kind']]} tool {tool['name']}", style=_STYLES[tool["kind"]], markup=False)
        for change in tool["changes"]:
            console.print(f"    {change['path']}: {_json(change['before'])} -> {_json(change['after'])}", style=_STYLES[change["kind"]], markup=False)
    for line in told["prompt"]:
        console.print(f"{_MARKS[line['kind']]} {line['text']}", style=_STYLES[line["kind"]], markup=False)


def _json(value: Any) -> str:
    return "none" if value is None else orjson.dumps(value).decode()
