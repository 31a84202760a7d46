"""How the database is opened, and what one query may take: our settings in, the database's own out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spyglass.store.handles import Settings

__all__ = ["EngineSettings"]

_GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the database is opened and what one query may take."""

    database: str = "spyglass"  # where the URL names none
    readers: int = 4  # queries at the same time
    fenced_readers: int = 4  # queries of users at the same time
    writers: int = 2  # inserts at the same time
    query_threads: int = 2
    query_memory_bytes: int = 2 * _GIB
    query_timeout_s: float = 20.0
    insert_timeout_s: float = 120.0
    wait_s: float = 10.0  # for a free handle
    connect_timeout_s: float = 10.0
    memory_bytes: int = 4 * _GIB  # embedded: everything together
    background_threads: int = 4  # embedded: merges
    cluster: str | None = None  # server: the name of its cluster, where it is more than one

    @property
    def handles(self) -> int:
        """How many calls may be under way at the same time, maintenance and control included."""
        return self.readers + self.fenced_readers + self.writers + 3

    def for_reading(self, *, near: bool) -> Settings:
        """What a query runs under; a near database need not compress its answers."""
        return {
            "session_timezone": "UTC",
            "max_threads": self.query_threads,
            "max_execution_time": self.query_timeout_s,
            "timeout_overflow_mode": "throw",
            "max_memory_usage": self.query_memory_bytes,
            "max_bytes_before_external_group_by": self.query_memory_bytes // 2,
            "max_bytes_before_external_sort": self.query_memory_bytes // 2,
            "output_format_arrow_string_as_string": 1,
            "output_format_arrow_compression_method": "none" if near else "lz4_frame",
        }

    def for_writing(self) -> Settings:
        """What an insert runs under."""
        return {
            "session_timezone": "UTC",
            "max_execution_time": self.insert_timeout_s,
            "async_insert": 0,  # the answer must mean that the rows are kept
            "deduplicate_blocks_in_dependent_materialized_views": 1,
            "optimize_on_insert": 0,  # merges collapse the copies of a span, and reads do it anyway: here it would cost a third of the insert
        }

    def for_commands(self) -> Settings:
        """What DDL and our own questions about the database run under."""
        return {"session_timezone": "UTC", "output_format_arrow_string_as_string": 1}
