"""Programs as people use them, watched and under strace in the same run: `python -m bench.watch_trials [NAME …]` prints every difference between both accounts.

Compared are programs with arguments, how they ended, files opened for writing, renamed, deleted and otherwise changed, bytes into each file, and connections;
and with the model's own account the calls that it was asked for. Servers are on loopback; nothing is fetched from elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import http.server
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from bench.watch_slowdown import loads, program
from bench.watch_strace import OPTIONS, Account, account
from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.episodes import Episodes
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe_client import ProbeClient, start_probe
from spyglass.collect.records import Connect, Exec, Exit, FileChange, FileIo, FileOpen, Lost, Record
from spyglass.model.clock import SystemClock
from spyglass.model.told import Span
from spyglass.telemetry.logs import configure

ROOT = Path(__file__).parents[1]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
SHELL = """
echo one > a.txt; mv a.txt b.txt; cp b.txt c.txt; ln -s c.txt d; ln c.txt e; chmod 600 c.txt; mkdir -p x/y; touch x/y/z; rm -r x; rm -f none b.txt
(cd /tmp && sh -c 'exit 7'); sh -c 'kill -9 $$'; (sleep 0.1; exit 4) & wait $!; cat <<END | tr a-z A-Z > up.txt
words
END
true & true & wait; find . -name '*.txt' -exec grep -l one {} + ; printf '%s\\n' 1 2 3 | xargs -n1 -P3 echo > out.txt; truncate -s 10 out.txt
exec sh -c 'exit 5'
"""
THREADS = """
import concurrent.futures, subprocess
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda n: subprocess.run(["sh", "-c", f"echo {n} > {n}; exit {n}"]), range(40)))
"""
NODE = """
const fs = require('fs'), {execFileSync, spawn} = require('child_process'), https = require('https')
fs.mkdirSync('n'); fs.writeFileSync('n/a', 'x'.repeat(100000)); fs.renameSync('n/a', 'n/b'); fs.appendFileSync('n/b', 'end'); fs.copyFileSync('n/b', 'n/c')
console.log(execFileSync('sh', ['-c', 'echo out; echo err >&2'], {encoding: 'utf8'}))
fs.promises.writeFile('n/p', 'promised').then(() => fs.promises.rm('n', {recursive: true})).then(() => spawn('sh', ['-c', 'exit 3'])).then(() => {
  const q = https.request({port: process.argv[1], method: 'POST', path: '/v1/chat/completions', rejectUnauthorized: false}, r => r.resume())
  q.setHeader('content-length', 2); q.end('{}')
})
"""
POOL = """
import asyncio, concurrent.futures, httpx, multiprocessing, sys
how, url = sys.argv[1], f"https://127.0.0.1:{sys.argv[2]}/v1/chat/completions"
def asked(text): return {"model": "trial-1", "messages": [{"role": "user", "content": text}]}
def one(text):
    with httpx.Client(verify=False, timeout=60) as client: answer = client.post(url, json=asked(text)).raise_for_status().text
    with open(f"{text}.txt", "w") as file: file.write(answer)
async def several(name):
    async with httpx.AsyncClient(verify=False, timeout=60) as client:
        await asyncio.gather(*(client.post(url, json=asked(f"{name}-{n}")) for n in range(5)))
def loop(name): asyncio.run(several(name))
async def own():
    for n in range(5): await (await asyncio.create_subprocess_shell(f"echo {n} > shell{n}; exit {n}")).wait()
    await asyncio.gather(several("own"), *(asyncio.to_thread(one, f"thread-{n}") for n in range(6)))
if __name__ == "__main__":
    context = multiprocessing.get_context(how)
    with context.Pool(3) as pool:
        pool.map(one, [f"pool-{n}" for n in range(8)], 1)
        pool.map(loop, [f"loop-{n}" for n in range(4)], 1)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool: list(pool.map(one, [f"exec-{n}" for n in range(4)]))
    asyncio.run(own())
