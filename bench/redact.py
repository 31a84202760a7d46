"""What redaction and pricing cost: spans per second of processor time.

    python -m bench.redact [--seconds 2]

Spans of 830 bytes as in the issue's load: `clean` have no secrets (nearly all telemetry), `secrets` one in every hundredth span, `pyarrow` is the first pass
without the google-re2 package. `priced` are the same spans, half of them model calls of four models.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from bench import workload
from spyglass.decode.decoder import Decoder
from spyglass.model.batch import Batch
from spyglass.model.body import Body
from spyglass.refine import suspects
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.refine.price import Pricer
from spyglass.refine.redact import Redactor

SIZES = (512, 4096)


def spans(n: int) -> Batch:
    """About n spans, decoded."""
    body = workload.spans(n).stamp(1, time.time_ns())
    batch = Decoder().decode("traces", [Body("traces", "protobuf", body)], time.time_ns()).batch
    return batch.with_rows(batch.rows.combine_chunks())


def with_secrets(batch: Batch) -> Batch:
    """A key in the name of every hundredth span."""
    names = batch.rows["name"].to_pylist()
    names[::100] = [f"call with sk-{'ant'}-{'a1B2c3D4e5F6' * 2}"] * len(names[::100])
    at = batch.rows.schema.get_field_index("name")
    return batch.with_rows(batch.rows.set_column(at, batch.rows.schema.field(at), [names]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each line")
    options = parser.parse_args()
    fast = Redactor()
    found, suspects.re2 = suspects.re2, None
    slow = Redactor()
    suspects.re2 = found
    normalise, price = Normaliser(Dialects.load()), Pricer()
    print(f"{'spans':12} {'per call':>8} {'ms/call':>9} {'spans/cpu-s':>12}")
    for size in SIZES:
        clean = spans(size)
        normal = normalise(clean)
        lines: dict[str, tuple[Callable[[Batch], object], Batch]] = {
            "clean": (fast, clean),
            "secrets": (fast, with_secrets(clean)),
            "pyarrow": (slow, clean),
            "priced": (price, normal),
        }
        for name, (run, batch) in lines.items():
            best = _best(lambda run=run, batch=batch: run(batch), options.seconds)  # type: ignore[misc]
            print(f"{name:12} {len(batch):>8} {best * 1e3:>9.2f} {len(batch) / best:>12,.0f}")


def _best(run: Callable[[], object], seconds: float) -> float:
    """Processor seconds of one call: the best of many."""
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
