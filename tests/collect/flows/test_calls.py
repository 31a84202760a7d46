"""All together: real clients, many streams, hostile bytes, bounds."""

import asyncio
import gzip
import json
import random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.conftest import (
    AGENT,
    CHAT,
    CLIENT,
    COMPLETION,
    DELTAS,
    SERVER,
    START,
    STEP,
    attribute,
    chunked,
    chunks,
    end,
    events,
    flows,
    post,
    recut,
    reply,
    said,
    serving,
    told,
)

from spyglass.collect.flows.http2 import PREFACE
from spyglass.collect.records import Actor, Exit, Fork

PATH = "/v1/chat/completions"
TWO = [("out", post(PATH, CHAT)), ("in", reply(COMPLETION))]


async def answer(path, body):
    """A streamed answer that repeats how long the prompt was, and the model's name."""
    asked = json.loads(body)
    first = {"id": "x", "model": asked["model"], "choices": [{"index": 0, "delta": {"content": f"{len(asked['messages'][0]['content'])} "}}]}
    return "text/event-stream", events(first, *DELTAS[1:], b"[DONE]")


@pytest.mark.parametrize("http2", [False, True])
async def test_what_a_real_client_does_is_told(http2):
    """httpx: three calls at a time, prompts of 256 kB, a key in the headers; every byte of prompts and answers is there, none of the key."""
    async with (
        serving(answer, http2=http2) as (url, tapes),
        httpx.AsyncClient(http1=not http2, http2=http2, headers={"authorization": "Bearer sk-xyz"}) as client,
    ):
        prompts = [f"{number}" * (256 << 10) for number in range(3)]
        ask = [{"model": f"m{number}", "stream": True, "messages": [{"role": "user", "content": prompt}]} for number, prompt in enumerate(prompts)]
        got = await asyncio.gather(*(client.post(url + PATH, json=body) for body in ask))
    assert [response.status_code for response in got] == [200] * 3
    found = sorted(told([record for number, tape in enumerate(tapes) for record in chunks(tape.moves, number=number)]), key=lambda span: span.name)
    assert [span.name for span in found] == ["chat m0", "chat m1", "chat m2"]
    assert [said(span, "gen_ai.input.messages")[0]["parts"][0]["content"] for span in found] == prompts
    assert [said(span)[0]["parts"][0]["content"] for span in found] == [f"{256 << 10} one two three"] * 3
    assert all(0 < attribute(span, "gen_ai.response.time_to_first_chunk") <= (span.end_ns - span.start_ns) / 1e9 for span in found)
    assert "sk-xyz" not in repr(found)


async def test_a_real_conversation_cut_and_mixed_at_random_is_the_same():
    """Pieces of ten connections in any order of connections."""
    async with serving(answer) as (url, tapes), httpx.AsyncClient() as client:
        await asyncio.gather(*(client.post(url + PATH, json={"model": f"m{number}", "messages": [{"content": "x"}]}) for number in range(10)))
    chance = random.Random(1)
    queues = [chunks(recut(tape.moves, [chance.randint(1, 99) for _ in range(9)]), number=number) for number, tape in enumerate(tapes)]
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(chance.choice(queues).pop(0))
    assert sorted(span.name for span in told(mixed)) == sorted(f"chat m{number}" for number in range(10))


BEGINNINGS = [
    b"",
    PREFACE,
    PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"POST / HTTP/1.1\r\nHost: a\r\n",
    b"HTTP/1.1 200 OK\r\n",
    post(PATH, CHAT)[:80],
    b'{"jsonrpc":"2.0",',
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["out", "in"]),
            st.tuples(st.sampled_from(BEGINNINGS), st.binary(max_size=120), st.sampled_from(BEGINNINGS)).map(b"".join),
            st.integers(0, 3),
            st.integers(-2, 40),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.sampled_from(["tls", "stdio"]),
)
@settings(max_examples=150)
def test_no_bytes_raise_or_stay(pieces, kind):
    """Any bytes, any numbers of operations and offsets: nothing leaves `take` but spans, no parser fails, nothing is held at the end."""
    reader = flows()
    records = chunks([(way, data) for way, data, *_ in pieces if data], kind=kind)
    for record, (_, _, operation, offset, missing) in zip(records, [piece for piece in pieces if piece[1]], strict=False):
        for item in reader.take(record._replace(operation=operation, offset=max(0, offset), missing=missing)):
            assert item.name
    reader.end()
    assert reader.held_bytes == 0
    assert "parser_failed" not in reader.losses()


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_bytes_that_are_changed_on_the_way_raise_nothing(places, chance):
    """A conversation with flipped bytes, lost pieces and pieces that come twice."""
    moves = [*TWO, ("out", post(PATH, CHAT)), *(("in", piece) for piece in chunked(events(*DELTAS)))]
    records = chunks(moves, piece=50)
    for place in places:
        at = place % len(records)
        data = bytearray(records[at].data)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        records[at] = records[at]._replace(data=bytes(data))
    reader = flows()
    told([record for record in records if chance.random() > 0.05 for _ in range(1 + (chance.random() > 0.95))], reader)
    assert "parser_failed" not in reader.losses()


def test_a_call_without_a_trace_belongs_to_its_watch():
    """One trace for all that descends from a watched process; who says where it belongs is believed."""
    said_trace = "Traceparent: 00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    first, second = told([*chunks(TWO, number=1), *chunks([("out", post(PATH, CHAT, said_trace)), TWO[1]], number=2)])
    other = told(chunks(TWO, actor=AGENT._replace(pid=7, root=7)))[0]
    assert len(first.trace_id) == 16
    assert first.trace_id != other.trace_id
    assert (second.trace_id, second.parent_span_id) == (b"\xab" * 16, b"\xcd" * 8)
    assert first.parent_span_id == b""


