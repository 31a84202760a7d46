"""Settings from file, environment and command line; the only reader of YAML settings.

In: a path or none, and overrides from the command line. Out: Settings, or a ConfigError that lists everything wrong with its place and the nearest
right name. There is this one chain of sources; the models of `spec.py` read nothing by themselves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from spyglass.config.environment import from_environment, variable_of, variables_in
from spyglass.config.names import fields, find, section_of, unknown
from spyglass.config.spec import Settings
from spyglass.config.values import CONTRADICTION, is_secret
from spyglass.model.errors import ConfigError

__all__ = ["DEFAULT_FILE", "as_yaml", "fields", "load", "read_yaml"]

DEFAULT_FILE: Final = Path("spyglass.yaml")
_QUOTED: Final = re.compile(r"'(?!<)[^']{2,}'")  # in YAML's messages: texts of the file, but no tokens such as '<block end>'

Source = tuple[str, Mapping[str, Any], frozenset[str]]  # its name, what it sets, and of the environment the variables that do
_NO_VARIABLES: Final = frozenset[str]()


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this process.

    Args:
        path: a YAML file that must exist; None means `spyglass.yaml` in the working directory if it is there.
        overrides: top-level settings from the command line; None values are left out.
        environ: default os.environ.

    Raises:
        ConfigError: names every wrong setting, where it stands and what would be right.
    """
    file = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    values = read_yaml(file) if file else {}
    problems = list(unknown(values, Settings, str(file)))
    environ = os.environ if environ is None else environ
    try:
        environment = from_environment(environ)
    except ConfigError as error:
        raise ConfigError("\n".join([*problems, error.message])) from None
    if problems:
        raise ConfigError("\n".join(problems))
    told = {key: value for key, value in (overrides or {}).items() if value is not None}
    sources: list[Source] = [
        (str(file or "settings"), values, _NO_VARIABLES),
        ("environment", environment, frozenset(variables_in(environ))),
        ("command line", told, _NO_VARIABLES),
    ]
    merged: dict[str, Any] = {}
    for _, more, _ in sources:
        merged = _merge(merged, more)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        # The error itself holds every value, secrets too: it must not become the cause.
        raise ConfigError("\n".join(_line(detail, sources) for detail in error.errors(include_url=False))) from None
    settings.origins.update(_origins(sources))
    return settings


def as_yaml(values: Mapping[str, Any]) -> str:
    """Settings as the text of a settings file."""
    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)


def read_yaml(file: Path) -> dict[str, Any]:
    """What a YAML file says: names and values.

    Raises:
        ConfigError: it cannot be read, or says something else; no value of it is told.
    """
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}; check --config and the file's permissions") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = _QUOTED.sub("'…'", error.problem or "it cannot be read")
        raise ConfigError(f"{file}{place}: is not valid YAML: {problem}") from None  # YAML's own text shows the line, and there may be a key in it
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ConfigError(f"{file}: is not valid YAML: expected text in UTF-8 without control characters") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{file}: expected settings as `name: value`, got a {type(values).__name__}")
    return values


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        out[key] = _merge(out[key], value) if isinstance(value, Mapping) and isinstance(out.get(key), Mapping) else value
    return out


def _line(detail: ErrorDetails, sources: Sequence[Source]) -> str:
    """Where, which setting, what was wanted, what was found."""
    place, context = list(detail["loc"]), detail.get("ctx", {})
    message, found = detail["msg"], detail["input"]
    if detail["type"] == CONTRADICTION:
        place, message, found = [*place, context["at"]], context["wanted"], context["found"]
    elif detail["type"] == "value_error":
        message = str(context["error"])
    path = ".".join(map(str, place))
    return f"{_origin(place, sources)}: {path}: {message[0].lower()}{message[1:]}{_found(place, found)}"


def _origin(place: Sequence[int | str], sources: Sequence[Source]) -> str:
    """The strongest source that sets it, else the file: there it could be set."""
    for name, values, variables in reversed(sources):
        if depth := _depth(values, place):
            return f"{name} {_variable(place[:depth], variables)}" if variables else name
    return sources[0][0]


def _origins(sources: Sequence[Source]) -> dict[str, str]:
    """By the path of each single setting that a source sets, which does."""
    places = [(path, path.split(".")) for path, field in fields() if section_of(field) is None]
    return {path: _origin(place, sources) for path, place in places if any(_depth(values, place) for _, values, _ in sources)}


def _depth(values: Any, place: Sequence[int | str]) -> int:
    """How many parts of the place there are in nested values, 0 if not all that are settings."""
    for depth, part in enumerate(place):
        if not isinstance(values, Mapping):
            return depth
        if part not in values:
            return 0
        values = values[part]
    return len(place)


def _variable(place: Sequence[int | str], variables: Collection[str]) -> str:
    """The variable that sets it: its own, else that of the nearest section around it that is set as JSON."""
    names = [str(part) for part in place if not isinstance(part, int)]
    own_first = [variable_of(".".join(names[:depth])) for depth in range(len(names), 0, -1)]
    return next((name for name in own_first if name in variables), own_first[0])


def _found(place: Sequence[int | str], value: object) -> str:
    """The value of a single setting that is no secret; nothing of what holds others."""
    field = find(place)
    if value is None or field is None or is_secret(field) or section_of(field) or isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return ""
    return f", got {value!r:.60}"
