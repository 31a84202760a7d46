"""A state of the host in, the event `execution.snapshot` out, whose body is the state as JSON that keeps its types (`typed.py`); and back from the server.

Equal states have equal bytes, so that the server stores what changed. A snapshot takes about 25 ms for a megabyte, one second at most; of a state beyond
`max_snapshot_bytes` a part is sent, and said to be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.context import Context

from spyglass_sdk import names
from spyglass_sdk.events import emit
from spyglass_sdk.guard import harmless, log
from spyglass_sdk.settings import recording
from spyglass_sdk.typed import Bounds, encode

__all__ = ["EVENT", "take"]

EVENT: Final = "execution.snapshot"
_MOST_S: Final = 1.0
_said: set[str] = set()


@harmless(False)
def take(state: object, name: str, told: Mapping[str, Any], context: Context | None) -> bool:
    """Send a state; `told` says whose it is and when. False where content may not be told, or something failed."""
    settings = recording()
    if settings.capture == "off":
        _say("capture", "snapshots are not sent, because capture is off")
        return False
    typed = encode(state, Bounds(settings.max_snapshot_bytes, _MOST_S))
    attributes = {
        **told,
        names.SNAPSHOT_NAME: name or None,
        names.SNAPSHOT_BYTES: len(typed.text.encode("utf-8", "replace")),
        names.SNAPSHOT_HASH: typed.hash,
        names.SNAPSHOT_PLACEHOLDERS: typed.placeholders or None,
        names.SNAPSHOT_CUT: typed.was_cut or None,
    }
    if typed.placeholders:
        _say("placeholders", "a snapshot holds values that have no JSON; placeholders with their types stand for them")
    if typed.was_cut:
        _say("cut", f"a snapshot is larger than max_snapshot_bytes ({settings.max_snapshot_bytes}), or took longer than {_MOST_S:g} s: a part of it is sent")
    whole = typed.text if settings.capture == "full" else None  # metadata: only that it was, its size and its hash
    emit(EVENT, attributes, body=whole, context=context, whole=True)
    return True


def _say(what: str, text: str) -> None:
    """Once."""
    if what not in _said:
        _said.add(what)
        log.warning("%s (said once; each snapshot tells it)", text)
