"""WebSockets as they pass: bytes of the websockets library's two ends."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.conftest import attribute, chunks, end, flows, recut, said, told
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

CREATE = {"type": "response.create", "model": "gpt-ws", "input": "hello"}
DONE = {
    "id": "resp_1",
    "model": "gpt-ws-1",
    "status": "completed",
    "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}],
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
ANSWER = [
    {"type": "response.created", "response": {"id": "resp_1", "model": "gpt-ws-1"}},
    {"type": "response.output_text.delta", "delta": "hi"},
    {"type": "response.completed", "response": DONE},
]


class Talk:
    """A handshake, and messages that each way flushes to the tape."""

    def __init__(self, *, deflate=True, path="/v1/responses"):
        ours = [ClientPerMessageDeflateFactory()] if deflate else None
        theirs = [ServerPerMessageDeflateFactory()] if deflate else None
        self.client = ClientProtocol(parse_uri(f"wss://api.example.com{path}"), extensions=ours)
        self.server = ServerProtocol(extensions=theirs)
        self.moves = []
        self.client.send_request(self.client.connect())
        self.flush()
        (request,) = self.server.events_received()
        self.server.send_response(self.server.accept(request))
        self.flush()

    def flush(self):
        for way, one, other in (("out", self.client, self.server), ("in", self.server, self.client)):
            data = b"".join(one.data_to_send())
            if data:
                self.moves.append((way, data))
                other.receive_data(data)

    def ask(self, message):
        self.client.send_text(json.dumps(message).encode())
        self.flush()

    def answer(self, *messages):
        for message in messages:
            self.server.send_text(json.dumps(message).encode())
            self.server.send_ping(b"x")
            self.flush()


@pytest.mark.parametrize("deflate", [True, False])
def test_model_calls_over_a_websocket_are_told(deflate):
    """Each question and its events are a call, compressed or not; the connection itself is a span with the number of its messages."""
    talk = Talk(deflate=deflate)
    for number in (1, 2):
        talk.ask({**CREATE, "model": f"m{number}"})
        talk.answer(*ANSWER)
    found = told([*chunks(talk.moves), end()])
    assert [span.name for span in found] == ["chat m1", "chat m2", "GET"]
    assert said(found[1])[0]["parts"] == [{"type": "text", "content": "hi"}]
    assert attribute(found[1], "gen_ai.usage.input_tokens") == 3
    assert (attribute(found[2], "spyglass.websocket.messages_sent"), attribute(found[2], "spyglass.websocket.messages_received")) == (2, 6)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6))
@settings(max_examples=20)
def test_any_cut_gives_the_same_calls(sizes):
    """Frames and pieces have nothing to do with each other."""
    talk = Talk()
    talk.ask(CREATE)
    talk.answer(*ANSWER)
    assert [span.name for span in told([*chunks(recut(talk.moves, sizes)), end()])] == ["chat gpt-ws", "GET"]


def test_a_connection_that_ends_within_an_answer_cuts_it():
    """What was said is told."""
    talk = Talk()
    talk.ask(CREATE)
    talk.answer(*ANSWER[:2])
    call, _ = told([*chunks(talk.moves), end()])
    assert (said(call)[0]["parts"][0]["content"], attribute(call, "spyglass.capture")) == ("hi", "cut")


def test_frames_that_cannot_be_end_the_reading():
    """They are counted once; the connection is still told."""
    talk, reader = Talk(), flows()
    found = told([*chunks([*talk.moves, ("in", b"\xff\xff" * 40), ("in", b"\xff" * 40)]), end()], reader)
    assert [span.name for span in found] == ["GET"]
    assert reader.losses() == {"websocket_malformed": 1}


def test_a_message_that_inflates_without_end_is_refused():
    """Its frame is small; what it stands for is not."""
    talk, reader = Talk(), flows(body_bytes=100_000)
    talk.client.send_text(json.dumps({**CREATE, "input": "x" * 1_000_000}).encode())
    talk.flush()
    told([*chunks(talk.moves), end()], reader)
    assert reader.losses() == {"websocket_malformed": 1}
