"""Questions and their answers."""

import pytest

from spyglass.collect.flows.jsonrpc import Conversation, messages
from spyglass.collect.flows.limits import Account, Limits


def ask(identity, method="tools/list"):
    (message,) = messages(b'{"jsonrpc":"2.0","id":%s,"method":"%s"}' % (str(identity).encode(), method.encode()))
    return message


def answer(identity):
    (message,) = messages(b'{"jsonrpc":"2.0","id":%d,"result":{}}' % identity)
    return message


@pytest.mark.parametrize(
    "data", [b"", b'{"id":1,"method":"x"}', b'{"jsonrpc":"1.0","id":1,"method":"x"}', b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"2.0","id":[],"method":"x"}']
)
def test_what_is_no_message_is_none(data):
    """Without version, method or answer, or with an id that cannot be one."""
    assert messages(data) == []


def test_a_batch_is_its_messages():
    """Requests, notifications and answers together."""
    found = messages(b'[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"},{"jsonrpc":"2.0","id":2,"error":{}}, 5]')
    assert [(message.method, message.id, message.is_answer) for message in found] == [("a", 1, False), ("b", None, False), ("", 2, True)]


def test_ids_of_the_two_sides_are_apart():
    """Both count from one."""
    talk = Conversation(Account())
    assert talk.ask(1, True, ask(1, "tools/call")) == talk.ask(2, False, ask(1, "ping")) == []
    assert [talk.answer(3, True, answer(1)).method, talk.answer(4, False, answer(1)).method] == ["ping", "tools/call"]


def test_an_answer_may_be_seen_before_its_question():
    """They came on two connections; an answer that is older than the question is another's."""
    talk = Conversation(Account())
    assert talk.answer(5, False, answer(1)) is None
    assert talk.answer(5, False, answer(2)) is None
    assert [question.ended_ns for question in talk.ask(4, True, ask(1))] == [5]
    assert talk.ask(6, True, ask(2)) == []


def test_an_id_that_is_used_again_ends_the_question_before():
    """It has no answer."""
    talk = Conversation(Account())
    talk.ask(1, True, ask(1, "tools/call"))
    assert [(question.method, question.answer) for question in talk.ask(2, True, ask(1))] == [("tools/call", None)]


def test_waiting_questions_are_bounded_and_their_memory_is_given_back():
    """The oldest is given up, counted."""
    account = Account(Limits(requests=3))
    talk = Conversation(account)
    over = [question.id for number in range(5) for question in talk.ask(number, True, ask(number))]
    assert (over, account.losses()) == ([0, 1], {"too_many_requests": 2})
    assert account.held > 0
    talk.end(9)
    assert account.held == 0
