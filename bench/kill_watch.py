"""Kill -9 of whoever takes part in a watch, at random moments: does the command do its work, does everything end, is everything told once?

    python -m bench.kill_watch --trials 30

Each trial watches a command that starts twenty programs one after the other and keeps a record of it, and kills one of:

- `collector`: `spyglass watch` itself. The command goes on to its end; the probe ends.
- `probe`: the privileged process that sees. The command goes on, the watch too, and everything is told; exit code 0.
- `agent`: the command. The watch ends with 137, and everything up to then is told.
- `server`: it is started again on the same directory and ports. The watch waits for it, and everything is told.

Always: nothing hangs, nothing is told twice, the terminal is as it was. Exit code 1: something was otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import random
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from spyglass.collect.fallback.levels import survey

VICTIMS = ("collector", "probe", "agent", "server")
LOSSLESS = ("probe", "agent", "server")  # who can be killed, and everything is told
NOBODY = "nobody"
STEPS = 20
PATIENCE_S = 90.0
WORKER = """
import pathlib, subprocess, sys, time
record = pathlib.Path(sys.argv[1])
for step in range(int(sys.argv[2])):
    subprocess.run(["/bin/true", f"step-{step}"])
    with record.open("a") as file: file.write(f"step-{step}\\n")
    time.sleep(0.05)
with record.open("a") as file: file.write("complete\\n")
"""


@dataclass
class Report:
    """What became of it all."""

    level: str
    trials: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)  # programs that ran and were not told, by victim
    told: Counter[str] = field(default_factory=Counter)


class Server:
    """A server that is started again on its ports."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ports = folder, [_free() for _ in range(3)]
        self.url, self.endpoint = (f"http://127.0.0.1:{port}" for port in self._ports[:2])
        self.start()

    def start(self) -> None:
        """Until it answers."""
        options = ("--http-port", "--otlp-http-port", "--otlp-grpc-port")
        ports = [word for option, port in zip(options, self._ports, strict=True) for word in (option, str(port))]
        command = [sys.executable, "-m", "spyglass", "up", "--data-dir", str(self._folder), "--json", "--host", "127.0.0.1", *ports]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=_clean() | {"SPYGLASS_RUNNERS__DEFAULTS": "false"})
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise SystemExit(f"the server did not start:\n{(self._folder / 'server.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """At once."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def events(self, project: str) -> list[dict[str, Any]]:
        """All events, once those that were acknowledged are stored."""
        _until(lambda: httpx.get(f"{self.url}/health", timeout=30, trust_env=False, verify=False).json()["log"]["unconsumed_bytes"] == 0)
        found: list[dict[str, Any]] = []
        asked: dict[str, str] = {"project": project, "limit": "1000"}
        while True:
            page = httpx.get(f"{self.url}/api/v1/events", params=asked, timeout=60, trust_env=False, verify=False).raise_for_status().json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]


