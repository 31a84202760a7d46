"""The analyzers there are, and the ones that are wanted: settings in, stages and the settings of each out."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Final

from pydantic import BaseModel, ValidationError

from spyglass.analyze.graph import stages
from spyglass.config.names import nearest
from spyglass.config.spec import Analyzers
from spyglass.model.errors import ConfigError
from spyglass.plugin.contracts import AnalyzerKind

__all__ = ["Wanted", "wanted"]

_BUILT_INS: Final = ("aggregation", "anomaly")  # modules of `builtin`


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall run."""

    stages: list[list[AnalyzerKind]]
    settings: dict[str, BaseModel]


def wanted(settings: Analyzers) -> Wanted:
    """The built-in analyzers that are not disabled, each with its settings.

    Raises:
        ConfigError: one line for each setting that is wrong.
    """
    kinds = {kind.name: kind for kind in (import_module(f"spyglass.analyze.builtin.{name}").analyzer for name in _BUILT_INS)}
    problems = [f"analyzers.disabled: there is no analyzer `{name}`{nearest(name, kinds)}" for name in settings.disabled if name not in kinds]
    problems += [f"analyzers.settings.{name}: there is no analyzer `{name}`{nearest(name, kinds)}" for name in settings.settings if name not in kinds]
    chosen = [kind for kind in kinds.values() if settings.enabled and kind.name not in settings.disabled]
    made: dict[str, BaseModel] = {}
    for kind in chosen:
        try:
            made[kind.name] = kind.settings.model_validate(settings.settings.get(kind.name, {}))
        except ValidationError as error:
            problems += [f"analyzers.settings.{kind.name}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
    if problems:
        raise ConfigError("\n".join(problems))
    return Wanted(stages(chosen), made)
