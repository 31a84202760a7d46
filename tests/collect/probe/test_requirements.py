"""What the machine must have, and what is said when it has not."""

from __future__ import annotations

import pytest

from spyglass.collect.probe import requirements
from spyglass.collect.probe.failures import ProbeError


def test_everything_is_looked_at_and_has_a_remedy():
    """Each with what was found and what to do, on every machine."""
    found = requirements.check()
    names = {"processor", "kernel", "BTF", "lockdown", "libbpf", "capabilities", "process numbers", "kernel programs", "other probes"}
    assert names <= {each.name for each in found}
    assert all(each.found and each.remedy for each in found)


def test_the_first_thing_that_lacks_is_raised(tmp_path):
    """Here the object of programs, where nothing else lacks."""
    with pytest.raises(ProbeError, match=r"^[a-zA-Z ]+: .+\. .+") as raised:
        requirements.demand(tmp_path / "agent.o")
    assert raised.value.code == "requirement"


@pytest.mark.parametrize(("version", "met"), [("6.10", True), ("6.11", False), ("6.13", False), ("6.14", True)])
def test_kernels_that_endanger_sandboxes_are_known(monkeypatch, version, met):
    """It is a warning, as not every program has a sandbox."""
    monkeypatch.setattr(requirements, "release", lambda: tuple(map(int, version.split("."))))
    told = requirements.returns()
    assert (told.met, told.needed) == (met, False)


def test_old_kernels_need_one_more_capability(monkeypatch):
    """Before 6.6 probes on libraries are perf events, which want CAP_SYS_ADMIN."""
    monkeypatch.setattr(requirements, "effective", lambda: {"CAP_BPF", "CAP_PERFMON"})
    monkeypatch.setattr(requirements, "release", lambda: (6, 5))
    assert requirements.capabilities().found == "CAP_SYS_ADMIN not held"
    monkeypatch.setattr(requirements, "release", lambda: (6, 6))
    assert requirements.capabilities().met
