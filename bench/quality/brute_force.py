"""The scenarios of the CrowdSec hub: whether the sources that its own rules blame for trying to get in are found, and who else is.

Each log is read as records of one service; times are those of the lines where they can be read, else a second lies between two lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from spyglass.analyze.builtin.security.brute_force import BruteForce, Settings
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import BASE_NS, events

_TRIES = ("bf", "brute", "enum")
_FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"), ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")),
    (re.compile(r"\d\d/\w{3}/\d{4}[: ]\d\d:\d\d:\d\d"), ("%d/%b/%Y:%H:%M:%S", "%d/%b/%Y %H:%M:%S")),
    (re.compile(r"\d{4}/\d\d/\d\d - \d\d:\d\d:\d\d"), ("%Y/%m/%d - %H:%M:%S",)),
    (re.compile(r"\w{3} [ \d]\d \d\d:\d\d:\d\d"), ("%b %d %H:%M:%S",)),
)


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    found = wanted = 0
    extra: list[str] = []
    for line in (folder / "expected.jsonl").read_text().splitlines():
        test = json.loads(line)
        lines = (folder / test["log"]).read_text(errors="replace").splitlines()
        blamed = {_address(source) for one in test["expected"] for source in one["sources"]}
        tries = {_address(source) for one in test["expected"] if any(word in one["scenario"] for word in _TRIES) for source in one["sources"]}
        told = flagged([one for one in lines if one.strip()], test["log_type"])
        wanted += len(tries)
        found += len(tries & told)
        extra += [f"{test['test']} {source}" for source in sorted(told - blamed)]
    yield f"sources found, of {wanted}", f"{found / wanted:.3f}", "≥ 0.95"
    yield "sources found that none is blamed for", f"{len(extra)}", "≤ 5"


def flagged(lines: Sequence[str], service: str) -> set[str]:
    """Who is told of: three failures within five minutes are an information, five a warning, ten an error."""
    if not lines:
        return set()
    times = [_time(line) or BASE_NS + at * 10**9 for at, line in enumerate(lines)]
    rows = events(len(lines), body=list(lines), service=service, agent="", time=times)
    findings: list[Any] = list(BruteForce(Settings()).observe(Batch(Kind.EVENT, rows)))
    return {one.subject["source"] for one in findings if "source" in one.subject}


def _time(line: str) -> int | None:
    for pattern, forms in _FORMS:
        match = pattern.search(line)
        if match is None:
            continue
        for form in forms:
            written, whole = (match.group(), form) if "%Y" in form else (f"2026 {match.group()}", f"%Y {form}")
            with suppress(ValueError):
                return int(datetime.strptime(written, whole).replace(tzinfo=UTC).timestamp()) * 10**9
    return None


def _address(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return str(getattr(address, "ipv4_mapped", None) or address)
