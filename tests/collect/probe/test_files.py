"""Files as the kernel saw them: what really happened to them, under the names that they really have."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from spyglass.collect.records import FileChange, FileIo, FileOpen


async def test_every_change_of_a_name_is_told(watch, tmp_path):
    """In order, with absolute names, though the program gave relative ones."""
    script = "echo hi > a; mv a b; ln b c; ln -s b d; chmod 640 b; mkdir e; rmdir e; truncate -s 1 b; rm c d b"
    found = await watch(["bash", "-c", script], ["files"], folder=tmp_path)
    told = [(record.change, record.path.rpartition("/")[2]) for record in found if isinstance(record, FileChange) and record.result == 0]
    expected = "rename a, link c, symlink d, chmod b, mkdir e, rmdir e, truncate b, delete c, delete d, delete b"
    assert ", ".join(" ".join(each) for each in told) == expected
    assert all(record.path.startswith(f"{tmp_path}/") for record in found if isinstance(record, FileChange))


async def test_targets_and_modes_are_told(watch, tmp_path):
    """The new name of a rename, what links point at, the mode of a chmod."""
    found = await watch(["bash", "-c", "echo > a; mv a b; ln b c; ln -s ../far d; chmod 640 b"], ["files"], folder=tmp_path)
    changes = {record.change: record for record in found if isinstance(record, FileChange)}
    assert changes["rename"].target == f"{tmp_path}/b"
    assert changes["link"].target == f"{tmp_path}/b"
    assert changes["symlink"].target == "../far"
    assert changes["chmod"].mode == 0o640


async def test_written_bytes_are_told_under_the_name_behind_a_duplicated_descriptor(watch, tmp_path):
    """`echo > file` writes to descriptor 1, and so does a child that inherits it."""
    found = await watch(["bash", "-c", f"{{ echo 12345; /bin/echo 123; }} > {tmp_path}/out"], ["files"])
    sums = [record for record in found if isinstance(record, FileIo) and record.path == f"{tmp_path}/out"]
    assert sum(record.written_bytes for record in sums) == 10
    assert {record.actor.command for record in sums} == {"bash", "echo"}
    (opened,) = [record for record in found if isinstance(record, FileOpen) and record.path == f"{tmp_path}/out"]
    assert opened.created
    assert opened.flags & os.O_WRONLY


async def test_sums_are_complete_however_a_file_is_left(watch, tmp_path):
    """By close, by dup2, by exec (O_CLOEXEC), by the end of the process, by a signal."""
    program = """
import os, sys
def new(name): return os.open(name, os.O_WRONLY | os.O_CREAT)
def put(fd, n):
    for _ in range(n): os.write(fd, b"x" * 100)
fd = new("closed"); put(fd, 7); os.close(fd)
a, b = new("replaced"), new("by"); put(a, 5); os.dup2(b, a)
if os.fork() == 0: put(new("killed"), 3); os.kill(os.getpid(), 9)
os.wait()
if os.fork() == 0: put(new("ended"), 4); os._exit(0)
os.wait()
put(new("executed"), 6)
os.execv("/bin/true", ["true"])
"""
    found = await watch([sys.executable, "-c", program], ["files"], folder=tmp_path)
    sums: dict[str, int] = {}
    for record in found:
        if isinstance(record, FileIo) and record.path.startswith(str(tmp_path)):
            name = record.path.rpartition("/")[2]
            sums[name] = sums.get(name, 0) + record.written_bytes
    assert sums == {"closed": 700, "replaced": 500, "killed": 300, "ended": 400, "executed": 600}


async def test_a_small_file_is_told_as_it_is_opened_and_as_it_is_left(watch, tmp_path):
    """Not once more as its first bytes are written: by whoever opened it, each byte is told in one record, however many writes it takes."""
    program = "import os; fd = os.open('small', os.O_WRONLY | os.O_CREAT); [os.write(fd, b'x' * 100) for _ in range(5)]; os.close(fd)"
    found = await watch([sys.executable, "-c", program], ["files", "reads"], folder=tmp_path)
    told = [record for record in found if isinstance(record, FileOpen | FileIo) and record.path == f"{tmp_path}/small"]
    assert [type(record) for record in told] == [FileOpen, FileIo]
    assert (told[1].writes, told[1].written_bytes, told[1].closed) == (5, 500, True)


async def test_copies_inside_the_kernel_are_counted(watch, tmp_path):
    """sendfile and copy_file_range write without a buffer of the program's."""
    (tmp_path / "from").write_bytes(b"x" * 50_000)
    program = """
import os
a = os.open("from", os.O_RDONLY); b = os.open("to", os.O_WRONLY | os.O_CREAT)
os.copy_file_range(a, b, 20000); os.sendfile(b, a, None, 30000)
"""
    found = await watch([sys.executable, "-c", program], ["files", "reads"], folder=tmp_path)
    assert sum(record.written_bytes for record in found if isinstance(record, FileIo) and record.path == f"{tmp_path}/to") == 50_000
    assert sum(record.read_bytes for record in found if isinstance(record, FileIo) and record.path == f"{tmp_path}/from") == 50_000


