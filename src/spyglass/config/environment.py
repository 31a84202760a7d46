"""Settings from the environment: `SPYGLASS_RECEIVE__MAX_BODY_BYTES` is `receive.max_body_bytes`.

In: variables, which pydantic-settings takes apart. Out: a nested mapping of what they set; or a ConfigError that lists every variable that is wrong, never
with its value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from spyglass.config.names import fields, is_list, nearest, section_of, unknown
from spyglass.config.spec import Settings
from spyglass.model.errors import ConfigError

__all__ = ["from_environment", "variable_of", "variables_in"]

_PREFIX: Final = Settings.model_config["env_prefix"]
_NOT_SETTINGS: Final = {
    f"{_PREFIX}{name}" for name in ("CONFIG", "URL", "API", "API_KEY", "PROJECT", "ENDPOINT", "HEADERS", "SERVICE_NAME")
}  # of the command line and the SDK
_SDK: Final = f"{_PREFIX}SDK_"  # all that begin so are the SDK's own


def variable_of(path: str) -> str:
    """The variable of a setting."""
    return _PREFIX + path.replace(".", "__").upper()


def variables_in(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that set something, single settings and whole sections, with their text.

    An empty variable sets nothing, but of a list it sets an empty one.
    """
    found = {}
    for path, field in fields():
        text = environ.get(variable_of(path))
        if text is not None and (text.strip() or is_list(field)):
            found[variable_of(path)] = text.strip() or "[]"
    return found


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the environment sets. Lists are separated by commas, or JSON; sections are JSON.

    Raises:
        ConfigError: a variable names no setting, or what it holds cannot be read.
    """
    variables = _Variables(environ)
    found = variables()
    problems = [*_unknown_variables(environ), *variables.problems]
    if problems:
        raise ConfigError("\n".join(problems))
    return found


class _Variables(EnvSettingsSource):
    """Reads given variables, goes on after one that is wrong, and tells each by its own name and without its value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._environ = environ
        self._paths = {id(field): path for path, field in fields()}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): text for name, text in variables_in(self._environ).items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002 -- the base class names it
        """A list or a section from its text; nothing, and a problem, where it is none."""
        path = self._paths[id(field)]
        where = f"environment {variable_of(path)}"
        try:
            found = _list(value) if is_list(field) else _section(value)
        except ValueError as error:
            self.problems.append(f"{where}: {path}: {error}")
            return {}
        section = section_of(field)
        if section is not None:
            self.problems += unknown(found, section, where, f"{path}.")
        return found


def _list(text: str) -> Any:
    if text.startswith("["):
        return _json(text, 'a list separated by commas, or as JSON such as `["a", "b"]`')
    return [part.strip() for part in text.split(",") if part.strip()]


def _section(text: str) -> dict[str, Any]:
    wanted = 'a section as JSON, such as `{"name": 1}`; its settings have variables of their own too'
    value = _json(text, wanted)
    if not isinstance(value, dict):
        raise ValueError(f"expected {wanted}")  # noqa: TRY004 -- the text is wrong, not a type
    return value


def _json(text: str, wanted: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected {wanted}; at character {error.pos + 1}: {error.msg[0].lower()}{error.msg[1:]}") from None


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = [variable_of(path) for path, _ in fields(Settings)]
    for name in environ:
        if name.startswith(_PREFIX) and name not in known and name not in _NOT_SETTINGS and not name.startswith(_SDK):
            yield f"environment: {name}: there is no such setting{nearest(name, known)}"
