"""The research team: a lead plans, searchers work side by side, a writer writes, a checker doubts. Searches are slow and sometimes fail."""

from __future__ import annotations

from functools import partial
from typing import Final

from spyglass.story.research_texts import Part, Topic
from spyglass.story.speech import Agent, Call, Talk, agent, check, hand_over, judge, think, use, workflow
from spyglass.story.telling import Scene, Service

__all__ = ["SERVICE", "research"]

SERVICE: Final = Service("research-team", "2.9.0", "opentelemetry.instrumentation.genai.agents")

_LEAD: Final = Agent(
    "lead researcher",
    "Splits a question, sends searchers, and answers for the result.",
    "gpt-5",
    "You lead a research team. Split the question into parts that can be answered from sources, send one searcher for "
    "each, and let the writer put it together. "
    "Prefer two good sources to ten. Say what is not known.",
    "2.9.0",
    700,
)
_SEARCHER: Final = Agent(
    "searcher",
    "Finds and reads sources for one part of a question.",
    "gemini-2.5-flash",
    "You answer one question from sources. Search, read what looks trustworthy, and report the finding in two sentences with numbers. Never guess.",
    "2.8.3",
    500,
)
_WRITER: Final = Agent(
    "writer",
    "Writes the report.",
    "claude-sonnet-4-5",
    "You write short reports for people who decide. Answer first, then reasons, then what is uncertain. No lists.",
    "2.9.0",
    240,
)
_CHECKER: Final = Agent(
    "fact checker",
    "Compares a report with its sources.",
    "gemini-2.5-pro",
    "You compare each statement of a report with the findings and name those which do not rest on any.",
    "1.6.0",
    300,
)


def research(scene: Scene, topic: Topic) -> None:
    """One question, as one trace."""
    with workflow(scene, "research", topic.question):
        with agent(scene, _LEAD, topic.question) as lead:
            calls = think(
                scene, lead, "", [("send_searcher", {"agent": "searcher", "question": part.question}) for part in topic.parts], busy=scene.dice.random() < 0.08
            )
            scene.together([partial(_search, scene, part, lead, call) for part, call in zip(topic.parts, calls, strict=True)])
            (call,) = think(scene, lead, "The findings are enough.", [("ask_writer", {"agent": "writer", "findings": [part.finding for part in topic.parts]})])
            with hand_over(scene, lead, call):
                _write(scene, topic)
            think(scene, lead, topic.report)
        judge(
            scene,
            _CHECKER,
            "groundedness",
            topic.report,
            round(0.7 if topic.doubt else scene.dice.uniform(0.82, 0.98), 2),
            topic.doubt or "every statement rests on a finding",
        )


def _search(scene: Scene, part: Part, lead: Talk, call: Call) -> None:
    with hand_over(scene, lead, call), agent(scene, _SEARCHER, part.question) as talk:
        for query in part.queries:
            (asked,) = think(scene, talk, "", [("web_search", {"query": query, "most": 5})])
            failed = ("TimeoutError", "search: no answer within 10 s") if scene.dice.random() < 0.07 else None
            hits = [{"title": text[:60], "url": address} for address, text in part.pages]
            use(scene, talk, asked, hits, (10.0, 10.1) if failed else (0.4, 2.2), failed)
        wanted = think(scene, talk, "", [("fetch_page", {"url": address}) for address, _ in part.pages])
        scene.together([partial(use, scene, talk, asked, text, (0.3, 3.5)) for asked, (_, text) in zip(wanted, part.pages, strict=True)])
        think(scene, talk, part.finding)


def _write(scene: Scene, topic: Topic) -> None:
    with agent(scene, _WRITER, f"Write the report.\n\nQuestion: {topic.question}\n\n" + "\n".join(f"- {part.finding}" for part in topic.parts)) as talk:
        think(scene, talk, topic.report)
        check(scene, "sources named", topic.report, stopped=topic.doubt)
        if topic.doubt:
            talk.hear(f"The check says: {topic.doubt}. Revise.")
            think(scene, talk, topic.report)
