"""What agents say of themselves: registrations and figures, from requests."""

from __future__ import annotations

from spyglass.facts.agents import Declaration
from spyglass.model.errors import InputError
from spyglass.model.told import Event
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.registry import MetricsDraft, MetricsTaken, RegistrationDraft, Taken
from spyglass.show.parameters import Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.registered import registration_json
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.services import Using

__all__ = ["router"]

router = resource(tags=["agents"])


@router.post("/agents/{agent:name}/register", response_model=Taken, responses=CONFLICT, summary="Register an agent")
def register_agent(services: Using, agent: AgentName, draft: RegistrationDraft, project: Project = "default") -> Json:
    """Say what an agent is; its id is in the path. Saying the same again changes nothing; what is said later replaces all that was said before."""
    lists = {name: list(getattr(draft, name)) for name in ("capabilities", "models", "tools", "tags")}
    body = {name: value for name, value in {**lists, "description": draft.description, "metadata": draft.metadata}.items() if value}
    name = draft.name or agent
    if len(agent) > 256 or not name.strip():
        raise InputError("agent: expected an id of at most 256 characters, and a name that is not blank")
    told = Declaration(name, agent, draft.type, draft.owner, draft.environment, draft.version, draft.model, body)
    changed = services.registry.register(project, told)
    kept = services.registry.doors.agents.one(project, name)
    return Json({"agent": name, "changed": changed, "registration": registration_json(kept) if kept else None})


@router.post("/agents/{agent:name}/metrics", response_model=MetricsTaken, status_code=202, responses=NOT_FOUND | CONFLICT, summary="Tell figures of an agent")
def tell_metrics(services: Using, agent: AgentName, draft: MetricsDraft, project: Project = "default") -> Json:
    """Kept as the event `agent.metrics` with an attribute `spyglass.agent.<name>` for each number."""
    name = named(services, project, agent)
    told = {f"spyglass.agent.{key}": float(value) for key, value in draft.metrics.items()}
    registered = services.registry.doors.agents.one(project, name)
    own = {"gen_ai.agent.name": name, "gen_ai.agent.id": registered.declaration.agent_id if registered else ""}
    services.registry.announce(project, [Event("agent.metrics", services.clock.now_ns(), {**{key: text for key, text in own.items() if text}, **told})])
    return Json({"agent": name, "taken": len(told)}, status_code=202)
