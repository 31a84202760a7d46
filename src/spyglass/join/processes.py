"""The processes of some events: who was whose child, what each became, how it ended.

In: actions in any order. Out: processes by their key. A parent that no event tells of is left out; so is its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from spyglass.join.nouns import Action, Process, ProcessKey

__all__ = ["above", "processes_of"]


def processes_of(actions: Iterable[Action]) -> dict[ProcessKey, Process]:
    """Every process that did something or was born."""
    found: dict[ProcessKey, Process] = {}
    latest: dict[tuple[str, int], ProcessKey] = {}
    forks: dict[tuple[str, int], tuple[int, ProcessKey]] = {}
    for action in sorted(actions, key=lambda one: one.time_ns):
        key = action.process
        process = found.get(key)
        if process is None:
            fork = forks.pop((key.host, key.pid), None)
            parent = fork[1] if fork else latest.get((key.host, action.ppid))
            process = found[key] = Process(key, parent if parent != key else None, fork[0] if fork else action.time_ns, None, [], action.command, None, "", [])
        latest[key.host, key.pid] = key
        process.actions.append(action)
        match action.name:
            case "process.fork":
                forks[key.host, action.child] = (action.time_ns, key)
            case "process.exec":
                process.programs.append(action.argv)
                process.path = action.path
            case "process.exit":
                process.ended_ns, process.code, process.signal = action.time_ns, action.code, action.signal
                if action.duration_ns:
                    process.started_ns = min(process.started_ns, action.time_ns - action.duration_ns)
    return found


def above(process: Process, processes: Mapping[ProcessKey, Process]) -> Iterator[Process]:
    """Its parent, the parent's parent, and so on; a circle ends it."""
    seen = {process.key}
    while process.parent is not None and process.parent not in seen and process.parent in processes:
        process = processes[process.parent]
        seen.add(process.key)
        yield process
