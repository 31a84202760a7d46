"""Questions at the same time: each of a small one's milliseconds is mostly spent on planning, by one thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar, overload

__all__ = ["together"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
_BESIDE: Final = ThreadPoolExecutor(4, thread_name_prefix="question")  # as many as the engine has handles for


@overload
def together(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], /) -> tuple[A, B, C]: ...
@overload
def together(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D], /) -> tuple[A, B, C, D]: ...
def together(first: Callable[[], Any], *others: Callable[[], Any]) -> tuple[Any, ...]:
    """All answers, in order; an error of one is raised when all have ended. None may call this."""
    beside = [_BESIDE.submit(other) for other in others]
    try:
        told = first()
    finally:
        wait(beside)
    return (told, *(other.result() for other in beside))
