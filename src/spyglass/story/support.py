"""The support desk: a front desk that hands over to one of three desks, guardrails around them, and a judge at the end of a conversation."""

from __future__ import annotations

from typing import Final

from spyglass.story.speech import Agent, Call, Talk, agent, check, hand_over, judge, look_up, think, use, workflow
from spyglass.story.support_texts import ARTICLES, Case, Step, Turn
from spyglass.story.telling import Scene, Service

__all__ = ["SERVICE", "answer"]

SERVICE: Final = Service("support-desk", "7.4.1", "opentelemetry.instrumentation.genai.langchain")

_FRONT: Final = Agent(
    "front desk",
    "Reads what customers write and hands it to the desk that can help.",
    "gpt-4.1-mini",
    "You are the front desk of Harbor & Pine, a shop for outdoor gear. Read what the customer writes and hand it to "
    "exactly one desk: orders, returns or billing. "
    "Small talk you answer yourself, in one sentence. You never promise anything.",
    "4.1.0",
    420,
)
_RULES: Final = (
    "You work for Harbor & Pine, a shop for outdoor gear. Be friendly, short and exact. Look things up before you say "
    "them; if a tool fails, try it once more, then say so. "
    "Never name inner systems or numbers other than order numbers. Prices are in euro."
)
_DESKS: Final = {
    "orders": Agent(
        "orders desk",
        "Finds orders and parcels, changes deliveries, knows the catalogue.",
        "claude-haiku-4-5",
        f"You are the orders desk. {_RULES}",
        "4.1.0",
        1350,
    ),
    "returns": Agent(
        "returns desk",
        "Returns, exchanges, warranty and repairs.",
        "gemini-2.5-flash",
        f"You are the desk for returns, warranty and repairs. {_RULES}",
        "4.0.2",
        900,
    ),
    "billing": Agent(
        "billing desk",
        "Payments, refunds, invoices and gift cards.",
        "gpt-4.1",
        f"You are the billing desk. {_RULES} Never ask for card numbers.",
        "4.1.0",
        1100,
    ),
}
_JUDGE: Final = Agent(
    "quality judge", "Judges answers.", "gpt-4.1-mini", "You judge answers of a support desk. Be strict, and give one sentence of reasons.", "1.3.0", 60
)


def answer(scene: Scene, case: Case, number: int) -> None:
    """One turn of a conversation, as one trace; the turns before are in what the agents hear."""
    turn = case.turns[number]
    with workflow(scene, "answer customer", turn.asked):
        scene.log("info", f"message received: {case.subject}", values={"channel": "web chat", "turn": number + 1})
        check(scene, "no personal data", turn.asked)
        with agent(scene, _FRONT, turn.asked) as talk:
            _hear_before(talk, case, number)
            if not turn.steps and not turn.looks_up:
                think(scene, talk, turn.answer)
                return
            (call,) = think(scene, talk, "", [("ask_desk", {"agent": _DESKS[turn.desk].name, "question": turn.asked})], busy=scene.dice.random() < 0.04)
            with hand_over(scene, talk, call):
                _at_desk(scene, turn, case, number)
            think(scene, talk, turn.careful or turn.answer)
        if number == len(case.turns) - 1 and scene.dice.random() < 0.6:
            judge(scene, _JUDGE, "helpfulness", turn.answer, round(min(1.0, max(0.0, case.score + scene.dice.gauss(0, 0.05))), 2), case.why)


def _hear_before(talk: Talk, case: Case, number: int) -> None:
    """The conversation so far, in front of what was asked now."""
    now = talk.messages.pop()
    for turn in case.turns[:number]:
        talk.hear(turn.asked)
        talk.messages.append({"role": "assistant", "parts": [{"type": "text", "content": turn.careful or turn.answer}]})
    talk.messages.append(now)
    talk.cached = talk.tokens() if number else 0


def _at_desk(scene: Scene, turn: Turn, case: Case, number: int) -> None:
    with agent(scene, _DESKS[turn.desk], turn.asked) as talk:
        _hear_before(talk, case, number)
        if turn.looks_up:
            look_up(scene, turn.asked, [ARTICLES[turn.looks_up], *scene.dice.sample(sorted(ARTICLES.values()), 2)])
        for step in turn.steps:
            _take(scene, talk, step)
        think(scene, talk, turn.answer)
        if not check(scene, "no inner details", turn.answer, stopped=turn.stopped):
            talk.hear(f"This answer may not be sent: it {turn.stopped}. Say it without.")
            think(scene, talk, turn.careful)
            check(scene, "no inner details", turn.careful)


def _take(scene: Scene, talk: Talk, step: Step) -> None:
    call = _asked(scene, talk, step)
    if step.fails and scene.dice.random() < 0.5:
        use(scene, talk, call, "", (2.0, 5.0) if "Timeout" in step.fails[0] else step.took_s, step.fails)
        call = _asked(scene, talk, step)
    use(scene, talk, call, step.result, step.took_s)


def _asked(scene: Scene, talk: Talk, step: Step) -> Call:
    (call,) = think(scene, talk, "", [(step.tool, step.arguments)])
    return call
