"""Where records come from: the levels request → resource → scope → record, and the columns that a record has from the levels above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.decode import keyvalues, rules
from spyglass.decode.columns import Index, Mask, first_texts, flat, map_bytes, numbers, owners, repeated, times
from spyglass.decode.entities import entity_refs
from spyglass.decode.limits import RepeatsError, check_count
from spyglass.model.body import Signal

__all__ = ["Arrival", "Origin"]

_LEVELS: Final[dict[Signal, tuple[str, str]]] = {
    "traces": ("scope_spans", "spans"),
    "logs": ("scope_logs", "log_records"),
    "metrics": ("scope_metrics", "metrics"),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came with the bodies: the project that the header names (or None), and when they arrived (ns), one each."""

    projects: Sequence[str | None]
    received_ns: Index


class Origin:
    """The levels above the records of some bodies. `records` are the spans, log records or metrics; `scope_of` says whose each is.

    Raises:
        ManyError: the bodies have too much of something, taken together.
    """

    def __init__(self, signal: Signal, root: pa.Array, arrival: Arrival) -> None:
        scopes_name, records_name = _LEVELS[signal]
        self._arrival = arrival
        self._resources, offsets = flat(root)
        check_count(len(self._resources))
        self._body_of_resource = owners(offsets)
        self._scopes, offsets = flat(self._resources.field(scopes_name))
        check_count(len(self._scopes))
        self.resource_of_scope = owners(offsets)
        self.records, offsets = flat(self._scopes.field(records_name))
        check_count(len(self.records))
        self.scope_of = owners(offsets)

    @cached_property
    def resource_attributes(self) -> keyvalues.Attributes:
        """One row per resource."""
        return keyvalues.attributes(self._resources.field("resource").field("attributes"))

    @cached_property
    def _entities(self) -> pa.Array:
        return entity_refs(self._resources.field("resource").field("entity_refs"))

    @cached_property
    def _scope_attributes(self) -> keyvalues.Attributes:
        return keyvalues.attributes(self._scopes.field("scope").field("attributes"))

    def body_of(self, scope_of: Index) -> Index:
        """The body of each row, given its scope."""
        return self._body_of_resource[self.resource_of_scope][scope_of]

    def check_repeats(self, scope_of: Index, own: Index | int = 0) -> None:
        """See that rows do not repeat their resource and scope, and `own` bytes each, beyond the limit.

        Raises:
            RepeatsError: they do, in one body or in all together.
        """
        scope, urls = self._scopes.field("scope"), self._scopes.field("schema_url")
        of_resource = [self.resource_attributes.maps, self._resources.field("schema_url"), self._entities]
        of_scope = [self._scope_attributes.maps, urls, scope.field("name"), scope.field("version")]
        together = sum(column.nbytes for column in (*of_resource, *of_scope)) + int(np.max(own, initial=0))
        if together * len(scope_of) <= rules.REPEATED_LIMIT:  # as nearly always: a row repeats no more than all there is
            return
        header = _sizes(of_resource)[self.resource_of_scope] + _sizes(of_scope)
        share = np.bincount(self.body_of(scope_of), header[scope_of] + own, minlength=1)
        if share.max() > rules.REPEATED_LIMIT or share.sum() > 2 * rules.REPEATED_LIMIT:
            raise RepeatsError(int(share.max()))

    def columns(self, scope_of: Index) -> tuple[dict[str, pa.Array], Index, Mask]:
        """The columns for rows of these scopes; with them when each row arrived (ns), and whether its project could not be used."""
        resource_of = self.resource_of_scope[scope_of]
        received = self._arrival.received_ns[self._body_of_resource[resource_of]]
        columns = repeated(self._of_resource, resource_of) | repeated(self._of_scope, scope_of) | {"received": times(received)}
        return columns, received, self._bad_project[resource_of]

    @cached_property
    def _of_resource(self) -> dict[str, pa.Array]:
        resource, attributes = self._resources.field("resource"), self.resource_attributes
        project, service, environment = self._names
        return {
            "project": project,
            "service": service,
            "environment": environment,
            "resource_attributes": attributes.maps,
            "resource_attribute_types": attributes.types,
            "resource_dropped_attributes": resource.field("dropped_attributes_count"),
            "resource_schema_url": self._resources.field("schema_url"),
            "resource_entity_refs": self._entities,
        }

    @cached_property
    def _of_scope(self) -> dict[str, pa.Array]:
        scope, attributes = self._scopes.field("scope"), self._scope_attributes
        return {
            "scope_name": scope.field("name"),
            "scope_version": scope.field("version"),
            "scope_attributes": attributes.maps,
            "scope_attribute_types": attributes.types,
            "scope_dropped_attributes": scope.field("dropped_attributes_count"),
            "scope_schema_url": self._scopes.field("schema_url"),
        }

    @cached_property
    def _names(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Project, service and environment of each resource."""
        groups = (rules.PROJECT_KEYS, (rules.SERVICE_KEY,), rules.ENVIRONMENT_KEYS)
        told, services, environments = first_texts(self.resource_attributes.maps, groups)
        header = self._arrival.projects
        wanted = [header[body] or name for body, name in zip(self._body_of_resource.tolist(), told.to_pylist(), strict=True)]
        projects = [rules.project_of(name) if name else (rules.DEFAULT_PROJECT, True) for name in wanted]
        self._bad_project = np.array([not good for _, good in projects], bool)
        return pa.array([name for name, _ in projects], pa.string()), services, environments


def _sizes(columns: Sequence[Any]) -> Index:
    """Bytes of the texts of each row; the first column holds maps."""
    maps, *texts = columns
    sizes: Index = map_bytes(maps) + np.sum([numbers(pc.binary_length(column), np.int64) for column in texts], axis=0)
    return sizes
