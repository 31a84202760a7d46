"""Sentences with fields in, OpenTelemetry log records out, tied to the span, session and user they belong to; of Python's `logging`, too."""

from __future__ import annotations

import logging
import traceback
from typing import Any, Final

from spyglass_sdk.content import cut, said
from spyglass_sdk.events import emit

__all__ = ["LogHandler", "StructuredLogger", "get_logger", "send_logging"]

_OURS: Final = ("spyglass_sdk", "opentelemetry", "urllib3", "requests")
_LEVELS: Final = ((logging.CRITICAL, "critical"), (logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"), (logging.DEBUG, "debug"))
_USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_STACK_BYTES: Final = 16_384


class StructuredLogger:
    """Says sentences with fields. `bind` gives one that says some fields each time."""

    def __init__(self, name: str, fields: dict[str, Any] | None = None) -> None:
        self.name = name
        self._fields = fields or {}

    def bind(self, **fields: Any) -> StructuredLogger:
        """The same logger, with these fields in each record."""
        return StructuredLogger(self.name, {**self._fields, **fields})

    def debug(self, message: str, **fields: Any) -> None:
        """For who looks for a fault."""
        self._say("debug", message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """What happens."""
        self._say("info", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """Somebody should look at it some time."""
        self._say("warning", message, fields)

    def error(self, message: str, error: BaseException | None = None, **fields: Any) -> None:
        """Something failed, and why."""
        self._say("error", message, {**_failure(error), **fields})

    def critical(self, message: str, error: BaseException | None = None, **fields: Any) -> None:
        """Somebody must look at it now."""
        self._say("critical", message, {**_failure(error), **fields})

    def _say(self, severity: str, message: str, fields: dict[str, Any]) -> None:
        emit("", {**self._fields, **fields}, body=message, severity=severity, scope=self.name)


class LogHandler(logging.Handler):
    """A handler of `logging` that sends what it gets. Records of this package and of what it sends with are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record; what fails is told once, elsewhere."""
        if record.name.split(".", 1)[0] in _OURS:
            return
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit their text
            message = str(record.msg)
        fields = {name: value for name, value in vars(record).items() if name not in _USUAL}
        place = {"code.function.name": record.funcName, "code.file.path": record.pathname, "code.line.number": record.lineno}
        error = record.exc_info[1] if record.exc_info else None
        severity = next((word for level, word in _LEVELS if record.levelno >= level), "trace")
        emit("", {**place, **fields, **_failure(error)}, body=message, severity=severity, scope=record.name)


def get_logger(name: str, **fields: Any) -> StructuredLogger:
    """A logger of that name, which says these fields in each record."""
    return StructuredLogger(name, fields)


def send_logging(level: int = logging.INFO, logger: logging.Logger | None = None) -> LogHandler:
    """Send what this program says with `logging`, from this level up; gives the handler, which `removeHandler` ends."""
    handler = LogHandler(level)
    (logger or logging.getLogger()).addHandler(handler)
    return handler


def _failure(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    stack = "".join(traceback.format_exception(error))
    return {"exception.type": type(error).__name__, "exception.message": said(error, 2048), "exception.stacktrace": cut(stack, _STACK_BYTES)[0]}
