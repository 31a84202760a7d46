"""Promises about what belongs together: the reason is told, strong signs win, and what stands alone is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spyglass.join.evidence import Evidence, Watched, join
from spyglass.join.nouns import Action, Call, Claim, ProcessKey

S = 10**9
TRACE = "ab" * 16
AGENT = Claim("a0", "", "agent", "invoke_agent", "", "", "", 0, 100 * S, "", 10, "h")
WATCH = Watched("w", -10 * S, 200 * S, calls=True)


def tool(span: str, start: float, end: float, arguments: str = "", **changes: Any) -> Claim:
    return replace(Claim(span, "a0", "tool", f"execute_tool {span}", span, "", "", int(start * S), int(end * S), arguments, 10, "h"), **changes)


def act(name: str, pid: int, at: float, ppid: int = 10, **what: Any) -> Action:
    number = f"{name}-{pid}-{at}"
    return Action(number, int(at * S), name, ProcessKey("h", pid, ""), ppid, 10, "w", **what)


def joined(claims: list[Claim], *actions: Action, calls: tuple[Call, ...] = (), watches: tuple[Watched, ...] = (WATCH,)) -> Evidence:
    return join([AGENT, *claims], actions, calls, watches, TRACE)


def span_of(found: Evidence, action: Action) -> str | None:
    link = found.links.get(action.event_id)
    return link.span_id if link else None


def test_a_command_and_all_below_it_belong_to_the_tool_that_was_told_to_run_it() -> None:
    """Its children, what they write, and how it ended."""
    shell = act("process.exec", 20, 5.1, argv=("bash", "-c", "make && rm x"))
    fork = act("process.fork", 20, 5.2, child=21)
    make = act("process.exec", 21, 5.3, ppid=20, argv=("make",), path="/usr/bin/make")
    write = act("file.write", 21, 5.4, ppid=20, path="/w/out.o")
    ended = act("process.exit", 21, 5.5, ppid=20, code=2)
    found = joined([tool("t1", 5, 6, '{"command": "make && rm x"}'), tool("t2", 7, 8)], shell, fork, make, write, ended)
    assert [span_of(found, one) for one in (shell, fork, make, write, ended)] == ["t1"] * 5
    assert found.links[shell.event_id].reason == "the tool was told to run exactly this"
    [root, child] = found.processes
    assert (child.parent, child.code, child.programs) == (root.key, 2, [("make",)])
    assert not found.unexplained
    assert [one.span_id for one in found.unsupported] == []


def test_of_two_tools_that_run_at_once_the_arguments_decide() -> None:
    """Without them both are as likely, and it says so."""
    first, second = tool("t1", 5, 9, '{"command": "curl http://x"}'), tool("t2", 5, 9, '{"path": "/w/b.txt", "text": "hi"}')
    run = act("process.exec", 20, 6, argv=("curl", "http://x"))
    write = act("file.write", 10, 7, ppid=1, path="/w/b.txt")
    other = act("file.write", 10, 8, ppid=1, path="/w/c.txt")
    found = joined([first, second], run, write, other)
    assert (span_of(found, run), span_of(found, write)) == ("t1", "t2")
    assert found.links[other.event_id].confidence < 0.5
    assert "as did 1 other" in found.links[other.event_id].reason
    assert found.unexplained == {other.event_id}


def test_a_program_that_began_before_the_trace_has_its_name() -> None:
    """Its start is out of sight; each event tells how the process is called."""
    before, begun = act("file.write", 10, 5, ppid=1, path="/w/a", command="agent"), act("process.exec", 20, 6, path="/bin/ls", command="sh")
    assert [one.path for one in joined([], before, begun).processes] == ["agent", "/bin/ls"]


def test_a_background_process_stays_with_the_tool_that_started_it() -> None:
    """Also when another tool runs by then."""
    start = act("process.exec", 20, 5.5, argv=("python", "serve.py"))
    late = act("file.write", 20, 12, path="/w/log")
    found = joined([tool("t1", 5, 6, '{"command": "python serve.py &"}'), tool("t2", 11, 13, '{"q": "x"}')], start, late)
    assert span_of(found, late) == "t1"


def test_a_given_trace_context_is_certain() -> None:
    """Whatever else ran."""
    run = act("process.exec", 20, 5.5, argv=("x",), trace_id=TRACE, span_id="t2")
    found = joined([tool("t1", 5, 6, '{"command": "x"}'), tool("t2", 0, 20)], run)
    assert found.links[run.event_id] == ("t2", 1.0, "the process was given this span's trace context")


def test_pids_are_used_again() -> None:
    """Another birth is another process, with its own parent and its own link."""
    first = replace(act("process.exec", 20, 5.5, argv=("a", "1")), process=ProcessKey("h", 20, "x"))
    second = replace(act("process.exec", 20, 7.5, argv=("b", "2")), process=ProcessKey("h", 20, "y"))
    found = joined([tool("t1", 5, 6, '{"command": "a 1"}'), tool("t2", 7, 8, '{"command": "b 2"}')], first, second)
    assert (span_of(found, first), span_of(found, second), len(found.processes)) == ("t1", "t2", 2)


def test_other_agents_on_the_machine_are_not_mixed_in() -> None:
    """Their processes come from others; a span whose process is not told takes what was seen in its time."""
    stranger = replace(act("process.exec", 77, 5.5, ppid=70, argv=("ls",)), root=70)
    assert joined([tool("t1", 5, 6, '{"command": "ls"}')], stranger).actions == []
    unknown = replace(AGENT, pid=0, host="")
    found = join([unknown, tool("t1", 5, 6, '{"command": "ls -l"}', pid=0, host="")], [replace(stranger, argv=("ls", "-l"))], [], [WATCH], TRACE)
    assert span_of(found, stranger) == "t1"


def test_spans_that_name_their_watch_are_joined_with_it_alone() -> None:
    """Whatever another watch saw of the same command at that time."""
    mine = act("process.exec", 20, 5.5, argv=("ls", "-l"))
    strange = replace(mine, event_id="strange", watch="v", process=ProcessKey("h", 77, ""))
    claims = [replace(AGENT, pid=0, watch="w"), tool("t1", 5, 6, '{"command": "ls -l"}', pid=0, watch="w")]
    assert [one.event_id for one in join(claims, [mine, strange], [], [WATCH], TRACE).actions] == [mine.event_id]


def test_what_no_span_tells_of_is_found() -> None:
    """Programs, lasting changes and hosts; not what failed, nor what was before the trace."""
    hidden = act("process.exec", 20, 50, argv=("curl", "http://evil"))
    dialled = act("net.connect", 20, 50.1, peer="1.2.3.4", port=80, server="evil")
    failed = act("file.delete", 20, 50.2, path="/etc/x", error="EACCES")
    before = act("process.exec", 10, -1, ppid=1, argv=("agent",))
    found = joined([], hidden, dialled, failed, before)
    assert found.unexplained == {hidden.event_id, dialled.event_id}


def test_what_tools_of_another_trace_did_in_the_same_process_is_theirs() -> None:
    """An agent that is at work on two requests: nothing of the one is unexplained in the other, and what the other's tool was told to run is not this one's."""
    theirs = [tool("b1", 5, 6, '{"command": "make -j"}'), tool("b2", 40, 41, '{"command": "git pull"}')]
    make, pull = act("process.exec", 20, 5.5, argv=("make", "-j")), act("process.exec", 21, 40.5, argv=("git", "pull"))
    hidden = act("process.exec", 22, 60, argv=("curl", "http://evil"))
    strange = replace(theirs[1], span_id="c", pid=99, start_ns=60 * S, end_ns=61 * S)
    mine = [AGENT, tool("a1", 39, 42, '{"query": "boats"}')]
    found = join(mine, [make, pull, hidden], [], [WATCH], TRACE, others=[*theirs, strange])
    assert (found.links, found.unexplained) == ({}, {hidden.event_id})
    assert [process.link for process in found.processes] == [None] * 3


def test_a_watched_program_is_its_run() -> None:
    """Its own start needs no other account; what it starts does."""
    run = Claim("run", "", "agent", "invoke_agent x", "", "", "", 0, 100 * S, "", 10, "h", "w", by_runner=True)
    own, other = act("process.exec", 10, 0.1, ppid=1, argv=("x",)), act("process.exec", 20, 5, argv=("y",))
    found = join([run], [own, other], [Call(TRACE, "c1", "run", "m", "", S, 2 * S, 10, "h", "s")], [WATCH], TRACE)
    assert found.links[own.event_id] == ("run", 1.0, "it is this run")
    assert found.unexplained == {other.event_id}
    assert found.call_links == {}


def test_a_connection_for_a_model_call_is_explained_by_it() -> None:
    """The agent has to talk to its model."""
    dialled = act("net.connect", 10, 49, ppid=1, peer="9.9.9.9", port=443, server="api.model")
    call = Call("cd" * 16, "c1", "", "m", "", 50 * S, 51 * S, 10, "h", "api.model", "9.9.9.9", 443)
    assert joined([], dialled, calls=(call,)).unexplained == frozenset()


def test_claims_without_evidence_are_found_when_somebody_was_looking() -> None:
    """A command of which nothing was seen, and a model call that was not made."""
    said = tool("t1", 5, 6, '{"command": "make test"}')
    thought = replace(tool("m1", 7, 8), kind="llm", model="m")
    asked = tool("t2", 9, 10, '{"query": "weather"}')
    found = joined([said, thought, asked], act("process.exec", 10, 1, ppid=1, argv=("agent",)))
    assert [one.span_id for one in found.unsupported] == ["t1", "m1"]
    assert joined([said, thought], watches=()).unsupported == []


def test_what_the_agent_writes_for_itself_meanwhile_supports_no_claim() -> None:
    """Its log while a command is said to run, or another file to be written; a file that the tool was told of does, and what others did."""
    said = [
        tool("make", 5, 6, '{"command": "make test"}'),
        tool("lie", 7, 8, '{"path": "report.md"}', tool="write_file"),
        tool("home", 9, 10, '{"path": "~/notes/a.md"}', tool="write_file"),
        tool("echo", 11, 12, '{"command": "echo x > y"}'),
    ]
    logs = [act("file.write", 10, at, ppid=1, path="/w/agent.log") for at in (5.5, 7.5, 9.5, 11.5)]
    home = act("file.write", 10, 9.6, ppid=1, path="/data/notes/a.md")
    shell = act("file.write", 11, 11.6, path="/w/y")
    assert [one.span_id for one in joined(said, *logs, home, shell).unsupported] == ["make", "lie"]


@pytest.mark.parametrize(
    ("changes", "span", "reason"),
    [
        ({"trace_id": TRACE, "parent_id": "m2"}, "m2", "trace context"),
        ({"response_id": "r1"}, "m1", "the id that the span tells"),
        ({"model": "m"}, "m1", "same process, time and model"),
        ({"model": "other"}, "m1", "made while this ran"),
        ({"start_ns": 60 * S, "end_ns": 61 * S}, None, ""),
        ({"pid": 99}, None, ""),
    ],
)
def test_a_call_on_the_wire_is_the_call_of_a_span(changes: dict[str, Any], span: str | None, reason: str) -> None:
    """By context, by the answer's id, by process, time and model."""
    told = [replace(tool("m1", 5, 8), kind="llm", model="m", response_id="r1" if "response_id" in changes else ""), replace(tool("m2", 20, 30), kind="llm")]
    call = replace(Call("cd" * 16, "c1", "", "m", "", 6 * S, 7 * S, 10, "h", "s"), **changes)
    found = joined(told, calls=(call,)).call_links
    assert (found["c1"].span_id if found else None) == span
    assert not found or reason in found["c1"].reason
