"""The ways in which watching begins, fails and ends: each with a message that says what to do."""
# ruff: noqa: ASYNC220, ASYNC240 - programs and files are what these tests are about, and nothing else waits for the loop

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from spyglass.collect.probe.libbpf import BPF_CALL, LOG_BYTES, Libbpf
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe_client import connect_probe, start_probe
from spyglass.collect.records import Chunk, Exec, Exit, FileChange, Fork, Lost
from spyglass.model.errors import ConfigError, InputError, NotFound, Refused, Unauthorized

NOBODY = 65534
PROBE = [sys.executable, "-m", "spyglass.collect.probe"]

SANDBOX = f"""
import ctypes, os, struct, sys
steps = ((0x20, 0, 0, 0), (0x15, 0, 1, {BPF_CALL.get(platform.machine(), 321)}), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000))
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in steps))
rules = ctypes.create_string_buffer(struct.pack("H6xQ", len(steps), ctypes.addressof(code)))
call = ctypes.CDLL(None).prctl
if call(38, 1, 0, 0, 0) or call(22, 2, rules, 0, 0):
    sys.exit(3)
os.execv(sys.argv[1], sys.argv[1:])
"""


@asynccontextmanager
async def service(path: Path, *options: str) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A probe that serves at a path."""
    process = subprocess.Popen([*PROBE, "--socket", str(path), "--ring-mb", "4", *options], stderr=subprocess.PIPE)
    try:
        while not path.exists() and process.poll() is None:
            await asyncio.sleep(0.01)
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.communicate)


async def test_a_killed_probe_ends_the_stream_with_its_reason(own_probe):
    """Whoever reads is told that, and whoever asks afterwards, why."""
    os.kill(own_probe.pid, signal.SIGKILL)
    with pytest.raises(Refused, match="it is gone; what the watched programs do is not seen any more"):
        async for _ in own_probe.batches():
            pass
    assert "killed by signal 9; what the watched programs do is not seen any more" in await own_probe.reason()
    with pytest.raises(Refused, match="killed by signal 9"):
        await own_probe.status()


async def test_the_programs_of_a_killed_probe_go_on(own_probe, tmp_path):
    """What the probe had not given, and what happens afterwards, is read in its place, each thing once, until they are let go."""
    go = tmp_path / "go"
    script = f"for n in $(seq 40); do /bin/true $n; done; until [ -e {go} ]; do sleep 0.01; done; for n in $(seq 41 80); do /bin/true $n; done"
    held = hold(["sh", "-c", script])
    await own_probe.track(held.process.pid, [])
    await asyncio.to_thread(held.release)
    found = []

    async def read() -> None:
        async for batch in own_probe.batches():
            if not found:
                os.kill(own_probe.pid, signal.SIGKILL)
            found.extend(batch)

    with pytest.raises(Refused, match="it is gone; its programs in the kernel go on"):
        await read()
    orphaned = own_probe.orphaned()
    go.touch()
    async with asyncio.timeout(30):
        async for batch in orphaned.batches():
            found += batch
            if any(isinstance(record, Exit) and record.actor.pid == held.process.pid for record in batch):
                break
    held.process.wait()
    assert [record.argv[1] for record in found if isinstance(record, Exec) and record.path.endswith("/true")] == [str(number) for number in range(1, 81)]
    assert any("bpf" in target for target in descriptors())
    await orphaned.close()
    assert not any("bpf" in target for target in descriptors())


def descriptors() -> list[str]:
    """What the open descriptors of this process are."""
    found = []
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(each.readlink()))
    return found


async def test_a_probe_ends_with_its_collector(kernel):
    """A collector that is killed leaves no probe behind."""
    program = """
import asyncio
from spyglass.collect.probe_client import start_probe
async def main():
    probe = await start_probe(); print(probe.pid, flush=True); await asyncio.sleep(60)
