"""What an agent is to run with, from the server's registry: an agent's name and a default in, a `Configuration` out, always.

The first call waits for the server, `timeout_s` at most; later ones answer at once from memory, while a thread asks again and again whether it has changed.
When the server is away the last answer holds, in memory, else on the disk; else the default. Spans of the agent tell with which configuration they ran.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import requests
from opentelemetry.trace import Span

from spyglass_sdk import names
from spyglass_sdk.api import Api
from spyglass_sdk.content import said
from spyglass_sdk.guard import harmless, log, tell
from spyglass_sdk.quiet import quiet
from spyglass_sdk.shelf import Shelf

__all__ = ["Configuration", "configuration", "configurations", "stamp_configuration"]

DEFAULT: Final = "default"
_REFRESH_S: Final = 15.0
_REQUEST_S: Final = 10.0
_LARGEST_BYTES: Final = 2 * 2**20
_MOST: Final = 1_000  # agents and environments of one process
_OK, _SAME, _NOT_FOUND = 200, 304, 404

Key = tuple[str, str, str, str]  # server, project, agent, environment


class Configuration(Mapping[str, Any]):
    """A configuration as it was when it was asked for: its members are those of its body.

    Attributes:
        agent: whose it is.
        environment: the label that was asked for.
        version: its number in the registry as text, or `default`.
        source: `server`, `cache` (the disk, because the server was away), or `default`.
    """

    __slots__ = ("_body", "agent", "environment", "source", "version")

    def __init__(self, agent: str, environment: str, version: str, source: str, body: Mapping[str, Any]) -> None:
        self.agent, self.environment, self.version, self.source, self._body = agent, environment, version, source, dict(body)

    def __getitem__(self, name: str) -> Any:
        return self._body[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._body)

    def __len__(self) -> int:
        return len(self._body)

    def __repr__(self) -> str:
        return f"Configuration(agent={self.agent!r}, environment={self.environment!r}, version={self.version!r}, source={self.source!r})"


@dataclass(slots=True)
class _Entry:
    """One that was asked for. `body` is None until the server, or the disk, has given one."""

    key: Key
    headers: dict[str, str]
    body: dict[str, Any] | None = None
    version: str = ""
    etag: str = ""
    source: str = DEFAULT
    problem: str = ""  # why the server's word is not known; empty: it is
    asked_s: float = 0.0
    waited: bool = False  # somebody waited for the first answer as long as they would; nobody does again
    answered: threading.Event = field(default_factory=threading.Event)
    asking: threading.Lock = field(default_factory=threading.Lock)


class _Fetcher:
    """All that this process asked for, and the thread that asks again. Safe from any thread."""

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._local = threading.local()
        self.shelf = Shelf()
        self.refresh_s = _REFRESH_S

    def entry(self, agent: str, environment: str) -> _Entry:
        """The one of this agent and environment, asked for from now on."""
        api = Api.found()
        key = (api.url, api.project, agent, environment)
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                if len(self._entries) >= _MOST:
                    raise ValueError(f"configuration: {_MOST} of them are in use already; expected a few agents and environments")
                found = self._entries[key] = _Entry(key, api.headers)
                threading.Thread(target=self._first, args=(found,), name="spyglass-configuration", daemon=True).start()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="spyglass-configurations", daemon=True)
                self._thread.start()
        return found

    def all(self) -> list[_Entry]:
        """Every one."""
        with self._lock:
            return list(self._entries.values())

    def _first(self, entry: _Entry) -> None:
        quiet()
        try:
            self._ask(entry)
        finally:
            entry.answered.set()

    def _run(self) -> None:
        quiet()
        pause = threading.Event()  # nobody sets it: the thread ends with the process
        while not pause.wait(self.refresh_s * random.uniform(0.9, 1.1)):  # noqa: S311 - so that a thousand processes do not ask at once
            for entry in self.all():
                self._ask(entry)

    def _ask(self, entry: _Entry) -> None:
        """Once, unless somebody is at it."""
        if not entry.asking.acquire(blocking=False):
            return
        try:
            self._take(entry, *self._fetch(entry))
        except requests.RequestException as error:
            self._away(entry, f"no answer ({type(error).__name__})")
        except Exception as error:  # a thread that ends would end all refreshing
            tell("configuration", error)
            self._away(entry, type(error).__name__)
        finally:
            entry.asked_s = time.monotonic()
            entry.asking.release()

    def _fetch(self, entry: _Entry) -> tuple[int, str, dict[str, Any]]:
        """Status, ETag and answer of the server."""
        url, project, agent, environment = entry.key
        session: requests.Session = getattr(self._local, "session", None) or requests.Session()
        self._local.session = session
        headers = {**entry.headers, **({"if-none-match": entry.etag} if entry.etag else {})}
        where = f"{url}/api/v1/agents/{quote(agent, safe='')}/configuration"
        asked = {"project": project, "environment": environment}
        with session.get(where, params=asked, headers=headers, timeout=_REQUEST_S, stream=True, allow_redirects=False) as answer:
            if answer.status_code != _OK:
                return answer.status_code, "", {}
            text = answer.raw.read(_LARGEST_BYTES + 1, decode_content=True)
            if len(text) > _LARGEST_BYTES:
                raise ValueError(f"expected at most {_LARGEST_BYTES} bytes")
            answer._content = text
            return _OK, answer.headers.get("etag", ""), answer.json()

    def _take(self, entry: _Entry, status: int, etag: str, told: dict[str, Any]) -> None:
        if status == _SAME:
            entry.source, entry.problem = "server", ""
        elif status == _OK:
            body, version = told["body"], str(told["number"])
            if not isinstance(body, dict):
                raise TypeError("expected an object")
            changed = (entry.version, entry.body) != (version, body)
            entry.body, entry.version, entry.etag, entry.source, entry.problem = body, version, etag, "server", ""
            if changed:
                self._keep(entry)
        elif status == _NOT_FOUND:
            entry.body, entry.version, entry.etag, entry.source, entry.problem = None, "", "", DEFAULT, "nothing is deployed there"
            self._forget(entry)
        else:
            self._away(entry, f"the server answered {status}")

    def _away(self, entry: _Entry, problem: str) -> None:
        """The server has no say: what it said last holds."""
        if not entry.problem:
            log.warning("configuration of %s in %s: %s; what was known last is used", entry.key[2], entry.key[3], problem)
        entry.problem = problem
        if entry.body is None and (kept := self.shelf.get(entry.key)) is not None and isinstance(kept.get("body"), dict):
            entry.body, entry.version, entry.etag, entry.source = kept["body"], str(kept.get("version", "")), str(kept.get("etag", "")), "cache"
        elif entry.source == "server":
            entry.source = "cache"

    def _keep(self, entry: _Entry) -> None:
        try:
            self.shelf.put(entry.key, {"body": entry.body, "version": entry.version, "etag": entry.etag})
        except OSError as error:  # a full or read-only disk is no reason to go without
            tell("configuration cache", error)

    def _forget(self, entry: _Entry) -> None:
        try:
            self.shelf.drop(entry.key)
        except OSError as error:
            tell("configuration cache", error)


_fetcher = _Fetcher()
_in_use: dict[str, tuple[str, str]] = {}  # version and environment by agent, for its spans


def configuration(agent: str, environment: str = "production", default: Mapping[str, Any] | None = None, *, timeout_s: float = 2.0) -> Configuration:
    """What the agent is to run with in this environment; never raises.

    Ask each time before you use it: that costs nothing, and gives what was deployed meanwhile. Spans of the agent that begin afterwards tell its version.

    Args:
        agent: its name.
        environment: a label of the registry.
        default: used when nothing is deployed, or the server is away and was never asked before.
        timeout_s: how long the first call may wait for the server.
    """
    made = _configuration(agent, environment, timeout_s)
    if made is None:
        made = Configuration(said(agent, 512), said(environment, 512), DEFAULT, DEFAULT, _copied(default))
    _in_use[made.agent] = (made.version, made.environment)
    return made


@harmless(None)
def _configuration(agent: str, environment: str, timeout_s: float) -> Configuration | None:
    entry = _fetcher.entry(said(agent, 512), said(environment, 512))
    if not entry.waited:
        entry.answered.wait(max(0.0, timeout_s))
        entry.waited = True
    if entry.body is None and not entry.answered.is_set():
        kept = _fetcher.shelf.get(entry.key)
        if kept is not None and isinstance(kept.get("body"), dict):
            return Configuration(entry.key[2], entry.key[3], str(kept.get("version", "")), "cache", kept["body"])
    if entry.body is None:
        return None
    return Configuration(entry.key[2], entry.key[3], entry.version, entry.source, entry.body)


@harmless({})
def _copied(default: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(default or {})


@harmless(None)
def stamp_configuration(span: Span) -> None:
    """Tell on a span of an agent that has begun which configuration it runs with."""
    if not _in_use:
        return
    own = getattr(span, "attributes", None) or {}
    found = _in_use.get(str(own.get(names.AGENT, "")))
    if found is not None and names.CONFIG_VERSION not in own:
        span.set_attributes({names.CONFIG_VERSION: found[0], names.CONFIG_ENVIRONMENT: found[1]})


def configurations() -> dict[str, dict[str, Any]]:
    """For `status()`: version, source, age of the last question, and what is in the way, by agent and environment."""
    now_s = time.monotonic()
    return {
        f"{entry.key[2]}@{entry.key[3]}": {
            "version": entry.version or DEFAULT,
            "source": entry.source,
            "asked_s_ago": round(now_s - entry.asked_s, 1) if entry.asked_s else None,
            "problem": entry.problem,
        }
        for entry in _fetcher.all()
    }


def _after_fork() -> None:
    """The parent's threads are not here; what it knew is asked for again."""
    global _fetcher  # noqa: PLW0603 - one per process
    _fetcher = _Fetcher()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
