"""MCP over HTTP."""

from tests.collect.flows.conftest import START, STEP, attribute, chunked, chunks, end, events, post, reply, told

INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "clientInfo": {"name": "a"}, "capabilities": {}}}
GREETING = {"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": "2025-06-18", "serverInfo": {"name": "remote", "version": "1"}}}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"q": "x"}}}
RESULT = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "found"}]}}
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
SESSION = "Mcp-Session-Id: s-1"
LISTEN = b"GET /mcp HTTP/1.1\r\nHost: api.example.com\r\nAccept: text/event-stream\r\n\r\n"


def names(found):
    return [item.name for item in found]


def test_a_session_is_told():
    """The greeting gives it its id; answers come as JSON and as events."""
    moves = [
        ("out", post("/mcp", INITIALIZE)),
        ("in", reply(GREETING, SESSION)),
        ("out", post("/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"}, SESSION)),
        ("in", ACCEPTED),
        ("out", post("/mcp", CALL, SESSION)),
        *(("in", piece) for piece in chunked(events({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}, RESULT))),
    ]
    found = told(chunks(moves))
    assert names(found) == ["initialize", "mcp.notification", "mcp.notification", "tools/call search"]
    assert {attribute(item, "mcp.session.id") for item in found} == {"s-1"}
    assert (attribute(found[3], "gen_ai.tool.call.result"), attribute(found[3], "mcp.server.name"), found[3].kind) == ("found", "remote", "client")


def test_an_answer_that_comes_on_the_open_stream_is_joined():
    """The older transport: the question is accepted, its answer is an event of a GET; whichever of the two is seen first."""
    head, *pieces, _ = chunked(events(RESULT, {**RESULT, "id": 2}))
    listening = chunks([("out", LISTEN), ("in", head)], number=1)
    asking = chunks([("out", post("/mcp", CALL)), ("in", ACCEPTED), ("out", post("/mcp", {**CALL, "id": 2})), ("in", ACCEPTED)], number=2)
    answers = [record._replace(time_ns=START + 90 * STEP) for record in chunks([("in", head), *(("in", piece) for piece in pieces)], number=1)[1:]]
    found = told([*listening, *asking[:2], *answers, *asking[2:], end(1)])
    assert names(found) == ["tools/call search", "tools/call search", "GET"]
    assert [span.end_ns - span.start_ns > 80 * STEP for span in found[:2]] == [True, True]


def test_a_server_asks_on_the_stream_and_is_answered_by_a_post():
    """Its span is of the other kind."""
    ask = {"jsonrpc": "2.0", "id": "e1", "method": "elicitation/create", "params": {"message": "sure?"}}
    answer = {"jsonrpc": "2.0", "id": "e1", "result": {"action": "accept"}}
    stream = chunked(events(ask))[:-1]
    moves = chunks([("out", LISTEN), *(("in", piece) for piece in stream)], number=1)
    found = told([*moves, *chunks([("out", post("/mcp", answer)), ("in", ACCEPTED)], number=2)])
    assert ("elicitation/create", "server") in [(span.name, span.kind) for span in found]


def test_errors_of_http_are_errors_of_the_question():
    """There is no answer."""
    (span,) = told(chunks([("out", post("/mcp", CALL, SESSION)), ("in", reply({"error": "session"}, status="404 Not Found"))]))
    assert (span.name, attribute(span, "error.type"), attribute(span, "http.response.status_code")) == ("tools/call search", "404", 404)


def test_other_protocols_with_the_same_grammar_are_plain_http():
    """Agents talk to each other with JSON-RPC too."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": {}}}
    (span,) = told(chunks([("out", post("/a2a", asked)), ("in", reply({"jsonrpc": "2.0", "id": 1, "result": {}}))]))
    assert span.name == "POST"
