"""The analyzers there are, and the ones that are wanted: settings in, stages and the settings of each out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from packaging.version import Version
from pydantic import BaseModel, ValidationError

from spyglass.analyze.apart import Apart, Bounds
from spyglass.analyze.graph import stages
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

    stages: list[list[AnalyzerKind]]  # of those that see what passes
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
    plugins = load(ANALYZERS, settings.plugins_dir)
    kinds = plugins.kinds
    problems = [f"{broken.origin}: {broken.problem}" for broken in plugins.broken] if strict else []
    # A name that is not known may be meant for a broken plugin: that must not keep the server from starting.
    if strict or not plugins.broken:
        problems += [f"analyzers.disabled: there is no analyzer `{name}`{nearest(name, kinds)}" for name in settings.disabled if name not in kinds]
        problems += [f"analyzers.settings.{name}: there is no analyzer `{name}`{nearest(name, kinds)}" for name in settings.settings if name not in kinds]
    bounds = Bounds(settings.plugin_answer_s, settings.plugin_memory_bytes)
    chosen = [_apart(found, bounds) for name, found in kinds.items() if settings.enabled and name not in settings.disabled]
    made: dict[str, BaseModel] = {}
    for kind in chosen:
        try:
            made[kind.name] = kind.settings.model_validate(_told(settings, kind))
        except ValidationError as error:
            problems += [f"analyzers.settings.{kind.name}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
    if problems:
        raise ConfigError("\n".join(problems))
    passing, looks = [kind for kind in chosen if not kind.every_s], [kind for kind in chosen if kind.every_s]
    return Wanted(stages(passing), looks, made, {kind.name: kinds[kind.name].origin for kind in chosen}, plugins.broken)


def _told(settings: Analyzers, kind: AnalyzerKind) -> Mapping[str, Any]:
    """Its settings. Which tools are risky is said once, to `compliance`, and holds for whoever is not told something else."""
    told = settings.settings.get(kind.name, {})
    risky = settings.settings.get("compliance", {}).get("risky_tools", "")
    return {"risky_tools": risky, **told} if risky and "risky_tools" in kind.settings.model_fields else told


def _apart(found: Found[AnalyzerKind], bounds: Bounds) -> AnalyzerKind:
    """A plugin's, made in another process. One that looks at the store remembers nothing, so it is told no verdicts."""
    if found.origin == BUILT_IN:
        return found.kind
    return replace(found.kind, make=lambda settings: Apart(found.at, settings, bounds), heeds=() if found.kind.every_s else found.kind.heeds)
