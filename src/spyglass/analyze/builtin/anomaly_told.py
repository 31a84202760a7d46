"""What `anomaly` says: a minute of one figure and what stood out of it in, findings out, each with how others that are like the agent do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from spyglass.analyze.builtin.company import Company, Mask, Peers, among
from spyglass.analyze.builtin.correlation import in_common
from spyglass.analyze.builtin.figures import Figure
from spyglass.analyze.builtin.gathered import Gathered
from spyglass.analyze.builtin.uses import Key, Uses
from spyglass.analyze.builtin.verdicts import weighed
from spyglass.analyze.stats.fleet import Alarms
from spyglass.analyze.stats.pauses import Silent
from spyglass.analyze.stats.proportions import Moved
from spyglass.model.finding import Evidence, Finding
from spyglass.model.told import Value

__all__ = ["Channel", "Look", "Seen", "silence"]

Floats = npt.NDArray[np.float64]
Channel = Literal["point", "shift"]
_MINUTE_NS: Final = 60 * 10**9
_DEFAULT_PROJECT: Final = "default"  # who is told of what more than one project shares
_ALIKE: Final[Mapping[Channel, float]] = {"point": 3.0, "shift": 5.0}  # deviations, and sums of them: hardly a series in 200 without a cause


@dataclass(frozen=True)
class Seen:
    """One minute of all agents."""

    minute: int
    keys: Sequence[Key]  # of whom anything is known
    gathered: Gathered
    version: str
    budget: float

    @cached_property
    def uses(self) -> Uses:
        """Who called what."""
        return self.gathered.uses()

    @cached_property
    def company(self) -> Company:
        """Who is alike; only where somebody is to be told of."""
        return Company.of(self.keys, self.uses)

    def slowest(self, places: Iterable[int]) -> tuple[Evidence, ...]:
        """The slowest calls of some of them."""
        return tuple(one for at in places if (one := self.gathered.slowest(self.keys[at])) is not None)


@dataclass(frozen=True)
class Look:
    """One figure of all agents in one minute."""

    seen: Seen
    figure: Figure
    values: Floats  # by the place of the agent in `seen.keys`
    alarms: Alarms
    shares: Moved | None = None  # where the figure is one

    @cached_property
    def _judged(self) -> int:
        return int(self.alarms.judged.sum())

    @cached_property
    def _states(self) -> Mapping[tuple[Channel, bool], Mask]:
        """Who is in a state: of each channel, those above the usual and those below."""
        judged = self.alarms.judged
        return {(channel, up): judged & ((1 if up else -1) * self._sizes(channel) > _ALIKE[channel]) for channel in _ALIKE for up in (True, False)}

    def _sizes(self, channel: Channel) -> Floats:
        return self.alarms.deviations if channel == "point" else self.alarms.sums

    def _state(self, at: int, channel: Channel) -> Mask:
        """Who is in the state in which this one is."""
        return self._states[channel, bool(self._sizes(channel)[at] > 0)]

    def peers(self, at: int, channel: Channel) -> list[Peers]:
        """How others that are like the agent do, the ones that explain most first."""
        return self.seen.company.near(at, self._state(at, channel), self.alarms.judged)

    def _back(self, at: int, value: float) -> float:
        """In the figure's unit."""
        return self.figure.back(value, 0.0) if self.shares is None else self.shares.share(at, value)

    def _band(self, at: int, channel: Channel) -> tuple[float, float]:
        """What would have been no alarm; of a small change that stays, within a deviation of the mean: any single value may lie within the other band."""
        low, high = float(self.alarms.low[at]), float(self.alarms.high[at])
        away = float(self.alarms.deviations[at])
        if channel == "point" or not away:
            return low, high
        middle = (low + high) / 2
        deviation = abs((float(self.values[at]) - middle) / away)
        return middle - deviation, middle + deviation

    def alone(self, at: int, channel: Channel, peers: Sequence[Peers], factor: float) -> Finding:
        """Of one agent. `factor`: its weight in the budget."""
        figure, alarms, key = self.figure, self.alarms, self.seen.keys[at]
        observed, low, high = (self._back(at, value) for value in (float(self.values[at]), *self._band(at, channel)))
        up = self._sizes(channel)[at] > 0
        now, usual = figure.said(observed), f"the usual {figure.said(low)} to {figure.said(high)}"
        jumped = f"is {now}, {'more' if up else 'less'} than {usual}"
        says = jumped if channel == "point" else f"has stayed {'above' if up else 'below'} {usual} for some minutes; it is {now} now"
        told = self._finding(
            channel,
            key[0],
            f"{key[1]}: {figure.means} {says}",
            {"agent": key[1], "metric": figure.name},
            self.seen.slowest([at]),
            figure.advises(bool(up)),
            {"deviations": round(float(alarms.deviations[at]), 3)},
        )
        rare = float(alarms.probability[at]) if channel == "point" else None
        told = replace(told, observed=observed, expected=(low, high), unit=figure.unit, probability=rare)
        return among(weighed(told, factor), peers)

    def circle(self, at: int, channel: Channel, peers: Peers) -> Finding:
        """Of those that are like an agent, most of which are in its state."""
        of, state = peers.circle, np.flatnonzero(self._state(at, channel))
        like_it = {*state.tolist(), at}
        moved = peers.who() | {self.seen.keys[at]}
        along = np.array(sorted(one for one in like_it if self.seen.keys[one] in moved), np.intp)
        most = self._largest(along, channel)
        more = "more" if self._sizes(channel)[at] > 0 else "less"
        title = f"{len(moved)} of {peers.others + 1} agents {of.words} at once: {self.figure.means}, {more} than usual; the cause is shared"
        apart = self._judged - peers.others - 1
        advice = f"Look at {of} first" + (f": {apart} other agents were compared, and {len(like_it) - len(moved)} of them do the same." if apart else ".")
        return self._shared(most, title, {"metric": self.figure.name, of.what: of.name}, advice, {}, peers.others, str(of))

    def everywhere(self, mean: float) -> Finding:
        """Of all; those that moved most are its evidence."""
        along = np.flatnonzero(self.alarms.judged & (np.sign(self.alarms.deviations) == np.sign(mean)) & (np.abs(self.alarms.deviations) > 1))
        most = self._largest(along, "point")
        judged = self._judged
        common = in_common(self.seen.uses, [self.seen.keys[at] for at in most])
        details: dict[str, Value] = {"deviations": round(mean, 3)}
        details |= {"in_common": [str(one) for one in common]} if common else {}
        first = f"Look at {common[0].what} {common[0].name} first; what they share: " if common else "Look at what these agents share first: "
        more = "more" if mean > 0 else "less"
        title = f"{len(most)} of {judged} agents at once: {self.figure.means}, {more} than usual; the cause is shared"
        cause = f"{common[0].what} {common[0].name}" if common else ""
        advice = f"{first}provider, model, network, a deployment."
        return self._shared(most, title, {"metric": self.figure.name}, advice, details, judged - 1, cause)

    def _largest(self, places: npt.NDArray[np.intp], channel: Channel) -> npt.NDArray[np.intp]:
        found: npt.NDArray[np.intp] = places[np.argsort(-np.abs(self._sizes(channel)[places]), kind="stable")]
        return found

    def _shared(
        self, most: npt.NDArray[np.intp], title: str, subject: dict[str, str], advice: str, details: dict[str, Value], others: int, cause: str
    ) -> Finding:
        keys = [self.seen.keys[at] for at in most.tolist()]
        projects = {project for project, _ in keys}
        project = projects.pop() if len(projects) == 1 else _DEFAULT_PROJECT
        evidence = self.seen.slowest(most[:20].tolist())
        told_of = most.tolist()
        bands = [self._band(at, "shift") for at in told_of]  # where all have moved, each may still lie within its own wide one
        pairs = (self.values[most].tolist(), [low for low, _ in bands], [high for _, high in bands])
        observed, low, high = (self._median(told_of, values) for values in pairs)
        title = f"{title} (in the middle {self.figure.said(observed)}; usual {self.figure.said(low)} to {self.figure.said(high)})" if len(most) else title
        told = self._finding("shared", project, title, subject, evidence, advice, {"agents": [agent for _, agent in keys[:50]], **details})
        if len(most):
            told = replace(told, observed=observed, expected=(low, high), unit=self.figure.unit)
        return replace(told, severity="error", peers=len(keys), compared=others + 1, cause=cause)

    def _median(self, places: Sequence[int], values: Sequence[float]) -> float:
        """Of some agents, in the figure's unit."""
        return float(np.median([self._back(at, value) for at, value in zip(places, values, strict=True)])) if places else 0.0

    def _finding(
        self,
        rule: str,
        project: str,
        title: str,
        subject: Mapping[str, str],
        evidence: tuple[Evidence, ...],
        advice: str,
        details: Mapping[str, Value],
    ) -> Finding:
        return Finding(
            analyzer="anomaly",
            version=self.seen.version,
            rule=f"{self.figure.name}_{rule}",
            project=project,
            time_ns=(self.seen.minute + 1) * _MINUTE_NS,
            title=title,
            subject=subject,
            budget=self.seen.budget,
            evidence=evidence,
            first_ns=self.seen.minute * _MINUTE_NS,
            suggestion=advice,
            details=details,
        )


def silence(minute: int, key: Key, at: int, silent: Silent, version: str, budget: float) -> Finding:
    """Of an agent that makes no calls any more; `at`: its place in `silent`."""
    pause, usual, longest, most = (float(one[at]) for one in (silent.steps, silent.usual, silent.longest, silent.most))
    return Finding(
        analyzer="anomaly",
        version=version,
        rule="calls_silence",
        project=key[0],
        time_ns=(minute + 1) * _MINUTE_NS,
        title=f"{key[1]} has made no call for {pause:,.0f} minutes; it usually calls every {_every(usual)}, and its longest pause lately was {longest:,.0f}",
        subject={"agent": key[1], "metric": "calls"},
        observed=pause * 60,
        expected=(0.0, round(most * 60, 3)),
        unit="s",
        budget=budget,
        first_ns=(minute + 1 - round(pause)) * _MINUTE_NS,
        suggestion="See whether it still runs: its process, what starts it (a schedule, a queue), key and quota of its provider. Mute it if it was stopped.",
        details={"usual_pause_minutes": round(usual, 1), "longest_pause_minutes": round(longest, 1)},
    )


def _every(minutes: float) -> str:
    return "minute" if minutes < 1.2 else f"{minutes:.2g} minutes"
