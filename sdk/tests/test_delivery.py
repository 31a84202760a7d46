import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass_sdk import guard, settings
from spyglass_sdk.batcher import Lane
from spyglass_sdk.instrument import instrument_installed
from spyglass_sdk.outbox import Letter, Outbox
from spyglass_sdk.tally import Tally


def letter(size: int, *, expendable: bool = False) -> Letter:
    return Letter("http://h", {}, b"x" * size, 1, 1.0, expendable)


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans())))
def test_outbox_is_bounded_and_counts(letters):
    """Never more bytes than allowed, and every record waits or is lost."""
    tally = Tally()
    box = Outbox(100, tally)
    for size, expendable in letters:
        tally.record()
        box.post(letter(size, expendable=expendable))
        assert box.size_bytes <= 100
    waiting = 0
    while (first := box.first(0)) is not None:
        assert box.remove(first)
        waiting += 1
    assert (waiting + sum(tally.lost().values()), box.size_bytes) == (len(letters), 0)


def test_what_can_be_told_again_gives_way_first():
    """Announcements go before what happened only once."""
    tally = Tally()
    box = Outbox(100, tally)
    kept, announcement = letter(50), letter(50, expendable=True)
    for one in (kept, announcement, letter(50)):
        box.post(one)
    assert box.first(0) is kept
    assert not box.remove(announcement)
    box.post(letter(101))
    assert tally.lost() == {"outbox_full": 1, "too_large": 1}


@pytest.mark.parametrize("packed", [True, False])
def test_many_that_wait_go_together_in_their_order(packed):
    """By where they go; no record is lost or told twice; and what is refused goes one by one again."""
    tally = Tally()
    box = Outbox(10_000, tally)
    headers = {"Content-Type": "application/x-protobuf", **({"Content-Encoding": "gzip"} if packed else {})}
    for number in range(20):
        body = b"%02d" % number
        box.post(Letter("http://a" if number % 2 else "http://b", headers, gzip.compress(body) if packed else body, 1, 1.0))
    box.gather()
    whole = box.first(0)
    assert (gzip.decompress(whole.body) if packed else whole.body) == b"00020406081012141618"
    assert (whole.url, whole.records) == ("http://b", 10)
    assert box.part(whole)
    for _ in range(3):
        box.gather()
    bodies = []
    while (first := box.first(0)) is not None:
        bodies.append(gzip.decompress(first.body) if packed else first.body)
        assert (first.parts, box.remove(first)) == ((), True)
    assert bodies == [b"%02d" % number for number in (*range(0, 20, 2), *range(1, 20, 2))]
    assert (box.size_bytes, tally.lost()) == (0, {})


def test_one_bad_record_takes_no_other_with_it():
    """What cannot be encoded is found, and lost alone."""
    tally, sent = Tally(), []

    def export(batch):
        if "bad" in batch:
            raise ValueError("bad")
        sent.extend(batch)
        return True

    lane = Lane(export, tally, 10, 10)
    for one in ("a", "bad", "b"):
        lane.put(one)
    lane.empty()
    assert (sent, tally.lost()) == (["a", "b"], {"unencodable": 1})


def test_full_lane_takes_no_more():
    """What comes too much is counted, and nobody waits."""
    tally = Tally()
    lane = Lane(lambda _: True, tally, 3, 2)
    for number in range(5):
        lane.put(number)
    assert tally.lost() == {"queue_full": 2}


def test_losses_are_said_now_and_then(caplog):
    """Not each of them: all of half a minute together."""
    now = [0.0]
    tally = Tally(lambda: now[0])
    for second in (0.0, 1.0, 40.0):
        now[0] = second
        tally.lose(1, "queue_full")
    assert [record.message for record in caplog.records] == ["records lost: 1 queue_full", "records lost: 2 queue_full"]


def test_faults_are_said_once_and_counted(caplog):
    """The second of a kind is a number only."""

    @guard.harmless("instead")
    def broken() -> str:
        raise ValueError("x")

    assert [broken(), broken()] == ["instead", "instead"]
    assert len(caplog.records) == 1
    assert next(count for where, count in guard.told().items() if "broken" in where) == 2


def test_settings_from_the_environment():
    """The argument, else ours, else OpenTelemetry's, else the default."""
    environ = {"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_SCHEDULE_DELAY": "250", "SPYGLASS_SDK_HEARTBEAT": "3", "OTEL_METRIC_EXPORT_INTERVAL": "5000"}
    kept = settings.keeping(environ, heartbeat_s=2)
    assert (kept.queue_size, kept.batch_size, kept.schedule_delay_s, kept.heartbeat_s, kept.metric_interval_s) == (100, 100, 0.25, 2, 5)
    told = settings.choose({"OTEL_AGENT_INCLUDE_IO": "false", "OTEL_AGENT_MAX_PAYLOAD_SIZE": "100", "OTEL_AGENT_TRACK_MEMORY": "true"})
    assert (told.capture, told.max_payload_bytes, told.track_memory) == ("metadata", 100, True)
    assert settings.choose({"OTEL_AGENT_INCLUDE_IO": "false", "SPYGLASS_SDK_CAPTURE": "off"}).capture == "off"


def test_variables_that_say_nothing_are_said(caplog):
    """A word where a number belongs is as if it were not there."""
    assert settings.keeping({"OTEL_BSP_MAX_QUEUE_SIZE": "many"}) == settings.Keeping()
    assert settings.choose({"SPYGLASS_SDK_CAPTURE": "all", "OTEL_AGENT_TRACK_MEMORY": "perhaps"}) == settings.Recording()
    assert caplog.text.count("it is not used") == 3


@pytest.mark.parametrize("wrong", [{"sample_ratio": 2}, {"queue_size": 0}, {"schedule_delay_s": float("nan")}])
def test_arguments_out_of_range(wrong):
    """The text says what was wanted."""
    with pytest.raises(ValueError, match="expected"):
        settings.keeping({}, **wrong)


def test_instrumentations_are_found_by_entry_point(tmp_path, monkeypatch):
    """Of two for one library OpenInference's is taken; one that fails is left out; what was turned off stays off."""
    (tmp_path / "fake_sdk_instrumentors.py").write_text(
        "on = []\n"
        "class A:\n"
        "    is_instrumented_by_opentelemetry = False\n"
        "    def instrument(self):\n"
        "        on.append(type(self).__name__)\n"
        "        self.is_instrumented_by_opentelemetry = True\n"
        "class B(A): pass\n"
        "class C(A):\n"
        "    def instrument(self): raise ImportError('no such library')\n"
    )
    for package, entries in {
        "opentelemetry-instrumentation-fake": "fake = fake_sdk_instrumentors:A\nbroken = fake_sdk_instrumentors:C\nunwanted = fake_sdk_instrumentors:A\n",
        "openinference-instrumentation-fake": "fake = fake_sdk_instrumentors:B\n",
    }.items():
        folder = tmp_path / f"{package.replace('-', '_')}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[opentelemetry_instrumentor]\n{entries}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "unwanted")
    monkeypatch.setenv("TRACELOOP_TRACE_CONTENT", "x")
    assert instrument_installed(frozenset({"fake", "broken", "unwanted"}), "full") == ["fake"]
    assert __import__("fake_sdk_instrumentors").on == ["B"]
