"""Read-only SQL over the public tables."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final

from fastapi import Header, Request, Response
from pydantic import Field

from spyglass.show.leaving import unless_gone
from spyglass.show.models.base import Body
from spyglass.show.models.figures import SqlAnswer, SqlSchema
from spyglass.show.parameters import ProjectOrAll, one_project
from spyglass.show.render import Json, rows
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.show.tabular import readable, to_csv
from spyglass.store.gate import TABLES, Format, Limits, run_user_sql
from spyglass.store.read.asking import ask

__all__ = ["router"]

router = resource(tags=["sql"])

_CSV: Final = "text/csv"
_FORMATS: Final[dict[str, Format]] = {  # as the database writes them: ids stay bytes
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.apache.arrow.stream": "ArrowStream",
}


class Question(Body):
    """One SELECT and the values of its parameters."""

    sql: str = Field(max_length=32_768, description="One SELECT over spans, events, points, messages, calls, traces.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Values of the `{name:Type}` in the text.")


@router.post(
    "/sql",
    response_model=SqlAnswer,
    summary="Ask the store with SQL; nothing can be changed with it",
    responses={
        200: {
            "content": {media: {} for media in (_CSV, *_FORMATS)},
            "description": "Rows as JSON objects under `items`, or as the format that Accept asks for.",
        }
    },
)
async def ask_sql(
    request: Request, services: Using, question: Question, project: ProjectOrAll = "default", accept: Annotated[str, Header()] = "application/json"
) -> Response:
    """No files, urls, remote tables, writes; limits on time, memory and rows. Ids come as hex, times as ISO 8601; in Arrow and Parquet ids are bytes.

    A client that leaves ends its query.
    """
    tag = secrets.token_hex(8)
    return await unless_gone(request, lambda: _answer(services, question, one_project(project), accept, tag), lambda: services.engine.cancel(tag))


def _answer(services: Services, question: Question, project: str | None, accept: str, tag: str) -> Response:
    settings = services.settings.query
    limits = Limits(timeout_s=settings.timeout_s, memory_bytes=settings.max_memory_bytes, max_rows=settings.max_rows)
    for media, form in _FORMATS.items():
        if media in accept:
            data = run_user_sql(services.engine, question.sql, question.parameters, project=project, form=form, limits=limits, tag=tag)
            return Response(data, media_type=media)
    table = run_user_sql(services.engine, question.sql, question.parameters, project=project, limits=limits, tag=tag)
    table = readable(table)
    if _CSV in accept:
        return Response(to_csv(table), media_type=_CSV)
    return Json({"items": rows(table), "columns": table.column_names, "next_cursor": None})


@router.get("/sql/schema", response_model=SqlSchema, summary="The tables that SQL may ask, with their columns")
def sql_schema(services: Using) -> Json:
    """In the order in which `SELECT *` gives them."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for row in rows(ask(services.engine.read, "gate/columns", {"tables": list(TABLES)})):
        tables[row["table"]].append({"name": row["name"], "type": row["type"]})
    return Json({"items": [{"table": table, "columns": columns} for table, columns in tables.items()], "next_cursor": None})
