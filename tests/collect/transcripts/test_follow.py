"""Transcripts are followed to the end, whatever happens to their files, and nothing is told twice."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.collect.transcripts.runner import Settings, Source, runner
from spyglass.model.told import Span, Told
from spyglass.plugin.contracts import RunnerContext
from spyglass.testing.clock import ManualClock

Make = Callable[..., Any]


def turn(number: int) -> list[dict[str, Any]]:
    """A prompt and its answer."""
    at = f"2026-09-21T14:{number:02}:"
    about = {"sessionId": "s-1", "version": "2.1.0"}
    prompt = {"type": "user", "uuid": f"u{number}", "timestamp": f"{at}00Z", "message": {"role": "user", "content": f"prompt {number}"}}
    message = {"id": f"msg_{number}", "model": "m", "content": [{"type": "text", "text": "yes"}], "stop_reason": "end_turn", "usage": {"output_tokens": 3}}
    return [{**prompt, **about}, {"type": "assistant", "uuid": f"a{number}", "timestamp": f"{at}05Z", "message": message, **about}]


def calls(story: Any) -> list[str]:
    return [str(span.attributes["gen_ai.response.id"]) for span in story.of("chat")]


def test_lines_are_told_as_they_are_appended(watch: Make) -> None:
    """Each turn once, when it is there."""
    trial = watch("claude_code")
    for number in range(3):
        trial.write("s.jsonl", *turn(number))
        assert calls(trial.told()) == [f"msg_{number}"]


def test_half_a_line_waits_for_the_rest(watch: Make) -> None:
    """What is not complete is not read, and is read when it is."""
    trial = watch("claude_code")
    prompt, answer = map(json.dumps, turn(0))
    trial.write("s.jsonl", prompt, answer[:40], end="")
    path = trial.folder / "s.jsonl"
    path.write_text(f"{prompt}\n{answer[:40]}")
    trial.touch(path)
    assert calls(trial.told(rest=False)) == []
    path.write_text(f"{prompt}\n{answer}\n")
    trial.clock.now_s += 1
    trial.touch(path)
    assert calls(trial.told()) == ["msg_0"]


def test_a_last_line_without_an_end_is_told_when_nobody_writes(watch: Make) -> None:
    """Some writers leave it out; once."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    path.write_text(path.read_text().rstrip("\n"))
    trial.touch(path)
    assert calls(trial.told()) == ["msg_0"]
    trial.write("s.jsonl", "", *turn(1))
    assert calls(trial.told()) == ["msg_1"]


def test_a_restart_goes_on_where_it_was(watch: Make) -> None:
    """Also in the middle of a turn: its calls keep their trace, and none is told again."""
    trial = watch("claude_code")
    trial.write("s.jsonl", *turn(0), turn(1)[0])
    before = trial.told(rest=False)
    trial.restart()
    trial.write("s.jsonl", turn(1)[1])
    after = trial.told()
    assert calls(after) == ["msg_1"]
    assert after.of("chat")[0].parent_span_id == before.of("invoke_agent")[1].span_id


def test_what_was_not_delivered_is_told_again_with_the_same_ids(watch: Make) -> None:
    """A process that is killed before it could keep its place repeats itself, harmlessly."""
    trial = watch("claude_code")
    trial.write("s.jsonl", *turn(0), *turn(1))
    lost = trial.steps(keep=False)[0]
    trial.restart()
    again = trial.steps()[0]
    assert list(again.new) == list(lost.new)


@pytest.mark.parametrize("how", ["rewritten", "renamed over", "moved", "cut and grown", "touched"])
def test_files_that_change_their_ways_tell_nothing_twice(watch: Make, how: str) -> None:
    """Rewriting, tmp and rename, moving to an archive, cutting off and growing again: only the new turn is told."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0), *turn(1))
    assert calls(trial.told()) == ["msg_0", "msg_1"]
    whole = path.read_text() + "".join(json.dumps(record) + "\n" for record in turn(2))
    if how == "rewritten":
        path.write_text("\n" + whole)
    elif how == "renamed over":
        (trial.folder / "tmp").write_text(whole)
        (trial.folder / "tmp").replace(path)
    elif how == "moved":
        path = path.rename(trial.folder / "archive.jsonl")
        path.write_text(whole)
    elif how == "cut and grown":
        path.write_text("")
        trial.touch(path)
        assert calls(trial.told()) == []
        path.write_text(whole)
    else:
        path.write_text(whole)
    trial.touch(path)
    assert calls(trial.told()) == ["msg_2"]


def test_bad_lines_harm_no_others(watch: Make) -> None:
    """No JSON, no object, no UTF-8, records of surprising types: counted, told as events, and the rest is told."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", "{not json", "[1, 2]", '{"type": "user", "message": {"content": 7}}', '{"type": 3}', "null", *turn(0))
    with path.open("ab") as file:
        file.write(json.dumps({"type": "user", "uuid": "x", "message": {"content": "caf\u00e9"}}, ensure_ascii=False).encode("latin-1") + b"\n")
    trial.touch(path)
    story = trial.told()
    assert calls(story) == ["msg_0"]
    assert len(story.named("transcript.unreadable")) == trial.counts.drops["undecodable"] == 3
    assert story.named("agent.user_prompt")[-1].body == "caf\ufffd"