"""
WORKERS = """
const {Worker, isMainThread, workerData} = require('worker_threads'), {execFileSync, fork, spawn} = require('child_process')
const fs = require('fs'), https = require('https'), [port, child] = process.argv.slice(2)
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
const asked = text => JSON.stringify({model: 'trial-1', messages: [{role: 'user', content: text}]}), path = '/v1/chat/completions'
const call = text => new Promise((done, failed) => {
  const request = https.request({port, path, method: 'POST', headers: {'content-length': asked(text).length}}, r => { r.resume(); r.on('end', done) })
  request.on('error', failed); request.end(asked(text))
})
const main = async () => {
  if (!isMainThread) {
    for (let n = 0; n < 4; n++) await call(`worker-${workerData}-${n}`)
    fs.writeFileSync(`worker${workerData}`, 'x'.repeat(5000)); execFileSync('sh', ['-c', 'exit 0'])
  } else if (child) {
    await Promise.all([0, 1, 2].map(n => call(`child-${child}-${n}`))); if (process.disconnect) process.disconnect()
  } else {
    for (let n = 0; n < 3; n++) new Worker(__filename, {workerData: n, argv: [port]})
    for (let n = 0; n < 2; n++) { fork(__filename, [port, `forked${n}`]); spawn(process.execPath, [__filename, port, `spawned${n}`]) }
    for (let n = 0; n < 4; n++) await (await fetch(`https://127.0.0.1:${port}${path}`, {method: 'POST', body: asked(`fetch-${n}`)})).text()
  }
}
main()
"""


class Asked(http.server.BaseHTTPRequestHandler):
    """A model that answers at once, and keeps account of what it was asked."""

    protocol_version = "HTTP/1.1"
    account: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["content-length"])))["messages"][0]["content"]
        self.account[text] += 1
        choice = {"index": 0, "message": {"role": "assistant", "content": f"heard {text}"}, "finish_reason": "stop"}
        body = json.dumps({"id": f"chatcmpl-{text}", "object": "chat.completion", "model": "trial-1", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def model_served(folder: Path) -> Iterator[int]:
    """It, over TLS with the certificate that lies in a folder; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def calls_in(records: list[Record]) -> Counter[str]:
    """What the model calls asked that were read from TLS connections."""
    flows = Flows(Episodes("trial", SystemClock(), lambda _: "trial", lineage=lambda _: iter(())))
    found = [told for record in records for told in flows.take(record)] + flows.end()
    calls = (each.attributes for each in found if isinstance(each, Span) and each.attributes.get("gen_ai.request.model") == "trial-1")
    return Counter(json.loads(str(call["gen_ai.input.messages"]))[0]["parts"][0]["content"] for call in calls)


