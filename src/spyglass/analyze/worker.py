"""The process of a plugin: `python -m spyglass.analyze.worker FD`. It asks nobody, and ends when the server does. `… try AT` only loads it.

What the plugin prints goes nowhere; what it raises is told, with the line of the plugin where it was raised.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection
from typing import Any

import pyarrow as pa

from spyglass.analyze.kinds import ANALYZERS
from spyglass.analyze.wire import Message, heard, packed, receive, seen_of, send
from spyglass.model.errors import ConfigError, QueryError
from spyglass.model.finding import Heard
from spyglass.plugin.contracts import Heedful
from spyglass.plugin.loading import get

_NICE = 5  # ingest goes first
_TRIAL_BYTES = 2**30
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(descriptor: int) -> None:
    """Serve until the server has gone."""
    with contextlib.suppress(OSError, AttributeError):  # no Linux: a plugin that hangs when the server is killed stays
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with contextlib.suppress(EOFError, OSError), Connection(descriptor) as pipe:
        first, _ = receive(pipe)
        analyzer = _made(pipe, first)
        while analyzer is not None:
            told, tables = receive(pipe)
            for part in _fitting(_answer(analyzer, told, tables, _Store(pipe)), first["answer_bytes"]):
                pipe.send_bytes(part)


def attempt(at: str) -> None:
    """Load it, and say on standard output why that is not possible."""
    with os.fdopen(os.dup(1), "w") as said:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what it prints goes nowhere
        _bound(_TRIAL_BYTES)
        try:
            get(ANALYZERS, at)
        except ConfigError as error:
            said.write(error.message.removeprefix(f"{at}: "))
    os._exit(0)  # a thread that it started holds nobody up


def _bound(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))  # what is written to; what is only reserved does not count


class _Store:
    """The store, asked by the server for us."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        send(self._pipe, {"ask": sql, "parameters": parameters})
        told, tables = receive(self._pipe)
        if not told["ok"]:
            raise QueryError(told["problem"])
        return tables[0]


def _made(pipe: Connection, told: Mapping[str, Any]) -> Any:
    try:
        os.nice(_NICE)
        _bound(told["memory_bytes"])
        kind = get(ANALYZERS, told["at"])
        analyzer = kind.make(kind.settings.model_validate_json(told["settings"]))
        if kind.heeds and not kind.every_s and not isinstance(analyzer, Heedful):
            raise TypeError(f"its kind heeds {', '.join(kind.heeds)}: expected a method `heed(heard)`")
    except Exception as error:
        send(pipe, {**_failure(error), "seconds": time.process_time()})
        return None
    send(pipe, {"ok": True, "seconds": time.process_time()})
    return analyzer


def _fitting(answer: Message, most_bytes: int) -> list[bytes]:
    """The answer with the processor time of this process, whatever of it took that; or that it is too large, or none."""
    told, tables = answer
    try:
        parts = packed({**told, "seconds": time.process_time()}, tables)
        if (size := sum(map(len, parts))) > most_bytes:
            raise ValueError(f"its answer has {size:,} bytes: at most {most_bytes:,} are taken, a quarter of the memory that it may write to")
    except Exception as error:
        return packed({**_failure(error), "seconds": time.process_time()})
    return parts


def _answer(analyzer: Any, told: dict[str, Any], tables: list[pa.Table], store: _Store) -> Message:
    """`analyzer`: an Analyzer or an Examiner; the server knows which."""
    try:
        match told["do"]:
            case "observe":
                return _bounded(analyzer.observe(seen_of(told, tables)), told["most"])
            case "settle":
                return _bounded(analyzer.settle(told["now_ns"]), told["most"])
            case "look":
                return _bounded(analyzer.look(store, told["since_ns"], told["now_ns"]), told["most"])
            case "save":
                state = analyzer.save()
                return {"ok": True, "names": list(state)}, list(state.values())
            case "restore":
                analyzer.restore(dict(zip(told["names"], tables, strict=True)))
                return {"ok": True}, []
            case "heed":
                analyzer.heed([Heard(**one) for one in told["heard"]])
                return {"ok": True}, []
            case other:
                raise ValueError(f"cannot {other}")
    except Exception as error:
        return _failure(error), []


def _bounded(found: Iterable[Any], most: int) -> Message:
    """Findings without end end here."""
    kept = []
    for one in found:
        kept.append(one)
        if len(kept) > most:
            break
    return heard(kept)


def _failure(error: Exception) -> dict[str, Any]:
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if "spyglass/analyze/worker" not in frame.filename]
    at = f" ({os.path.basename(lines[-1].filename)}, line {lines[-1].lineno})" if lines else ""  # noqa: PTH119 - a name, maybe of no file
    text = str(error)[:300].encode(errors="replace").decode()  # JSON has no halves of characters
    return {"ok": False, "problem": f"{type(error).__name__}: {text}{at}"}


if __name__ == "__main__":
    if sys.argv[1] == "try":
        attempt(sys.argv[2])
    else:
        main(int(sys.argv[1]))
