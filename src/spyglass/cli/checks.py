"""What `spyglass doctor` looks at on this machine: settings, versions, ports, directories, store, clock, resources. Each check says what it found."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Final, Literal

import httpx

from spyglass.config.load import DEFAULT_FILE, load
from spyglass.config.spec import Settings
from spyglass.model.errors import ConfigError, SpyglassError

__all__ = ["Finding", "check_clock", "check_data_dir", "check_limits", "check_log", "check_ports", "check_settings", "check_store", "check_versions"]

Level = Literal["ok", "warn", "fail"]

_LIBRARIES: Final = ("chdb-core", "clickhouse-connect", "pyarrow", "ptars", "opentelemetry-proto", "grpcio")
_PYTHONS: Final = ((3, 11), (3, 15))
_GIB: Final = 2**30
_SKEW_WARN_S, _SKEW_FAIL_S = 2.0, 3600.0
_EARLIEST_S: Final = 1_700_000_000  # a clock that says less was never set
_FILES: Final = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how it is, what was looked at, what was found, and what to do."""

    level: Level
    what: str
    found: str
    advice: str = ""


def check_settings(config: Path | None) -> tuple[Settings, list[Finding]]:
    """The settings in force; defaults where they are wrong."""
    source = str(config or DEFAULT_FILE) if config or DEFAULT_FILE.is_file() else "none, so defaults and environment"
    try:
        return load(config), [Finding("ok", "settings", source)]
    except ConfigError as error:
        wrong = [Finding("fail", "settings", line, "correct it; `spyglass config schema` tells what may stand there") for line in error.message.splitlines()]
        return Settings.model_construct(), wrong


