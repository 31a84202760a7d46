"""The only door to the database: SQL and Arrow tables come in, Arrow tables and bytes go out. Nobody else knows which database it is.

`chdb:///path` is the engine inside this process, `clickhouse://user:password@host:8123/database` (or `clickhouses`, `http`, `https`) a server. Methods are
blocking and safe from any thread: call them in worker threads. Never fork a process that has an embedded engine open: the engine's threads do not
come along, and even leaving the child hangs. Start processes with `spawn`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from spyglass.model.errors import ConfigError, Refused, SpyglassError, StoreError
from spyglass.store.embedded import Claim, EmbeddedOptions, claim, write_config
from spyglass.store.failures import command_failure, insert_failure, read_failure
from spyglass.store.pool import EmbeddedHandle, Handle, Pool, RemoteHandle, Settings
from spyglass.telemetry.metrics import STORE_FAILURES

__all__ = ["Engine", "EngineSettings", "EngineStatus", "Fenced"]
