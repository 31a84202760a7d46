"""Errors as problem+json (RFC 9457): a stable code, where, what was found, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException

from spyglass.model.errors import Refused, SpyglassError
from spyglass.receive.answers import problem_type, shown
from spyglass.show.models.base import Answer
from spyglass.show.render import Json
from spyglass.telemetry.metrics import API_FAILED

__all__ = ["CONFLICT", "NOT_FOUND", "PROBLEMS", "Problem", "answer_problems", "answer_to", "as_problems"]

log = structlog.get_logger()

_MEDIA: Final = "application/problem+json"
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media"}  # of what Starlette answers by itself
_PATTERNS: Final = {
    "^[0-9a-fA-F]{32}$": "32 hexadecimal digits",
    "^[0-9a-fA-F]{16}$": "16 hexadecimal digits",
    "^[0-9a-f]{1,32}$": "1 to 32 hexadecimal digits",
}
_KINDS: Final = {"dict_type": "a JSON object", "model_attributes_type": "a JSON object", "list_type": "a JSON list"}  # pydantic speaks Python's words
_NAMES: Final = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
    bytes: "a text",
}
Answers = dict[int | str, dict[str, Any]]  # as FastAPI takes them


class Problem(Answer):
    """What every failed request is answered with."""

    model_config = ConfigDict(extra="allow")

    type: str = Field("about:blank", description="`urn:spyglass:error:` and the code.")
    title: str = Field(description="The code in words.")
    status: int = Field(description="The HTTP status again.")
    code: str = Field(description="Stable; listed in docs/errors.md.")
    detail: str = Field(description="Where, what was found, what was wanted, what to do.")


PROBLEMS: Final[Answers] = {
    400: {"model": Problem, "description": "The request cannot be understood"},
    401: {"model": Problem, "description": "The key is missing or wrong"},
    404: {"model": Problem, "description": "There is no such thing, or not yet"},
    413: {"model": Problem, "description": "The body is too large"},
    422: {"model": Problem, "description": "A parameter is not what it may be"},
    431: {"model": Problem, "description": "Address and headers are too long"},
    500: {"model": Problem, "description": "The server failed"},
    503: {"model": Problem, "description": "Not now; `Retry-After` says when"},
}
CONFLICT: Final[Answers] = {409: {"model": Problem, "description": "Somebody else changed it meanwhile"}}
NOT_FOUND: Final[Answers] = {404: {"model": Problem, "description": "There is no such thing, or not yet"}}


def as_problems(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document whose problems have their own media type; FastAPI knows one per path only."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if any(told.get("schema", {}).get("$ref", "").endswith("/Problem") for told in content.values()):
                    answer["content"] = {_MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return document


def answer_problems(app: FastAPI) -> None:
    """Let `app` answer every error as a Problem."""
    app.add_exception_handler(SpyglassError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _respond(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Json:
    body = {"type": problem_type(code), "title": code.replace("_", " "), "status": status, "code": code, "detail": detail, **more}
    return Json(body, status, headers, media_type=_MEDIA)


async def _ours(_request: Request, error: Exception) -> Json:
    assert isinstance(error, SpyglassError)  # noqa: S101 - registered for this type only
    return answer_to(error)


def answer_to(error: SpyglassError) -> Json:
    """The answer to an error of ours."""
    if isinstance(error, Refused):
        status = 429 if error.too_fast else 503
        reason = str(error.details.get("reason") or error.details.get("limit") or error.code)
        API_FAILED.labels(status=status, reason=reason).inc()
        if not error.too_fast:
            log.warning("request refused", reason=reason, error=error.message)
        return _respond(status, error.code, error.message, {"Retry-After": str(max(1, round(error.retry_after_s)))}, **error.details)
    if error.status >= 500:
        API_FAILED.labels(status=error.status, reason=error.code).inc()
        log.error("request failed", code=error.code, error=error.message)
    headers = {"WWW-Authenticate": 'Bearer realm="spyglass"'} if error.status == 401 else None
    return _respond(error.status, error.code, error.message, headers, **error.details)


async def _invalid(_request: Request, error: Exception) -> Json:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems = [{"at": ".".join(str(part) for part in item["loc"]), "problem": _wanted(item)} for item in error.errors()]
    detail = "; ".join(f"{item['at']}: {item['problem']}" for item in problems)
    return _respond(422, "input_invalid", detail, problems=problems)


def _wanted(item: Mapping[str, Any]) -> str:
    """What may stand there and what was found, in words. Of a body only the kind of what was found is told: it may hold prompts and secrets."""
    kind, found = item["type"], item.get("input")
    if kind == "string_pattern_mismatch":
        pattern = item["ctx"]["pattern"]
        return f"expected {_PATTERNS.get(pattern, f'what matches {pattern}')}, got {'something else' if item['loc'][0] == 'body' else shown(str(found))}"
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, got {_NAMES.get(type(found), 'something else')}"
    return str(item["msg"])


async def _http(request: Request, error: Exception) -> Json:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            detail = f"there is nothing at {request.url.path}; GET /openapi.json lists what there is"
        case 405:
            detail = f"{request.method} is not for {request.url.path}; it takes {headers.get('Allow', 'another method')}"
        case _:
            detail = str(error.detail)
    return _respond(error.status_code, _CODES.get(error.status_code, "input_invalid"), detail, headers)


async def _unexpected(request: Request, error: Exception) -> Json:
    API_FAILED.labels(status=500, reason="internal").inc()
    log.error("request failed", path=request.url.path, exc_info=error)
    return _respond(500, "internal", "the server failed on this request; its log says why")
