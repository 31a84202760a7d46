"""Read-only SQL over the public tables."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from spyglass.show.models.figures import SqlAnswer, SqlSchema
from spyglass.show.render import Json, rows
from spyglass.show.services import Using
from spyglass.store.gate import TABLES, Format, Limits, run_user_sql
from spyglass.store.read.asking import ask

__all__ = ["router"]

router = APIRouter(tags=["sql"])

_FORMATS: Final[dict[str, Format]] = {
    "text/csv": "CSVWithNames",
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.apache.arrow.stream": "ArrowStream",
}


class Question(BaseModel):
    """One SELECT and the values of its parameters."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(max_length=100_000, description="One SELECT over spans, events, points, messages, calls, traces.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Values of the `{name:Type}` in the text.")


@router.post(
    "/sql",
    response_model=SqlAnswer,
    summary="Ask the store with SQL; nothing can be changed with it",
    responses={
        200: {"content": {media: {} for media in _FORMATS}, "description": "Rows as JSON objects under `items`, or as the format that Accept asks for."}
    },
)
def ask_sql(
    services: Using,
    question: Question,
    project: Annotated[str | None, Query(max_length=128, description="Only records of this project; without it the text sees all.")] = None,
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """No files, urls, remote tables, writes; limits on time, memory and rows. Ids come as hex, times as ISO 8601."""
    settings = services.settings.query
    limits = Limits(timeout_s=settings.timeout_s, memory_bytes=settings.max_memory_bytes, max_rows=settings.max_rows)
    for media, form in _FORMATS.items():
        if media in accept:
            data = run_user_sql(services.engine, question.sql, question.parameters, project=project, form=form, limits=limits)
            return Response(data, media_type=media)
    table = run_user_sql(services.engine, question.sql, question.parameters, project=project, limits=limits)
    return Json({"items": rows(table), "columns": table.column_names, "next_cursor": None})


@router.get("/sql/schema", response_model=SqlSchema, summary="The tables that SQL may ask, with their columns")
def sql_schema(services: Using) -> Json:
    """In the order in which `SELECT *` gives them."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for row in rows(ask(services.engine.read, "gate/columns", {"tables": list(TABLES)})):
        tables[row["table"]].append({"name": row["name"], "type": row["type"]})
    return Json({"items": [{"table": table, "columns": columns} for table, columns in tables.items()], "next_cursor": None})
