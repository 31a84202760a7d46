"""Every error of Spyglass. Each answers two questions: whose fault is it, and would the same input fail again?

SpyglassError
ConfigError      the operator's; never retry
InputError       the sender's; never retry (400)
DecodeError      a body that is not what it claims to be
QueryError       a search or SQL text that cannot run
NotFound         404
Conflict         409
TooLarge         413
UnsupportedMedia 415
Unauthorized     401
Refused          not now; retry after `retry_after_s` (429 or 503)
StoreError       ours (500)
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "ConfigError",
    "Conflict",
    "DecodeError",
    "InputError",
    "NotFound",
    "QueryError",
    "Refused",
    "SpyglassError",
    "StoreError",
    "TooLarge",
    "Unauthorized",
    "UnsupportedMedia",
]


class SpyglassError(Exception):
    """The root. `code` is stable and documented in docs/errors.md; `status` is the HTTP status it becomes."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details  # extra members of the problem+json answer, e.g. column=7, suggestion="…"


class ConfigError(SpyglassError):
    """A setting is wrong: `where: expected …, got …`."""

    code = "config_invalid"


class InputError(SpyglassError):
    """The request is wrong; the same one will always fail."""

    code, status = "input_invalid", 400


class DecodeError(InputError):
    """A body that cannot be decoded."""

    code = "decode_failed"


class QueryError(InputError):
    """A search expression or SQL text that cannot run; `details["column"]` points at the place (1-based)."""

    code = "query_invalid"


class NotFound(InputError):
    """There is no such thing."""

    code, status = "not_found", 404


class Conflict(InputError):
    """Somebody else changed it meanwhile; `details["version"]` is the present one."""

    code, status = "conflict", 409


class TooLarge(InputError):
    """More bytes than the settings allow."""

    code, status = "too_large", 413


class UnsupportedMedia(InputError):
    """A content type or encoding that is not understood."""

    code, status = "unsupported_media", 415


class Unauthorized(InputError):
    """Credentials are missing or wrong."""

    code, status = "unauthorized", 401


class Refused(SpyglassError):
    """Not now: the sender may try again after `retry_after_s`. 429 when the sender is too fast, 503 when we are too slow."""

    code, status = "refused", 503

    def __init__(self, message: str, *, retry_after_s: float = 1.0, too_fast: bool = False, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s
        self.too_fast = too_fast


class StoreError(SpyglassError):
    """The store failed; not the sender's fault."""

    code = "store_failed"
