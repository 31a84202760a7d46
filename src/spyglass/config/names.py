"""The names of the settings: every path there is, and what a name that is none may have meant.

In: a model of `spec.py`. Out: dotted paths with their fields, and a line for each name that is unknown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from spyglass.config.spec import Settings

__all__ = ["fields", "find", "is_list", "item_of", "names_of", "nearest", "section_of", "unknown"]


def fields(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting as (dotted path, pydantic's FieldInfo), sections first, then what is in them."""
    for name, field in names_of(model).items():
        yield f"{prefix}{name}", field
        section = section_of(field)
        if section:
            yield from fields(section, f"{prefix}{name}.")


def find(place: Sequence[int | str]) -> FieldInfo | None:
    """The setting at a place such as `("prices", "overrides", 0, "from")`; None: there is none."""
    model: type[BaseModel] | None = Settings
    field: FieldInfo | None = None
    for part in place:
        if isinstance(part, int):
            continue
        field = names_of(model).get(part) if model else None
        if field is None:
            return None
        model = section_of(field) or item_of(field)
    return field


def names_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the names that files have for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a section, if the field is one."""
    return _model(field.annotation)


def item_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of the items of a list, if they are sections."""
    return next(filter(None, map(_model, get_args(field.annotation))), None)


def is_list(field: FieldInfo) -> bool:
    """Whether the setting is a list."""
    return get_origin(field.annotation) is tuple


def unknown(values: Mapping[str, Any], model: type[BaseModel], where: str, path: str = "") -> Iterator[str]:
    """A line for each name that is no setting, at whatever depth."""
    known = names_of(model)
    for name, value in values.items():
        if name not in known:
            yield f"{where}: {path}{name}: there is no such setting{nearest(str(name), known)}"
            continue
        section, item = section_of(known[name]), item_of(known[name])
        if section and isinstance(value, Mapping):
            yield from unknown(value, section, where, f"{path}{name}.")
        elif item and isinstance(value, list):
            for index, element in enumerate(value):
                if isinstance(element, Mapping):
                    yield from unknown(element, item, where, f"{path}{name}.{index}.")


def nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    names = sorted(known)
    match = difflib.get_close_matches(name, names, 1, 0.5)
    return f"; did you mean `{match[0]}`?" if match else f"; there are {', '.join(names)}"


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
