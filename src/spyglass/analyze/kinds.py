"""The analyzers there are, and the ones that are wanted: settings in, stages and the settings of each out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from packaging.version import Version
from pydantic import BaseModel, ValidationError

from spyglass.analyze.apart import Apart, Bounds
from spyglass.analyze.graph import beside, stages
from spyglass.analyze.trial import tried
from spyglass.config.names import nearest
from spyglass.config.spec import Analyzers
from spyglass.model.errors import ConfigError
from spyglass.plugin.contracts import AnalyzerKind
from spyglass.plugin.loading import BUILT_IN, Broken, Found, Sort, load

__all__ = ["ANALYZERS", "Wanted", "wanted"]

_BUILT_INS: Final = (
    "aggregation",
    "anomaly",
    "behaviour",
    "calls",
    "canaries",
    "compliance",
    "drift",
    "flow",
    "loops",
    "paths",
    "pattern",
    "performance",
    "progress",
    "relations",
    "saturation",
    "security.brute_force",
    "security.definitions",
    "security.flood",
    "security.injection",
    "security.leaks",
    "security.privileges",
    "security.provenance",
    "security.unexplained",
    "templates",
    "tools",
)  # modules of `builtin`

ANALYZERS: Final = Sort(
    "analyzer",
    AnalyzerKind,
    "a function of (settings) that gives an Analyzer",
    tuple(f"spyglass.analyze.builtin.{name}" for name in _BUILT_INS),
    Version("1.0"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall run, and what there is beside it."""

    stages: list[list[AnalyzerKind]]  # of the built-in ones that see what passes
    plugins: list[AnalyzerKind]  # others that do, each after those whose frames it reads
    looks: list[AnalyzerKind]  # those that look at the store
    settings: dict[str, BaseModel]
    origins: Mapping[str, str]  # of all, by name: `built-in`, a distribution or a file
    broken: tuple[Broken, ...]


def wanted(settings: Analyzers, *, strict: bool = False) -> Wanted:
    """The analyzers that are not disabled, each with its settings; plugins in processes of their own.

    Args:
        settings: the section `analyzers`.
        strict: whether a plugin that cannot be used is an error, too.

    Raises:
        ConfigError: one line for each setting that is wrong.
    """
    found = load(ANALYZERS, settings.plugins_dir, tried)
    chosen = {name: one for name, one in found.kinds.items() if settings.enabled and name not in settings.disabled}
    made, problems, unusable = _made(settings, chosen)
    plugins = [one.kind for name, one in chosen.items() if one.origin != BUILT_IN and name not in unusable]
    built_in = [one.kind for one in chosen.values() if one.origin == BUILT_IN]
    passing = [kind for kind in built_in if not kind.every_s]
    run = stages(passing)
    others, misfits = beside(passing, [kind for kind in plugins if not kind.every_s])
    unusable |= misfits
    broken = (*found.broken, *(Broken(chosen[name].origin, problem) for name, problem in unusable.items()))
    problems += [f"{one.origin}: {one.problem}" for one in broken] if strict else []
    # A name that is not known may be meant for a broken plugin: that must not keep the server from starting.
    if strict or not broken:
        problems += [f"analyzers.disabled: there is no analyzer `{name}`{nearest(name, found.kinds)}" for name in settings.disabled if name not in found.kinds]
        problems += [
            f"analyzers.settings.{name}: there is no analyzer `{name}`{nearest(name, found.kinds)}" for name in settings.settings if name not in found.kinds
        ]
    if problems:
        raise ConfigError("\n".join(problems))
    bounds = Bounds(settings.plugin_answer_s, settings.plugin_memory_bytes)
    looks = [kind for kind in built_in if kind.every_s] + [_apart(chosen[kind.name], bounds) for kind in plugins if kind.every_s]
    names = {name: one.origin for name, one in chosen.items() if name not in unusable}
    return Wanted(run, [_apart(chosen[kind.name], bounds) for kind in others], looks, made, names, broken)


def _made(settings: Analyzers, chosen: Mapping[str, Found[AnalyzerKind]]) -> tuple[dict[str, BaseModel], list[str], dict[str, str]]:
    """The settings of each, what of them is wrong, and by name which plugin cannot be used and why."""
    made: dict[str, BaseModel] = {}
    problems: list[str] = []
    unusable: dict[str, str] = {}
    for name, one in chosen.items():
        told, plugin = _told(settings, one.kind), one.origin != BUILT_IN
        try:
            made[name] = one.kind.settings.model_validate(told)
        except ValidationError as error:
            lines = [f"analyzers.settings.{name}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_url=False)]
            if told or not plugin:
                problems += lines
            else:
                unusable[name] = "; ".join(lines)
        except Exception as error:  # somebody else's code
            unusable[name] = f"its settings cannot be made: {type(error).__name__}: {str(error)[:300]}"
        if plugin and name in made and (problem := _odd(one.kind, made[name])):
            unusable[name] = problem
    return made, problems, unusable


def _odd(kind: AnalyzerKind, made: BaseModel) -> str:
    """What is wrong with a plugin's kind; empty: nothing."""
    for what in ("reads", "rules", "makes", "heeds"):
        told = getattr(kind, what)
        if not isinstance(told, (tuple, list, set, frozenset)) or not all(isinstance(one, str) for one in told):
            return f"its `{what}` is {told!r:.80}; expected texts"
    if not isinstance(kind.description, str):
        return f"its `description` is {kind.description!r:.80}; expected a text"
    if not (isinstance(kind.every_s, (int, float)) and 0 <= kind.every_s < float("inf")):
        return f"its `every_s` is {kind.every_s!r:.80}; expected seconds"
    try:
        kind.settings.model_json_schema()
        kind.settings.model_validate_json(made.model_dump_json())
    except Exception as error:  # somebody else's code
        return f"its `settings` cannot be told as JSON and back: {type(error).__name__}: {str(error)[:300]}"
    return ""


def _told(settings: Analyzers, kind: AnalyzerKind) -> Mapping[str, Any]:
    """Its settings. Which tools are risky is said once, to `compliance`, and holds for whoever is not told something else."""
    told = settings.settings.get(kind.name, {})
    risky = settings.settings.get("compliance", {}).get("risky_tools", "")
    return {"risky_tools": risky, **told} if risky and "risky_tools" in kind.settings.model_fields else told


def _apart(found: Found[AnalyzerKind], bounds: Bounds) -> AnalyzerKind:
    """A plugin's, made in another process. One that looks at the store remembers nothing, so it is told no verdicts."""
    return replace(found.kind, make=lambda settings: Apart(found.at, settings, bounds), heeds=() if found.kind.every_s else found.kind.heeds)
