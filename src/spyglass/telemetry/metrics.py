"""Our own counters, shown at `GET /metrics`. Never fed back into ourselves."""

from __future__ import annotations

from prometheus_client import Counter

__all__ = ["DROPPED"]

DROPPED = Counter("spyglass_dropped", "Rows that were not kept, by the room that dropped them and why", ["room", "reason"])
