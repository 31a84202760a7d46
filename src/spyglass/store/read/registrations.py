"""Registrations of agents that arrived lately, as rows of plain values."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.asking import Ask, ask

__all__ = ["registrations"]


def registrations(engine: Ask, since_ns: int, until_ns: int, limit: int) -> list[dict[str, Any]]:
    """At most `limit`, in order of arrival, with the columns of registry/registrations.sql."""
    rows: list[dict[str, Any]] = ask(engine, "registry/registrations", {"since_ns": since_ns, "until_ns": until_ns, "limit": limit}).to_pylist()
    return rows
