"""What a viewer may say it wants: query parameters or a JSON message in, checked fields out. `filter.understand` gives them their meaning."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from spyglass.model.schema import Kind

__all__ = ["MAX_BURST", "MAX_RATE", "Wants"]

MAX_RATE: Final = 2_000.0
MAX_BURST: Final = 10_000
_MAX_VALUES: Final = 20


def _several(value: Any) -> Any:
    """`"a,b"`, `["a", "b"]` and `["a,b"]` are the same."""
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return value
    return [piece for part in parts for piece in (one.strip() for one in part.split(",")) if piece]


Text = Annotated[str, Field(max_length=512)]
Texts = Annotated[list[Text], BeforeValidator(_several), Field(max_length=_MAX_VALUES)]
Kinds = Annotated[list[Kind], BeforeValidator(_several)]


class Wants(BaseModel):
    """All of the conditions have to hold. Of a condition with several values (repeated, or with commas) one has to hold; `*` is a wildcard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: str = Field("default", max_length=128, description="The tenant whose records are meant.")
    kind: Kinds = Field([], description="Kinds of record: `span`, `event`, `point`. Default: all.")
    event_name: Texts = Field([], description="Event types, such as `process.exec` or `llm.*`.")
    severity: str | None = Field(
        None, max_length=32, description="Lowest severity: trace, debug, info, warning, error, critical. What failed counts as error, what has none as info."
    )
    source: Texts = Field([], description="Runner, instrumentation scope or service that told it.")
    agent: Texts = Field([], description="Agents, by name.")
    session: Texts = Field([], description="Session ids.")
    execution: Texts = Field([], description="Execution ids.")
    trace: Texts = Field([], description="Trace ids, 32 hexadecimal digits.")
    query: str = Field("", max_length=4096, description="A search expression; see docs/search.md.")
    rate: float = Field(100.0, gt=0, le=MAX_RATE, description="Most frames a second; what is over it is counted, not sent.")
    burst: int | None = Field(None, ge=1, le=MAX_BURST, description="Frames that may come at once after a pause. Default: twice the rate.")
    fields: Literal["lean", "full"] = Field("lean", description="`full`: frames also have the whole record, as `row`.")
    window_s: float | None = Field(None, ge=0.1, le=3600, allow_inf_nan=False, description="Send sums for each window of so many seconds, in place of records.")
    group_by: Texts = Field([], description="Fields of the search language by which the sums of a window are grouped.")