@given(
    junk=st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5), data=st.data()
)
@settings(max_examples=15)
def test_no_record_ends_the_reading(tmp_path_factory: pytest.TempPathFactory, junk: Any, data: st.DataObject) -> None:
    """Whatever stands where something else is expected, what follows is read."""
    record = data.draw(st.sampled_from(turn(0)))
    broken = {**record, data.draw(st.sampled_from([*record, "toolUseResult", "isSidechain"])): junk}
    folder = tmp_path_factory.mktemp("junk")
    (folder / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in (broken, *turn(1))))

    def is_read(told: list[Told]) -> bool:
        return "msg_1" in [span.attributes.get("gen_ai.response.id") for batch in told for span in batch.spans]

    assert is_read(asyncio.run(_run(folder, is_read)))


def test_a_line_beyond_the_limit_is_left_out(watch: Make) -> None:
    """It is never held in memory; what comes after it is read."""
    trial = watch("claude_code", line=1 << 20)
    trial.write("s.jsonl", *turn(0), json.dumps({"type": "user", "message": {"content": "x" * (5 << 20)}}), *turn(1))
    assert calls(trial.told()) == ["msg_0", "msg_1"]
    assert trial.counts.drops["too_long"] == 1


def test_a_line_of_a_hundred_megabytes_is_left_out(watch: Make) -> None:
    """With the limits that users have; counted once, and what comes after it is read."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    with path.open("ab") as file:
        file.truncate(file.tell() + 100_000_000)  # a hole: it is read as zeros
    trial.write("s.jsonl", "", *turn(1))
    assert calls(trial.told()) == ["msg_0", "msg_1"]
    assert trial.counts.drops == {"too_long": 1}


def test_what_was_cut_off_before_it_was_read_is_counted(watch: Make) -> None:
    """A file that is written anew behind our back has lost what nobody had read: known by its size then."""
    trial = watch("claude_code", line=1 << 21)
    path = trial.write("s.jsonl", *turn(0), *({**turn(1)[0], "pad": "x" * (1 << 19)} for _ in range(6)))
    trial.look()
    trial.follower.keep(trial.follower.step())
    path.write_text("")
    trial.write("s.jsonl", *turn(2))
    assert calls(trial.told()) == ["msg_2"]
    assert trial.counts.drops["rewritten_unread"] == 1


@pytest.mark.parametrize("read", [True, False])
def test_what_was_deleted_before_it_was_read_is_counted(watch: Make, read: bool) -> None:
    """And what was read to its end is not."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    trial.look()
    if read:
        trial.follower.keep(trial.follower.step())
    path.unlink()
    trial.look()
    assert trial.counts.drops["gone_unread"] == (0 if read else 1)


def test_a_link_in_place_of_a_file_is_followed_and_nothing_is_told_twice(watch: Make) -> None:
    """To a file outside of the folder, to nowhere, and the file itself again."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    assert calls(trial.told()) == ["msg_0"]
    before, other = path.read_bytes(), trial.folder.parent / "other"
    other.write_text("".join(json.dumps(record) + "\n" for record in turn(1)))
    path.unlink()
    path.symlink_to(trial.touch(other))
    assert calls(trial.told()) == ["msg_1"]
    path.unlink()
    path.symlink_to("nowhere")
    assert calls(trial.told()) == []
    path.unlink()
    path.write_bytes(before)
    trial.write("s.jsonl", *turn(2))
    assert calls(trial.told()) == ["msg_2"]


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_comes_into_the_place_of_a_file_is_not_read(watch: Make, what: str) -> None:
    """Between the look and the reading: a problem of health, no descriptor stays open, and the file is read when it is back."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    trial.look()
    path.rename(trial.folder / "kept")
    (path.mkdir if what == "folder" else lambda: os.mkfifo(path))()
    gc.collect()  # what others have left open is closed now, and not meanwhile
    open_before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers alone
    assert trial.follower.step() is None
    assert len(os.listdir("/proc/self/fd")) <= open_before  # noqa: PTH208
    assert list(trial.follower.problems.values()) == [f"{path}: no regular file any more"]
    assert trial.counts.drops["unreadable"] == 1
    (path.rmdir if what == "folder" else path.unlink)()
    (trial.folder / "kept").rename(path)
    trial.write("s.jsonl", *turn(1))
    assert calls(trial.told()) == ["msg_0", "msg_1"]


def test_long_texts_are_clipped(watch: Make) -> None:
    """A result of a megabyte is told with its begin and its end."""
    trial = watch("claude_code")
    big = {"type": "user", "uuid": "big", "sessionId": "s-1", "timestamp": "2026-09-21T14:00:00Z", "message": {"content": "a" * (1 << 20)}}
    trial.write("s.jsonl", big, turn(0)[1])
    said = str(trial.told().of("chat")[0].attributes["gen_ai.input.messages"])
    assert 250_000 < len(said) < 270_000
    assert "characters left out" in said


