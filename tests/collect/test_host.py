"""Figures of this machine and of the programs on it, under OpenTelemetry's names."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from opentelemetry.semconv._incubating.metrics import hw_metrics, process_metrics, system_metrics

from spyglass.collect.host import HostRunner, HostSettings
from spyglass.collect.trees import Trees
from spyglass.model.told import Point, Told

OURS = {"system.cpu.load_average.1m", "system.cpu.load_average.5m", "system.cpu.load_average.15m", "system.file_descriptor.count", "spyglass.process.count"}


class Convention:
    """A meter that writes down what the semantic conventions create: instrument and unit by name."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, str]] = {}
        for module in (system_metrics, process_metrics, hw_metrics):
            for name in dir(module):
                if name.startswith("create_"):
                    create = getattr(module, name)
                    create(self, *[()] * (len(inspect.signature(create).parameters) - 1))  # those that are observed want callbacks

    def __getattr__(self, instrument: str) -> Any:
        def write(name: str, unit: str, **_: object) -> None:
            self.told[name] = (instrument.removeprefix("create_").removeprefix("observable_"), unit)

        return write


@pytest.fixture(scope="module")
def convention() -> dict[str, tuple[str, str]]:
    """What the semantic conventions say of each metric."""
    return Convention().told


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A watched program with a child of its own: a Python that runs a script called `agent.py`, whose child sleeps."""
    script = tmp_path / "agent.py"
    script.write_text("import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print('up', flush=True); sys.stdin.read(); p.kill(); p.wait()")
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
        running.communicate()


def instrument_of(point: Point) -> str:
    return "gauge" if point.form == "gauge" else "counter" if point.monotonic else "up_down_counter"


async def told_of(context: Any, first: Any, **settings: Any) -> list[Told]:
    return list(await first(HostRunner(HostSettings(**{"agents": (), **settings}), context), 1))


async def test_names_units_and_instruments_are_the_conventions(context: Any, first: Any, convention: Any) -> None:
    """Of all that this machine has; five more are ours, where there is no convention."""
    (machine,) = await told_of(context, first)
    found = {point.name: (instrument_of(point), point.unit) for point in machine.points}
    assert len(found) > 15
    assert {name: told for name, told in found.items() if name not in OURS and convention.get(name) != told} == {}


async def test_the_figures_are_the_machines(context: Any, first: Any) -> None:
    """Memory adds up, processors were busy, and the resource says which machine it is."""
    (machine,) = await told_of(context, first)
    (limit,) = (point.value for point in machine.points if point.name == "system.memory.limit")
    busy = [point for point in machine.points if point.name == "system.cpu.time" and point.attributes["cpu.mode"] == "user"]
    assert limit == psutil.virtual_memory().total
    assert busy[0].value > 0 < busy[0].start_ns < busy[0].time_ns
    assert {"host.id", "host.name", "os.type"} <= machine.resource.keys()
    assert any(point.attributes.get("system.filesystem.mountpoint") for point in machine.points)


def test_an_agent_is_told_with_all_below_it(child: Any, convention: Any) -> None:
    """Known by its script, with its pid and when it began; only once, though its child runs too."""
    trees = Trees(("agent.py",))
    (seen,) = (seen for seen in trees.look(10**18) if seen.resource["process.pid"] == child.pid)
    values = {point.name: point.value for point in seen.points}
    assert seen.name == "agent.py"
    assert (values["spyglass.process.count"], values["process.thread.count"] >= 2, values["process.memory.usage"] > 10**6) == (2, True, True)
    assert {point.name for point in seen.points if point.name not in OURS and convention.get(point.name) != (instrument_of(point), point.unit)} == set()


def test_what_a_process_did_stays_when_it_ends(child: Any) -> None:
    """Sums of a tree never fall, and its use of processors is told from the second look on."""
    trees = Trees(("agent.py",))
    (before,) = list(trees.look(10**18))
    psutil.Process(child.pid).children()[0].kill()
    (after,) = list(trees.look(10**18 + 10**9))
    sums = [{(p.name, *p.attributes.values()): p.value for p in seen.points if p.monotonic} for seen in (before, after)]
    assert all(sums[1][key] >= value for key, value in sums[0].items())
    assert "process.cpu.utilization" in {point.name for point in after.points} - {point.name for point in before.points}


def test_programs_that_nobody_watches_are_not_told() -> None:
    """None by such a name runs."""
    assert list(Trees(("no-such-agent-*",)).look(10**18)) == []


class Nvidia(types.ModuleType):
    """What `nvidia-ml-py` would say on a machine with one processor that does not tell its power."""

    NVMLError = type("NVMLError", (Exception,), {})
    NVML_TEMPERATURE_GPU = 0

    def __getattr__(self, name: str) -> Any:
        answers: dict[str, Any] = {
            "nvmlDeviceGetCount": 1,
            "nvmlDeviceGetName": b"H100",
            "nvmlDeviceGetUUID": "GPU-1",
            "nvmlDeviceGetUtilizationRates": types.SimpleNamespace(gpu=40),
            "nvmlDeviceGetMemoryInfo": types.SimpleNamespace(used=1, total=4),
            "nvmlDeviceGetTemperature": 60,
        }

        def answer(*_: object) -> Any:
            if name == "nvmlDeviceGetPowerUsage":
                raise self.NVMLError("not supported")
            return answers.get(name)

        return answer


async def test_graphics_processors_are_told_where_there_are_any(context: Any, first: Any, convention: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a model does not tell is left out."""
    monkeypatch.setitem(sys.modules, "pynvml", Nvidia("pynvml"))
    (told,) = await told_of(context, first, system=False)
    assert {point.name: point.value for point in told.points} == {
        "hw.gpu.utilization": 0.4,
        "hw.gpu.memory.usage": 1,
        "hw.gpu.memory.limit": 4,
        "hw.gpu.memory.utilization": 0.25,
        "hw.temperature": 60,
    }
    assert [point.name for point in told.points if convention[point.name] != (instrument_of(point), point.unit)] == []
    assert told.points[0].attributes == {"hw.gpu.task": "general", "hw.id": "GPU-1", "hw.name": "H100", "hw.vendor": "NVIDIA"}
