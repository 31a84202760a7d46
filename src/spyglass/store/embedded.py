"""The embedded engine's house rules: one process owns a directory, one directory per process, a configuration of our own, never a fork.

In: the directory of the store. Out: a claim on it, and the configuration file that the engine is opened with; or a ConfigError that says who is in the way.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from spyglass.model.errors import ConfigError, StoreError

__all__ = ["Claim", "EmbeddedOptions", "claim", "write_config"]

_MIB: Final = 2**20
# A server's defaults are caches of gigabytes; these are for a laptop. Everything that is not named here keeps its default.
_CACHES: Final = {
    "mark_cache_size": 128 * _MIB,
    "primary_index_cache_size": 64 * _MIB,
    "index_mark_cache_size": 32 * _MIB,
    "text_index_tokens_cache_size": 32 * _MIB,
    "text_index_header_cache_size": 32 * _MIB,
    "text_index_postings_cache_size": 64 * _MIB,
    "query_condition_cache_size": 32 * _MIB,
    "compiled_expression_cache_size": 16 * _MIB,
    "vector_similarity_index_cache_size": _MIB,
    "parquet_metadata_cache_size": _MIB,
    "iceberg_metadata_files_cache_size": _MIB,
    "uncompressed_cache_size": 0,
    "index_uncompressed_cache_size": 0,
}


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """What the engine is started with; fixed until the process ends."""

    memory_bytes: int  # of the whole engine, caches and merges included
    background_threads: int


def write_config(directory: Path, options: EmbeddedOptions) -> Path:
    """Write the engine's configuration into the directory, readable by its owner alone, and give its path.

    Without a file of our own the engine would load any `config.xml` of the working directory.
    """
    values = {
        **_CACHES,
        "max_server_memory_usage": options.memory_bytes,
        "background_pool_size": options.background_threads,
        "background_common_pool_size": options.background_threads,
        "background_schedule_pool_size": 8,
    }
    lines = [f"  <{name}>{value}</{name}>" for name, value in values.items()]
    text = "\n".join(["<clickhouse>", *lines, "</clickhouse>", ""])
    path = directory / "engine.xml"
    draft = directory / f"engine.xml.{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(text)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(f"data_dir: {directory} cannot be written: {error.strerror}") from error
    return path


class Claim:
    """The right of this process to a directory, held until `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def release(self) -> None:
        """Give it back; the last one frees the process for another directory."""
        _process.release()


class _Process:
    """Which directory this process has open, and how often."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.path: Path | None = None
        self.claims = 0
        self.pid = os.getpid()

    def take(self, path: Path) -> None:
        if self.pid != os.getpid() and self.path is not None:
            raise StoreError("this process was forked from one that has the store open: start it with `spawn` instead")
        with self.lock:
            if self.path not in {None, path}:
                raise ConfigError(
                    f"store.url: this process has {self.path} open, and the engine can open one directory per process; {path} needs another process"
                )
            self.path, self.pid = path, os.getpid()
            self.claims += 1

    def release(self) -> None:
        with self.lock:
            self.claims -= 1
            if not self.claims:
                self.path = None


_process = _Process()


def claim(path: Path) -> Claim:
    """Take the directory for this process.

    Raises:
        ConfigError: another process has it, this process has another one, or it cannot be written.
        StoreError: this process is a fork of one that has the store open.
    """
    path = path.resolve()
    if "?" in str(path):
        raise ConfigError(f"store.url: {path}: a `?` cannot be part of the directory's name")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"store.url: {path} cannot be made: {error.strerror}") from error
    _process.take(path)
    try:
        if _process.claims == 1 and (owner := _owner(path)) is not None:
            raise ConfigError(
                f"store.url: {path} is in use by another process{owner}: stop that one, send to it instead, or choose another directory with --data-dir"
            )
    except BaseException:
        _process.release()
        raise
    return Claim(path)


def _owner(path: Path) -> str | None:
    """` (pid 123)`, or "" where the pid is not known, if somebody holds the engine's lock; None if nobody does."""
    try:
        descriptor = os.open(path / "status", os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"store.url: {path} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        found = re.search(rb"PID: (\d+)", os.read(descriptor, 200))
        return f" (pid {found[1].decode()})" if found else ""
    finally:
        os.close(descriptor)
    return None
