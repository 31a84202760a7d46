"""Which runners are wanted: settings and kinds in, a plan for each out, its settings checked by its kind's own model.

What is wrong is told with the path of the setting, all of it at once, and never with the value of a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from spyglass.config.names import nearest, unknown
from spyglass.config.spec import RunnerEntry, Runners
from spyglass.config.values import is_secret
from spyglass.model.errors import ConfigError
from spyglass.plugin.contracts import RunnerKind
from spyglass.plugin.loading import Found, Plugins

__all__ = ["DEFAULTS", "Plan", "plans"]

DEFAULTS: Final = ("host",)  # kinds that run without an entry, as they need no settings


@dataclass(frozen=True, slots=True)
class Plan:
    """A runner that is wanted. `found` and `settings` are None where its kind cannot be used: `problem` says why."""

    id: str
    entry: RunnerEntry
    found: Found[RunnerKind] | None
    settings: BaseModel | None
    problem: str = ""


def plans(settings: Runners, plugins: Plugins[RunnerKind], *, strict: bool = False) -> list[Plan]:
    """A plan for each entry, and for the defaults that have none.

    Args:
        settings: the section `runners`.
        plugins: what there is.
        strict: whether a plugin that cannot be used is an error, too; else the entries that need it are planned with a problem.

    Raises:
        ConfigError: one line for each setting that is wrong.
    """
    problems = [f"{broken.origin}: {broken.problem}" for broken in plugins.broken] if strict else []
    severe = strict or not plugins.broken  # else one of the broken plugins may have been meant
    planned = [_planned(entry, f"runners.entries.{number}", plugins, problems, severe) for number, entry in enumerate(settings.entries)]
    taken, kinds = {entry.name for entry in settings.entries}, {entry.kind for entry in settings.entries}
    missing = [kind for kind in DEFAULTS if settings.defaults and kind not in kinds | taken]
    planned += [_planned(RunnerEntry(kind=kind), "runners.defaults", plugins, problems, severe) for kind in missing]
    if problems:
        raise ConfigError("\n".join(problems))
    return planned


def _planned(entry: RunnerEntry, path: str, plugins: Plugins[RunnerKind], problems: list[str], severe: bool) -> Plan:
    found = plugins.kinds.get(entry.kind)
    if found is None:
        problem = f"{path}.kind: there is no runner `{entry.kind}`{nearest(entry.kind, plugins.kinds)}"
        if severe:
            problems.append(problem)
        broken = "; ".join(f"{one.origin}: {one.problem}" for one in plugins.broken)
        return Plan(entry.name, entry, None, None, f"{problem}; these plugins cannot be used: {broken}" if broken else problem)
    wrong = list(_wrong(entry.settings, found.kind.settings, f"{path}.settings"))
    if wrong:
        problems += wrong
        return Plan(entry.name, entry, found, None, wrong[0])
    return Plan(entry.name, entry, found, found.kind.settings.model_validate(entry.settings))


def _wrong(values: Mapping[str, Any], model: type[BaseModel], path: str) -> Iterator[str]:
    """Lines in the form of all settings: where, what was wanted, what was found."""
    strange = list(unknown(values, model, path)) if model.model_config.get("extra") == "forbid" else []
    yield from (line.replace(f"{path}: ", f"{path}.", 1) for line in strange)
    try:
        model.model_validate(values)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if not (strange and detail["type"] == "extra_forbidden"):
                yield _line(detail, model, path)
    except Exception as error:
        yield f"{path}: its model failed on them: {type(error).__name__}"


def _line(detail: ErrorDetails, model: type[BaseModel], path: str) -> str:
    place = ".".join(map(str, (path, *detail["loc"])))
    message = str(detail.get("ctx", {}).get("error", detail["msg"])) if detail["type"] == "value_error" else detail["msg"]
    return f"{place}: {message[:1].lower()}{message[1:]}{_shown(detail, model)}"


def _shown(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """The value, where it is a plain one of a field that is no secret."""
    value, place = detail["input"], detail["loc"]
    field = model.model_fields.get(str(place[0])) if len(place) == 1 else None
    if field is None or is_secret(field) or isinstance(value, SecretStr) or not isinstance(value, (bool, int, float, str)) or "url" in str(place[0]):
        return ""
    return f", got {value!r:.60}"
