"""What an alert knows of what is behind it in; the label `cause`, which alerts of different rules about the same trouble have in common, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["LABEL", "cause_of", "shared_cause"]

LABEL: Final = "cause"
# What a trouble is put down to, where nothing is said to be shared: the first that is known. Whoever looks into it begins there.
_SUBJECTS: Final = {
    "agent": "agent",
    "execution_id": "run",
    "model": "model",
    "tool": "tool",
    "source": "source",
    "server": "server",
    "service": "service",
    "user_id": "user",
    "session_id": "session",
}
_MANY: Final = 5  # so many subjects at once hardly have as many causes: a fleet in trouble is one notice, not one for each agent


def cause_of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """`model gpt-4o` where a finding says what those in the same state share, else the agent, the run, the model … that it is about, else its rule.

    Args:
        labels: its group and `rule`.
        annotations: of a finding: `cause`, and `run`, the trace of the run that it is about.
    """
    if shared := annotations.get("cause", ""):
        return shared
    known = {"execution_id": annotations.get("run", ""), **{name: value for name, value in labels.items() if value}}
    return next((f"{word} {known[name]}" for name, word in _SUBJECTS.items() if known.get(name)), f"rule {labels.get('rule', '')}")


def shared_cause(rule: str, groups: Sequence[Mapping[str, str]]) -> str:
    """What a rule that holds for many at once is put down to: the model, tool, service … that all of them have in common, else the rule; empty: they are few.

    >>> shared_cause("slow", [{"agent": f"a{number}", "model": "gpt-4o"} for number in range(5)])
    'model gpt-4o'
    """
    if len({cause_of({**group, "rule": rule}, {}) for group in groups}) < _MANY:
        return ""
    for name, word in _SUBJECTS.items():
        values = {group.get(name, "") for group in groups}
        if len(values) == 1 and (value := values.pop()):
            return f"{word} {value}"
    return f"rule {rule}"
