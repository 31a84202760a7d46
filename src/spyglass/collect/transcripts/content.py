"""Parts of messages in the form of the OpenTelemetry GenAI conventions, made of what transcripts hold, and bounded.

In: pieces of JSON that came from a file. Out: parts (`{"type": "text", "content": …}`), clipped text, times and numbers that may be trusted.
Pictures and other binary content never leave the file: their type, size and hash do.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import Any, Final, TypeAlias

import orjson

from spyglass.model.errors import DecodeError

__all__ = [
    "Json",
    "Part",
    "blob",
    "bounded",
    "clip",
    "count",
    "dump",
    "load",
    "mapping",
    "parse",
    "reasoning",
    "result_of",
    "span_id",
    "text",
    "time_ns",
    "tool_call",
    "trace_id",
    "word",
]

Json: TypeAlias = Mapping[str, Any]
Part: TypeAlias = dict[str, Any]

_NOTHING: Final[Json] = {}
_MOST: Final = 1 << 53  # a larger count is no count
_EARLIEST_NS: Final = 946_684_800 * 10**9  # 2000-01-01: no agent is older
_LATEST_NS: Final = 4_102_444_800 * 10**9  # 2100-01-01


def trace_id(*names: str) -> bytes:
    """16 bytes, the same for the same names."""
    return _digest(names, 16)


def span_id(*names: str) -> bytes:
    """8 bytes, the same for the same names."""
    return _digest(names, 8)


def _digest(names: tuple[str, ...], size: int) -> bytes:
    return blake2b("\0".join(names).encode(errors="surrogatepass"), digest_size=size).digest()


def clip(told: str, limit: int) -> str:
    """At most `limit` characters of it: its begin and its end, and how much is missing between."""
    if len(told) <= limit:
        return told
    head, tail = limit * 3 // 4, limit // 4
    return f"{told[:head]}\n[… {len(told) - head - tail} characters left out …]\n{told[len(told) - tail :]}"


def dump(value: Any) -> str:
    """JSON text; what JSON cannot hold is told as text."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return '"[nested too deeply, or no JSON]"'


def parse(record: bytes) -> Any:
    """What a record says. Text that is not UTF-8, and numbers that JSON does not have, are mended; a record cut off in the middle is not.

    Raises:
        DecodeError: it is no JSON.
    """
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError:
        pass
    try:
        told = json.loads(record.decode(errors="replace"), parse_constant=lambda _name: None)
        return orjson.loads(json.dumps(told, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        raise DecodeError("a record of a transcript is no JSON") from None


def load(told: Any) -> Any:
    """What a piece of JSON text stands for; the text itself where it is none."""
    if not isinstance(told, str):
        return told
    try:
        return orjson.loads(told)
    except orjson.JSONDecodeError:
        return told


def mapping(value: Any) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def word(value: Any, limit: int = 512) -> str:
    """A short text; empty for everything else."""
    return value[:limit] if isinstance(value, str) else ""


def count(value: Any) -> int:
    """A number of things: 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        return 0
    return int(value)


def time_ns(value: Any) -> int:
    """Nanoseconds since 1970 of an ISO time, or of seconds or milliseconds; 0: no time."""
    if isinstance(value, str) and value:
        try:
            told = datetime.fromisoformat(value)
        except ValueError:
            return 0
        told = told if told.tzinfo else told.replace(tzinfo=UTC)
        at = int(told.timestamp()) * 10**9 + told.microsecond * 1000
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e14:
        at = round(value * (10**6 if value > 1e11 else 10**9))
    else:
        return 0
    return at if _EARLIEST_NS <= at <= _LATEST_NS else 0


def text(told: Any, limit: int) -> list[Part]:
    """What is said; nothing where it is empty."""
    return [{"type": "text", "content": clip(told, limit)}] if isinstance(told, str) and told else []


def reasoning(told: Any, limit: int) -> list[Part]:
    """What is thought; encrypted thoughts are none."""
    return [{"type": "reasoning", "content": clip(told, limit)}] if isinstance(told, str) and told else []


def tool_call(identity: str, name: str, arguments: Any, limit: int) -> Part:
    """A wish of the model to use a tool."""
    return {"type": "tool_call", "id": identity, "name": name, "arguments": bounded(arguments, limit)}


def bounded(value: Any, limit: int) -> Any:
    """The value, or clipped JSON text of it where that is longer."""
    if isinstance(value, str):
        return clip(value, limit)
    told = dump(value)
    return value if len(told) <= limit else clip(told, limit)


def result_of(identity: str, result: str, *, failed: bool) -> Part:
    """What a tool answered."""
    return {"type": "tool_call_response", "id": identity, "response": result, **({"is_error": True} if failed else {})}


def blob(data: Any, mime_type: Any) -> list[Part]:
    """Type, size and hash of binary content that stands in the transcript as base64, or as a data URL."""
    if not isinstance(data, str) or not data:
        return []
    mime = word(mime_type)
    if data.startswith("data:"):
        head, _, data = data.partition(",")
        mime = mime or head[5:].partition(";")[0]
    try:
        raw = base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        raw = data.encode(errors="replace")
    modality = mime.partition("/")[0] if mime.startswith(("image/", "audio/", "video/")) else ""
    return [{"type": "blob", "mime_type": mime, "modality": modality, "size_bytes": len(raw), "sha256": sha256(raw).hexdigest()}]
