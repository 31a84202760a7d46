"""Silences: matchers and a time in; whether an alert is silenced, and by which, out. A maintenance window is a silence that begins later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from spyglass.alert.match import Matchers, matches
from spyglass.model.errors import InputError

__all__ = ["Silence", "read_silence", "silenced_by"]

_LONGEST_S: Final = 366 * 86_400


class Silence(BaseModel):
    """Nothing is told of alerts that match, for a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    matchers: Matchers = Field(min_length=1, max_length=20, description="All of them must hold.")
    starts: AwareDatetime = Field(description="From then on.")
    ends: AwareDatetime = Field(description="Until then.")
    comment: str = Field("", max_length=2000, description="Why.")
    author: str = Field("", max_length=256, description="Who says so.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 < (self.ends - self.starts).total_seconds() <= _LONGEST_S:
            raise ValueError("ends: expected a time after `starts`, a year at most")
        if all(matches((matcher,), {}) for matcher in self.matchers):
            raise ValueError("matchers: expected one that not every alert matches, such as rule=…")
        return self

    def active(self, now_ns: int) -> bool:
        """Whether it holds at a moment."""
        return self.starts.timestamp() <= now_ns / 1e9 < self.ends.timestamp()


def read_silence(body: dict[str, Any]) -> Silence:
    """One as it was kept, or as somebody wrote it.

    Raises:
        InputError: says what is wrong.
    """
    try:
        return Silence.model_validate(body)
    except ValidationError as error:
        raise InputError("; ".join(f"silence: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))) from None


def silenced_by(silences: Iterable[tuple[str, Silence]], labels: Mapping[str, str], now_ns: int) -> str:
    """The id of the first that holds; empty: none does."""
    return next((name for name, one in silences if one.active(now_ns) and matches(one.matchers, labels)), "")
