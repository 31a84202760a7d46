"""In which order analyzers run: kinds of analyzers in, a list of stages out; those within one stage read nothing of each other.

An analyzer reads records (`span`, `event`, `point`) and frames, which are tables that other analyzers make: `aggregation.buckets`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from spyglass.model.errors import ConfigError
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind

__all__ = ["beside", "stages"]


def stages(kinds: Iterable[AnalyzerKind]) -> list[list[AnalyzerKind]]:
    """Each analyzer in the first stage in which everything that it reads is made.

    Raises:
        ConfigError: one line for each frame that nobody makes, or that two make; or the circle in which they wait for each other.
    """
    by_name = {kind.name: kind for kind in kinds}
    makers = _makers(by_name.values())
    waits = {kind.name: {makers[read] for read in kind.reads if read not in set(Kind)} for kind in by_name.values()}
    sorter = TopologicalSorter(waits)
    try:
        sorter.prepare()
    except CycleError as error:
        raise ConfigError(f"analyzers wait for each other: {' → '.join(reversed(error.args[1]))}; one of them must not read the other's frames") from error
    found: list[list[AnalyzerKind]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found.append([by_name[name] for name in ready])
        sorter.done(*ready)
    return found


def beside(built_in: Sequence[AnalyzerKind], plugins: Iterable[AnalyzerKind]) -> tuple[list[AnalyzerKind], dict[str, str]]:
    """The plugins that can run beside these, each after those whose frames it reads; and by name why another cannot.

    Args:
        built_in: kinds that can run without any plugin.
        plugins: those that others wrote.
    """
    left, taken = {kind.name: kind for kind in plugins}, list(built_in)
    while fit := next((kind for kind in left.values() if not _problem([*taken, kind])), None):
        taken.append(left.pop(fit.name))
    return taken[len(built_in) :], dict.fromkeys(left, _problem([*taken, *left.values()]))


def _problem(kinds: Iterable[AnalyzerKind]) -> str:
    try:
        stages(kinds)
    except ConfigError as error:
        return error.message
    return ""


def _makers(kinds: Iterable[AnalyzerKind]) -> Mapping[str, str]:
    made: dict[str, str] = {}
    problems: list[str] = []
    known: Sequence[AnalyzerKind] = sorted(kinds, key=lambda kind: kind.name)
    for kind in known:
        for frame in kind.makes:
            if frame in made:
                problems.append(f"analyzers.{kind.name}: the frame {frame} is made by {made[frame]} already; disable one of the two")
            made.setdefault(frame, kind.name)
    for kind in known:
        missing = sorted(read for read in kind.reads if read not in set(Kind) and read not in made)
        problems += [f"analyzers.{kind.name}: nobody makes the frame {frame} that it reads; enable an analyzer that does" for frame in missing]
    if problems:
        raise ConfigError("\n".join(problems))
    return made