@contextmanager
def as_anybody() -> Iterator[None]:
    """Root without the right to read everything (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    libc, header, held = ctypes.CDLL(None), struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    assert libc.capget(header, held) == 0
    effective, *others = struct.unpack("6I", held.raw)
    assert libc.capset(header, struct.pack("6I", effective & ~0b110, *others)) == 0
    try:
        yield
    finally:
        libc.capset(header, held)


def test_a_file_that_may_not_be_read_is_a_problem_others_go_on(watch: Make) -> None:
    """Health names it and says what to do; when it may be read, it is."""
    trial = watch("claude_code")
    trial.write("bad.jsonl", *turn(0)).chmod(0)
    trial.write("good.jsonl", *turn(1))
    with as_anybody():
        assert calls(trial.told()) == ["msg_1"]
    assert "bad.jsonl: permission denied" in next(iter(trial.follower.problems.values()))


def test_places_that_cannot_be_looked_at_are_named(watch: Make) -> None:
    """A link in a circle, or a folder that may not be entered: health says which, and the rest is told."""
    trial = watch("claude_code")
    (trial.folder / "ring.jsonl").symlink_to(trial.folder / "ring.jsonl")
    trial.write("good.jsonl", *turn(1))
    walk = trial.look()
    assert [problem.partition(": ")[0] for problem in walk.problems] == [str(trial.folder / "ring.jsonl")]
    assert calls(trial.told()) == ["msg_1"]


def test_a_folder_in_place_of_a_file_is_a_problem_for_nobody(watch: Make) -> None:
    """Folders, pipes and links that lead nowhere or in circles are passed by."""
    trial = watch("claude_code")
    (trial.folder / "d.jsonl").mkdir()
    os.mkfifo(trial.folder / "pipe.jsonl")
    (trial.folder / "loop").symlink_to(trial.folder)
    (trial.folder / "nowhere.jsonl").symlink_to("/does/not/exist")
    trial.write("good.jsonl", *turn(1))
    assert calls(trial.told()) == ["msg_1"]


def test_a_file_that_vanishes_is_forgotten(watch: Make) -> None:
    """Between the look and the reading too."""
    trial = watch("claude_code")
    path = trial.write("s.jsonl", *turn(0))
    trial.look()
    path.unlink()
    assert trial.follower.step() is None
    trial.write("t.jsonl", *turn(1))
    assert calls(trial.told()) == ["msg_1"]


def test_clocks_that_go_back_and_times_that_are_missing_do_no_harm(watch: Make) -> None:
    """No span ends before it starts, and all stay in their turn."""
    trial = watch("claude_code")
    prompt, answer = turn(5)
    trial.write("s.jsonl", prompt, {**answer, "timestamp": "2026-09-21T13:00:00Z"}, {**answer, "timestamp": "soon", "uuid": "b"})
    story = trial.told()
    assert all(prompt_ns <= span.start_ns <= span.end_ns for span in story.spans for prompt_ns in [story.spans[0].start_ns])


async def _run(folder: Path, wanted: Callable[[list[Told]], object], quiet_s: float = 0.0) -> list[Told]:
    """The runner itself, until it has told what is wanted, and then until it was quiet for so long."""
    off = {name: Source(enabled=False) for name in ("codex", "gemini_cli", "openhands")}
    chosen = Settings(claude_code=Source(roots=(str(folder),)), poll_s=0.05, settle_s=0.0, history_days=3650, read_mib_per_s=1024, **off)

    class Nothing:
        def seen(self, count: int = 1) -> None: ...
        def dropped(self, reason: str, count: int = 1) -> None: ...

    made = runner.make(chosen, RunnerContext(folder.parent / f"{folder.name}-data", ManualClock(1_790_000_000.0 + 1e6), Nothing()))
    out: list[Told] = []
    told = made.run()
    async with asyncio.timeout(60):
        while not wanted(out):
            out.append(await anext(told))
    with suppress(TimeoutError):
        while quiet_s:
            out.append(await asyncio.wait_for(anext(told), quiet_s))
    assert made.health().level == "full"
    await told.aclose()  # type: ignore[attr-defined]
    return out


def _spans(told: list[Told]) -> list[Span]:
    return [span for batch in told for span in batch.spans if isinstance(span, Span)]


async def test_the_runner_tells_what_lies_there(tmp_path: Path) -> None:
    """From its settings to Told, with a resource that names the agent."""
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in turn(0)))
    told = await _run(tmp_path, lambda told: len(_spans(told)) > 1, quiet_s=0.2)
    assert {batch.resource["service.name"] for batch in told} == {"claude-code"}
    assert sorted({span.name for span in _spans(told)}) == ["chat m", "invoke_agent claude-code"]
