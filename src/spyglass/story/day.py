"""When what happens: customers write, researchers ask, programmers change things.

The past looks like a working day, from five in the morning to five in the afternoon, however long it really was; from now on it goes on evenly.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from spyglass.story import coding, research, support, trouble
from spyglass.story.coding_texts import TASKS
from spyglass.story.figures import Figures, queue_length
from spyglass.story.research_texts import TOPICS
from spyglass.story.support_texts import CASES, Case
from spyglass.story.telling import Record, Scene, Service

__all__ = ["Day", "Sight"]

_SECOND_NS: Final = 10**9
_GAUGE_NS: Final = 15 * _SECOND_NS
_LOOP_NS: Final = 1200 * _SECOND_NS  # how often an agent runs in circles
_DIGEST_NS: Final = 3600 * _SECOND_NS
_USERS: Final = tuple(f"customer-{number}" for number in range(1001, 1061))
_PEOPLE: Final = ("ines", "jonas", "mireille", "tomasz", "aiko", "samuel")


@dataclass(frozen=True, slots=True)
class Sight:
    """Something worth looking at."""

    what: str
    trace_id: str


class Day:
    """Tells what happens from `begin_ns` on. The same seed and times tell the same."""

    def __init__(self, seed: int, begin_ns: int, now_ns: int, per_minute: float) -> None:
        """`per_minute`: about how many conversations, questions and tasks begin."""
        self._dice = Random(seed)  # noqa: S311 - a story, no secret
        self._begin_ns, self._past_ns, self._per_minute = begin_ns, now_ns - begin_ns, per_minute
        self._figures = Figures()
        self._waiting: list[tuple[int, int, Record]] = []  # what is due later, as a heap
        self._number = 0
        self._next_ns = begin_ns
        self._next_gauge_ns, self._next_loop_ns, self._next_digest_ns = begin_ns, begin_ns + self._past_ns // 3, begin_ns + self._past_ns // 12
        self.sights: list[Sight] = []

    def until(self, now_ns: int) -> Iterator[Record]:
        """What is due before a time, in the order of its time."""
        self._imagine(now_ns)
        for record in self._figures.take(now_ns):
            self._later(record)
        while self._waiting and self._waiting[0][0] <= now_ns:
            record = heapq.heappop(self._waiting)[2]
            if record.stale_ns is None or record.stale_ns > now_ns:
                yield record

    def _imagine(self, now_ns: int) -> None:
        """Let begin what begins before a time."""
        while self._next_ns < now_ns:
            self._begin_something(self._next_ns)
            busy = self._busy(self._next_ns)
            self._next_ns += int(self._dice.expovariate(self._per_minute * busy / 60) * _SECOND_NS)
        while self._next_gauge_ns < now_ns:
            self._later(queue_length(support.SERVICE, self._next_gauge_ns, int(self._busy(self._next_gauge_ns) * 4 * self._dice.uniform(0.5, 1.6))))
            self._next_gauge_ns += _GAUGE_NS
        while self._next_loop_ns < now_ns:
            self._watch_price(self._next_loop_ns)
            self._next_loop_ns += _LOOP_NS + self._dice.randrange(_LOOP_NS)
        while self._next_digest_ns < now_ns:
            self._sum_up_day(self._next_digest_ns)
            self._next_digest_ns += _DIGEST_NS

    def _busy(self, at_ns: int) -> float:
        """How much is going on, about 1 on average: two humps with lunch between them, and little early in the morning."""
        if at_ns >= self._begin_ns + self._past_ns:
            return 1.0
        hour = 5 + 12 * (at_ns - self._begin_ns) / self._past_ns
        morning, afternoon = (math.exp(-(((hour - middle) / width) ** 2)) for middle, width in ((10.5, 2.2), (16.0, 2.8)))
        return 0.2 + 1.7 * morning + 1.5 * afternoon

    def _scene(self, service: Service, at_ns: int, session: str = "", user: str = "") -> Scene:
        return Scene(service, self._dice, at_ns, session, user, observe=self._figures.observe)

    def _keep(self, scene: Scene) -> None:
        for record in scene.records:
            self._later(record)

    def _later(self, record: Record) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (record.due_ns, self._number, record))

    def _begin_something(self, at_ns: int) -> None:
        what = self._dice.random()
        if what < 0.62:
            self._converse(self._dice.choice(CASES), at_ns)
        elif what < 0.82:
            scene = self._scene(coding.SERVICE, at_ns, f"task-{self._dice.getrandbits(24):06x}", self._dice.choice(_PEOPLE))
            coding.change(scene, self._dice.choice(TASKS))
            self._keep(scene)
        else:
            scene = self._scene(research.SERVICE, at_ns, f"question-{self._dice.getrandbits(24):06x}", self._dice.choice(_PEOPLE))
            research.research(scene, self._dice.choice(TOPICS))
            self._keep(scene)

    def _converse(self, case: Case, at_ns: int) -> None:
        """Each turn is a trace; between two of them the customer reads and types."""
        session, user = f"chat-{self._dice.getrandbits(32):08x}", self._dice.choice(_USERS)
        for number in range(len(case.turns)):
            scene = self._scene(support.SERVICE, at_ns, session, user)
            support.answer(scene, case, number)
            self._keep(scene)
            at_ns = scene.now_ns + self._dice.randint(15, 80) * _SECOND_NS
            if self._dice.random() < 0.1:
                return  # some people just leave

    def _watch_price(self, at_ns: int) -> None:
        scene = self._scene(trouble.WATCHER, at_ns, f"watch-{self._dice.getrandbits(24):06x}", self._dice.choice(_PEOPLE))
        trouble.loop(scene, self._dice.randint(34, 48))
        self._keep(scene)
        self.sights.append(Sight("an agent that runs in circles and burns money", scene.trace_id))

    def _sum_up_day(self, at_ns: int) -> None:
        scene = self._scene(trouble.DIGEST, at_ns)
        trouble.digest(scene, 120)
        self._keep(scene)
        self.sights.append(Sight("a long trace: a night's work on 120 conversations", scene.trace_id))
