"""Installed instrumentations in, the same turned on out: OpenInference's, OpenLLMetry's and OpenTelemetry's own, by their entry points.

Of several for one library one is taken, because two make every call twice: OpenTelemetry's GenAI package, else OpenInference's, else another.
"""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from spyglass_sdk.guard import log, tell
from spyglass_sdk.settings import Capture

__all__ = ["instrument_installed"]

_GROUP: Final = "opentelemetry_instrumentor"
_NO_CONTENT: Final = {  # how each family is told to leave content out
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "false",
    "TRACELOOP_TRACE_CONTENT": "false",
    "OPENINFERENCE_HIDE_INPUTS": "true",
    "OPENINFERENCE_HIDE_OUTPUTS": "true",
}


def instrument_installed(wanted: frozenset[str] | None, capture: Capture) -> list[str]:
    """Turn them on, all or the wanted ones; gives the names of those that are on now. What fails is said and left out."""
    if capture != "full":
        for name, value in _NO_CONTENT.items():
            os.environ.setdefault(name, value)
    unwanted = {name.strip() for name in os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")}
    if "*" in unwanted:
        return []
    best: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=_GROUP), key=_rank):
        if entry.name not in unwanted and (wanted is None or entry.name in wanted):
            best.setdefault(entry.name, entry)
    on = [name for name, entry in best.items() if _turn_on(entry)]
    if wanted and (missing := sorted(wanted - set(on))):
        log.warning("instrumentations not turned on: %s", ", ".join(missing))
    return on


def _rank(entry: EntryPoint) -> tuple[int, str]:
    package = (entry.dist.name if entry.dist else "").lower().replace("_", "-")
    if package.startswith("opentelemetry-instrumentation-genai") or package.endswith("-v2"):
        return 0, package
    return (1, package) if package.startswith("openinference") else (2, package)


def _turn_on(entry: EntryPoint) -> bool:
    try:
        instrumentor = entry.load()()
        if not getattr(instrumentor, "is_instrumented_by_opentelemetry", False):
            instrumentor.instrument()
    except Exception as error:  # somebody else's code, and its library may be missing
        tell(f"instrument {entry.name}", error)
        return False
    return bool(getattr(instrumentor, "is_instrumented_by_opentelemetry", True))
