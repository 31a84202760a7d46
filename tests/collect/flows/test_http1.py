"""HTTP/1.1 as it passes."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.conftest import CHAT, COMPLETION, DELTAS, attribute, chunked, chunks, end, events, flows, post, recut, reply, said, told

PATH = "/v1/chat/completions"
TWO = [("out", post(PATH, CHAT)), ("in", reply(COMPLETION)), ("out", post(PATH, {**CHAT, "model": "second"})), ("in", reply(COMPLETION))]
STREAMED = [("out", post(PATH, CHAT)), *(("in", piece) for piece in chunked(events(*DELTAS, b"[DONE]")))]


def names(spans):
    return [span.name for span in spans]


def status(span):
    return attribute(span, "http.response.status_code")


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8))
@settings(max_examples=40)
def test_any_cut_gives_the_same_calls(sizes):
    """Two calls on one connection, and a streamed one: pieces say nothing."""
    found = told(chunks(recut([*TWO, *STREAMED], sizes)))
    assert names(found) == ["chat gpt-test", "chat second", "chat gpt-test"]
    assert said(found[2])[0]["parts"] == [{"type": "text", "content": "one two three"}]


def test_pipelined_requests_get_their_answers_in_order():
    """Three requests in one write, three answers in one read."""
    asked = b"".join(f"GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for n in (1, 2, 3))
    found = told(chunks([("out", asked), ("in", reply({}, status="200 OK") + reply({}, status="404 Not Found") + reply({}, status="500 Bad"))]))
    assert [(attribute(span, "url.path"), status(span)) for span in found] == [("/1", 200), ("/2", 404), ("/3", 500)]


def test_an_answer_to_head_has_no_body():
    """Its length is of a body that does not come."""
    found = told(chunks([("out", b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"), ("in", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), *TWO]))
    assert names(found) == ["HEAD", "chat gpt-test", "chat second"]


def test_answers_to_continue_are_passed_over():
    """`100 Continue` comes before the body is sent."""
    head, _, body = post(PATH, CHAT, "Expect: 100-continue").partition(b"\r\n\r\n")
    moves = [("out", head + b"\r\n\r\n"), ("in", b"HTTP/1.1 100 Continue\r\n\r\n"), ("out", body), ("in", reply(COMPLETION))]
    (span,) = told(chunks(moves))
    assert (span.name, status(span)) == ("chat gpt-test", 200)


def test_a_tunnel_is_not_read():
    """After CONNECT other protocols may come; the exchange ends with the connection."""
    moves = [("out", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"), ("in", b"HTTP/1.1 200 OK\r\n\r\n"), ("out", b"\x16\x03\x01"), *TWO]
    (span,) = told([*chunks(moves), end()])
    assert (span.name, status(span)) == ("CONNECT", 200)


def test_a_refused_upgrade_goes_on_as_http():
    """What was sent behind the proposal is a request."""
    asked = b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    found = told(chunks([("out", asked + post(PATH, CHAT)), ("in", reply({}) + reply(COMPLETION))]))
    assert names(found) == ["GET", "chat gpt-test"]


def test_an_answer_without_length_ends_with_the_connection():
    """HTTP/1.0, and `Connection: close`: all of it was seen."""
    body = b'{"choices": [], "model": "m", "id": "x"}'
    (span,) = told([*chunks([("out", post(PATH, CHAT)), ("in", b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)]), end()])
    assert attribute(span, "gen_ai.response.id") == "x"
    assert attribute(span, "spyglass.capture") is None


def test_encoded_answers_are_read():
    """gzip, with the length of what was sent."""
    packed = gzip.compress(b'{"id": "zipped", "choices": []}')
    (span,) = told(chunks([("out", post(PATH, CHAT)), ("in", reply(packed, "Content-Encoding: gzip"))]))
    assert attribute(span, "gen_ai.response.id") == "zipped"


def test_a_client_that_hangs_up_after_the_last_event_has_all():
    """The end of the chunks never comes; `[DONE]` did."""
    (span,) = told([*chunks(STREAMED[:-1]), end()])
    assert said(span)[0]["parts"][0]["content"] == "one two three"
    assert attribute(span, "spyglass.capture") is None


def test_an_answer_that_is_cut_says_so():
    """What came is told."""
    (span,) = told([*chunks(STREAMED[:5]), end()])
    assert said(span)[0]["parts"][0]["content"] == "one two "
    assert (attribute(span, "spyglass.capture"), attribute(span, "spyglass.capture.reason")) == ("cut", "connection_ended")


def test_a_request_without_answer_failed():
    """The server hung up."""
    (span,) = told([*chunks(TWO[:1]), end()])
    assert (span.failed, attribute(span, "error.type")) == ("connection_ended", "connection_ended")


def test_a_request_longer_than_what_is_read_keeps_the_answer():
    """Of a write of 2 MiB only 1 MiB came: the length goes on counting, and the next exchange is whole."""
    big = post(PATH, {**CHAT, "messages": [{"role": "user", "content": "x" * (2 << 20)}]})
    records = chunks([("out", big), ("in", reply(COMPLETION)), *TWO])
    found = told([record for record in records if record.offset < 1 << 20])
    assert names(found) == ["chat gpt-test", "chat gpt-test", "chat second"]
    assert attribute(found[0], "spyglass.capture.reason") == "request_unfinished"
    assert attribute(found[0], "gen_ai.response.id") == "chatcmpl-1"
    assert attribute(found[0], "gen_ai.input.messages") is None


def test_a_hole_in_an_answer_joins_nothing():
    """The events before it are told, those after it are not put behind them; the next exchange is whole."""
    records = chunks([*STREAMED, *TWO])
    found = told([record for record in records if not (record.direction == "in" and record.operation == 3)])
    assert names(found) == ["chat gpt-test", "chat gpt-test", "chat second"]
    assert said(found[0])[0]["parts"][0]["content"] == "one "
    assert (attribute(found[0], "spyglass.capture"), attribute(found[0], "spyglass.capture.reason")) == ("incomplete", "gap")
    assert attribute(found[1], "spyglass.capture") is None


@pytest.mark.parametrize("garbage", [b"\x00\xff" * 50, b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 200\r\n: \r\n\r\n" + b"a" * 500])
def test_bytes_that_cannot_be_read_are_counted(garbage):
    """The connection is read again from its next exchange."""
    reader = flows()
    found = told(chunks([("out", post(PATH, CHAT)), ("in", garbage), *TWO]), reader)
    assert names(found)[1:] == ["chat gpt-test", "chat second"]
    assert reader.losses()["http1_malformed"] == 1


def test_a_connection_joined_in_its_middle_is_read_from_the_next_request():
    """The rest of an answer comes first."""
    found = told(chunks([("in", b'"}\r\n\r\n'), ("in", b"5\r\nhello\r\n0\r\n\r\n"), *TWO]))
    assert names(found) == ["chat gpt-test", "chat second"]


def test_a_request_that_cannot_be_read_is_counted_and_the_next_is():
    """Two lengths that do not agree, as in smuggled requests."""
    reader = flows()
    found = told(chunks([("out", b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), *TWO]), reader)
    assert (names(found), reader.losses()) == (["chat gpt-test", "chat second"], {"http1_malformed": 1})


def test_the_server_of_a_connection_tells_its_side():
    """Requests come in: spans of a server."""
    found = told(chunks(TWO, server=True))
    assert [span.kind for span in found] == ["server", "server"]


def test_too_many_requests_without_answer_are_given_up():
    """The oldest first, counted."""
    reader = flows(waiting=5)
    found = told(chunks([("out", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 9)]), reader)
    assert len(found) == 9
    assert reader.losses() == {"too_many_waiting": 4}
    assert attribute(found[0], "spyglass.capture.reason") == "too_many_waiting"
