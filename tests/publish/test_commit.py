"""Group commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest

from spyglass.model.errors import Refused, StoreError
from spyglass.plugin.contracts import Receipt
from spyglass.publish.commit import Committer
from spyglass.publish.frame import Encoded, encode


class _Gate:
    """A disk that writes when it is let to, and remembers what it was given at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()
        self.groups: list[int] = []
        self.failure: Exception | None = None

    def write(self, group: Sequence[Encoded]) -> list[Receipt]:
        self.entered.set()
        assert self.open.wait(10)
        self.groups.append(len(group))
        if self.failure is not None:
            raise self.failure
        return [Receipt(at, at) for at in range(len(group))]


@pytest.fixture
def gate() -> _Gate:
    """A closed gate."""
    return _Gate()


@pytest.fixture
def committer(gate: _Gate) -> Iterator[Committer]:
    """A committer that writes through the gate."""
    committer = Committer(threading.Lock(), gate.write, lambda refusal: Refused(refusal.message))
    yield committer
    gate.open.set()
    assert committer.close(10)


def _submit(committer: Committer, *keys: bytes) -> Future[Receipt]:
    with committer.lock:
        return committer.submit(encode([], keys, 1))


def test_appends_that_gather_share_one_write(committer: Committer, gate: _Gate) -> None:
    """While one write is under way the others wait, and then go together."""
    futures = [_submit(committer)]
    assert gate.entered.wait(10)
    futures += [_submit(committer) for _ in range(5)]
    gate.open.set()
    assert [future.result(10).first for future in futures] == [0, 0, 1, 2, 3, 4]
    assert gate.groups == [1, 5]


def test_a_body_that_comes_twice_at_once_is_written_once(committer: Committer, gate: _Gate) -> None:
    """The second one shares the outcome of the first, and not before that is on the disk."""
    first = _submit(committer, b"key")
    with committer.lock:
        second = committer.join([b"key"])
        assert committer.join([b"other"]) is None
        assert committer.join([]) is None
    assert second is not None
    assert not second.done()
    gate.open.set()
    assert first.result(10) == Receipt(0, 0)
    assert second.result(10) == Receipt(1, 0, duplicate=True)


def test_keys_of_two_appends_are_no_duplicate_of_either(committer: Committer) -> None:
    """One of the two may still fail, so the batch that has both keys is written."""
    _submit(committer, b"one")
    _submit(committer, b"two")
    with committer.lock:
        assert committer.join([b"one", b"two"]) is None


def test_a_refusal_reaches_everybody_and_frees_the_key(committer: Committer, gate: _Gate) -> None:
    """Who shares a failed append fails too; the next try is written."""
    gate.failure = Refused("disk full")
    first = _submit(committer, b"key")
    with committer.lock:
        second = committer.join([b"key"])
    gate.open.set()
    for future in (first, second):
        assert future is not None
        assert isinstance(future.exception(10), Refused)
    gate.failure = None
    assert _submit(committer, b"key").result(10) == Receipt(0, 0)
    with committer.lock:
        assert committer.pending_bytes == 0


def test_the_writer_survives_a_mistake(committer: Committer, gate: _Gate) -> None:
    """An unexpected error is the appends', not the thread's."""
    gate.failure = ValueError("a mistake")
    gate.open.set()
    assert isinstance(_submit(committer).exception(10), StoreError)
    gate.failure = None
    assert _submit(committer).result(10) == Receipt(0, 0)


def test_nobody_can_take_an_append_back(committer: Committer) -> None:
    """A caller that is cancelled does not disturb the group."""
    assert not _submit(committer).cancel()
