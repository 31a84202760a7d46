"""Analyzers that somebody else wrote: the one of the docs works, and those that do wrong harm nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spyglass.analyze.kinds import wanted
from spyglass.analyze.loop import Loop
from spyglass.config.spec import Analyzers
from spyglass.model.errors import ConfigError
from spyglass.model.finding import Finding, Heard

PAGE = Path(__file__).parents[2] / "docs" / "analyzers.md"
BAD = """
import os, time
from pydantic import BaseModel
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind

class Settings(BaseModel):
    pass

class Bad:
    def __init__(self, settings): self.seen = 0
    def observe(self, seen):
        self.seen += 1
        {does}
        return [Finding("bad", "1.0.0", "bad.x", "default", 1, "seen " + str(self.seen))]
    def settle(self, now_ns): return ()
    def save(self): return {{}}
    def restore(self, state): pass

analyzer = AnalyzerKind(name="bad", version="1.0.0", description="", reads=frozenset({{"span"}}), settings=Settings, make=Bad)
"""

HEEDS = """
import os
from pydantic import BaseModel
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind

class Settings(BaseModel):
    start: float = 1.0

class Heeding:
    def __init__(self, settings): self.factors = {{}}
    def observe(self, seen):
        if seen.rows['tool'][0].as_py() == 'end': os._exit(3)
        found = Finding("heeding", "1.0.0", "odd", "default", 1, "odd", subject={{"agent": "planner"}})
        return [Finding("heeding", "1.0.0", "odd", "default", 1, "odd", subject={{"agent": "planner"}}, observed=self.factors.get(found.fingerprint, 1.0))]
    def settle(self, now_ns): return ()
    def save(self): return {{}}
    def restore(self, state): pass
    {heed}

