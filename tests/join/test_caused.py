"""What a span caused is listed with it, each file and host once."""

from __future__ import annotations

from tests.join.test_evidence import act, joined, tool

from spyglass.join.caused import caused


def test_files_hosts_and_processes_stand_with_the_tool_that_caused_them() -> None:
    """Sums of bytes, what was done, and whether it failed; what no span explains stands nowhere."""
    made = [
        act("process.exec", 20, 5.1, argv=("sh", "build.sh")),
        act("file.write", 20, 5.2, path="/w/a", written_bytes=3),
        act("file.write", 20, 5.3, path="/w/a", written_bytes=4),
        act("file.rename", 20, 5.4, path="/w/a", target="/w/b"),
        act("file.open", 20, 5.4, path="/w/no", error="EACCES"),
        act("net.connect", 20, 5.5, server="example.com", peer="10.0.0.1", port=443),
        act("net.close", 20, 5.6, server="example.com", peer="10.0.0.1", port=443, written_bytes=9, read_bytes=8),
        act("file.write", 10, 50, path="/etc/passwd"),
    ]
    [one] = caused(joined([tool("t1", 5, 6, '{"command": "sh build.sh"}')], *made))
    assert (one.span_id, [key.pid for key in one.processes]) == ("t1", [20])
    moved, absent = one.files.values()
    assert (moved.path, moved.did, moved.target, moved.written_bytes, moved.failed) == ("/w/a", ["write", "rename"], "/w/b", 7, False)
    assert (absent.path, absent.failed) == ("/w/no", True)
    [host] = one.hosts.values()
    assert (host.host, host.port, host.sent_bytes, host.received_bytes, host.failed) == ("example.com", 443, 9, 8, False)
