"""Reading dialect files: the built-in ones and the operator's.

In: YAML files, one per naming convention (docs/dialects.md). Out: `Dialects`, checked, in a fixed order; or a ConfigError that names the
file, the place in it, what was found, and the nearest right name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from spyglass.config.names import nearest
from spyglass.model.errors import ConfigError
from spyglass.refine.grammar import Dialect, Effect, Marker, Pair, Rule, Source, UsageFact, When
from spyglass.refine.vocabulary import Vocabulary

__all__ = ["BUILT_IN", "Dialects"]

BUILT_IN: Final = Path(__file__).parent / "dialects"
_VOCABULARY: Final = "vocabulary.yaml"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Model = TypeVar("_Model", bound=BaseModel)
_PARTS: Final[dict[str, type[BaseModel]]] = {
    "kinds": Marker,
    "fields": Source,
    "rules": Rule,
    "when": When,
    "then": Effect,
    "usage": UsageFact,
    "pair": Pair,
}


@dataclass(frozen=True, slots=True)
class Dialects:
    """All dialects by name (their file's stem), and the words that they share."""

    by_name: Mapping[str, Dialect]
    vocabulary: Vocabulary

    @classmethod
    def load(cls, extra_dir: Path | None = None) -> Dialects:
        """The built-in dialects and those of `extra_dir`, where a file of the same name replaces a built-in one.

        Raises:
            ConfigError: says the file, the place in it, what was found and what would be right.
        """
        files = {file.stem: file for file in sorted(BUILT_IN.glob("*.yaml"))}
        words = _read(BUILT_IN.parent / _VOCABULARY)
        if extra_dir is not None:
            if not extra_dir.is_dir():
                raise ConfigError(f"{extra_dir}: expected a directory with dialect files; there is none")
            files |= {file.stem: file for file in sorted(extra_dir.glob("*.yaml")) if file.name != _VOCABULARY}
            words = _added(words, extra_dir / _VOCABULARY)
        dialects = {name: _checked(Dialect, _read(file), file) for name, file in files.items()}
        return cls(dialects, _checked(Vocabulary, words, _VOCABULARY))

    def __iter__(self) -> Iterator[tuple[str, Dialect]]:
        return iter(self.by_name.items())


def _added(words: dict[str, Any], file: Path) -> dict[str, Any]:
    """The built-in vocabulary with what the operator's adds: mappings word by word, lists at the front."""
    if not file.is_file():
        return words
    for section, more in _read(file).items():
        base = words.get(section)
        if isinstance(base, dict) and isinstance(more, dict):
            words[section] = {**base, **{word: _joined(base.get(word), value) for word, value in more.items()}}
        else:
            words[section] = _joined(base, more)
    return words


def _joined(base: Any, more: Any) -> Any:
    return [*more, *base] if isinstance(base, list) and isinstance(more, list) else more


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # a safe loader, in C where there is one
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{file}: expected a mapping with title, kinds, fields …; got a {type(content).__name__}")
    return content


def _checked(model: type[_Model], content: dict[str, Any], file: Path | str) -> _Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(_line(detail, file) for detail in error.errors())) from error


def _line(detail: ErrorDetails, file: Path | str) -> str:
    place = [str(part) for part in detail["loc"]]
    if detail["type"] == "extra_forbidden":
        return f"{file}: {'.'.join(place)}: there is no such name{nearest(place[-1], _names(place))}"
    message = detail["msg"].removeprefix("Value error, ")
    found = "" if detail["type"] == "value_error" and len(place) == 0 else f", got {detail['input']!r:.80}"
    return f"{file}: {'.'.join(place) or 'the file'}: {message[0].lower()}{message[1:]}{found}"


def _names(place: list[str]) -> set[str]:
    """The names that are allowed where an unknown one was found."""
    parts = [part for part in place[:-1] if not part.isdigit()]
    model = next((_PARTS[part] for part in reversed(parts) if part in _PARTS), Dialect)
    return {field.alias or name for name, field in model.model_fields.items()}