asyncio.run(main())
"""
    collector = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert collector.stdout is not None
    pid = int(await asyncio.to_thread(collector.stdout.readline))
    collector.kill()
    collector.communicate()
    async with asyncio.timeout(30):
        while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
            await asyncio.sleep(0.02)


async def test_a_process_that_does_not_exist_is_refused_clearly(probe):
    """By its number, with what is the matter."""
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    with pytest.raises(NotFound, match=f"process {gone.pid} cannot be watched: it does not exist, or has ended"):
        await probe.track(gone.pid)


async def test_processes_that_end_while_they_are_attached_harm_nothing(probe):
    """Either they are watched or it is said that they ended; the probe goes on."""
    peers = (await probe.status())["peers"]
    for _ in range(30):
        process = subprocess.Popen(["/bin/true"])
        with contextlib.suppress(NotFound):
            assert await probe.track(process.pid, []) == [process.pid]
        process.wait()
    assert (await probe.status())["peers"] == peers


async def test_unknown_wishes_are_refused(probe):
    """The message names what may be wished for."""
    with pytest.raises(InputError, match="want should be a list of files, reads, opens, network, tls, stdio"):
        await probe.track(os.getpid(), ["everything"])  # type: ignore[list-item]


async def test_hostile_requests_harm_nobody(probe):
    """Whatever is asked, it is answered, and the probe goes on."""
    for request in ({"pid": -1}, {"pid": "1"}, {"pid": 1 << 40}, {"command": "\ud800"}, {"cgroup": "\0"}, {"cgroup": "/"}, {}):
        with pytest.raises(InputError):
            await probe._ask("track", **request)
    with pytest.raises(InputError, match="not a path"):
        await probe.attach(Path("a\0b"))
    assert (await probe.status())["roots"] == []


async def test_the_collector_itself_is_not_watched(probe):
    """It would tell of its own telling without end."""
    with pytest.raises(Unauthorized, match="belongs to Spyglass itself"):
        await probe.track(os.getpid())


async def test_a_collector_of_another_user_sees_its_own_processes_only(kernel):
    """Others are refused, and a program with more rights (here: root's) is left out of a tree that is watched."""
    async with await start_probe(uid=NOBODY) as probe:
        with pytest.raises(Unauthorized, match=f"belongs to user 0; user {NOBODY} may watch its own processes only"):
            await probe.track(1, [])
        held = hold(["/bin/true"], user=NOBODY, groups=[NOBODY])
        assert await probe.track(held.process.pid, []) == [held.process.pid]
        await asyncio.to_thread(held.release)
        batch = await anext(aiter(probe.batches()))
        assert [record.path for record in batch if isinstance(record, Exec)] == [os.path.realpath("/bin/true")]
        held.process.wait()


async def test_two_capabilities_are_enough(kernel):
    """CAP_BPF and CAP_PERFMON, and nothing else of root's."""
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv here")
    prefix = ["setpriv", "--bounding-set=-all,+bpf,+perfmon", "--inh-caps=-all,+bpf,+perfmon", "--"]
    async with await start_probe(prefix=prefix) as probe:
        (effective,) = [line for line in Path(f"/proc/{probe.pid}/status").read_text().splitlines() if line.startswith("CapEff")]
        assert int(effective.split()[1], 16) == 1 << 38 | 1 << 39
        held = hold(["/bin/true"])
        await probe.track(held.process.pid, ["files", "network", "tls"])
        await asyncio.to_thread(held.release)
        assert any(isinstance(record, Exec) for record in await anext(aiter(probe.batches())))
        assert not [notice for notice in probe.notices if notice["code"] != "attached"]
        held.process.wait()


async def test_without_rights_the_missing_ones_are_named(kernel):
    """And how to grant them."""
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv here")
    with pytest.raises(ConfigError, match=r"capabilities: CAP_BPF, CAP_PERFMON not held\. Run the probe as root"):
        await start_probe(prefix=["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"])


async def test_a_sandbox_that_forbids_the_call_is_told_as_such(kernel):
    """As seccomp profiles of containers do; not what the loader guesses."""
    with pytest.raises(ConfigError, match=r"lets this process load no programs .* a sandbox forbids the call bpf"):
        await start_probe(prefix=[sys.executable, "-c", SANDBOX])


def test_a_long_account_of_the_verifier_is_a_fault_and_no_ban(kernel):
    """Of libbpf's log the end is kept, without the line that it begins with: the message must not blame a sandbox."""
    library = Libbpf()
    library.log.append(f"{'1344: (c3) r1 = atomic_fetch_add' * 100}\nR0 unbounded memory access\n-- END PROG LOAD LOG --"[-LOG_BYTES:])
    assert library.verdict()
    library.log.clear()
    assert not library.verdict()


async def test_missing_kernel_programs_say_how_to_make_them(kernel, tmp_path):
    """The message has the commands."""
    with pytest.raises(ConfigError, match=r"none\.o was not built\. .*apt-get install clang libbpf-dev"):
        await start_probe(program=tmp_path / "none.o")


async def test_what_is_no_object_is_refused(kernel, tmp_path):
    """With what the loader says."""
    (tmp_path / "text.o").write_text("this is no object\n")
    with pytest.raises(ConfigError, match="cannot be opened as an object of kernel programs"):
        await start_probe(program=tmp_path / "text.o")


async def test_a_second_service_at_the_same_place_is_refused(kernel, tmp_path):
    """It names the first one, which goes on; what a dead one left is replaced."""
    path = tmp_path / "probe.sock"
    path.touch()
    path.unlink()
    async with service(path) as first:
        second = await asyncio.to_thread(subprocess.run, [*PROBE, "--socket", str(path)], capture_output=True, text=True, timeout=60)
        assert second.returncode == 2
        assert f"another probe (process {first.pid}) serves {path} already" in second.stderr
        async with await connect_probe(path) as client:
            assert client.pid == first.pid
    assert not path.exists()


async def test_two_collectors_share_a_service_and_each_sees_its_own(kernel, tmp_path, until_exit):
    """Neither sees the other's records, nor may it watch the other's process."""
    path = tmp_path / "probe.sock"
    async with service(path), await connect_probe(path) as one, await connect_probe(path) as two:
        mine, other = hold(["/bin/true", "1"]), hold(["/bin/true", "2"])
        await one.track(mine.process.pid, [])
        await two.track(other.process.pid, [])
        with pytest.raises(Unauthorized, match="is watched by another collector already"):
            await two.track(mine.process.pid, [])
        for held in (mine, other):
            await asyncio.to_thread(held.release)
            await asyncio.to_thread(held.process.wait)
        seen = [[record.argv[1] for record in await until_exit(who, held.process.pid) if isinstance(record, Exec)] for who, held in ((one, mine), (two, other))]
        assert seen == [["1"], ["2"]]


async def test_two_probes_work_side_by_side(kernel, until_exit):
    """Each loads its own programs; both see the same process."""
    async with await start_probe(ring_mb=4) as one, await start_probe(ring_mb=4) as two:
        held = hold(["/bin/true"])
        await one.track(held.process.pid, [])
        await two.track(held.process.pid, [])
        await asyncio.to_thread(held.release)
        kinds = [[type(record).__name__ for record in await until_exit(probe, held.process.pid)] for probe in (one, two)]
        held.process.wait()
        assert kinds == [["Exec", "Exit"]] * 2


async def test_probes_as_older_kernels_need_them_work_too(kernel, tmp_path, https_port, until_exit):
    """By perf events, which Linux before 6.6 has instead."""
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    path = tmp_path / "probe.sock"
    async with service(path, "--perf-probes"), await connect_probe(path) as probe:
        assert probe.hello["multi"] is False
        await probe.attach(Path(shutil.which("curl") or ""))
        held = hold(["curl", "-sk", "-o", "/dev/null", f"https://127.0.0.1:{https_port}/"])
        await probe.track(held.process.pid, ["tls"])
        await asyncio.to_thread(held.release)
        told = b"".join(record.data for record in await until_exit(probe, held.process.pid) if isinstance(record, Chunk) and record.direction == "in")
        held.process.wait()
        assert told.endswith(b"hello")


async def test_no_service_is_a_clear_message(tmp_path):
    """With the place where it was looked for."""
    with pytest.raises(ConfigError, match=r"none\.sock: .*is the probe's service running"):
        await connect_probe(tmp_path / "none.sock")


async def test_a_collector_that_is_slow_is_told_what_was_lost(kernel):
    """A ring that fills loses records, and their number comes back; who begins and who ends is told all the same."""
    program = "import os\nfor _ in range(200000):\n try: os.unlink('/none/such')\n except OSError: pass\nos.spawnv(os.P_WAIT, '/bin/true', ['late'])"
    async with await start_probe(ring_mb=4) as probe:
        held = hold([sys.executable, "-c", program])
        await probe.track(held.process.pid, ["files"])
        await asyncio.to_thread(held.release)
        await asyncio.to_thread(held.process.wait)  # nothing is read meanwhile
        seen = lost = 0
        lives: list[tuple[str, str]] = []
        async with asyncio.timeout(60):
            async for batch in probe.batches():
                seen += sum(isinstance(record, FileChange) for record in batch)
                lost += sum(sum(record.counts.values()) for record in batch if isinstance(record, Lost))
                lives += [(type(record).__name__, record.actor.command) for record in batch if isinstance(record, (Exec, Fork, Exit))]
                if seen + lost >= 200_000 and len(lives) >= 5:
                    break
        assert lost > 0
        assert [kind for kind, _ in lives] == ["Exec", "Fork", "Exec", "Exit", "Exit"]
        assert lives[2][1] == lives[3][1] == "true"
