"""HTTP/2 as it passes: bytes of the h2 library's two ends, and what is done to them on the way."""

import json

import h2.config
import h2.connection
import pytest
from hpack import Encoder
from hyperframe.frame import ContinuationFrame, DataFrame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.conftest import CHAT, COMPLETION, DELTAS, attribute, chunks, end, events, flows, recut, said, told

from spyglass.collect.flows.hpack_table import Fieldset
from spyglass.collect.flows.http2 import PREFACE, plausible

ASK = [
    (":method", "POST"),
    (":path", "/v1/chat/completions"),
    (":authority", "api.example.com"),
    (":scheme", "https"),
    ("content-type", "application/json"),
    ("authorization", "Bearer sk-1"),
]
OK = [(":status", "200"), ("content-type", "application/json"), ("x-request-id", "r")]
STREAM = [(":status", "200"), ("content-type", "text/event-stream")]


class Talk:
    """Two ends of one connection; every flush of one is a move on the tape, read by the other."""

    def __init__(self):
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.moves = []
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.flush()

    def flush(self):
        for way, one, other in (("out", self.client, self.server), ("in", self.server, self.client)):
            data = one.data_to_send()
            if data:
                self.moves.append((way, data))
                other.receive_data(data)

    def ask(self, number, body, fields=ASK):
        self.client.send_headers(number, fields)
        data = json.dumps(body).encode()
        for place in range(0, len(data), 16000):
            self.client.send_data(number, data[place : place + 16000], pad_length=7)
            self.flush()
            self.server.acknowledge_received_data(min(16000, len(data) - place) + 8, number)
            self.flush()
        self.client.end_stream(number)
        self.flush()

    def head(self, number, fields=OK):
        self.server.send_headers(number, fields)
        self.flush()

    def say(self, number, data, last=False):
        self.server.send_data(number, data, end_stream=last)
        self.flush()

    def answer(self, number, body=COMPLETION):
        self.head(number)
        self.say(number, json.dumps(body).encode(), last=True)


def conversation(count=3):
    talk = Talk()
    for turn in range(count):
        talk.ask(1 + 2 * turn, {**CHAT, "model": f"m{turn}"})
        talk.answer(1 + 2 * turn)
    return talk


def names(spans):
    return [span.name for span in spans]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8))
@settings(max_examples=30)
def test_any_cut_gives_the_same_calls(sizes):
    """Frames and pieces have nothing to do with each other."""
    assert names(told(chunks(recut(conversation().moves, sizes)))) == ["chat m0", "chat m1", "chat m2"]


def test_streams_that_interleave_are_kept_apart():
    """Three streamed answers, a piece of each in turn; the last that was asked ends first."""
    talk = Talk()
    for number in (1, 3, 5):
        talk.ask(number, {**CHAT, "model": f"m{number}"})
        talk.head(number, STREAM)
    for event in events(*DELTAS):
        for number in (5, 1, 3):
            talk.say(number, event.replace(b"one", f"one of {number}".encode()))
    for number in (5, 1, 3):
        talk.say(number, b"data: [DONE]\n\n", last=True)
    found = told(chunks(talk.moves))
    assert [(span.name, said(span)[0]["parts"][0]["content"]) for span in found] == [(f"chat m{n}", f"one of {n} two three") for n in (5, 1, 3)]


def test_a_prompt_of_256_kb_is_whole():
    """Many padded frames, with window updates between them."""
    talk = Talk()
    talk.ask(1, {**CHAT, "messages": [{"role": "user", "content": "x" * (256 << 10)}]})
    talk.answer(1)
    (span,) = told(chunks(talk.moves))
    assert len(said(span, "gen_ai.input.messages")[0]["parts"][0]["content"]) == 256 << 10


def test_a_server_may_speak_first():
    """Its settings come before the client's preface."""
    moves = conversation(1).moves
    first = next(move for move in moves if move[0] == "in")
    moves.remove(first)
    reader = flows()
    assert names(told(chunks([first, *moves]), reader)) == ["chat m0"]
    assert reader.losses() == {}


def test_keys_are_in_no_span():
    """Also where the header table repeats them."""
    assert "sk-1" not in repr(told(chunks(conversation().moves)))


def test_headers_in_several_frames_with_trailers_are_read():
    """CONTINUATION, a 103 before the answer, padding, trailers at the end, as gRPC and others send them."""
    ask, answer = Encoder(), Encoder()
    block = ask.encode(ASK)
    body = json.dumps(CHAT).encode()
    out = b"".join(
        frame.serialize()
        for frame in (
            SettingsFrame(0),
            HeadersFrame(1, block[:5]),
            ContinuationFrame(1, block[5:9]),
            ContinuationFrame(1, block[9:], flags=["END_HEADERS"]),
            DataFrame(1, body, flags=["END_STREAM", "PADDED"], pad_length=9),
        )
    )
    into = b"".join(
        frame.serialize()
        for frame in (
            SettingsFrame(0),
            HeadersFrame(1, answer.encode([(":status", "103")]), flags=["END_HEADERS"]),
            HeadersFrame(1, answer.encode(OK), flags=["END_HEADERS"]),
            DataFrame(1, json.dumps(COMPLETION).encode()),
            HeadersFrame(1, answer.encode([("grpc-status", "0")]), flags=["END_HEADERS", "END_STREAM"]),
        )
    )
    (span,) = told(chunks([("out", PREFACE + out), ("in", into)]))
    assert (span.name, attribute(span, "http.response.status_code"), attribute(span, "spyglass.capture")) == ("chat gpt-test", 200, None)