class Trial:
    """One watch and one kill."""

    def __init__(self, server: Server, victim: str, project: str, folder: Path, longest_s: float = 0.0) -> None:
        """`longest_s`: until the kill."""
        self._server, self._victim, self._project, self._longest_s = server, victim, project, longest_s
        self._record = folder / project
        self.wrong: list[str] = []
        self.said = ""
        self.ran: list[str] = []
        self.told: Counter[str] = Counter()

    def run(self) -> None:
        """All of it."""
        master, slave = pty.openpty()
        try:
            before = termios.tcgetattr(slave)
            self.watch(slave)
            if termios.tcgetattr(slave) != before:
                self.wrong.append("the terminal is not as it was")
        finally:
            os.close(master)
            os.close(slave)
        self._check()

    def watch(self, terminal: int) -> None:
        """The command under watch, with this terminal, until the kill and its end."""
        command = [sys.executable, "-m", "spyglass", "watch", "--quiet", "--endpoint", self._server.endpoint, "--project", self._project, "--"]
        command += [sys.executable, "-c", WORKER, str(self._record), str(STEPS)]
        watch = subprocess.Popen(command, stdin=terminal, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_clean())
        time.sleep(random.uniform(0, self._longest_s))
        family = _family(watch.pid)
        killed = self._kill(watch, family)
        try:
            _, said = watch.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.wrong.append("the watch hangs")
            watch.kill()
            return
        self.said = said
        self._ended(watch.returncode, killed, said)
        if not _until(lambda: not any(map(_lives, family)), raises=False):
            left = [" ".join(one.cmdline()[:4]) for one in family if _lives(one)]
            self.wrong.append(f"left behind: {left}")
            for one in family:
                with suppress(psutil.Error):
                    one.kill()

    def _kill(self, watch: subprocess.Popen[str], family: list[psutil.Process]) -> bool:
        """Whether there was somebody to kill."""
        if self._victim == NOBODY:
            return False
        if self._victim == "server":
            self._server.kill()
            self._server.start()
            return True
        if self._victim == "collector":
            watch.kill()
            return True
        for one in family:
            with suppress(psutil.Error):
                line = one.cmdline()
                if ("spyglass.collect.probe" in line) if self._victim == "probe" else (WORKER in line and "spyglass" not in line):
                    one.kill()
                    return True
        return False

    def _ended(self, code: int, killed: bool, said: str) -> None:
        """The exit code is the command's own, or that of a watch which could not begin."""
        self.ran = self._record.read_text().split() if self._record.exists() else []
        complete = self.ran[-1:] == ["complete"]
        if self._victim == "agent" and killed and not complete:
            right = code == 137
        elif self._victim == "collector":
            right = code in {-9, 0}
        elif not self.ran:  # it was killed before the command began, and so that never ran
            right = code in {1, 2, 3} or (self._victim == "agent" and code in {125, 137})
        else:
            right = code == 0 and complete
        if not right:
            self.wrong.append(f"exit code {code}, {len(self.ran)} steps: {said[-400:]}")

    def _check(self) -> None:
        begun = bool(self.ran)
        if begun and self._victim in {"collector", "probe", "server"}:
            if not _until(lambda: self._record.read_text().endswith("complete\n"), raises=False):
                self.wrong.append("the command did not come to its end")
            self.ran = self._record.read_text().split()
        events = self._server.events(self._project)
        self.told = Counter(_step(event) for event in events if _step(event))
        twice = [step for step, count in self.told.items() if count > 1]
        if twice or len({event["event_id"] for event in events}) != len(events):
            self.wrong.append(f"told twice: {twice or 'an event'}")

    @property
    def lost(self) -> list[str]:
        """Programs that ran and were not told."""
        return [step for step in self.ran if step != "complete" and not self.told[step]]


def _step(event: dict[str, Any]) -> str:
    line = event["attributes"].get("process.command_args", []) if event["event_name"] == "process.exec" else []
    return str(line[1]) if len(line) == 2 and line[0] == "/bin/true" else ""


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _until(done: Callable[[], bool], *, raises: bool = True) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            if raises:
                raise SystemExit("waited in vain")
            return False
        time.sleep(0.05)
    return True


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SPYGLASS_"))}


def main() -> int:
    """Run the trials and print what became of them."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--trials", type=int, default=30, help="of each victim")
    asked.add_argument("--only", choices=VICTIMS, action="append")
    asked.add_argument("--seed", type=int, default=None)
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args()
    random.seed(told.seed)
    report = Report(survey().level)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="spyglass-kills-") as folder:
        data, records = Path(folder) / "data", Path(folder) / "records"
        data.mkdir()
        records.mkdir()
        server = Server(data)
        try:
            longest_s = _unharmed(server, records)
            for number in range(told.trials):
                for victim in told.only or VICTIMS:
                    trial = Trial(server, victim, f"{victim}-{number}", records, longest_s)
                    trial.run()
                    _note(report, trial, victim, number)
                    if not told.json:
                        print(f"{victim} {number}: {len(trial.ran)} steps, {len(trial.lost)} not told{'; ' if trial.wrong else ''}{'; '.join(trial.wrong)}")
        finally:
            server.kill()
    figures = {"level": report.level, "trials": sum(report.trials.values()), "told": report.told, "lost": report.lost, "wrong": report.wrong}
    print(json.dumps(figures) if told.json else figures)
    return 1 if report.wrong else 0


def _unharmed(server: Server, records: Path) -> float:
    """How long a watch takes here that nobody disturbs, s."""
    begun = time.monotonic()
    trial = Trial(server, NOBODY, NOBODY, records)
    trial.watch(os.open(os.devnull, os.O_RDONLY))
    return time.monotonic() - begun


def _note(report: Report, trial: Trial, victim: str, number: int) -> None:
    report.trials[victim] += 1
    report.told[victim] += sum(trial.told.values())
    report.lost[victim] += len(trial.lost)
    report.wrong += [f"{victim} {number}: {each}" for each in trial.wrong]
    if trial.lost and victim in LOSSLESS and report.level != "minimal":
        report.wrong.append(f"{victim} {number}: not told: {', '.join(trial.lost)}; it said: {trial.said[-400:]!r}")


if __name__ == "__main__":
    sys.exit(main())