@contextlib.contextmanager
def files_served(folder: Path) -> Iterator[int]:
    """A plain web server for a folder; gives its port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def packages(folder: Path) -> None:
    """A wheel, a package of npm, and a repository of git, made here."""
    simple = folder / "simple" / "boats"
    simple.mkdir(parents=True)
    with zipfile.ZipFile(simple / "boats-1.0-py3-none-any.whl", "w") as wheel:
        for number in range(20):
            wheel.writestr(f"boats/part{number}.py", f"x = {number}\n" * 100)
        wheel.writestr("boats-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: boats\nVersion: 1.0\n")
        wheel.writestr("boats-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("boats-1.0.dist-info/RECORD", "")
    (simple / "index.html").write_text('<a href="boats-1.0-py3-none-any.whl">boats-1.0-py3-none-any.whl</a>')
    package = folder / "package"
    package.mkdir()
    (package / "package.json").write_text('{"name": "boats", "version": "1.0.0", "scripts": {"postinstall": "node -e 0 && echo done > made"}}')
    (package / "index.js").write_text("module.exports = 1\n" * 1000)
    origin, bare = folder / "origin", folder / "origin.git"
    author = ("-c", "user.name=b", "-c", "user.email=b@localhost")
    origin.mkdir()
    for number in range(50):
        (origin / f"{number}.txt").write_text("line\n" * number)
    for command in (("init", "-q"), ("add", "."), (*author, "commit", "-qm", "one")):
        subprocess.run(["git", *command], cwd=origin, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(origin), str(bare)], check=True)
    subprocess.run(["git", "update-server-info"], cwd=bare, check=True)


def trials(folder: Path, model: str, files: int, asked: int) -> dict[str, list[str]]:
    """What is run, by name."""
    pip = ["-m", "pip", "install", "--no-deps", "--target", "installed", "--index-url", f"http://127.0.0.1:{files}/simple", "--no-cache-dir", "boats"]
    post = ["-sk", "-o", "answer", "-d", "{}", f"https://127.0.0.1:{model}/v1/chat/completions"]
    agents = folder / "agents"
    agents.mkdir()
    pool, workers = folder / "pool.py", folder / "workers.js"
    pool.write_text(POOL)
    workers.write_text(WORKERS)
    found = {
        "shell": ["sh", "-c", SHELL],
        "curl": ["curl", *post],
        "curl refused": ["curl", "-s", "http://127.0.0.1:9/"],
        "pip": [sys.executable if importable("pip") else "python3", *pip],
        "npm": ["npm", "install", "--no-audit", "--no-fund", "--offline", "--install-links", str(folder / "package")],
        "git over file": ["git", "clone", "-q", str(folder / "origin"), "cloned"],
        "git over http": ["git", "clone", "-q", f"http://127.0.0.1:{files}/origin.git", "cloned"],
        "git commit": ["sh", "-c", "git init -q . && echo x > x && git add x && git -c user.name=b -c user.email=b@localhost commit -qm x && git gc -q"],
        "node": ["node", "-e", NODE, model],
        "agent": [*program("agent"), model, str(agents)],
        "threads": [sys.executable, "-c", THREADS],
        "memory": [sys.executable, "-c", "import os; os.write(os.memfd_create('notes'), b'x' * 300)"],
        **{f"pool {how}": [sys.executable, str(pool), how, str(asked)] for how in ("spawn", "fork", "forkserver")},
        "node workers": ["node", str(workers), str(asked)],
    }
    return {name: argv for name, argv in found.items() if shutil.which(argv[0])}


def importable(module: str) -> bool:
    """Whether our own Python has it."""
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


async def seen(probe: ProbeClient, argv: list[str], folder: Path, told: Path) -> tuple[Account, Account, Counter[str], Counter[str]]:
    """Run once under both; gives strace's account, ours, what models were asked, and what we counted as lost."""
    await probe.attach(Path(shutil.which(argv[0]) or argv[0]))
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    held = hold(["strace", *OPTIONS, "-o", str(told / "t"), "--", *argv], folder=folder, environment=environment)
    await probe.track(held.process.pid, ["files", "network", "tls", "stdio"])
    await asyncio.to_thread(held.release)
    records: list[Record] = []
    async with asyncio.timeout(300):
        async for batch in probe.batches():
            records += batch
            if any(isinstance(record, Exit) and record.actor.pid == held.process.pid for record in batch):
                break
    await asyncio.to_thread(held.process.wait)
    first = first_of(told)
    own = held.process.pid  # strace, and what it tries out before
    mine: list[Record] = [
        each for each in records if not isinstance(each, Lost) and each.actor.pid != own and (each.actor.ppid != own or each.actor.pid == first)
    ]
    lost: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Lost):
            lost.update(record.counts)
    return account(told, first, str(folder)), of_records(mine), calls_in(mine), lost


def first_of(folder: Path) -> int:
    """The process that strace started: the one whose account begins first."""
    return int(min(folder.iterdir(), key=lambda path: float(path.read_text(encoding="ascii", errors="replace").partition(" ")[0])).suffix[1:])


