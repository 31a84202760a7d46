"""Network events and names."""

from __future__ import annotations

import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.collect.records import Accept, Actor, Close, Connect, Datagram, Endpoint, Exit
from spyglass.collect.system.names import Names

S = 1_000_000_000
NOW = 1_000 * S
SERVER, HERE = Endpoint("93.184.216.34", 443), Endpoint("10.0.0.2", 40000)
RESOLVER = Endpoint("10.0.0.1", 53)


@pytest.fixture
def connect(actor):
    def make(remote=SERVER, socket=1, transport="tcp", result=0, time_ns=NOW, message=False, **who):
        return Connect(time_ns, actor(**who), socket, remote, HERE, transport, result, message)

    return make


@pytest.fixture
def close(actor):
    def make(remote=SERVER, socket=1, transport="tcp", sent=10, received=20, opened_ns=0, **who):
        return Close(NOW + 5, actor(**who), socket, remote, HERE, transport, sent, received, opened_ns)

    return make


@pytest.fixture
def asked(actor):
    def make(name="example.com.", addresses=("93.184.216.34",), answered=True, rcode=0):
        question = dns.message.make_query(name, "A")
        answer = dns.message.make_response(question)
        answer.set_rcode(rcode)
        if addresses:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *addresses))
        out = [Datagram(NOW - 9, actor(), "out", RESOLVER, question.to_wire())]
        return [*out, Datagram(NOW - 3, actor(), "in", RESOLVER, answer.to_wire()[:512])] if answered else out

    return make


def test_a_connection_is_told_from_connect_to_close(bench, connect, close):
    """With addresses, bytes each way and duration."""
    events = bench().events(connect(), close())
    assert [event.name for event in events] == ["net.connect", "net.close"]
    first, last = (event.attributes for event in events)
    assert (first["network.peer.address"], first["network.peer.port"], first["network.local.port"]) == ("93.184.216.34", 443, 40000)
    assert (first["network.transport"], first["network.type"]) == ("tcp", "ipv4")
    assert (last["network.sent_bytes"], last["network.received_bytes"], last["network.duration_ns"]) == (10, 20, 5)


def test_a_connection_under_way_is_no_error_and_a_refused_one_is(bench, connect):
    """-EINPROGRESS against -ECONNREFUSED."""
    told = bench().named("net.connect", connect(result=-115), connect(socket=2, result=-111))
    assert [event.get("error.type") for event in told] == [None, "ECONNREFUSED"]


def test_the_name_that_was_looked_up_is_the_servers(bench, connect, asked):
    """Learnt from the answer of the name server."""
    it = bench()
    events = it.events(*asked(), connect())
    assert [event.name for event in events] == ["dns.lookup", "net.connect"]
    assert events[0].attributes["dns.answers"] == ("93.184.216.34",)
    assert events[0].attributes["network.duration_ns"] == 6
    assert events[1].attributes["server.address"] == "example.com"


def test_a_cut_answer_still_names_addresses(bench, asked):
    """Only the first 512 bytes are seen."""
    (told,) = bench().named("dns.lookup", *asked(addresses=[f"1.2.3.{index}" for index in range(100)]))
    assert told["dns.question.name"] == "example.com"
    assert 25 < len(told["dns.answers"]) < 35


def test_a_name_that_does_not_exist_is_an_error(bench, asked):
    """As the server said it."""
    (told,) = bench().named("dns.lookup", *asked(addresses=(), rcode=3))
    assert told["error.type"] == "NXDOMAIN"


def test_an_unanswered_question_is_told_as_timeout(bench, asked):
    """When nobody answered for some seconds."""
    it = bench()
    list(it.evidence.take(asked(answered=False)))
    it.clock.now_s += 6
    (told,) = it.named("dns.lookup")
    assert (told["dns.question.name"], told["error.type"]) == ("example.com", "timeout")


def test_what_is_no_message_is_counted_as_lost(bench, actor):
    """And harms nothing."""
    (told,) = bench().named("evidence.lost", Datagram(NOW, actor(), "in", RESOLVER, b"\xff" * 20))
    assert told["spyglass.lost.dns_unreadable"] == 1