def test_ends_that_are_known_later_are_those_of_the_whole_connection():
    """The first writes of a connection come without, or with a guess."""
    asked, answered = chunks(TWO)
    (span,) = told([asked._replace(remote=None, local=None), answered])
    assert (attribute(span, "network.peer.address"), attribute(span, "network.local.port")) == (SERVER.address, CLIENT.port)
    guess = SERVER._replace(address="192.0.2.77")
    (span,) = told([asked._replace(remote=guess, guessed=True), answered])
    assert (attribute(span, "network.peer.address"), attribute(span, "spyglass.endpoints")) == (SERVER.address, None)


def test_a_server_whose_client_is_watched_does_not_tell_the_call_again():
    """Its side is a plain span of a server."""
    gateway = Actor(pid=300, started_ns=START, ppid=1, uid=1000, root=300)
    found = told([*chunks(TWO), *chunks(TWO, actor=gateway, server=True)])
    assert [(span.name, span.kind) for span in found] == [("chat gpt-test", "client"), ("POST", "server")]
    (alone,) = told(chunks(TWO, actor=gateway, server=True))
    assert (alone.name, alone.kind) == ("chat gpt-test", "server")


def test_a_call_without_tls_says_so():
    """As to a model on the same machine."""
    stream = [("out", b"GET /x HTTP/1.1\r\nhost: here\r\n\r\n"), ("in", reply("{}")), *TWO]
    plain, call = told(chunks(stream, kind="http"))
    assert (plain.name, attribute(plain, "url.scheme")) == ("GET", "http")
    assert (call.name, attribute(call, "spyglass.evidence")) == ("chat gpt-test", "http")


def test_the_exit_of_a_process_ends_its_streams():
    """No end of the stream was told."""
    reader = flows()
    assert [span for record in chunks(TWO[:1]) for span in reader.take(record)] == []
    (span,) = reader.take(Exit(START + 5 * STEP, AGENT, 0, 9))
    assert (span.end_ns, attribute(span, "error.type")) == (START + 5 * STEP, "connection_ended")
    assert reader.end() == []


def test_what_is_open_when_the_watch_ends_is_incomplete():
    """It did not fail: nobody looked any more."""
    reader = flows()
    for record in chunks(TWO[:1]):
        reader.take(record)
    (span,) = reader.end()
    assert (span.failed, attribute(span, "spyglass.capture.reason")) == (None, "watch_ended")


def test_other_records_are_passed_over():
    """They are for others."""
    assert flows().take(Fork(START, AGENT, 5, START)) == []


def test_too_many_streams_end_the_one_that_was_silent_longest():
    """It is told, and counted."""
    reader = flows(streams=3)
    found = told([record for number in range(5) for record in chunks(TWO[:1], number=number)], reader)
    assert [attribute(span, "spyglass.capture.reason") for span in found] == ["too_many_streams"] * 2 + ["watch_ended"] * 3
    assert reader.losses() == {"too_many_streams": 2}


def test_bodies_share_a_bounded_memory():
    """What does not fit is not kept, and says so; when others are over there is room again."""
    reader = flows(held_bytes=3000)
    big = {**CHAT, "messages": [{"role": "user", "content": "x" * 2400}]}
    opened = [record for number in (1, 2) for record in chunks([("out", post(PATH, big))], number=number)]
    assert [span for record in opened for span in reader.take(record)] == []
    assert reader.held_bytes <= 3000
    one, two = reader.take(end(1)), reader.take(end(2))
    assert [attribute(span, "spyglass.capture.reason") for span in one + two] == ["connection_ended", "memory_full"]
    (three,) = told(chunks([("out", post(PATH, big)), ("in", reply({"id": "x"}))], number=3), reader)
    assert attribute(three, "spyglass.capture") is None


def test_who_was_silent_longest_gives_its_memory_to_those_who_talk():
    """Nearly all of it is held: the exchange that waits longest is told as far as it came."""
    reader = flows(held_bytes=8000)
    big = post(PATH, {**CHAT, "messages": [{"role": "user", "content": "x" * 2400}]})
    found = [span for number in (1, 2, 3) for record in chunks([("out", big)], number=number) for span in reader.take(record)]
    assert [attribute(span, "spyglass.capture.reason") for span in found] == ["memory_full"]
    assert len(said(found[0], "gen_ai.input.messages")[0]["parts"][0]["content"]) == 2400
    assert len(reader.end()) == 2


def test_a_bomb_is_not_unpacked():
    """64 MiB of zeros in an answer; the connection goes on."""
    packed = reply(gzip.compress(bytes(64 << 20)), "Content-Encoding: gzip")
    reader = flows(body_bytes=1 << 20)
    first, second = told(chunks([TWO[0], ("in", packed), *TWO]), reader)
    assert (attribute(first, "spyglass.capture.reason"), attribute(second, "spyglass.capture")) == ("body_too_long", None)
    assert reader.losses() == {"body_too_long": 1}


def test_downloads_are_not_kept():
    """Only what is JSON, and an answer to JSON, is."""
    reader = flows()
    moves = [("out", b"GET /wheel HTTP/1.1\r\nHost: a\r\n\r\n"), ("in", reply(bytes(1 << 20), kind="application/octet-stream")[:-5])]
    for record in chunks(moves):
        reader.take(record)
    assert reader.held_bytes == 0


def test_json_with_half_an_emoji_is_read():
    """JavaScript cuts texts so."""
    (span,) = told(chunks([("out", post(PATH, b'{"model": "m", "messages": [{"role": "user", "content": "\\ud83d"}]}')), TWO[1]]))
    assert span.name == "chat m"
    assert "\\ud83d" in attribute(span, "gen_ai.input.messages")
