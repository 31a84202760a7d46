"""Whether a model answers the same questions as it did: spans in, findings out.

Canaries are questions that are asked again and again (`canary_calls.py`). Each answer is ranked among earlier ones to the same question (`stats/answers.py`);
the ranks of all questions to a model become evidence against "as ever", which is multiplied and never falls below one, as in `drift`: so often as one looks, a
false alarm comes no more often than is chosen. What is asked, and by whom, cannot be taken for a change, because it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.canary_calls import Repeats, asked
from spyglass.analyze.builtin.known_series import KnownSeries
from spyglass.analyze.builtin.minutes import MINUTE_NS, Minutes
from spyglass.analyze.builtin.pooled import Pooled
from spyglass.analyze.builtin.verdicts import Verdicts, weighed
from spyglass.analyze.stats.answers import Answers, answer_of
from spyglass.analyze.stats.digest import combined, of_ids
from spyglass.analyze.stats.evidence import evidence_of
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding, Heard
from spyglass.model.told import Value
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Canaries", "Settings", "analyzer"]

_DAY: Final = 1_440  # minutes
_LEAST_RUN: Final = 1_000.0  # answers between false alarms of one model, at least, however few there are
_MOST_ROWS: Final = 5_000  # of a minute
_MOST_A_MINUTE: Final = 100  # answers to one question that are looked at
_SHOWN: Final = 10
_MODELS: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("project", "model")),
        *((name, pa.float64()) for name in ("evidence", "chance")),
        ("answers", pa.int64()),
        ("unlike", pa.int64()),
        ("first_ns", pa.int64()),
        ("shown", pa.list_(pa.string())),
        ("questions", pa.list_(pa.string())),
    ]
)


class Settings(BaseModel, extra="forbid", frozen=True):
    """How much may be wrong, and how much is remembered."""

    false_alarms_a_day: float = Field(0.2, gt=0, le=1_000, description="Over all models together, where nothing has changed.")
    most_questions: int = Field(1_000, ge=10, le=20_000, description="Questions whose answers are kept (14 kB each); those not asked for longest give way.")


@dataclass(slots=True)
class _Model:
    """What speaks against "as ever", since anything does."""

    evidence: float = 0.0  # logarithm
    answers: int = 0
    unlike: int = 0  # farther from those before than each of these
    chance: float = 0.0  # of so many as that it would be by chance
    first_ns: int = 0
    shown: list[str] = field(default_factory=list)  # the latest that are unlike
    questions: list[str] = field(default_factory=list)  # which they answer


class Canaries:
    """Questions and their answers, and the evidence of each model."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._minutes, self._repeats, self._verdicts = Minutes(), Repeats(), Verdicts()
        self._fresh = Pooled(800)
        self._known, self._answers = KnownSeries(settings.most_questions), Answers()
        self._models: dict[tuple[str, str], _Model] = {}
        self._steps = 0.0  # answers a minute, running

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls that may be canaries."""
        if isinstance(seen, Batch):
            self._fresh.add(seen)
        return ()

    def _take(self) -> None:
        if (batch := self._fresh.take()) is not None:
            self._minutes.add(asked(batch))

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`."""
        self._verdicts.heed(heard)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself."""
        if self._fresh.ready(now_ns) or self._minutes.due(now_ns):
            self._take()
        for minute, rows in self._minutes.over(now_ns):
            yield from self._look(minute, rows.sort_by([(name, "ascending") for name in ("received", "trace_id", "span_id")]))

    def _look(self, minute: int, rows: pa.Table) -> Iterator[Finding]:
        again = self._repeats.again(rows["question"].to_numpy(), minute // _DAY)
        rows = rows.filter(pc.or_(pc.not_equal(rows["mark"], ""), pa.array(again)))
        rows = rows.slice(0, _MOST_ROWS)
        if not rows.num_rows:
            return
        self._steps += 0.01 * (rows.num_rows - self._steps) if self._steps else rows.num_rows
        chances = combined(of_ids(rows["trace_id"]), of_ids(rows["span_id"])).astype(np.float64) / 2.0**64
        taken: dict[tuple[str, str, str], int] = {}
        for row, chance in zip(rows.to_pylist(), chances.tolist(), strict=True):
            key = row["project"], row["model"], f"{row['mark']}\0{row['question']:016x}"
            taken[key] = taken.get(key, 0) + 1
            if taken[key] <= _MOST_A_MINUTE:
                self._answered(key, row, chance)
        for project, model in sorted({key[:2] for key in taken}):
            yield from self._judge(minute, project, model)

    def _answered(self, key: tuple[str, str, str], row: dict[str, Any], chance: float) -> None:
        slot = self._slot(key)
        answer = answer_of(row["text"])._replace(number=row["answer"]) if row["text"] else self._answers.known(slot, row["answer"])
        if answer is None:  # only its hash is known, and it is new: nothing can be said of it
            return
        found = self._answers.step(slot, answer, chance)
        if found is not None:
            self._weigh(key, row, *found)

    def _weigh(self, key: tuple[str, str, str], row: dict[str, Any], rarity: float, least: float) -> None:
        """What an answer says of its model."""
        model = self._models.pop(key[:2], None)
        if model is None or model.evidence <= 0:
            model = _Model(first_ns=row["received"])
        self._models[key[:2]] = model
        if len(self._models) > self._settings.most_questions:  # models that are asked anything come last
            del self._models[next(iter(self._models))]
        model.evidence += evidence_of(rarity)
        model.answers += 1
        model.chance += least
        if rarity <= least:
            model.unlike += 1
            model.shown = [*model.shown, str(Evidence(row["trace_id"].hex(), row["span_id"].hex()))][-_SHOWN:]
            model.questions = sorted({*model.questions, key[2]})[:_SHOWN]

    def _slot(self, key: tuple[str, str, str]) -> int:
        (slot,) = self._known.slots([key]).tolist()
        self._answers.grow(self._known.size)
        self._answers.forget(self._known.given_up())
        return int(slot)

    def _judge(self, minute: int, project: str, name: str) -> Iterator[Finding]:
        model = self._models.get((project, name))
        limit = float(np.log(max(_LEAST_RUN, self._steps * _DAY / self._settings.false_alarms_a_day)))
        if model is None or model.evidence <= limit - float(np.log(self._verdicts.loosest)):
            return
        told = self._finding(minute, project, name, model)
        factor = self._verdicts.of(told)
        if model.evidence > limit - float(np.log(self._verdicts.weight(factor, len(self._models)))):
            yield weighed(told, factor)
            del self._models[project, name]
            keys = [self._known.key(slot) for slot in range(self._known.size)]
            self._answers.forget(np.array([slot for slot, key in enumerate(keys) if key[:2] == (project, name)], np.intp))

    def _finding(self, minute: int, project: str, name: str, model: _Model) -> Finding:
        lines: list[Value] = [line for question in model.questions for line in self._line((project, name, question))]
        return Finding(
            analyzer="canaries",
            version=analyzer.version,
            rule="endpoint_changed",
            project=project,
            time_ns=(minute + 1) * MINUTE_NS,
            title=f"{name} answers the same questions differently: {model.unlike} of {model.answers} answers are unlike all earlier ones, "
            f"where about {model.chance:.1g} would be by chance",
            subject={"model": name},
            observed=model.unlike / model.answers,
            expected=(0.0, model.chance / model.answers),
            unit="1",
            budget=self._settings.false_alarms_a_day,
            evidence=tuple(Evidence(*one.split("/")) for one in model.shown),
            first_ns=model.first_ns,
            cause=f"model {name}",
            suggestion="The model was changed behind its name, or how it is served: compare these answers with earlier ones, and with another provider.",
            details={"questions": lines, "answers": model.answers, "evidence": round(model.evidence, 2)},
        )

    def _line(self, key: tuple[str, str, str]) -> Iterator[str]:
        """A question whose answers changed, without a word of what was said."""
        mark, _, number = key[2].partition("\0")
        found = self._answers.compared(self._slot(key))
        if found:
            same = f"word for word as one before {found.same_before:.0%} → {found.same_now:.0%}"
            yield f"{mark or number}: {same}, length {found.length_before:.0f} → {found.length_now:.0f} characters"

    def save(self) -> State:
        """All of it."""
        self._take()
        models = [
            {"project": project, "model": name, **{column: getattr(one, column) for column in _MODELS.names[2:]}}
            for (project, name), one in self._models.items()
        ]
        tables = {"models": pa.Table.from_pylist(models, _MODELS), "known": self._known.save(), "answers": self._answers.save()}
        return tables | {"repeats": self._repeats.save(), "steps": pa.table({"steps": [self._steps]}), **self._minutes.save()}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        rows = state["models"].to_pylist()
        self._models = {(row.pop("project"), row.pop("model")): _Model(**row) for row in rows}
        self._known.restore(state["known"])
        self._answers.restore(state["answers"])
        self._repeats.restore(state["repeats"])
        self._steps = state["steps"]["steps"][0].as_py()
        self._minutes.restore(state)


analyzer: Final = AnalyzerKind(
    name="canaries",
    version="1.0.0",
    description="Models that answer the same questions otherwise than before: canary prompts, and whatever is asked again at temperature 0.",
    reads=frozenset({"span"}),
    settings=Settings,
    news=True,
    make=Canaries,
    rules=("endpoint_changed",),
    heeds=("endpoint_changed",),
)