@pytest.mark.parametrize(("frame", "reason"), [(RstStreamFrame(1, 8), "reset"), (GoAwayFrame(0, last_stream_id=0), "refused")])
def test_a_stream_that_is_given_up_is_cut(frame, reason):
    """By a reset, or by a server that goes away without having begun it."""
    talk = Talk()
    talk.ask(1, CHAT)
    (span,) = told(chunks([*talk.moves, ("in", frame.serialize())]))
    assert (span.failed, attribute(span, "spyglass.capture.reason")) == (reason, reason)


def test_a_client_that_hangs_up_at_the_content_length_has_all():
    """Some do not wait for END_STREAM."""
    talk = Talk()
    data = json.dumps(COMPLETION).encode()
    talk.ask(1, CHAT)
    talk.head(1, [*OK, ("content-length", str(len(data)))])
    talk.say(1, data)
    (span,) = told([*chunks(talk.moves), end()])
    assert (attribute(span, "gen_ai.response.id"), attribute(span, "spyglass.capture")) == ("chatcmpl-1", None)


def test_joined_in_its_middle_bodies_are_known_and_headers_partly():
    """The header table of before is lost; the shape of what is asked and answered says what it is."""
    talk = conversation(2)
    before = len(talk.moves)
    talk.ask(5, {**CHAT, "model": "late"})
    talk.answer(5)
    reader = flows()
    found = told(chunks(talk.moves[before:]), reader)
    assert names(found) == ["chat late"]
    assert attribute(found[0], "gen_ai.response.id") == "chatcmpl-1"
    assert reader.losses()["headers_partly_unknown"] > 0


def test_an_unknown_field_is_never_taken_for_another():
    """Of a table that was joined late, only what was added since then is given."""
    encoder = Encoder()
    encoder.encode([("user-agent", "old")])
    late = Fieldset(1 << 16, certain=False)
    block = encoder.encode([("user-agent", "old"), ("content-type", "new")])
    assert late.decode(block) == {"content-type": "new"}
    assert late.decode(encoder.encode([("content-type", "new"), ("user-agent", "old")])) == {"content-type": "new"}


def test_a_hole_within_a_frame_harms_its_stream_only():
    """Its size is known: the frames after it are read, and the header table is still right."""
    talk = Talk()
    talk.ask(1, {**CHAT, "messages": [{"role": "user", "content": "x" * 60_000}]})
    talk.answer(1)
    talk.ask(3, {**CHAT, "model": "next"})
    talk.answer(3)
    records = chunks(talk.moves, piece=4096)
    hit = next(place for place, record in enumerate(records) if record.direction == "out" and record.offset == 8192)
    reader = flows()
    found = told(records[:hit] + records[hit + 1 :], reader)
    assert names(found) == ["chat gpt-test-1", "chat next"]
    assert (attribute(found[0], "spyglass.capture"), attribute(found[1], "spyglass.capture")) == ("incomplete", None)
    assert reader.losses() == {"gaps": 1}


def test_a_hole_of_unknown_size_is_left_behind_at_the_next_frame():
    """Open streams say that they are not whole; later ones are."""
    talk = Talk()
    talk.ask(1, CHAT)
    talk.head(1, STREAM)
    for event in events(*DELTAS, b"[DONE]"):
        talk.say(1, event)
    talk.say(1, b"", last=True)
    talk.ask(3, {**CHAT, "model": "next"})
    talk.answer(3)
    records = chunks(talk.moves)
    lost = [record for record in records if record.direction == "in"][4]
    found = told([record for record in records if record is not lost])
    assert names(found) == ["chat gpt-test", "chat next"]
    assert (attribute(found[0], "spyglass.capture"), attribute(found[1], "spyglass.capture")) == ("incomplete", None)


def test_too_many_streams_are_given_up_oldest_first():
    """Ids without end do not fill the memory."""
    encoder = Encoder()
    frames = b"".join(HeadersFrame(n, encoder.encode(ASK), flags=["END_HEADERS"]).serialize() for n in range(1, 200, 2))
    reader = flows(waiting=10)
    assert len(told(chunks([("out", PREFACE + SettingsFrame(0).serialize() + frames)]), reader)) == 100
    assert reader.losses() == {"too_many_waiting": 90}


@pytest.mark.parametrize(
    "frames",
    [
        b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + b"x" * 100,  # longer than any
        b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",  # a window of nothing
        b"\x00\x00\x01\x00\x08\x00\x00\x00\x01\xff",  # more padding than data
        HeadersFrame(1, b"\xff\xff\xff\xff\xff\xff", flags=["END_HEADERS"]).serialize(),
        HeadersFrame(1, b"\x00", flags=["END_HEADERS"]).serialize(),
        ContinuationFrame(1, b"alone", flags=["END_HEADERS"]).serialize(),
        b"".join(ContinuationFrame(1, b"x" * 16000).serialize() for _ in range(30)),
        b"\x00\x00\x05\x07\x00\x00\x00\x00\x00xxxxx",  # a goodbye that is too short
    ],
)
def test_frames_that_cannot_be_are_survived(frames):
    """They are counted, or have no meaning; nothing raises."""
    told(chunks([("out", PREFACE + HeadersFrame(1, b"\x83").serialize() + frames), ("in", frames)]))


def test_json_is_no_frame():
    """Where a frame begins is looked for in the bytes after a hole."""
    assert not plausible(b'{"messages": [{"role"')
    assert plausible(SettingsFrame(0).serialize())
