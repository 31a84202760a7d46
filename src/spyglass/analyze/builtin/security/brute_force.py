"""Attempts to get in by trying: failures in, findings out. Windows slide, and are exact: it counts whether k failures lie within five minutes of each other.

| rule | one finding when |
| --- | --- |
| `brute_force` | one source failed at one target 3 (info), 5 (warning) or 10 times (error) within the window |
| `spraying` | one source tried many users within the window |
| `distributed` | many sources tried one user within the window |
| `slow` | one source failed again and again at intervals that are too even for a person |
| `entered` | one source got in, and had failed there five times, or as five users, within the window before |

Time is that of the records, in whatever order they come: a log that is read late is judged as if it had been read at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import pyarrow as pa
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.security.failures import Failure, failures
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, severity
from spyglass.analyze.builtin.security.tries import Tries, Try, most_names, most_within
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["BruteForce", "Settings", "analyzer"]

_VERSION: Final = "1.1.0"
_LEVELS: Final = ((10, 0.95), (5, 0.8), (3, 0.5))  # failures, and how sure it is that somebody tries
_MOST_KEYS: Final = 20_000
_EVEN: Final = 0.02  # of the mean gap
_EVEN_FROM: Final = 4


class Settings(BaseModel, extra="forbid", frozen=True):
    """How long a window is, and how many names are many."""

    window_s: float = Field(300.0, gt=0, description="Failures count together when they lie within so long.")
    names: int = Field(5, ge=2, description="So many users of one source, or sources of one user, are spraying.")


class BruteForce:
    """The latest failures of each pair; the pairs that failed longest ago are forgotten first."""

    def __init__(self, settings: Settings) -> None:
        self._window_ns, self._names = round(settings.window_s * 1e9), settings.names
        self._tries: dict[str, Tries] = {}  # by what they have in common
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Records and calls."""
        if isinstance(seen, Batch):
            self._quiet.heed(seen)
            for failure in failures(seen):
                yield from self._entered(failure) if failure.entered else self._judged(failure)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Nothing waits for time."""
        del now_ns
        return ()

    def save(self) -> State:
        """The latest failures, one row each."""
        rows = [(key, *one[:3]) for key, tries in self._tries.items() for one in tries.kept]
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        types = {"key": pa.string(), "at_ns": pa.int64(), "name": pa.string(), "evidence": pa.string()}
        return {
            "tries": pa.table({name: pa.array(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)}),
            "told": self._quiet.save(),
        }

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))
        if "tries" in state:
            kept: dict[str, list[Try]] = {}
            for row in zip(*(column.to_pylist() for column in state["tries"].columns), strict=True):
                kept.setdefault(row[0], []).append(Try(row[1], row[2], row[3], _evidence(row[3])))
            self._tries = {key: Tries(tries) for key, tries in kept.items()}

    def _judged(self, failure: Failure) -> Iterator[Finding]:
        project, source, target, user = failure.project, failure.source, failure.target, failure.user
        evidence = str(failure.evidence)
        by_source = Try(failure.at_ns, user, evidence, failure.evidence)
        same = self._with(f"pair\0{project}\0{source}\0{target}", by_source)
        if same is not None:
            yield from self._brute(failure, same)
            yield from self._slow(failure, same.kept)
        if user:
            tried = self._with(f"source\0{project}\0{source}", by_source)
            yield from self._many(failure, tried, "spraying", {"source": source})
            by = self._with(f"user\0{project}\0{target}\0{user}", Try(failure.at_ns, source, evidence, failure.evidence))
            yield from self._many(failure, by, "distributed", {"user": user, "target": target})

    def _with(self, key: str, one: Try) -> Tries | None:
        """All tries of a key with the new one; None: it was counted before."""
        tries = self._tries.pop(key, None)
        self._tries[key] = tries = tries or Tries()
        if not tries.add(one):
            return None
        if len(self._tries) > _MOST_KEYS:
            del self._tries[next(iter(self._tries))]
        return tries

    def _brute(self, failure: Failure, tries: Tries) -> Iterator[Finding]:
        count, sure, at_ns = len(tries.kept), failure.sure, failure.received_ns
        whom = _whom(failure.project, failure.source, failure.target)
        if all(self._quiet.said(at_ns, f"brute_force\0{level}\0{whom}") for level, _ in _LEVELS if count >= level or (sure and level == 5)):
            return  # nobody would hear of it, so that it need not be counted
        most = most_within(tries.near(failure.at_ns, self._window_ns), self._window_ns)
        for level, confidence in _LEVELS:
            if most >= level or (sure and level == 5):
                if self._quiet.speaks(at_ns, f"brute_force\0{level}\0{whom}"):
                    said = "too often, as its log says" if sure and most < level else f"{most} times within {self._window_ns / 1e9:.0f} s"
                    title = f"{failure.source} failed to get into {failure.target or 'a service'} {said}"
                    named = {"source": failure.source, "target": failure.target}
                    yield self._told("brute_force", failure, named, title, max(confidence, 0.9) if sure else confidence, tries.kept, most)
                return

    def _slow(self, failure: Failure, tries: list[Try]) -> Iterator[Finding]:
        """The latest gaps, when they are longer than the window's share and all alike."""
        latest = tries[-_EVEN_FROM:]
        gaps = [after.at_ns - before.at_ns for before, after in pairwise(latest)]
        if len(gaps) < _EVEN_FROM - 1 or min(gaps) * (_LEVELS[-1][0] - 1) <= self._window_ns:
            return
        mean = sum(gaps) / len(gaps)
        named = {"source": failure.source, "target": failure.target}
        if max(abs(gap - mean) for gap in gaps) <= _EVEN * mean and self._quiet.speaks(
            failure.received_ns, f"slow\0\0{_whom(failure.project, *named.values())}"
        ):
            title = f"{failure.source} failed to get into {failure.target or 'a service'} every {mean / 1e9:.0f} s, as only a program does"
            yield self._told("slow", failure, named, title, 0.8, latest, len(latest))

    def _many(self, failure: Failure, tries: Tries | None, rule: str, named: dict[str, str]) -> Iterator[Finding]:
        most = 0 if tries is None or len(tries.kept) < self._names else tries.different()
        if tries is None or most < self._names:
            return
        at_ns, whom = failure.received_ns, _whom(failure.project, *named.values())
        if self._quiet.said(at_ns, f"{rule}\0\0{whom}") and (most < 10 or self._quiet.said(at_ns, f"{rule}\0{10}\0{whom}")):
            return  # nobody would hear of it, so that it need not be counted
        near = tries.near(failure.at_ns, self._window_ns)
        names = most_names(near, self._window_ns) if len(near) >= self._names else 0
        if names < self._names or not self._quiet.speaks(at_ns, f"{rule}\0{10 if names >= 10 else ''}\0{whom}"):
            return
        if rule == "spraying":
            into = failure.target or "a service"
            title = f"{failure.source} tried to get into {into} as {names} different users within {self._window_ns / 1e9:.0f} s, and failed"
        else:
            title = f"{names} sources tried to be {failure.user} at {failure.target or 'a service'} within {self._window_ns / 1e9:.0f} s, and failed"
        yield self._told(rule, failure, named, title, 0.9 if names >= 10 else 0.8, near, names)

    def _entered(self, entry: Failure) -> Iterator[Finding]:
        """Somebody who had failed too often to have mistyped."""
        source, target = entry.source, entry.target
        keys = (f"pair\0{entry.project}\0{source}\0{target}", f"source\0{entry.project}\0{source}")
        pair, tried = (
            [one for one in self._tries[key].near(entry.at_ns, self._window_ns) if one.at_ns <= entry.at_ns] if key in self._tries else [] for key in keys
        )
        users = len({one.name for one in tried})
        if (len(pair) < _LEVELS[1][0] and users < self._names) or not self._quiet.speaks(
            entry.received_ns, f"entered\0\0{_whom(entry.project, source, target, entry.user)}"
        ):
            return
        how = f"had failed {len(pair)} times" if users < self._names else f"had failed as {users} different users"
        into = target or "a service"
        title = f"{source} got into {into}{f' as {entry.user}' if entry.user else ''}, and {how} within {self._window_ns / 1e9:.0f} s before"
        confidence = 0.95 if max(len(pair), 2 * users) >= _LEVELS[0][0] else 0.7
        got_in = Try(entry.at_ns, entry.user, str(entry.evidence), entry.evidence)
        named = {"source": source, "target": target, "user": entry.user}
        yield self._told("entered", entry, named, title, confidence, [*(pair or tried)[-9:], got_in], len(pair) if users < self._names else users)

    def _told(self, rule: str, failure: Failure, subject: dict[str, str], title: str, confidence: float, tries: list[Try], observed: int) -> Finding:
        return self._quiet.tells(
            Finding(
                analyzer=analyzer.name,
                version=_VERSION,
                rule=rule,
                project=failure.project,
                time_ns=failure.received_ns,
                title=title,
                severity=severity(Impact.CRITICAL if rule == "entered" else Impact.HIGH if confidence >= 0.9 else Impact.MEDIUM, confidence),
                subject={key: name for key, name in (*subject.items(), ("agent", failure.agent)) if name},
                observed=float(observed),
                expected=(0.0, float(self._names - 1 if rule in ("spraying", "distributed") else _LEVELS[-1][0] - 1)),
                evidence=tuple(one.told for one in tries[-10:]),
                first_ns=tries[0].at_ns,
                suggestion=_OF_AGENT if rule in ("brute_force", "slow") and failure.source == failure.agent else _ADVICE[rule],
                owasp=Owasp.IDENTITY_ABUSE.value,
                details={"confidence": confidence, "users": sorted({one.name for one in tries if one.name})[:10]},
            )
        )


_ADVICE: Final = {
    "brute_force": "Block the source, or let it wait longer after each failure; see whether a later attempt succeeded.",
    "spraying": "Block the source; ask the users whose names were tried for a second factor.",
    "distributed": "Lock the account until its owner has been asked; addresses alone will not stop this.",
    "slow": "Block the source: it stays below limits on purpose.",
    "entered": "End the session and lock the account until its owner has been asked; see what was done with it since.",
}


_OF_AGENT: Final = "See whether its key or its rights have run out, or its task has changed; if not, stop it and look who gave it this task."


def _whom(project: str, *names: str) -> str:
    return "\0".join((project, *filter(None, names)))


def _evidence(text: str) -> Evidence:
    trace, parted, span = text.partition("/")
    return Evidence(trace, span) if parted else Evidence(event_id=text)


analyzer: Final = AnalyzerKind(
    name="brute_force",
    version=_VERSION,
    description="Attempts to get in by trying: many failures of one source, many users of one source, many sources of one user; and who got in then.",
    reads=frozenset({"span", "event"}),
    settings=Settings,
    make=BruteForce,
    rules=tuple(_ADVICE),
)
