"""What a viewer may say while it watches: JSON text in, the viewer changed and answered. Text that is not understood is answered with an error frame.

    {"type": "subscribe", ...}   want this (fields of `Wants`), and nothing else of before; may have a `cursor`
    {"type": "update", ...}      change only the fields that are named
    {"type": "pause"}  {"type": "resume"}  {"type": "ping"}

An `id`, of any of them, comes back in the answer.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from spyglass.model.errors import InputError, SpyglassError
from spyglass.model.times import iso
from spyglass.stream.cursor import read_cursor
from spyglass.stream.filter import understand
from spyglass.stream.viewer import Viewer
from spyglass.stream.wants import Wants

__all__ = ["MAX_MESSAGE", "answer", "explain", "refuse"]

MAX_MESSAGE: Final = 64 * 1024  # characters

_Id = Annotated[str, Field(max_length=128)] | int | None


class _Change(Wants):
    """`update` differs from `subscribe` in what the fields that are not named mean."""

    type: Literal["subscribe", "update"]
    id: _Id = None
    cursor: Annotated[str, Field(max_length=64)] | None = None


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["pause", "resume", "ping"]
    id: _Id = None


_MESSAGE: Final[TypeAdapter[_Change | _Command]] = TypeAdapter(Annotated[_Change | _Command, Field(discriminator="type")])
_NOT_WANTS: Final = frozenset({"type", "id", "cursor"})


async def answer(viewer: Viewer, text: str | bytes, now_ns: int) -> None:
    """Do what the message says, and tell the viewer so, or what was wrong with it."""
    said: Any = None
    try:
        said = _read(text)
        await _obey(viewer, _MESSAGE.validate_python(said), now_ns)
    except ValidationError as error:
        refuse(viewer, explain(error), _id_of(said))
    except SpyglassError as error:
        refuse(viewer, error, _id_of(said))


def refuse(viewer: Viewer, error: SpyglassError, given: str | int | None = None) -> None:
    """Tell the viewer of an error; it goes on watching as before."""
    viewer.tell({"type": "error", "id": given, "code": error.code, "detail": error.message, **error.details})


def explain(error: ValidationError) -> InputError:
    """All that is wrong with the fields, as one error."""
    problems = [{"at": ".".join(_place(item)) or "message", "problem": item["msg"]} for item in error.errors(include_url=False, include_input=False)]
    return InputError("; ".join(f"{item['at']}: {item['problem']}" for item in problems), problems=problems)


def _place(item: ErrorDetails) -> list[str]:
    """Where it is, without the name of the message that pydantic puts first."""
    return [str(part) for part in item["loc"] if part not in {"subscribe", "update", "pause", "resume", "ping"}]


def _read(text: str | bytes) -> Any:
    if len(text) > MAX_MESSAGE:
        raise InputError(f"message: expected at most {MAX_MESSAGE} characters, got {len(text)}")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f'message: expected JSON such as {{"type": "subscribe", "kind": ["span"]}}: {error.msg}', column=error.colno) from None


async def _obey(viewer: Viewer, message: _Change | _Command, now_ns: int) -> None:
    match message.type:
        case "pause":
            viewer.pause()
            viewer.tell({"type": "paused", "id": message.id})
        case "resume":
            viewer.resume()
            viewer.tell({"type": "resumed", "id": message.id})
        case "ping":
            viewer.tell({"type": "pong", "id": message.id, "time": iso(now_ns)})
        case _:
            await _change(viewer, message)


async def _change(viewer: Viewer, message: _Change) -> None:
    named = message.model_dump(exclude_unset=True, exclude=set(_NOT_WANTS))
    before = viewer.plan.want.wants.model_dump(exclude_unset=True) if message.type == "update" else {}
    cursor = None if message.cursor is None else read_cursor(message.cursor)
    want = await asyncio.to_thread(partial(understand, Wants(**{**before, **named})))
    viewer.show(want, cursor, {"type": "subscribed", "id": message.id})


def _id_of(said: Any) -> str | int | None:
    given = said.get("id") if isinstance(said, dict) else None
    return given if isinstance(given, str | int) else None
