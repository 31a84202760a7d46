"""A name and what there is to tell in, an OpenTelemetry log record with that event name out, tied to the span that runs here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import _logs
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context, get_current

from spyglass_sdk.content import attribute, said, text_of
from spyglass_sdk.guard import harmless
from spyglass_sdk.release import VERSION
from spyglass_sdk.settings import recording

__all__ = ["SEVERITIES", "Severity", "emit"]

Severity = str
_NAME_BYTES: Final = 1024
SEVERITIES: Final[dict[str, SeverityNumber]] = {
    "trace": SeverityNumber.TRACE,
    "debug": SeverityNumber.DEBUG,
    "info": SeverityNumber.INFO,
    "warning": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR,
    "critical": SeverityNumber.FATAL,
}


@harmless(None)
def emit(
    name: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    body: Any = None,
    severity: Severity = "info",
    context: Context | None = None,
    whole: bool = False,
    scope: str = "spyglass_sdk",
) -> None:
    """Tell that something happened. Values that OpenTelemetry does not know become JSON; those that are None are left out.

    Args:
        name: of the event, `execution.start`; empty: a plain log line.
        attributes: what there is to tell.
        body: a sentence for people.
        severity: trace, debug, info, warning, error or critical.
        context: whose event it is; None: of what runs here.
        whole: the body is a text that must not be cut.
        scope: who says so.
    """
    now_ns = time.time_ns()
    most = recording().max_payload_bytes
    record = LogRecord(
        timestamp=now_ns,
        observed_timestamp=now_ns,
        context=context if context is not None else get_current(),
        severity_text=said(severity, 32).upper(),
        severity_number=SEVERITIES.get(severity, SeverityNumber.INFO),
        body=body if body is None or whole else text_of(body, most)[0],
        attributes={name: attribute(value, most) for name, value in (attributes or {}).items() if value is not None},
        event_name=said(name, _NAME_BYTES) or None,
    )
    _logs.get_logger(said(scope, _NAME_BYTES), VERSION).emit(record)
