"""File formats of `spyglass import` and `spyglass export`: one file per format.

Whatever the format, what is read becomes pieces of OTLP (`pieces.Piece`), and what is written comes as Arrow tables of `model.schema.SCHEMAS`.
"""

from typing import Literal

__all__ = ["Format", "FormatOrAuto", "What"]

Format = Literal["otlp-json", "otlp-proto", "jaeger", "zipkin", "parquet"]
FormatOrAuto = Literal["auto", "otlp-json", "otlp-proto", "jaeger", "zipkin", "parquet"]
What = Literal["spans", "events", "points"]
