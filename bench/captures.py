"""How much of the truth normalising and counting find in recorded OTLP bodies.

    python -m bench.captures PATH [SOURCE …]

PATH holds one folder per source: bodies, and a meta.json that says in which order they were sent (`requests`) and what the program truly did
(`expected`). Bodies are decoded and normalised as the product does it, calls are counted by `store.calls`. Printed per source: found/true;
`=` equal, `!` not. Tokens are compared as the columns mean them: input with cached tokens, streams that reported nothing left out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spyglass.decode.decoder import Decoder
from spyglass.model.body import Body, Signal
from spyglass.model.schema import EVENT, POINT, SPAN, Kind
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.store.calls import calls_of_events, calls_of_spans, lean_rows

SIGNALS: dict[str, Signal] = {"trace": "traces", "log": "logs", "metric": "metrics"}
MEASURES = ("calls", "input", "output", "tools", "failures", "agents", "sessions")


@dataclass
class Found:
    """What the telemetry of a source tells."""

    spans: pa.Table
    events: pa.Table
    points: pa.Table
    calls: pa.Table
    counts: dict[str, Any] = field(default_factory=dict)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("sources", nargs="*")
    options = parser.parse_args()
    decoder, normalise = Decoder(), Normaliser(Dialects.load())
    exact: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    print(f"{'source':26} {'spans':>6} " + " ".join(f"{measure:>17}" for measure in MEASURES))
    for folder in sorted(folder for folder in options.path.iterdir() if (folder / "meta.json").is_file()):
        if options.sources and folder.name not in options.sources:
            continue
        meta = json.loads((folder / "meta.json").read_text())
        found = replay(folder, meta, decoder, normalise)
        cells = []
        for measure, (got, true) in compare(found, meta["expected"]).items():
            equal = got == true
            cells.append(f"{_text(got)}/{_text(true)} {'=' if equal else '!'}" if true is not None else f"{_text(got)}/-  ")
            if true is not None:
                compared[measure] += 1
                exact[measure] += equal
        print(f"{folder.name:26} {found.spans.num_rows:>6} " + " ".join(f"{cell:>17}" for cell in cells))
    print(f"{'exact':26} {'':>6} " + " ".join(f"{exact[measure]}/{compared[measure]}".rjust(17) for measure in MEASURES))


def replay(folder: Path, meta: dict[str, Any], decoder: Decoder, normalise: Normaliser) -> Found:
    """Decode and normalise all bodies of a source in order; count its calls."""
    tables: dict[Kind, list[pa.Table]] = {Kind.SPAN: [SPAN.empty_table()], Kind.EVENT: [EVENT.empty_table()], Kind.POINT: [POINT.empty_table()]}
    for number, request in enumerate(meta["requests"]):
        signal = next(name for part, name in SIGNALS.items() if part in request["path"].lower())
        name = request["file"]
        body = Body(signal, "json" if name.endswith(".json") else "protobuf", (folder / name).read_bytes())
        batch = normalise(decoder.decode(signal, [body], 1_795_300_000_000_000_000 + number).batch)
        tables[batch.kind].append(batch.rows)
    spans, events, points = (pa.concat_tables(tables[kind]) for kind in (Kind.SPAN, Kind.EVENT, Kind.POINT))
    versioned = spans.append_column("version", pa.array(range(spans.num_rows), pa.uint64()))
    calls = calls_of_spans(lean_rows(versioned), now_ns=1, replace=False)
    return Found(spans, events, points, _once(_unique(calls.filter(calls["counted"])), calls_of_events(events, now_ns=1)))


def _once(by_spans: pa.Table, by_events: pa.Table) -> pa.Table:
    """Calls that log records tell of count where the session has none of that kind from spans (the store's `calls/once.sql`)."""
    known = {(row["session_id"], row["kind"]) for row in by_spans.select(["session_id", "kind"]).to_pylist()}
    told = [(row["session_id"], row["kind"]) not in known for row in by_events.select(["session_id", "kind"]).to_pylist()]
    return pa.concat_tables([by_spans, _unique(by_events.filter(pa.array(told, pa.bool_())))])


def _unique(calls: pa.Table) -> pa.Table:
    """Equal keys are one call, as in the table."""
    best: dict[bytes, int] = {}
    versions = calls["version"].to_pylist()
    for row, key in enumerate(calls["call_key"].to_pylist()):
        if key not in best or versions[row] > versions[best[key]]:
            best[key] = row
    return calls.take(pa.array(sorted(best.values()), pa.int64()))


def compare(found: Found, expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Per measure what was found and what is true (None: not known)."""
    calls = found.calls
    model = calls.filter(pc.equal(calls["kind"], "llm"))
    tools = calls.filter(pc.equal(calls["kind"], "tool"))
    executions = expected.get("tool_executions")
    by_hand = expected.get("manual_model_spans", expected.get("manual_llm_spans", []))
    unreported = expected["input_tokens"] - expected["input_tokens_reported"]
    if "traces" in expected:  # made by hand: what is true is told trace by trace, and tests compare it so
        return dict.fromkeys(MEASURES, (None, None))
    agents = set(found.spans.filter(pc.not_equal(found.spans["agent"], ""))["agent"].to_pylist())
    sessions = {name for table in (found.spans, found.events, found.points) for name in table["session_id"].to_pylist() if name}
    visible = expected.get("sessions_visible_in_telemetry")
    return {
        "calls": (_true(pc.invert(model["failed"])), expected["llm_ok"] + len(by_hand)),
        "input": (_sum(model, "input_tokens"), expected["input_tokens_incl_cache"] - unreported + sum(_inputs(span) for span in by_hand)),
        "output": (_sum(model, "output_tokens"), expected["output_tokens_reported"] + sum(span["output_tokens"] for span in by_hand)),
        "tools": (tools.num_rows, None if executions is None else sum(executions.values())),
        "failures": (_true(tools["failed"]), expected.get("tool_failures")),
        "agents": (agents, set(expected["agents"]) if "agents" in expected else None),
        "sessions": (sessions, None if visible is None else set(visible)),
    }


def _inputs(span: dict[str, Any]) -> int:
    return int(span.get("input_tokens_incl_cache") or span["input_tokens"])


def _sum(table: pa.Table, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def _true(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)


def _text(value: Any) -> str:
    return str(len(value)) if isinstance(value, set) else "-" if value is None else str(value)


if __name__ == "__main__":
    main()
