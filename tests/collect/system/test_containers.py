"""Container ids from control groups."""

from __future__ import annotations

import os

import pytest

from spyglass.collect.system.containers import Containers, container_of

ID = "0123456789abcdef" * 4
OTHER = "f" * 64


@pytest.mark.parametrize(
    ("line", "container"),
    [
        (f"0::/system.slice/docker-{ID}.scope", ID),
        (f"12:memory:/docker/{ID}", ID),
        (f"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope", ID),
        (f"0::/kubepods/burstable/pod1/{ID}", ID),
        (f"0::/user.slice/libpod-{ID}.scope/container", ID),
        (f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod9_a.slice/crio-{ID}.scope", ID),
        (f"0::/../../kubepods/besteffort/pod1-2-3/{ID}", ID),
        (f"1:name=systemd:/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:{ID}", ID),
        (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container", ID),
        (f"0::/libpod_parent/libpod-{ID}", ID),
        (f"0::/machine.slice/libpod-conmon-{ID}.scope", ""),
        (f"0::/machine.slice/crio-conmon-{ID}.scope", ""),
        (f"0::/docker/{ID}/system.slice/ssh.service", ID),
        (f"0::/docker/{OTHER}/docker/{ID}", ID),
        ("0::/lxc.payload.web/init.scope", "web"),
        ("0::/ecs/task/0123456789abcdef0123456789abcdef-42", "0123456789abcdef0123456789abcdef-42"),
        ("0::/user.slice/user-1000.slice/session-2.scope", ""),
        ("0::/", ""),
        ("", ""),
    ],
)
def test_the_innermost_container_is_found(line, container):
    """As the usual runtimes name their groups."""
    assert container_of(line) == container


def test_a_lookup_is_remembered_by_group(tmp_path):
    """The same group is read once."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(f"0::/docker/{ID}\n")
    containers = Containers(tmp_path)
    assert containers.find(7, 99) == ID
    assert containers.find(8, 99) == ID


def test_who_has_ended_is_not_in_none():
    """Not seen is not the same as in no container."""
    assert Containers().find(2**22 + 1, 0) is None
    assert Containers().find(os.getpid(), 0) is not None


def test_a_process_that_has_ended_is_found_by_its_group(tmp_path):
    """Its number is that of the group's folder; they are looked at once a second at most."""
    group = tmp_path / "groups" / f"docker-{ID}.scope" / "inner"
    group.mkdir(parents=True)
    (tmp_path / "mounts").write_text(f"proc /proc proc rw 0 0\ncgroup2 {tmp_path / 'groups'} cgroup2 rw 0 0\n")
    now = [0.0]
    containers = Containers(tmp_path, monotonic=lambda: now[0])
    assert containers.find(7, group.stat().st_ino) == ID
    later = tmp_path / "groups" / f"docker-{OTHER}.scope"
    later.mkdir()
    assert containers.find(8, later.stat().st_ino) is None
    now[0] = 2.0
    assert containers.find(8, later.stat().st_ino) == OTHER
