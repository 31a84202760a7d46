"""The runner `host`: what this machine and the agents on it use, as metrics with OpenTelemetry's names. Settings in, Told out, one each interval."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from pydantic import BaseModel, Field

from spyglass.collect.gpu import Gpus
from spyglass.collect.place import host_attributes
from spyglass.collect.readings import Host
from spyglass.collect.trees import Trees
from spyglass.model.told import Told
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind

__all__ = ["HostRunner", "HostSettings", "runner"]

_AGENTS: Final = ("claude", "codex", "gemini", "opencode", "goose", "aider", "qwen", "crush", "amp", "cursor-agent", "copilot")


class HostSettings(BaseModel, extra="forbid", frozen=True):
    """What is measured."""

    interval_s: float = Field(15.0, ge=1, le=3600, description="Time between two looks, s.")
    system: bool = Field(True, description="Whether figures of the machine are told: processors, memory, disks, file systems, network, processes.")
    agents: tuple[str, ...] = Field(
        _AGENTS, max_length=100, description="Programs (with `*`) whose use is told, each with all processes below it; of an interpreter, the script's name."
    )
    gpu: bool = Field(True, description="Whether graphics processors are told, where `nvidia-ml-py` is installed and finds any.")
    skip_interfaces: tuple[str, ...] = Field(("veth*",), max_length=100, description="Network interfaces (with `*`) that are left out.")


class HostRunner:
    """Looks every `interval_s`."""

    def __init__(self, settings: HostSettings, context: RunnerContext) -> None:
        self._settings, self._clock, self._tally = settings, context.clock, context.tally
        self._host, self._trees, self._gpus = Host(settings.skip_interfaces), Trees(settings.agents), Gpus()

    async def run(self) -> AsyncIterator[Told]:
        """The machine first, then each agent."""
        if self._settings.gpu:
            self._gpus.open()
        try:
            while True:
                began = self._clock.monotonic()
                for told in self._look():
                    self._tally.seen(len(told))
                    yield told
                await asyncio.sleep(max(0.0, self._settings.interval_s - (self._clock.monotonic() - began)))
        finally:
            self._gpus.close()

    def health(self) -> RunnerHealth:
        """Partial where something may not be read."""
        problems = [*self._host.problems, *filter(None, [self._gpus.problem])]
        if self._trees.hidden:
            problems.append(f"{self._trees.hidden} processes of watched agents belong to another user: their files and disk use are not in the figures")
        if self._trees.beyond:
            problems.append(f"{self._trees.beyond} agents are not told, as there are too many; narrow `agents`")
        return RunnerHealth("partial" if problems else "full", tuple(problems))

    def _look(self) -> list[Told]:
        now_ns = self._clock.now_ns()
        told = []
        machine = [*(self._host.look(now_ns) if self._settings.system else ()), *self._gpus.look(now_ns)]
        if machine:
            told.append(Told({"service.name": "host", **host_attributes()}, points=machine))
        for seen in self._trees.look(now_ns):
            told.append(Told({"service.name": seen.name, **host_attributes(), **seen.resource}, points=seen.points))  # noqa: PERF401 -- one look at a time
        return told


runner = RunnerKind(
    name="host",
    version="1.0.0",
    description="Processors, memory, disks, network and files of this machine, and what each agent on it uses",
    settings=HostSettings,
    make=HostRunner,
    requires=("psutil>=7",),
)
