"""Which of a resource's attributes name and describe which entity (OTLP's `entity_refs`): messages in, their OTLP/JSON text out, and back.

Hardly anybody sends them yet, so they are one text a resource, empty as a rule, and cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
import pyarrow as pa

from spyglass.decode.columns import empty_texts, flat
from spyglass.decode.limits import check_count

__all__ = ["entity_refs", "entity_text", "fields_of"]

_FIELDS: Final = (("schemaUrl", "schema_url"), ("type", "type"), ("idKeys", "id_keys"), ("descriptionKeys", "description_keys"))


def entity_refs(lists: pa.Array) -> pa.Array:
    """The texts of n lists of EntityRef messages, as ptars gives them.

    Raises:
        ManyError: they are too many, or name too many attributes.
    """
    members, _ = flat(lists)
    if not len(members):
        return empty_texts(len(lists))
    check_count(len(members) + sum(len(flat(members.field(name))[0]) for name in ("id_keys", "description_keys")))
    return pa.array([entity_text(refs) for refs in lists.to_pylist()], pa.string())


def entity_text(refs: Sequence[Mapping[str, Any]]) -> str:
    """The text of one resource's references, given by the names of their fields; "" for none. What is not set is left out."""
    return orjson.dumps([{name: ref[field] for name, field in _FIELDS if ref[field]} for ref in refs]).decode() if refs else ""


def fields_of(text: str) -> Iterable[dict[str, Any]]:
    """The fields of each reference; none where the text is not what `entity_text` made, because a secret was taken out of it."""
    try:
        found = orjson.loads(text) if text else []
    except orjson.JSONDecodeError:
        return []
    return [{field: ref[name] for name, field in _FIELDS if name in ref} for ref in found]
