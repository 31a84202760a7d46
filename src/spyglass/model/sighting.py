"""A run of an agent, as far as it shows which version ran: made of spans by the store, judged by the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Sighting"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One run, or one model call that stands below none. What was not told is empty.

    Attributes:
        project: the tenant.
        agent: its name.
        environment: where it ran (`production`).
        service: in which service.
        declared: the version that it calls itself.
        start_ns: when it began, since 1970.
        trace_id: hex.
        span_id: hex.
        prompts: system prompts of its first model call, in order.
        tools: what that call could use: name, description, parameters.
        model: that it asked.
        settings: with which it asked: temperature, top_p, max_tokens …
        configuration: number of the configuration that it says it runs (`spyglass.agent.config_version`), or another word.
        label: the environment whose configuration it fetched (`spyglass.agent.config_environment`).
    """

    project: str
    agent: str
    environment: str
    service: str
    declared: str
    start_ns: int
    trace_id: str
    span_id: str
    prompts: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    configuration: str = ""
    label: str = ""
