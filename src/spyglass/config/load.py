"""Settings from file, environment and command line; the only reader of YAML settings.

In: a path or none, and overrides from the command line. Out: Settings, or a ConfigError that lists everything wrong with its place and the nearest
right name.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from spyglass.config.spec import Settings
from spyglass.model.errors import ConfigError

__all__ = ["DEFAULT_FILE", "as_yaml", "fields", "load"]

DEFAULT_FILE: Final = Path("spyglass.yaml")
_PREFIX: Final = "SPYGLASS_"
_NOT_SETTINGS: Final = {
    f"SPYGLASS_{name}" for name in ("CONFIG", "URL", "API_KEY", "PROJECT", "ENDPOINT", "HEADERS", "SERVICE_NAME")
}  # of the command line and the SDK


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this process.

    Args:
        path: a YAML file that must exist; None means `spyglass.yaml` in the working directory if it is there.
        overrides: top-level settings from the command line; None values are left out.
        environ: default os.environ.

    Raises:
        ConfigError: names every wrong setting, where it stands and what would be right.
    """
    environ = os.environ if environ is None else environ
    file = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    values = _read(file) if file else {}
    where = str(file) if file else "settings"
    problems = list(_unknown(values, Settings, where)) + list(_unknown_variables(environ))
    if problems:
        raise ConfigError("\n".join(problems))
    merged = _merge(values, _environment(environ))
    merged = _merge(merged, {key: value for key, value in (overrides or {}).items() if value is not None})
    try:
        return Settings.model_validate(merged)
    except (ValidationError, SettingsError) as error:
        raise ConfigError(_explain(error, where)) from error


def as_yaml(values: Mapping[str, Any]) -> str:
    """Settings as the text of a settings file."""
    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)


def fields(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting as (dotted path, pydantic FieldInfo), sections first, then what is in them."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}", field
        section = _section(field.annotation)
        if section:
            yield from fields(section, f"{prefix}{name}.")


def _read(file: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}; check --config and the file's permissions") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not valid YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{file}: expected settings as `name: value`, got a {type(values).__name__}")
    return values


def _section(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _item(annotation: Any) -> type[BaseModel] | None:
    """The model of the items of a tuple setting, if they are models."""
    return next((section for section in map(_section, get_args(annotation)) if section), None)


def _unknown(values: Mapping[str, Any], model: type[BaseModel], where: str, path: str = "") -> Iterator[str]:
    for name, value in values.items():
        if name not in model.model_fields:
            yield f"{where}: {path}{name}: there is no such setting{_nearest(str(name), model.model_fields)}"
            continue
        annotation = model.model_fields[name].annotation
        section, item = _section(annotation), _item(annotation)
        if section and isinstance(value, Mapping):
            yield from _unknown(value, section, where, f"{path}{name}.")
        elif item and isinstance(value, list):
            for index, element in enumerate(value):
                if isinstance(element, Mapping):
                    yield from _unknown(element, item, where, f"{path}{name}.{index}.")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    match = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean `{match[0]}`?" if match else f"; there are {', '.join(sorted(known))}"


def _variable_names() -> dict[str, str]:
    return {_PREFIX + path.replace(".", "__").upper(): path for path, _ in fields()}


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = _variable_names()
    for name in environ:
        if name.startswith(_PREFIX) and name not in known and name not in _NOT_SETTINGS:
            yield f"environment: {name}: there is no such setting{_nearest(name, known)}"


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Settings of the environment as a nested mapping; lists are JSON or comma-separated."""
    out: dict[str, Any] = {}
    annotations = dict(fields())
    for name, path in _variable_names().items():
        if name not in environ:
            continue
        *sections, last = path.split(".")
        place = out
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = _value(environ[name], annotations[path].annotation)
    return out


def _value(text: str, annotation: Any) -> Any:
    is_list = getattr(annotation, "__origin__", None) is tuple
    if _section(annotation) or (is_list and text.lstrip().startswith("[")):
        return yaml.safe_load(text)
    return [part.strip() for part in text.split(",") if part.strip()] if is_list else text


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        out[key] = _merge(out[key], value) if isinstance(value, Mapping) and isinstance(out.get(key), Mapping) else value
    return out


def _explain(error: ValidationError | SettingsError, where: str) -> str:
    if isinstance(error, SettingsError):
        return f"{where}: {error}"
    return "\n".join(_line(detail, where) for detail in error.errors())


def _line(detail: ErrorDetails, where: str) -> str:
    path = ".".join(str(part) for part in detail["loc"])
    found = "" if "key" in path else f", got {detail['input']!r:.60}"  # a key must not end up in a log
    message = detail["msg"]
    return f"{where}: {path}: {message[0].lower()}{message[1:]}{found}"
