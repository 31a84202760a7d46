"""Who this is for, set once and told with everything that happens below: session, user, agent, tags. It travels as W3C baggage.

In: ids, from the host. Out: a changed OpenTelemetry context, and the attributes that it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Final
from urllib.parse import quote, unquote

from opentelemetry import baggage
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.trace import Span

from spyglass_sdk.content import said
from spyglass_sdk.guard import harmless
from spyglass_sdk.names import AGENT, AGENT_ID, AGENT_VERSION, CONVERSATION, SESSION, TAGS, USER

__all__ = ["Attached", "set_agent", "set_session", "set_tags", "set_user", "stamp", "who"]

_LONGEST: Final = 512  # characters of an id; baggage is a header, and all of it together may have 8192 bytes
_TAGS: Final = "spyglass.tags"
_CARRIED: Final = (SESSION, USER, AGENT, AGENT_ID, AGENT_VERSION)


class Attached:
    """A context that holds from now on, until what runs around it ends; as a context manager, until its block ends."""

    def __init__(self, context: Context | None) -> None:
        self._token: Token[Context] | None = attach(context) if context is not None else None

    def __enter__(self) -> Attached:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """What held before holds again."""
        token, self._token = self._token, None
        if token is not None:
            detach(token)


def set_session(session_id: str) -> Attached:
    """All that happens below belongs to this conversation."""
    return _set({SESSION: session_id})


def set_user(user_id: str) -> Attached:
    """All that happens below is done for this user."""
    return _set({USER: user_id})


def set_agent(name: str, agent_id: str | None = None, version: str | None = None) -> Attached:
    """All that happens below is done by this agent."""
    return _set({AGENT: name, AGENT_ID: agent_id, AGENT_VERSION: version})


def set_tags(*tags: str) -> Attached:
    """All that happens below carries these tags, besides those that hold already."""
    return Attached(_with_tags(tags))


def who(context: Context | None = None) -> dict[str, str | tuple[str, ...]]:
    """What is set in this context, by attribute name. A session has two names, as conventions have."""
    carried = baggage.get_all(context)
    if not carried:
        return {}
    return _attributes(carried)


def stamp(span: Span, context: Context | None) -> None:
    """Tell on a span that has begun who it is for, except what it tells itself."""
    carried = baggage.get_all(context)
    if carried:
        own = getattr(span, "attributes", None) or {}
        span.set_attributes({name: value for name, value in _attributes(carried).items() if name not in own})


def _attributes(carried: Mapping[str, object]) -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {name: str(carried[name]) for name in _CARRIED if name in carried}
    if SESSION in found:
        found[CONVERSATION] = found[SESSION]
    if tags := _tags(carried.get(_TAGS)):
        found[TAGS] = tags
    return found


def _tags(text: object) -> tuple[str, ...]:
    return tuple(unquote(tag) for tag in str(text).split(",") if tag) if text else ()


def _set(values: Mapping[str, str | None]) -> Attached:
    return Attached(_with(values))


@harmless(None)
def _with_tags(tags: tuple[str, ...]) -> Context | None:
    before = _tags(baggage.get_baggage(_TAGS))
    return _with({_TAGS: ",".join(quote(tag, safe="") for tag in dict.fromkeys((*before, *(said(one, _LONGEST) for one in tags))))})


@harmless(None)
def _with(values: Mapping[str, str | None]) -> Context | None:
    context = get_current()
    for name, value in values.items():
        if value is not None:
            text = value if name == _TAGS else said(value, 4 * _LONGEST)[:_LONGEST]
            context = baggage.set_baggage(name, text, context)
    return context