def test_udp_that_sends_nothing_is_folded(bench, connect, close):
    """Resolvers connect such sockets to learn the way of a packet."""
    (told,) = bench().events(connect(transport="udp"), close(transport="udp", sent=0, received=0))
    assert told.attributes["spyglass.folded.unused_udp"] == 1


def test_udp_that_is_used_is_told(bench, connect, close):
    """QUIC, for example."""
    assert [event.name for event in bench().events(connect(transport="udp"), close(transport="udp"))] == ["net.connect", "net.close"]


def test_udp_that_stays_open_is_told(bench, connect):
    """At the end of the window."""
    assert len(bench().named("net.connect", connect(transport="udp"))) == 1


def test_an_ipv4_address_in_ipv6_clothes_is_told_plainly(bench, connect):
    """Dual-stack sockets have it."""
    (told,) = bench().named("net.connect", connect(Endpoint("::ffff:1.2.3.4", 80)))
    assert (told["network.peer.address"], told["network.type"]) == ("1.2.3.4", "ipv4")


def test_a_unix_socket_is_a_path(bench, connect):
    """Without ports."""
    (told,) = bench().named("net.connect", connect(Endpoint("/run/docker.sock", 0), transport="unix"))
    assert (told["network.transport"], told["network.peer.address"]) == ("unix", "/run/docker.sock")
    assert "network.peer.port" not in told


def test_accepting_is_told(bench, actor):
    """The peer is who came."""
    (told,) = bench().named("net.accept", Accept(NOW, actor(), 1, SERVER, HERE, "tcp"))
    assert told["network.peer.port"] == 443


def test_a_socket_number_that_is_used_again_is_another_connection(bench, actor, connect):
    """After its process has ended, too."""
    again = connect(started_ns=NOW + S, time_ns=NOW + 2 * S)
    assert len(bench().named("net.connect", connect(), Exit(NOW, actor(), 0, 0), again)) == 2


def test_ports_can_be_left_out(bench, connect):
    """And are counted."""
    it = bench(ports={"skip": ["443"]})
    assert it.named("net.connect", connect()) == []
    assert it.tally.reasons["filtered"] == 1


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_stop_the_reader_of_names(messages):
    """What cannot be read is said to be so, and nothing is raised."""
    names = Names(bound=4)
    for data in messages:
        names.take(Datagram(NOW, Actor(1, 0, 0, 0, 1), "in", RESOLVER, data))
    assert names.name(1, "1.2.3.4") == ""


def test_each_peer_of_a_socket_without_a_connection_is_told(bench, connect, close):
    """Its end has the peer where there was one only."""
    one, two = Endpoint("198.51.100.7", 4000), Endpoint("198.51.100.8", 4000)
    nobody = Endpoint("0.0.0.0", 0)
    said = {"transport": "udp", "message": True}
    told = bench().events(connect(remote=one, **said), close(remote=nobody, transport="udp"))
    assert [event.attributes["network.peer.address"] for event in told] == [one.address, one.address]
    told = bench().events(connect(remote=one, **said), connect(remote=two, **said), close(remote=nobody, transport="udp"))
    assert [event.attributes.get("network.peer.address") for event in told] == [one.address, two.address, None]


def test_the_end_of_a_unix_connection_has_its_path(bench, connect, close):
    """The socket does not say it, what the program asked for does."""
    told = bench().events(connect(remote=Endpoint("/run/x.sock", 0), transport="unix"), close(remote=Endpoint("", 0), transport="unix"))
    assert [event.attributes["network.peer.address"] for event in told] == ["/run/x.sock", "/run/x.sock"]


def test_pairs_of_sockets_without_an_address_are_folded(bench, close):
    """As event loops wake themselves."""
    told = bench().events(close(remote=Endpoint("", 0), transport="unix"))
    assert [(event.name, event.attributes["spyglass.folded.unnamed_sockets"]) for event in told] == [("evidence.folded", 1)]