def of_records(records: list[Record]) -> Account:
    """Our records as the same kinds of facts."""
    found = Account()
    for record in records:
        match record:
            case Exec():
                found.execs[record.actor.pid, *record.argv] += 1
            case Exit():
                found.ends[record.actor.pid, *(("signal", signal.Signals(record.signal).name) if record.signal else ("code", record.code))] += 1
            case FileOpen() if record.result >= 0 and record.flags & WRITING:
                found.opened[record.actor.pid, record.path] += 1
            case FileChange():
                error = errno.errorcode[-record.result] if record.result < 0 else ""
                paths = (record.path, record.target) if record.target else (record.path,)
                if record.change != "chown":
                    found.changes[record.actor.pid, record.change, *paths, error] += 1
            case FileIo() if record.written_bytes:
                found.written[record.actor.pid, record.path] += record.written_bytes
            case Connect():
                error = errno.errorcode[-record.result] if record.result < 0 else ""
                found.connects[record.actor.pid, record.remote.address, record.remote.port, error] += 1
            case _:
                pass
    return found


def scripts_alike(theirs: Account, ours: Account) -> None:
    """Scripts: strace tells the arguments of the call, we those that the interpreter got, as /proc does; the same but for its name and the script's path."""
    for fact in list(ours.execs - theirs.execs):
        pid, *given = fact
        for other in list(theirs.execs - ours.execs):
            if other[0] == pid and any(given[cut:] == list(other[2:]) for cut in (2, 3, 4)):
                theirs.execs[other] -= 1
                theirs.execs[fact] += 1
                break


def outcomes_alike(theirs: Account, ours: Account) -> None:
    """Connections that a program did not wait for: strace tells what the call returned, we what became of it where that is known by then, as on loopback."""
    for fact in list(ours.connects - theirs.connects):
        *whom, error = fact
        waits = (*whom, "EINPROGRESS")
        if error and theirs.connects[waits] > ours.connects[waits]:
            theirs.connects[waits] -= 1
            theirs.connects[fact] += 1


def differences(theirs: Account, ours: Account) -> Iterator[str]:
    """Each fact that one of them has more often."""
    scripts_alike(theirs, ours)
    outcomes_alike(theirs, ours)
    for kind in ("execs", "ends", "opened", "changes", "connects", "written"):
        one, two = getattr(theirs, kind), getattr(ours, kind)
        for fact in sorted({*one, *two}, key=str):
            if one[fact] != two[fact]:
                yield f"{kind}: strace {one[fact]}, watch {two[fact]}: {str(fact)[:300]}"


async def compare(only: list[str]) -> int:
    """Every trial; gives how many differ."""
    bad = 0
    with tempfile.TemporaryDirectory(prefix="spyglass-trial-") as name:
        folder = Path(name)
        packages(folder)
        with loads(folder) as (model, _), files_served(folder) as files, model_served(folder) as asked:
            for number, (trial, argv) in enumerate(trials(folder, model, files, asked).items()):
                if only and trial not in only:
                    continue
                place, told = folder / f"in{number}", folder / f"strace{number}"
                place.mkdir()
                told.mkdir()
                async with await start_probe() as probe:
                    Asked.account.clear()
                    theirs, ours, calls, lost = await seen(probe, argv, place, told)
                found = list(differences(theirs, ours))
                unlike = {text for text in Asked.account | calls if Asked.account[text] != calls[text]}
                found += [f"calls: model {Asked.account[text]}, watch {calls[text]}: {text}" for text in sorted(unlike)]
                facts = sum(sum(getattr(theirs, kind).values()) for kind in ("execs", "ends", "opened", "changes", "connects"))
                bad += bool(found or lost)
                facts += Asked.account.total()
                print(f"{trial}: {facts} facts, {len(found)} differences{f', lost {dict(lost)}' if lost else ''}", flush=True)
                for line in found[:40]:
                    print(f"    {line}")
    return bad


if __name__ == "__main__":
    configure("error", "console")
    sys.exit(bool(asyncio.run(compare(sys.argv[1:]))))
