"""What all models of the API have in common: those that are told, and those that are asked with."""

from __future__ import annotations

from pydantic import BaseModel

__all__ = ["Answer", "Body"]


class Answer(BaseModel, defer_build=True):
    """What is told. Built when it is first needed, mostly for the OpenAPI text alone: to build all of them takes a tenth of the start."""


class Body(BaseModel, extra="forbid"):
    """What is sent: a key that nobody knows is an error."""