analyzer = AnalyzerKind(
    name="heeding", version="1.0.0", description="", reads=frozenset({{"span"}}), settings=Settings, make=Heeding, rules=("odd", "exact"), heeds=("odd",)
)
"""
TAKES = "def heed(self, heard): self.factors = {one.fingerprint: one.factor for one in heard}"


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Callable[..., Loop]]:
    """`loop(text, answer_s=…)`: a plugin of this text beside the built-in ones."""
    made: list[Loop] = []

    def make(text: str, **bounds: Any) -> Loop:
        (tmp_path / "mine.py").write_text(text)
        found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path, **bounds}))
        made.append(Loop(found.stages, found.settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def example() -> str:
    """The analyzer of the docs."""
    (text,) = (one for one in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL) if "AnalyzerKind" in one)
    return str(text)


def spent(arrived: Any, at: float, usd: float) -> Any:
    return arrived(1, at, cost_usd=usd)


def test_the_example_of_the_docs_works(loop: Any, arrived: Any, begin_ns: int) -> None:
    """Once when the limit is passed, and again in the next hour; what it remembers and its settings are handed on."""
    running = loop(example(), settings={"spend": {"limit_usd": 2}})
    told = []
    for at in (1, 11, 21, 31):
        told += running.observe([spent(arrived, at, 1.0)], begin_ns + (at + 20) * 10**9)
    assert [(one.analyzer, one.title) for one in told] == [("spend", "planner has spent 3.00 USD in this hour")]
    other = loop(example(), settings={"spend": {"limit_usd": 2}})
    other.restore(running.save(), running.until_ns)
    other.configure("spend", other.members["spend"].kind.settings(limit_usd=4.5))
    assert [one.observed for one in other.observe([spent(arrived, 41, 1.0)], begin_ns + 61 * 10**9)] == [5.0]


@pytest.mark.parametrize(
    ("does", "problem"),
    [
        ("1 / 0", r"ZeroDivisionError: division by zero \(mine.py, line 14\)"),
        ("os._exit(3)", "its process ended: exit code 3"),
        ("os.kill(os.getpid(), 9)", "its process ended: SIGKILL"),
        ("return [3]", "TypeError: expected findings and frames, got a int"),
        ("x = bytearray(2**30)", r"MemoryError"),
        ("raise SystemExit", "its process ended: exit code 0"),
    ],
)
def test_one_that_fails_harms_nobody(loop: Any, arrived: Any, begin_ns: int, does: str, problem: str) -> None:
    """It is counted, and sees the next batch."""
    running = loop(BAD.format(does=f"if self.seen == 1 and seen.rows['tool'][0].as_py() == 'bad': {does}"), plugin_memory_bytes=2**29)
    assert running.observe([arrived(1, 1, tool="bad")], begin_ns) == []
    status = running.members["bad"].status
    assert (status.failures, status.suspended, running.members["aggregation"].status.rows) == (1, "", 1)
    assert re.search(problem, status.problem), status.problem
    assert [one.rule for one in running.observe([arrived(1, 2)], begin_ns)] == ["bad.x"]


def test_one_that_hangs_rests(loop: Any, arrived: Any, begin_ns: int) -> None:
    """Until somebody lets it run again."""
    running = loop(BAD.format(does="while seen.rows['tool'][0].as_py() == 'bad': pass"), plugin_answer_s=5)
    assert len(running.observe([arrived(1, 1)], begin_ns)) == 1
    assert running.observe([arrived(1, 2, tool="bad")], begin_ns) == []
    assert running.members["bad"].status.suspended == "it did not answer within 5 s"
    assert running.observe([arrived(1, 3)], begin_ns) == []
    running.resume("bad")
    assert [one.title for one in running.observe([arrived(1, 4)], begin_ns)] == ["seen 1"]


def verdict(rule: str, factor: float, analyzer: str = "heeding") -> Heard:
    """What people made of the findings of a rule about the planner."""
    told = Finding(analyzer, "1.0.0", rule, "default", 1, "", subject={"agent": "planner"})
    return Heard(told.fingerprint, "default", analyzer, rule, "planner", factor)


def test_verdicts_reach_it_in_its_own_process(loop: Any, arrived: Any, begin_ns: int) -> None:
    """Before it starts and while it runs, after its process was started anew and with other settings; forgotten ones, too. Those on others' findings do not."""
    running = loop(HEEDS.format(heed=TAKES))

    def weight(at: int, tool: str = "") -> list[float | None]:
        return [one.observed for one in running.observe([arrived(1, at, tool=tool)], begin_ns)]

    running.heed([verdict("odd", 0.1), verdict("exact", 0.5), verdict("odd", 0.7, "other")])
    assert weight(1) == [0.1]
    running.heed([verdict("odd", 0.01)])
    assert weight(2) == [0.01]
    assert weight(3, tool="end") == []
    assert weight(4) == [0.01]
    running.configure("heeding", running.members["heeding"].kind.settings(start=2.0))
    assert weight(5) == [0.01]
    running.heed([])
    assert weight(6) == [1.0]


def test_one_that_says_it_heeds_and_does_not_is_told(loop: Any, arrived: Any, begin_ns: int) -> None:
    """With what it lacks, before anybody relies on it."""
    running = loop(HEEDS.format(heed=""))
    assert running.observe([arrived(1, 1)], begin_ns) == []
    assert "its kind heeds odd: expected a method `heed(heard)`" in running.members["heeding"].status.problem


def test_findings_without_end_are_bounded(loop: Any, arrived: Any, begin_ns: int) -> None:
    """A thousand of one batch, and the rest is counted."""
    running = loop(BAD.format(does="return iter(lambda: Finding('bad', '1.0.0', 'bad.x', 'default', 1, ''), None)"), plugin_answer_s=30)
    assert len(running.observe([arrived(1, 1)], begin_ns)) == 1_000
    assert running.members["bad"].status.withheld > 0


def test_a_broken_one_stops_a_check_but_no_start(tmp_path: Path) -> None:
    """What is meant for it is no error then."""
    (tmp_path / "mine.py").write_text("x = 1")
    settings = Analyzers.model_validate({"plugins_dir": tmp_path, "settings": {"mine": {"a": 1}}})
    (broken,) = wanted(settings).broken
    assert "has no `analyzer`; a plugin provides `analyzer = AnalyzerKind(…)`, see docs/analyzers.md" in broken.problem
    with pytest.raises(ConfigError, match="has no `analyzer`"):
        wanted(settings, strict=True)
