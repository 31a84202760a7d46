"""The coding agent: it searches, reads, edits, runs the tests until they pass, asks a reviewer, and writes down what it did. Its prompts grow long."""

from __future__ import annotations

from typing import Any, Final

from spyglass.story.coding_texts import Edit, Task
from spyglass.story.speech import Agent, Call, Talk, agent, hand_over, think, use
from spyglass.story.telling import Scene, Service

__all__ = ["SERVICE", "change"]

SERVICE: Final = Service("coding-agent", "1.14.0", "opentelemetry.instrumentation.genai.anthropic")

_CODER: Final = Agent(
    "coder",
    "Changes programs, and proves it with tests.",
    "claude-sonnet-4-5",
    "You are a careful engineer. Read before you write. Make the smallest change that solves the task, run the tests, and say what you left alone. "
    "Never touch files that the task does not concern.",
    "1.14.0",
    6200,
)
_REVIEWER: Final = Agent(
    "reviewer",
    "Reads changes as somebody who has to live with them.",
    "claude-opus-4-1",
    "You review changes. Name what is wrong or risky, nothing else.",
    "1.9.0",
    900,
)


def change(scene: Scene, task: Task) -> None:
    """One task, as one trace."""
    with agent(scene, _CODER, task.asked) as talk:
        scene.log("info", f"task begun: {task.issue}", values={"vcs.repository.name": "harbor-shop", "vcs.ref.head.name": "main"})
        _read_issue(scene, talk, task)
        for pattern in task.searches:
            _do(scene, talk, "search_files", {"pattern": pattern}, [path for path, _ in task.files], (0.05, 0.3))
        for path, text in task.files:
            _do(scene, talk, "read_file", {"path": path}, text, (0.004, 0.03))
        _edit_until_green(scene, talk, task)
        (call,) = think(
            scene, talk, "All tests pass. A second pair of eyes:", [("ask_reviewer", {"agent": "reviewer", "files": [edit.path for edit in task.edits]})]
        )
        with hand_over(scene, talk, call):
            _review(scene, task)
        think(scene, talk, task.summary)


def _read_issue(scene: Scene, talk: Talk, task: Task) -> None:
    """Over MCP: the client's and the server's side of one call."""
    (call,) = think(scene, talk, "", [("read_issue", {"title": task.issue})])
    with scene.span("tools/call read_issue", "client", scope="opentelemetry.instrumentation.mcp", mcp__method__name="tools/call") as opened:
        opened.put_named(
            {"gen_ai.tool.name": "read_issue", "gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.id": call.id, "mcp.protocol.version": "2025-06-18"}
        )
        scene.wait(0.15, 0.7)
        found = {"title": task.issue, "state": "open", "comments": scene.dice.randint(0, 6)}
        opened.put_named({"gen_ai.tool.call.arguments": f'{{"title": "{task.issue}"}}', "gen_ai.tool.call.result": str(found).replace("'", '"')})
    talk.learn(call, found)


def _do(scene: Scene, talk: Talk, tool: str, arguments: dict[str, Any], result: Any, took_s: tuple[float, float], error: tuple[str, str] | None = None) -> None:
    (call,) = think(scene, talk, "", [(tool, arguments)], busy=scene.dice.random() < 0.02)
    use(scene, talk, call, result, took_s, error)


def _edit_until_green(scene: Scene, talk: Talk, task: Task) -> None:
    for number, failure in enumerate(task.failures):
        edit = task.edits[min(number, len(task.edits) - 1)]
        _do(scene, talk, "edit_file", {"path": edit.path, "old": edit.before, "new": edit.after}, "changed", (0.005, 0.02), _missed(scene, edit))
        (call,) = think(scene, talk, "", [("run_tests", {"command": "pytest -q"})])
        _run_tests(scene, talk, call, failure)


def _missed(scene: Scene, edit: Edit) -> tuple[str, str] | None:
    return ("ValueError", f"{edit.path}: the text to replace was not found") if scene.dice.random() < 0.06 else None


def _run_tests(scene: Scene, talk: Talk, call: Call, failure: str) -> None:
    took = scene.dice.uniform(8, 40)
    use(scene, talk, call, failure or "212 passed", (took, took + 1), ("CommandFailed", failure) if failure else None)


def _review(scene: Scene, task: Task) -> None:
    with agent(scene, _REVIEWER, "Review this change:\n" + "\n".join(f"--- {edit.path}\n-{edit.before}\n+{edit.after}" for edit in task.edits)) as talk:
        think(scene, talk, task.review)
