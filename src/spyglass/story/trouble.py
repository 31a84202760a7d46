"""What goes wrong with agents: one that asks the same thing again and again until its budget is gone, and one whose night never ends."""

from __future__ import annotations

from typing import Final

from spyglass.story.speech import Agent, agent, embed, think, use, workflow
from spyglass.story.telling import Failure, Scene, Service

__all__ = ["DIGEST", "WATCHER", "digest", "loop"]

WATCHER: Final = Service("price-watcher", "0.3.0", "opentelemetry.instrumentation.genai.agents")
DIGEST: Final = Service("nightly-digest", "5.1.2", "opentelemetry.instrumentation.genai.langchain")

_WATCHER: Final = Agent(
    "price watcher",
    "Buys a ticket when it becomes cheap.",
    "claude-opus-4-1",
    "You watch the price of a flight and buy it when it is below the limit. Check the price with fetch_price. If an answer "
    "is stale, check again until it is fresh.",
    "0.3.0",
    13_000,
    cacheable=False,
)
_DIGESTER: Final = Agent(
    "digester",
    "Sums up what customers wrote during the day.",
    "gemini-2.5-flash",
    "You sum up one conversation in two sentences, and name its mood in one word.",
    "5.1.0",
    150,
)
_EDITOR: Final = Agent(
    "editor",
    "Writes the digest of the day.",
    "gpt-4.1",
    "You write the digest of the day for the people of the support desk: what came up often, what was new, what went wrong.",
    "5.1.0",
    150,
)
_THEMES: Final = (
    ("late parcels", "Asks for a parcel that hangs at the customs; impatient, but friendly."),
    ("sizes", "Boots of the new series turn out small; wants to exchange them."),
    ("praise", "Writes that the repaired shell survived a week of rain; delighted."),
    ("double charge", "Sees a reservation beside a payment and is worried."),
    ("advice", "Plans a hut tour in June and asks about crampons; curious."),
    ("stove", "The igniter of an Ember stove of the first series gave up; annoyed."),
)


def loop(scene: Scene, rounds: int) -> None:
    """An agent that takes a stale answer for a reason to ask again. Each round carries all rounds before it."""
    question = "Buy Vienna to Lisbon on 12 May for me as soon as it costs less than 140 €."
    with agent(scene, _WATCHER, question) as talk:
        for number in range(rounds):
            (call,) = think(
                scene, talk, "The price is stale, I check again." if number else "", [("fetch_price", {"from": "VIE", "to": "LIS", "day": "05-12"})]
            )
            use(scene, talk, call, {"price_eur": 171, "stale": True, "cached_at": "04:00", "hint": "try again later"}, (0.02, 0.06))
            if number and number % 12 == 0:
                scene.log("warn", f"price watcher has asked {number} times and spent more than planned", values={"gen_ai.agent.name": _WATCHER.name})
        text = f"stopped after {rounds} rounds without an answer: the budget for this task is used up"
        scene.log("error", text, event_name="agent.budget_exceeded", values={"gen_ai.agent.name": _WATCHER.name, "rounds": rounds})
        scene.above.fail("BudgetExceeded", text)


def digest(scene: Scene, conversations: int) -> None:
    """A long trace: one conversation after the other is summed up and filed, and then the day."""
    with workflow(scene, "nightly digest", f"Sum up the {conversations} conversations of today."):
        for number in range(conversations):
            _sum_up(scene, number)
            scene.wait(0.5, 4.0)
        with agent(scene, _EDITOR, "Write the digest.\n" + "\n".join(f"- {theme}: {text}" for theme, text in _THEMES)) as talk:
            think(
                scene,
                talk,
                "A quiet day. Late parcels were asked for most, nearly all of them at one customs office; the carrier expects it to be "
                "through by Thursday. The new boots run small: "
                "we should say so on the page. The igniter of the first Ember series gave up three times.",
            )


def _sum_up(scene: Scene, number: int) -> None:
    theme, text = _THEMES[scene.dice.randrange(len(_THEMES))]
    with scene.span(f"file conversation {number % 10}", scope="nightly_digest.pipeline", conversation__number=number, theme=theme):
        with agent(scene, _DIGESTER, f"Conversation {number + 1}, subject: {theme}. Sum it up.") as talk:
            think(scene, talk, text)
        embed(scene)
        try:
            with scene.span(
                "INSERT digest_items", "client", scope="opentelemetry.instrumentation.asyncpg", db__system__name="postgresql", db__operation__name="INSERT"
            ):
                scene.wait(0.004, 0.03)
                if scene.dice.random() < 0.02:
                    raise Failure("DeadlockDetected", "deadlock detected; the transaction is tried again")
        except Failure as failure:
            scene.log("warn", str(failure), values={"db.system.name": "postgresql"})
            scene.wait(0.2, 0.5)
