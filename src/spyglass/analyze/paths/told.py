"""Steps and times as people read them."""

from __future__ import annotations

from spyglass.analyze.paths.runs import ITSELF

__all__ = ["step_said", "time_said"]


def step_said(agent: str, kind: str, name: str) -> str:
    """`in the tool search`; what the agent does itself is between its steps."""
    match kind:
        case "agent":
            return f"in {agent} itself, between its steps" if name == ITSELF else f"in the agent {name}"
        case "others":
            return "in other steps"
        case "tool":
            return f"in the tool {name or 'without a name'}"
        case "llm" | "embedding" | "reranker":
            return f"in the model {name or 'without a name'}"
        case _:
            return f"in {name or kind}"


def time_said(nanoseconds: float) -> str:
    """`850 ms`, `12.3 s`."""
    return f"{nanoseconds / 1e6:.0f} ms" if nanoseconds < 1e9 else f"{nanoseconds / 1e9:.3g} s"
