"""MCP over the pipes of a process."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.conftest import AGENT, START, STEP, attribute, flows, stream, told

from spyglass.collect.records import Actor, Chunk, Exit

SERVER = Actor(pid=200, started_ns=START, ppid=AGENT.pid, uid=1000, root=AGENT.pid, command="server")
PROXY = Actor(pid=150, started_ns=START, ppid=AGENT.pid, uid=1000, root=AGENT.pid, command="proxy")


class Pipe:
    """Lines to and from a process."""

    def __init__(self, actor=SERVER):
        self.actor, self.records, self.step = actor, [], 0

    def raw(self, handle, data, way=None):
        way = way or ("in" if handle == 0 else "out")
        number = sum(record.stream.handle == handle for record in self.records)
        chunk = Chunk(START + self.step * STEP, self.actor, stream(handle, self.actor, "stdio"), way, number, 0, len(data), data)
        self.step += 1
        self.records.append(chunk)

    def to(self, **message):
        self.raw(0, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def back(self, **message):
        self.raw(1, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def greeted(actor=SERVER):
    pipe = Pipe(actor)
    pipe.to(id=0, method="initialize", params={"protocolVersion": "2025-06-18", "clientInfo": {"name": "agent"}, "capabilities": {}})
    pipe.back(id=0, result={"protocolVersion": "2025-06-18", "serverInfo": {"name": "files", "version": "2"}, "capabilities": {}})
    pipe.to(method="notifications/initialized")
    return pipe


def called(pipe, number=1, tool="read", text="content"):
    pipe.to(id=number, method="tools/call", params={"name": tool, "arguments": {"path": "/a"}})
    pipe.back(id=number, result={"content": [{"type": "text", "text": text}]})
    return pipe


def names(found):
    return [item.name for item in found]


def test_a_conversation_is_told():
    """Its questions are spans, its notification an event; what the ends said of themselves is on all that follow."""
    pipe = called(greeted())
    found = told(pipe.records)
    assert names(found) == ["initialize", "mcp.notification", "tools/call read"]
    call = found[2]
    assert call.end_ns - call.start_ns == STEP
    assert {name: attribute(call, name) for name in ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "mcp.server.name", "network.transport")} == {
        "gen_ai.tool.call.arguments": '{"path":"/a"}',
        "gen_ai.tool.call.result": "content",
        "mcp.server.name": "files",
        "network.transport": "pipe",
    }
    assert (attribute(call, "process.pid"), attribute(call, "spyglass.mcp.role"), call.kind) == (200, "server", "client")


@given(st.lists(st.integers(1, 80), min_size=1, max_size=5))
@settings(max_examples=30)
def test_any_cut_gives_the_same(sizes):
    """Lines and reads have nothing to do with each other."""
    whole, pipe, turn = called(greeted()).records, Pipe(), 0
    for record in whole:
        data = record.data
        while data:
            size = sizes[turn % len(sizes)]
            pipe.raw(record.stream.handle, data[:size])
            data, turn = data[size:], turn + 1
    assert names(told(pipe.records)) == ["initialize", "mcp.notification", "tools/call read"]


def test_tools_that_are_offered_are_definitions():
    """As the conventions have them."""
    pipe = greeted()
    pipe.to(id=1, method="tools/list")
    pipe.back(id=1, result={"tools": [{"name": "read", "description": "d", "inputSchema": {"type": "object"}}]})
    span = told(pipe.records)[-1]
    assert json.loads(attribute(span, "gen_ai.tool.definitions")) == [
        {"type": "function", "name": "read", "description": "d", "parameters": {"type": "object"}}
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": {"code": -32602, "message": "no such tool"}}, "-32602"),
        ({"result": {"isError": True, "content": [{"type": "text", "text": "boom"}]}}, "tool_error"),
    ],
)
def test_errors_are_told(answer, error):
    """Of the protocol, and of the tool."""
    pipe = greeted()
    pipe.to(id=1, method="tools/call", params={"name": "x"})
    pipe.back(id=1, **answer)
    span = told(pipe.records)[-1]
    assert (attribute(span, "error.type"), span.failed is not None) == (error, True)


def test_a_server_asks_too():
    """Its questions stand in the other direction, with ids of their own."""
    pipe = greeted()
    pipe.to(id=1, method="tools/call", params={"name": "x"})
    pipe.back(id=1, method="sampling/createMessage", params={"messages": []})
    pipe.to(id=1, result={"role": "assistant", "content": {"type": "text", "text": "y"}, "model": "m"})
    pipe.back(id=1, result={"content": []})
    found = told(pipe.records)
    assert names(found)[2:] == ["sampling/createMessage", "tools/call x"]
    assert [attribute(span, "spyglass.mcp.role") for span in found[2:]] == ["server", "server"]


def test_a_server_without_greeting_speaks_the_newer_protocol():
    """Each question has its version in `_meta`, and the trace of who asked."""
    pipe = Pipe()
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "traceparent": "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"}
    pipe.to(id=1, method="tools/call", params={"name": "x", "_meta": meta})
    pipe.back(id=1, result={"content": []})
    (span,) = told(pipe.records)
    assert (span.trace_id, span.parent_span_id, attribute(span, "mcp.protocol.version")) == (b"\xab" * 16, b"\xcd" * 8, "2026-07-28")


def test_a_question_that_is_never_answered_is_told_at_the_end():
    """The process ended."""
    pipe = greeted()
    pipe.to(id=5, method="tools/call", params={"name": "slow"})
    found = told([*pipe.records, Exit(START + 10**9, SERVER, 1, 0)])
    assert (found[-1].name, attribute(found[-1], "error.type"), found[-1].end_ns) == ("tools/call slow", "no_answer", START + 10**9)


def test_a_message_that_passed_a_proxy_is_told_once():
    """Of the proxy and the server that it started, the first that has the answer tells."""
    inner = Actor(pid=200, started_ns=START, ppid=PROXY.pid, uid=1000, root=AGENT.pid)
    found = told([*called(greeted(inner)).records, *called(greeted(PROXY)).records])
    assert [item.name for item in found if item.name.startswith("tools/call")] == ["tools/call read"]


def test_two_servers_of_an_agent_are_two():
    """The same question with the same id to both."""
    other = Actor(pid=201, started_ns=START, ppid=AGENT.pid, uid=1000, root=AGENT.pid)
    found = told([*called(greeted()).records, *called(greeted(other)).records])
    assert names(found).count("tools/call read") == 2


def test_pipes_of_other_programs_are_passed_over():
    """Text, binary, and JSON that is no MCP, also of protocols with the same grammar; nothing is held."""
    pipe, reader = Pipe(), flows()
    for data in (b"x" * 100_000, b"\n{}\n[1,2]\n", b'{"jsonrpc": 5}\n{"jsonrpc"', b'\n{"open": "' + b"y" * 50_000):
        pipe.raw(0, data)
    pipe.to(id=1, method="session/prompt", params={})
    pipe.back(id=1, result={})
    assert told(pipe.records, reader) == []


def test_a_long_line_is_given_up_and_the_next_is_read():
    """It is counted, and its memory given back."""
    reader, pipe = flows(body_bytes=1000), greeted()
    pipe.raw(0, b'{"jsonrpc": "' + b"x" * 5000)
    pipe.raw(0, b'"}\n')
    found = told(called(pipe).records, reader)
    assert names(found)[-1] == "tools/call read"
    assert reader.losses()["line_too_long"] == 1


def test_a_hole_loses_the_line_that_it_is_in():
    """The next one is whole."""
    pipe = called(called(greeted()), 2)
    records = [record for record in pipe.records if not (record.stream.handle == 0 and record.operation == 2)]
    assert names(told(records)).count("tools/call read") == 1


def test_errors_and_ends_of_other_pipes_are_not_read():
    """Standard error, and the agent's own end of the pipe."""
    pipe = Pipe()
    for handle, way in ((2, "out"), (7, "out"), (0, "out"), (1, "in")):
        pipe.raw(handle, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n', way)
    assert told(pipe.records) == []
