"""Everyone, or this one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.company import Company, among
from spyglass.analyze.builtin.uses import Uses
from spyglass.model.finding import Finding

PLANNERS = [("p", f"planner-{at}") for at in range(4)]
CODERS = [("p", f"coder-{at}") for at in range(6)]
STRANGERS = [("q", f"reader-{at}") for at in range(5)]
EVERYBODY = frozenset([*PLANNERS, *CODERS, *STRANGERS])


def company() -> Company:
    """Coders of one project and strangers of another call the model `big`, planners another one; all of a project use the tool `read`."""
    big = {*CODERS, *STRANGERS}
    rows = [{"project": project, "agent": agent, "model": "big" if (project, agent) in big else "small", "tool": "read"} for project, agent in EVERYBODY]
    return Company.of(EVERYBODY, Uses.of(pa.Table.from_pylist(sorted(rows, key=str))))


def test_what_all_that_call_a_model_share_is_the_models_matter() -> None:
    """Also in other projects; the circle that fits best comes first."""
    first = company().peers(CODERS[0], {*CODERS, *STRANGERS}, EVERYBODY)[0]
    assert first.everyone
    assert (str(first), first.overlap) == ("model big: 10 of 10 others", 1.0)
    assert first.words == "as 10 of 10 others that call big"


def test_what_befalls_a_role_is_not_taken_for_its_models_matter() -> None:
    """All planners, and nobody else that uses what they use."""
    first = company().peers(PLANNERS[1], set(PLANNERS), EVERYBODY)[0]
    assert (first.everyone, str(first)) == (True, "model small: 3 of 3 others")
    first = company().peers(CODERS[1], set(CODERS), EVERYBODY)[0]
    assert (first.everyone, str(first)) == (True, "role coder: 5 of 5 others")


def test_one_that_misbehaves_alone_is_told_as_that() -> None:
    """Beside those that are most like it, and every other circle is told, too."""
    told = Finding("anomaly", "1", "rule", "p", 1, "coder-2 is slow")
    found = among(told, company().peers(CODERS[2], set(), EVERYBODY))
    assert found.title == "coder-2 is slow; it alone, of 11 agents that call big"
    assert (found.peers, found.compared, found.cause) == (0, 10, "")
    assert found.details["peers"] == ["model big: 0 of 10 others", "tool read: 0 of 9 others", "role coder: 0 of 5 others", "project p: 0 of 9 others"]
    assert found.fingerprint == told.fingerprint


def test_who_has_nobody_beside_it_is_told_as_it_was() -> None:
    """Nothing is claimed of others of whom nothing is known."""
    told = Finding("anomaly", "1", "rule", "p", 1, "slow")
    assert among(told, company().peers(CODERS[0], set(), {CODERS[0]})) == told
    assert among(told, company().peers(("x", "nobody"), set(), EVERYBODY)) == told


@given(st.sets(st.sampled_from(sorted(EVERYBODY))), st.sets(st.sampled_from(sorted(EVERYBODY))), st.sampled_from(sorted(EVERYBODY)))
@settings(max_examples=40)
def test_nobody_is_counted_twice_nor_itself(alike: set[tuple[str, str]], known: set[tuple[str, str]], who: tuple[str, str]) -> None:
    """Whoever is in whichever state."""
    for one in company().peers(who, alike, known):
        assert who not in one.who()
        assert one.who() <= alike & known
        assert len(one.who()) == one.count <= one.others
        assert 0 < one.overlap <= 1
