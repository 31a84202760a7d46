"""What a collector holds in, a file, a page or a request out: JSON, CSV, Prometheus text, a webhook, OTLP."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import requests

from spyglass_sdk.content import dump
from spyglass_sdk.guard import harmless
from spyglass_sdk.metrics import Reading
from spyglass_sdk.pipeline import flush
from spyglass_sdk.quiet import quiet

__all__ = ["CSVExporter", "Exporter", "JSONExporter", "OTLPExporter", "PrometheusExporter", "WebhookExporter", "prometheus_text"]

_MOST_BYTES, _MOST_NODES = 256 * 2**20, 2**22  # of a document
_LABEL: Final = re.compile(r"[^a-zA-Z0-9_]")
_NAME: Final = re.compile(r"[^a-zA-Z0-9_:]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets would run

Records = Sequence[Mapping[str, Any]]


class Exporter(Protocol):
    """Takes records of executions and readings of metrics. True when they are where they belong; it may wait, and is called in a thread of its own."""

    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Bring them there."""


class JSONExporter:
    """One JSON document: `{"executions": […], "metrics": […]}`."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    @harmless(False)
    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Write the file anew; a half-written one is never seen."""
        _write(self._path, _document(records, readings) + "\n")
        return True


class CSVExporter:
    """One line per execution; columns are all fields that occur."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    @harmless(False)
    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Write the file anew. Metrics have no place in it."""
        del readings
        columns = list(dict.fromkeys(name for record in records for name in record))
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
        _write(self._path, out.getvalue())
        return True


class PrometheusExporter:
    """The text format that Prometheus reads, for a textfile collector."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    @harmless(False)
    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Write the file anew. Executions are in it as the metrics that they made."""
        del records
        _write(self._path, prometheus_text(readings))
        return True


class WebhookExporter:
    """A POST of the JSON document. A status of 300 or more is a failure, which the collector tries again with the next export."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0) -> None:
        self._url, self._headers, self._timeout_s = url, dict(headers or {}), timeout_s

    @harmless(False)
    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Send it."""
        quiet()
        headers = {"content-type": "application/json", **self._headers}
        answer = requests.post(self._url, _document(records, readings).encode(), headers=headers, timeout=self._timeout_s, allow_redirects=False)
        return 200 <= answer.status_code < 300


class OTLPExporter:
    """What is recorded goes to Spyglass as it is recorded; this waits until it is there."""

    def __init__(self, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s

    def export(self, records: Records, readings: Sequence[Reading]) -> bool:
        """Wait for delivery."""
        del records, readings
        return bool(flush(self._timeout_s))


def prometheus_text(readings: Sequence[Reading]) -> str:
    """Readings in the text exposition format 0.0.4."""
    lines: list[str] = []
    told: set[str] = set()
    for reading in readings:
        name = _name(reading)
        if name not in told:
            told.add(name)
            if reading.description:
                lines.append(f"# HELP {name} {_escaped(reading.description, quote=False)}")
            lines.append(f"# TYPE {name} {reading.kind}")
        lines.extend(_samples(name, reading))
    return "\n".join(lines) + "\n" if lines else ""


def _document(records: Records, readings: Sequence[Reading]) -> str:
    return dump({"executions": list(records), "metrics": [_plain(reading) for reading in readings]}, _MOST_BYTES, _MOST_NODES)[0]


def _samples(name: str, reading: Reading) -> list[str]:
    if reading.kind in ("counter", "gauge"):
        return [_sample(name, reading.labels, reading.value)]
    parts = [_sample(name, {**reading.labels, "quantile": f"{part:g}"}, value) for part, value in reading.quantiles.items()]
    buckets = {**reading.buckets, math.inf: reading.count} if reading.kind == "histogram" else {}
    parts += [_sample(f"{name}_bucket", {**reading.labels, "le": "+Inf" if bound == math.inf else f"{bound:g}"}, count) for bound, count in buckets.items()]
    return [*parts, _sample(f"{name}_sum", reading.labels, reading.total), _sample(f"{name}_count", reading.labels, reading.count)]


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{_LABEL.sub("_", label)}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value:.17g}" if told else f"{name} {value:.17g}"


def _name(reading: Reading) -> str:
    name = _NAME.sub("_", reading.name)
    name = f"_{name}" if name[:1].isdigit() else name
    return f"{name}_total" if reading.kind == "counter" and not name.endswith("_total") else name


def _escaped(text: str, quote: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quote else text


def _plain(reading: Reading) -> dict[str, Any]:
    told = {"name": reading.name, "kind": reading.kind, "unit": reading.unit, "labels": reading.labels, "value": reading.value, "count": reading.count}
    if reading.kind in ("histogram", "summary"):
        told |= {"sum": reading.total, "min": reading.low, "max": reading.high}
    if reading.quantiles:
        told["quantiles"] = {f"{part:g}": value for part, value in reading.quantiles.items()}
    return told


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else dump(value, 32_768)[0]
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
