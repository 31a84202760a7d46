"""Analyzers that somebody else wrote: the one of the docs works, and those that do wrong harm nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spyglass.analyze.kinds import Wanted, wanted
from spyglass.analyze.loop import Loop
from spyglass.analyze.worker import _fitting
from spyglass.config.spec import Analyzers
from spyglass.model.batch import Batch
from spyglass.model.errors import ConfigError
from spyglass.model.finding import Finding, Heard

WAIT_S = 120.0  # on a machine with much else to do
PAGE = Path(__file__).parents[2] / "docs" / "analyzers.md"
BAD = """
import os, time
from pydantic import BaseModel
from spyglass.model.finding import Evidence, Finding
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


class Running:
    """A loop with plugins, whose findings are waited for."""

    def __init__(self, found: Wanted) -> None:
        self.told: list[Finding] = []
        self.loop = Loop(found.stages, found.settings, plugins=found.plugins, tell=self.told.extend)
        self.members = self.loop.members

    def observe(self, batch: Batch, now_ns: int) -> list[Finding]:
        """What all find in it."""
        mine = self.loop.observe([batch], now_ns)
        assert self.loop.drain(WAIT_S)
        mine += self.told
        self.told.clear()
        return mine


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """`loop(text, answer_s=…)`: a plugin of this text beside the built-in ones."""
    made: list[Running] = []

    def make(text: str, **bounds: Any) -> Running:
        (tmp_path / "mine.py").write_text(text)
        made.append(Running(wanted(Analyzers.model_validate({"plugins_dir": tmp_path, **bounds}))))
        return made[-1]

    yield make
    for one in made:
        one.loop.close()


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
        told += running.observe(spent(arrived, at, 1.0), begin_ns + (at + 20) * 10**9)
    assert [(one.analyzer, one.title) for one in told] == [("spend", "planner has spent 3.00 USD in this hour")]
    other = loop(example(), settings={"spend": {"limit_usd": 2}})
    other.loop.restore(running.loop.save(WAIT_S), running.loop.until_ns)
    other.loop.configure("spend", other.members["spend"].kind.settings(limit_usd=4.5))
    assert [one.observed for one in other.observe(spent(arrived, 41, 1.0), begin_ns + 61 * 10**9)] == [5.0]


@pytest.mark.parametrize(
    ("does", "problem"),
    [
        ("1 / 0", r"ZeroDivisionError: division by zero \(mine.py, line 14\)"),
        ("os._exit(3)", "its process ended: exit code 3"),
        ("os.kill(os.getpid(), 9)", "its process ended: SIGKILL"),
        ("return [3]", "TypeError: expected findings and frames, got a int"),
        ("x = bytearray(2**30)", r"MemoryError"),
        ("raise SystemExit", "its process ended: exit code 0"),
        ("return [Finding('bad', '1.0.0', 'bad.x', 'default', 1, '', severity='high')]", "is no finding: severity: Input should be 'info', 'warning'"),
        ("return [Finding('bad', '1.0.0', 'bad.x', 'default', 1, '', subject={'agent': 4})]", "is no finding: subject.agent: Input should be a valid string"),
        ("return [Finding('bad', '1.0.0', 'bad.x', 'default', 1, '', evidence=(Evidence('x', 'y'),))]", "is no finding: .*fromhex"),
        ("return [Finding('bad', '1.0.0', 'bad.x', 'default', 2**70, '')]", "TypeError: Integer exceeds 64-bit range"),
    ],
)
def test_one_that_fails_harms_nobody(loop: Any, arrived: Any, begin_ns: int, does: str, problem: str) -> None:
    """It is counted, and sees the next batch."""
    running = loop(BAD.format(does=f"if self.seen == 1 and seen.rows['tool'][0].as_py() == 'bad': {does}"), plugin_memory_bytes=2**29)
    assert running.observe(arrived(1, 1, tool="bad"), begin_ns) == []
    status = running.members["bad"].status
    assert (status.failures, status.suspended, running.members["aggregation"].status.rows) == (1, "", 1)
    assert re.search(problem, status.problem), status.problem
    assert [one.rule for one in running.observe(arrived(1, 2), begin_ns)] == ["bad.x"]


HANGS = """
        if seen.rows['tool'][0].as_py() == 'bad':
            os.fork()
            while True: pass
"""


def test_one_that_hangs_rests(loop: Any, arrived: Any, begin_ns: int) -> None:
    """With whatever it started, and goes on when its rest is over, or when somebody lets it: counts and missed rows stay."""
    running = loop(BAD.format(does=HANGS), plugin_answer_s=5)
    assert len(running.observe(arrived(1, 1), begin_ns)) == 1
    status = running.members["bad"].status
    assert running.observe(arrived(1, 2, tool="bad"), begin_ns) == []
    assert status.suspended == "it did not answer within 5 s"
    assert running.observe(arrived(1, 3), begin_ns) == []
    running.loop.resume("bad")
    assert [one.title for one in running.observe(arrived(1, 4), begin_ns)] == ["seen 1"]
    assert (status.failures, status.missed_rows) == (1, 1)


def test_one_that_rests_has_no_process(loop: Any, arrived: Any, begin_ns: int) -> None:
    """And goes on with what it remembered."""
    running = loop(example(), settings={"spend": {"limit_usd": 2}})
    running.observe(spent(arrived, 1, 1.5), begin_ns + 21 * 10**9)
    member = running.members["spend"]
    member.status.suspend("somebody let it rest")
    running.observe(spent(arrived, 31, 1.0), begin_ns + 51 * 10**9)
    assert member.analyzer.running is False
    running.loop.resume("spend")
    assert [one.observed for one in running.observe(spent(arrived, 61, 1.0), begin_ns + 81 * 10**9)] == [2.5]


