"""What waits for a viewer: bounded, paced, and honest about what was lost."""

from orjson import loads

from spyglass.stream.bucket import Bucket
from spyglass.stream.frame import Frame
from spyglass.stream.outbox import Outbox


def frames(*numbers: int, size: int = 8) -> list[Frame]:
    return [Frame(str(number), f"{number:{size}}".encode()) for number in numbers]


def put(box: Outbox, *numbers: int, size: int = 8) -> None:
    box.put(frames(*numbers, size=size), size * len(numbers))


def test_the_oldest_go_when_it_is_full():
    """The next group starts with how many, then the ones that are left."""
    box = Outbox(10)
    put(box, *range(15))
    group = box.take(0.0)
    assert loads(group.bodies[0]) == {"type": "lost", "count": 5, "reason": "slow"}
    assert ([int(body) for body in group.bodies[1:]], group.cursor) == (list(range(5, 15)), "14")


def test_bytes_are_bounded_too():
    """A few very large frames are as much as many small ones; the newest is always kept."""
    box = Outbox(2000)
    put(box, *range(5), size=8 * 2**20)
    assert (len(box), box.lost["slow"]) == (2, 3)
    put(box, 5, size=40 * 2**20)
    assert len(box) == 1


def test_the_first_frame_goes_at_once_and_the_next_ones_together():
    """Frames gather for 50 ms after a group, unless there are a hundred."""
    box = Outbox(2000)
    put(box, 1)
    assert box.due_s() < 1000.0
    box.take(1000.0)
    put(box, 2)
    assert 1000.04 < box.due_s() < 1000.06
    put(box, *range(3, 200))
    assert box.due_s() < 1000.0
    assert len(box.take(1000.0).bodies) == 100


def test_groups_are_bounded_in_bytes():
    """So that a message stays below what clients take."""
    box = Outbox(2000)
    put(box, *range(10), size=100 * 1024)
    assert [len(box.take(0.0).bodies) for _ in range(4)] == [3, 3, 3, 1]


def test_a_loss_without_frames_is_told_within_a_second():
    """And only once."""
    box = Outbox(10)
    box.take(1000.0)
    box.lose("rate", 0)
    assert box.due_s() is None
    box.lose("rate", 3)
    box.lose("rate", 4)
    assert box.due_s() == 1001.0
    assert [loads(body)["count"] for body in box.take(1001.0).bodies] == [7]
    assert box.due_s() is None


def test_answers_go_before_frames():
    """Also while frames are held back."""
    box = Outbox(10)
    put(box, 1)
    box.tell({"type": "pong"})
    assert box.take(0.0, frames_too=False).bodies == [b'{"type":"pong"}']
    assert box.due_s(frames_too=False) is None
    assert len(box.take(0.0).bodies) == 1


def test_a_bucket_gives_its_burst_then_its_rate():
    """Never more than the burst at once, nothing for a clock that stands still."""
    bucket = Bucket(10.0, 5)
    assert [bucket.take(100, now_s) for now_s in (0.0, 0.0, 0.25, 0.375, 100.0)] == [5, 0, 2, 1, 5]
    assert bucket.take(2, 200.0) == 2
    assert bucket.take(100, 200.0) == 3