async def test_reads_are_told_when_wanted_only(watch, tmp_path):
    """As sums when the file is left."""
    (tmp_path / "secret").write_bytes(b"x" * 123_456)
    command = ["cat", str(tmp_path / "secret")]
    without = await watch(command, ["files"])
    assert str(tmp_path / "secret") not in {record.path for record in without if isinstance(record, FileIo | FileOpen)}


async def test_wanted_reads_have_their_bytes(watch, tmp_path):
    """Every byte once."""
    (tmp_path / "secret").write_bytes(b"x" * 123_456)
    found = await watch(["cat", str(tmp_path / "secret")], ["files", "reads", "opens"])
    assert sum(record.read_bytes for record in found if isinstance(record, FileIo) and record.path.endswith("/secret")) == 123_456
    assert [record.flags & 3 for record in found if isinstance(record, FileOpen) and record.path.endswith("/secret")] == [os.O_RDONLY]


async def test_failures_are_told_with_their_reason(watch, tmp_path):
    """What was tried and could not be done."""
    found = await watch(["bash", "-c", "rm -f nothing/here; rmdir .; echo > nothing/there"], ["files"], folder=tmp_path)
    failed = {(type(record).__name__, record.path, -record.result) for record in found if isinstance(record, FileChange | FileOpen) and record.result < 0}
    assert ("FileChange", f"{tmp_path}/nothing/here", errno.ENOENT) in failed
    assert ("FileChange", str(tmp_path), errno.EINVAL) in failed
    assert ("FileOpen", f"{tmp_path}/nothing/there", errno.ENOENT) in failed


async def test_long_and_strange_names_survive(watch, tmp_path):
    """Deep folders, blanks, line breaks, bytes that are no text."""
    deep = tmp_path / ("d" * 200) / ("e" * 200) / ("f" * 200)
    deep.mkdir(parents=True)
    name = os.fsdecode(b"a b\n\xff.txt")
    found = await watch(["touch", name], ["files"], folder=deep)
    assert f"{deep}/{name}" in {record.path for record in found if isinstance(record, FileOpen)}


async def test_a_path_that_is_too_deep_keeps_its_end(probe, watch, tmp_path):
    """What it leaves out is marked, and counted."""
    deep = tmp_path.joinpath(*"x" * 80)
    deep.mkdir(parents=True)
    before = (await probe.status())["counts"]["cut"]
    found = await watch(["touch", "end"], ["files"], folder=deep)
    (path,) = [record.path for record in found if isinstance(record, FileOpen) and record.path.endswith("/end")]
    assert path.startswith("/…/x/x/")
    assert (await probe.status())["counts"]["cut"] > before


async def test_a_file_of_no_directory_has_its_own_name(watch):
    """A file in memory alone is told as /proc shows it, not as the root of all folders."""
    program = "import os; fd = os.memfd_create('notes'); os.write(fd, b'x' * 300); os.close(fd)"
    found = await watch([sys.executable, "-c", program], ["files"])
    written: dict[str, int] = {}
    for record in found:
        if isinstance(record, FileIo):
            written[record.path] = written.get(record.path, 0) + record.written_bytes
    assert written["/memfd:notes"] == 300
    assert "/" not in written


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change its root")
async def test_names_in_another_root_are_those_of_the_machine(watch, tmp_path):
    """After chroot an absolute name begins there."""
    (tmp_path / "jail").mkdir()
    program = """
import os, sys
os.chroot(sys.argv[1])
os.mkdir("/d"); os.rename("/d", "/e"); os.symlink("/e", "/l"); os.chdir("/e"); os.mkdir("f")
try: os.open("/none/x", os.O_WRONLY)
except OSError: pass
"""
    found = await watch([sys.executable, "-S", "-c", program, str(tmp_path / "jail")], ["files"])
    jail = f"{tmp_path}/jail"
    told = [(record.change, record.path, record.target) for record in found if isinstance(record, FileChange)]
    assert told[-4:] == [("mkdir", f"{jail}/d", ""), ("rename", f"{jail}/d", f"{jail}/e"), ("symlink", f"{jail}/l", "/e"), ("mkdir", f"{jail}/e/f", "")]
    assert [record.path for record in found if isinstance(record, FileOpen) and record.result < 0][-1] == f"{jail}/none/x"
