"""Sessions that real agents wrote, against a count of their files that knows nothing of this room."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Make = Callable[..., Any]


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def expected(folder: Path, kind: str) -> Counter[str]:
    """Calls, tools, agents and tokens, as the raw files have them."""
    out = Counter[str]()
    if kind == "claude_code":
        said = {(told["sessionId"], told["message"].get("id", told["uuid"])): told["message"] for told in lines(folder) if told["type"] == "assistant"}
        results = [
            block for told in lines(folder) if told["type"] == "user" and isinstance(told["message"]["content"], list) for block in told["message"]["content"]
        ]
        usage = [message.get("usage", {}) for message in said.values()]
        out |= Counter(chat=len(said), execute_tool=sum(block["type"] == "tool_result" for block in results))
        out["input"] = sum(sum(told.get(f"{name}input_tokens", 0) for name in ("", "cache_read_", "cache_creation_")) for told in usage)
        out["output"] = sum(told.get("output_tokens", 0) for told in usage)
        out["invoke_agent"] = sum(told["type"] == "user" and "tool_result" not in json.dumps(told["message"]) for told in lines(folder))
    elif kind == "openhands_output":
        for task in lines(folder):
            names = Counter("action" if "action" in told else "observation" for told in task["history"])
            out += Counter(invoke_agent=1, chat=names["action"] - 1, execute_tool=names["observation"])
    else:
        for path in folder.glob("*.traj"):
            answers = [told for told in json.loads(path.read_text())["history"] if told["role"] == "assistant" and not told.get("is_demo")]
            out += Counter(invoke_agent=1, chat=len(answers), execute_tool=len(answers))
    return out


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "folder"), [("claude_code", "claude-code"), ("openhands_output", "openhands"), ("swe_agent", "swe-agent")])
def test_counts_are_those_of_the_files(watch: Make, corpus: Path, kind: str, folder: str) -> None:
    """Model calls, tools, turns and tokens; nothing is left out but bookkeeping, and nothing is told twice after a restart."""
    source = corpus / "coding-agent-transcripts" / folder
    trial = watch(kind)
    trial.folder = source
    story = trial.told()
    told = Counter(str(span.attributes["gen_ai.operation.name"]) for span in story.spans)
    for name in ("input", "output"):
        told[name] = sum(int(str(call.attributes.get(f"gen_ai.usage.{name}_tokens", 0))) for call in story.of("chat"))
    assert +told == +expected(source, kind)
    assert set(trial.counts.drops) <= {"bookkeeping"}
    trial.restart()
    assert trial.told().items == []
