"""Parameters that everything about one agent shares: its name in the path, and which agent that is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from spyglass.model.errors import InputError
from spyglass.show.services import Services

__all__ = ["AgentName", "named", "named_or_new"]

AgentName = Annotated[str, Path(min_length=1, max_length=512, description="Name of the agent, else its id (`gen_ai.agent.id`).")]
_LONGEST = 256


def named(services: Services, project: str, agent: str) -> str:
    """The agent that is meant.

    Raises:
        NotFound: there is none; the nearest names are told.
        Conflict: two agents carry the id; both are told.
    """
    return services.registry.resolve(project, agent)


def named_or_new(services: Services, project: str, agent: str) -> str:
    """The agent that is meant, or one that shall be of this name: what is kept for an agent may come before its first run.

    Raises:
        Conflict: two agents carry the id.
        InputError: the name is too long.
    """
    if services.registry.is_known(project, agent):
        return agent
    carriers = services.registry.carriers_of(project, agent)
    if carriers:
        return named(services, project, agent)
    if len(agent) > _LONGEST:
        raise InputError(f"agent: expected a name of at most {_LONGEST} characters, got {len(agent)}")
    return agent
