"""What the conditions of a viewer mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.search.parse import parse
from spyglass.stream.filter import NOTHING, understand
from spyglass.stream.wants import Wants
from spyglass.testing.rows import events, points, spans

TRACE, NONE = bytes(range(16)), bytes(16)
SPANS = {"agent": ["planner", "writer"], "session_id": ["s1", "s2"], "trace_id": [TRACE, NONE], "status": ["ok", "error"]}
EVENTS = {
    "agent": ["planner", "writer", ""],
    "session_id": ["s1", "s2", "s3"],
    "trace_id": [TRACE, NONE, NONE],
    "severity": ["warning", "info", ""],
    "execution_id": ["e1", "e2", ""],
    "source": ["ebpf", "ebpf", "host"],
    "body": ["rm -rf", "sunny", "calm"],
}
BATCHES = [
    Batch(Kind.SPAN, spans(2, name=["one", "two"], service=["shop", "bank"], **SPANS)),
    Batch(Kind.EVENT, events(3, event_name=["process.exec", "process.exit", "file.open"], status="unset", **EVENTS)),
    Batch(Kind.POINT, points(1, agent="planner", session_id="s2", metric="cpu")),
]
NAMES = {Kind.SPAN: "name", Kind.EVENT: "event_name", Kind.POINT: "metric"}
ALL = ["one", "two", "process.exec", "process.exit", "file.open", "cpu"]


def matched(filter_) -> list[str]:
    return [batch.rows[NAMES[batch.kind]][int(row)].as_py() for batch in BATCHES for row in filter_.rows(batch, 0)]


@pytest.mark.parametrize(
    ("wants", "names"),
    [
        ({}, ALL),
        ({"kind": "event"}, ["process.exec", "process.exit", "file.open"]),
        ({"kind": ["span,point"]}, ["one", "two", "cpu"]),
        ({"kind": ["span", "point"]}, ["one", "two", "cpu"]),
        ({"event_name": "process.exec"}, ["process.exec"]),
        ({"event_name": "process.*, file.open"}, ["process.exec", "process.exit", "file.open"]),
        ({"severity": "info"}, ALL),
        ({"severity": "WARN"}, ["two", "process.exec"]),
        ({"severity": "error"}, ["two"]),
        ({"severity": "critical"}, []),
        ({"source": "ebpf"}, ["process.exec", "process.exit"]),
        ({"source": "bank"}, ["two"]),
        ({"agent": "planner"}, ["one", "process.exec", "cpu"]),
        ({"agent": "*"}, ["one", "two", "process.exec", "process.exit", "cpu"]),
        ({"session": "s2"}, ["two", "process.exit", "cpu"]),
        ({"execution": ["e1", "e2"]}, ["process.exec", "process.exit"]),
        ({"trace": TRACE.hex().upper()}, ["one", "process.exec"]),
        ({"query": "sunny or name:tw*"}, ["two", "process.exit"]),
        ({"agent": "planner", "query": "-kind:llm", "kind": ["event"]}, ["process.exec"]),
        ({"project": "other"}, []),
    ],
)
def test_each_condition_lets_its_rows_through(wants, names):
    """Conditions hold together, values of one condition are alternatives."""
    assert matched(understand(Wants(**wants)).filter) == names


@pytest.mark.parametrize("wants", [{"severity": "warning"}, {"source": "a b,c"}, {"agent": "x*", "query": "a or b"}, {"trace": TRACE.hex(), "session": "*"}])
def test_the_canonical_query_means_the_same(wants):
    """What hello says can be searched for as it is."""
    want = understand(Wants(**wants))
    assert parse(want.query) == want.filter.tree


def test_equal_wants_have_equal_filters():
    """So that viewers who want the same share the work, whatever else they want."""
    first, second = understand(Wants(query="agent:x  kind:llm", rate=1)), understand(Wants(query="kind:llm", agent=["x"], fields="full"))
    assert {first.filter} == {second.filter}


def test_nothing_lets_no_row_through():
    """A viewer that was not understood sees nothing."""
    assert matched(NOTHING.filter) == []


def test_a_project_is_never_left():
    """No search shows rows of another project."""
    other = Batch(Kind.SPAN, spans(4, project=["default", "other", "default", ""]))
    assert understand(Wants(project="other", query="kind:llm or -kind:llm")).filter.rows(other, 0).tolist() == [1]


@given(st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_name(text):
    """Whatever a viewer sends as a name is looked for, and hello says how."""
    want = understand(Wants(agent=[text]))
    assert parse(want.query) == want.filter.tree
    matched(want.filter)