def verdict(rule: str, factor: float, analyzer: str = "heeding") -> Heard:
    """What people made of the findings of a rule about the planner."""
    told = Finding(analyzer, "1.0.0", rule, "default", 1, "", subject={"agent": "planner"})
    return Heard(told.fingerprint, "default", analyzer, rule, "planner", factor)


def test_verdicts_reach_it_in_its_own_process(loop: Any, arrived: Any, begin_ns: int) -> None:
    """Before it starts and while it runs, after its process was started anew and with other settings; forgotten ones, too. Those on others' findings do not."""
    running = loop(HEEDS.format(heed=TAKES))

    def weight(at: int, tool: str = "") -> list[float | None]:
        return [one.observed for one in running.observe(arrived(1, at, tool=tool), begin_ns)]

    running.loop.heed([verdict("odd", 0.1), verdict("exact", 0.5), verdict("odd", 0.7, "other")])
    assert weight(1) == [0.1]
    running.loop.heed([verdict("odd", 0.01)])
    assert weight(2) == [0.01]
    assert weight(3, tool="end") == []
    assert weight(4) == [0.01]
    running.loop.configure("heeding", running.members["heeding"].kind.settings(start=2.0))
    assert weight(5) == [0.01]
    running.loop.heed([])
    assert weight(6) == [1.0]


def test_one_that_says_it_heeds_and_does_not_is_told(loop: Any, arrived: Any, begin_ns: int) -> None:
    """With what it lacks, before anybody relies on it."""
    running = loop(HEEDS.format(heed=""))
    assert running.observe(arrived(1, 1), begin_ns) == []
    assert "its kind heeds odd: expected a method `heed(heard)`" in running.members["heeding"].status.problem


def test_an_answer_is_bounded() -> None:
    """In bytes: the server holds it whole."""
    (told,) = _fitting(({"ok": True, "found": ["x" * 1_000]}, []), 100)
    assert b"at most 100 are taken" in told
    assert b'"ok":true' in _fitting(({"ok": True, "found": ["x"]}, []), 100)[0]


def test_findings_without_end_are_bounded(loop: Any, arrived: Any, begin_ns: int) -> None:
    """A thousand of one batch, and the rest is counted."""
    running = loop(BAD.format(does="return iter(lambda: Finding('bad', '1.0.0', 'bad.x', 'default', 1, ''), None)"), plugin_answer_s=30)
    assert len(running.observe(arrived(1, 1), begin_ns)) == 1_000
    assert running.members["bad"].status.withheld > 0


def test_a_broken_one_stops_a_check_but_no_start(tmp_path: Path) -> None:
    """What is meant for it is no error then."""
    (tmp_path / "mine.py").write_text("x = 1")
    settings = Analyzers.model_validate({"plugins_dir": tmp_path, "settings": {"mine": {"a": 1}}})
    (broken,) = wanted(settings).broken
    assert "has no `analyzer`; a plugin provides `analyzer = AnalyzerKind(…)`, see docs/analyzers.md" in broken.problem
    with pytest.raises(ConfigError, match="has no `analyzer`"):
        wanted(settings, strict=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import os; os._exit(7)", "ends the process that loads it: exit code 7"),
        ("x = []\nwhile True: x.append(bytearray(2**24))", "MemoryError"),
        (BAD.format(does="pass").replace('frozenset({"span"})', 'frozenset({"nobody.x"})'), "nobody makes the frame nobody.x"),
        (BAD.format(does="pass").replace('frozenset({"span"})', "None"), "its `reads` is None; expected texts"),
        (BAD.format(does="pass").replace("make=Bad", 'make=Bad, makes=("aggregation.buckets",)'), "is made by aggregation already"),
        (BAD.format(does="pass").replace("make=Bad", 'make=Bad, every_s="often"'), "its `every_s` is 'often'; expected seconds"),
        (BAD.format(does="pass").replace("    pass", "    limit: int", 1), "analyzers.settings.bad.limit: Field required"),
        (BAD.format(does="pass").replace("    pass", "    limit: object = object()", 1), "cannot be told as JSON"),
    ],
)
def test_one_that_cannot_be_used_hinders_nobody(tmp_path: Path, text: str, problem: str) -> None:
    """Whatever it does when it is loaded: it is told, and the others run."""
    (tmp_path / "mine.py").write_text(text)
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path}))
    (broken,) = found.broken
    assert problem in broken.problem
    assert (found.plugins, "bad" in found.origins, "anomaly" in found.origins) == ([], False, True)


def test_makers_come_before_readers(tmp_path: Path) -> None:
    """Of plugins, too; a circle is told of all in it."""
    for name, reads, makes in (("a", "b.x", ""), ("b", "span", "b.x"), ("c", "d.x", "c.x"), ("d", "c.x", "d.x")):
        told = BAD.format(does="pass").replace('name="bad"', f'name="{name}"').replace('{"span"}', f'{{"{reads}"}}')
        (tmp_path / f"{name}.py").write_text(told.replace("make=Bad", f"make=Bad, makes={(makes,) if makes else ()}"))
    found = wanted(Analyzers.model_validate({"plugins_dir": tmp_path}))
    assert [kind.name for kind in found.plugins] == ["b", "a"]
    assert {Path(one.origin).name: "wait for each other" in one.problem for one in found.broken} == {"c.py": True, "d.py": True}