def check_versions() -> Iterator[Finding]:
    """Python and the libraries that matter most."""
    python = platform.python_version()
    fits = _PYTHONS[0] <= sys.version_info[:2] < _PYTHONS[1]
    yield Finding("ok" if fits else "fail", "python", f"{python} on {platform.system()} {platform.machine()}", "" if fits else "use Python 3.11 to 3.14")
    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {installed(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("fail", "libraries", f"missing: {', '.join(missing)}", "install again: `make install`, or `pip install --force-reinstall spyglass`")
    else:
        yield Finding("ok", "libraries", ", ".join(found))


def check_ports(settings: Settings, health: dict[str, Any] | None) -> Iterator[Finding]:
    """Whether our ports are free, or ours."""
    ours = set((health or {}).get("ports", {}).values())
    for name in ("http_port", "otlp_http_port", "otlp_grpc_port"):
        port = getattr(settings, name)
        flag = f"--{name.replace('_', '-')}"
        if not port:
            continue
        if port in ours:
            yield Finding("ok", f"port {port}", "answered by Spyglass")
        elif _answers(port):
            what = _who(port)
            yield Finding("fail", f"port {port}", f"taken by {what}", f"stop it, or start Spyglass with {flag} and another number")
        elif problem := _cannot_bind(port):
            yield Finding("fail", f"port {port}", problem, f"choose another with {flag}")
        else:
            elsewhere = f"free; the server has other ports: {', '.join(map(str, sorted(ours)))}" if ours else "free"
            yield Finding("ok", f"port {port}", elsewhere)


def _answers(port: int) -> bool:
    for host in ("127.0.0.1", "::1"):
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            continue
        return True
    return False


def _who(port: int) -> str:
    """What answers there, as far as it says."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False)
        told = answer.json()
        if isinstance(told, dict) and "ports" in told and "log" in told:
            return f"another Spyglass ({told.get('version')}); ask it with --url http://localhost:{told['ports'].get('http', port)}"
    except (httpx.HTTPError, ValueError):
        return "another program"
    return f"another program ({answer.headers['server']})" if "server" in answer.headers else "another program"


def _cannot_bind(port: int) -> str:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            return f"cannot be opened: {error.strerror}"
    return ""


def check_data_dir(settings: Settings) -> Iterator[Finding]:
    """Whether there is a place to keep things, and room."""
    directory = settings.data_dir.expanduser().absolute()
    there = next(place for place in (directory, *directory.parents) if place.exists())
    advice = "choose another with --data-dir or SPYGLASS_DATA_DIR, or change its permissions"
    if not there.is_dir():
        yield Finding("fail", "data directory", f"{there} is not a directory", advice)
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding("fail", "data directory", f"{there} cannot be written by user {os.geteuid()}", advice)
        return
    if there != directory:
        yield Finding("ok", "data directory", f"{directory} will be made")
    else:
        state = directory.stat()
        if state.st_uid != os.geteuid():
            yield Finding("warn", "data directory", f"{directory} belongs to user {state.st_uid}, we are {os.geteuid()}", "start Spyglass as its owner")
        elif state.st_mode & 0o077:
            yield Finding("warn", "data directory", f"{directory} can be read by others (mode {state.st_mode & 0o777:o})", f"chmod 700 {directory}")
        else:
            yield Finding("ok", "data directory", str(directory))
    yield _room(there, settings)


def _room(directory: Path, settings: Settings) -> Finding:
    usage = shutil.disk_usage(directory)
    found = f"{usage.free / _GIB:.1f} of {usage.total / _GIB:.1f} GiB free"
    if usage.free < settings.log.min_free_bytes:
        return Finding("fail", "disk", found, "senders are refused below log.min_free_bytes: make room, or shorten retention.*_days")
    if usage.free < settings.log.max_bytes:
        return Finding("warn", "disk", found, "that is less than what may wait for the store (log.max_bytes): make room soon")
    return Finding("ok", "disk", found)


def check_store(settings: Settings) -> Iterator[Finding]:
    """Whether the store opens, when no server has it; one that is not there yet is no fault."""
    from spyglass.store.engine import Engine, EngineSettings  # noqa: PLC0415 - the engine takes half a second to load

    embedded = settings.store.url is None or settings.store.url.startswith("chdb")
    if embedded and not (settings.data_dir / "store").is_dir():
        yield Finding("ok", "store", "will be made at the first start")
        return
    began = time.monotonic()
    try:
        engine = Engine.open(settings.store_url, data_dir=settings.data_dir, settings=EngineSettings(readers=1, writers=1, fenced_readers=1))
        try:
            status = engine.status()
        finally:
            engine.close()
    except SpyglassError as error:
        yield Finding("fail", "store", error.message, "docs/operating.md says how to move or restore a store")
        return
    rows = sum(status.tables[name].rows for name in ("spans", "events", "points") if name in status.tables)
    yield Finding("ok", "store", f"opens in {time.monotonic() - began:.1f} s, engine {status.version}, {rows:,} records")


def check_log(settings: Settings, health: dict[str, Any] | None) -> Finding:
    """How much waits for the store."""
    if health is None:
        files = [file for file in (settings.data_dir / "log").rglob("*") if file.is_file()] if (settings.data_dir / "log").is_dir() else []
        size = sum(file.stat().st_size for file in files)
        return Finding("ok", "log", f"{size / 2**20:.1f} MiB on the disk; what waits is stored at the next start" if size else "empty")
    log = health["log"]
    found = f"{log['unconsumed_bytes'] / 2**20:.1f} of {log['max_bytes'] / 2**20:.0f} MiB wait for the store, the oldest for {log['oldest_unconsumed_s']:.1f} s"
    if log["refusing"]:
        return Finding("fail", "log", f"senders are refused: {log['refusing']}", "make room on the disk, or find out why the store is slow")
    if log["unreadable"]:
        return Finding("warn", "log", f"{log['unreadable']} entries were damaged and left out; {found}", "check the disk; the server's log names them")
    if log["oldest_unconsumed_s"] > 30:
        return Finding("warn", "log", found, "the store does not keep up: look at the server's log, its CPU and its disk")
    return Finding("ok", "log", found)


def check_clock(health: dict[str, Any] | None, asked_s: float, answered_s: float) -> Iterator[Finding]:
    """Whether the clock runs evenly, is set, and agrees with the server's. `asked_s` and `answered_s` are when the health was asked for."""
    wall, even = time.time(), time.monotonic()
    time.sleep(0.1)
    drift = abs((time.time() - wall) - (time.monotonic() - even))
    zone = time.strftime("%Z %z")
    if wall < _EARLIEST_S:
        yield Finding("fail", "clock", f"it says {time.strftime('%Y-%m-%d')}", "set the clock: records of such times are not believed")
    elif drift > 0.05:
        yield Finding("warn", "clock", f"it jumped by {drift * 1000:.0f} ms within 100 ms", "let NTP slew the clock, not step it")
    else:
        yield Finding("ok", "clock", f"{time.strftime('%Y-%m-%d %H:%M:%S')} {zone}")
    if health is None:
        return
    skew = health["now_ns"] / 1e9 - (asked_s + answered_s) / 2
    known = max(0.0, abs(skew) - (answered_s - asked_s) / 2)
    level: Level = "fail" if known > _SKEW_FAIL_S else "warn" if known > _SKEW_WARN_S else "ok"
    advice = "" if level == "ok" else "set both clocks by NTP: times of records would seem to lie in the future or the past"
    yield Finding(level, "clock of the server", f"{abs(skew):.3f} s {'ahead' if skew > 0 else 'behind'}", advice)


def check_limits() -> Iterator[Finding]:
    """Memory, processors, open files."""
    memory = _available_bytes()
    if memory is not None:
        enough = memory >= _GIB
        advice = "" if enough else "Spyglass wants about 1 GiB: close something, or lower store.max_memory_bytes"
        yield Finding("ok" if enough else "warn", "memory", f"{memory / _GIB:.1f} GiB available", advice)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("ok", "processors", str(processors))
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = files == resource.RLIM_INFINITY or files >= _FILES
    yield Finding("ok" if unlimited else "warn", "open files", f"{files} allowed", "" if unlimited else f"raise the limit: ulimit -n {_FILES}")


def check_evidence() -> Finding:
    """How much `spyglass watch` could see here, started by this user."""
    from spyglass.collect.fallback.levels import survey  # noqa: PLC0415 - no other command needs it

    here = survey()
    if here.level == "full":
        return Finding("ok", "evidence", "full: `spyglass watch` sees processes, files, connections and model calls")
    return Finding("warn", "evidence", f"{here.level}: without {', '.join(here.lost[:1])}", "; ".join(here.problems[:1]))


def _available_bytes() -> int | None:
    """What is free for us, the limit of a container included; None where nobody says."""
    found = []
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="utf-8"))
        found.append(int(limit) - used)
    except (OSError, ValueError, KeyError):
        pass
    return min(found, default=None)
