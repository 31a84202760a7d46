"""Nothing in, a context in which instrumentations see nothing out: our own requests must not become telemetry."""

from __future__ import annotations

from contextvars import Token

from opentelemetry.context import Context, attach, get_current, set_value

try:  # the key by which instrumentations ask; the text is what older ones look for
    from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY as _KEY
except ImportError:
    _KEY = "suppress_instrumentation"

__all__ = ["quiet"]

_KEYS = (_KEY, "suppress_instrumentation")


def quiet() -> Token[Context]:
    """Make the current context one that is not instrumented."""
    context = get_current()
    for key in _KEYS:
        context = set_value(key, True, context)
    return attach(context)
