"""What a body may cost: errors of the roads that `decoder` turns into refusals. A small body must not fill the memory or hold up the others."""

from __future__ import annotations

from spyglass.decode.rules import MOST

__all__ = ["DepthError", "LargeValueError", "LimitError", "ManyError", "RepeatsError", "SlowError", "check_count"]


class LimitError(ValueError):
    """A body, or several together, would cost too much. `size` is what was found, in the unit of the limit."""

    def __init__(self, size: int = 0) -> None:
        super().__init__(str(size))
        self.size = size


class DepthError(LimitError):
    """More than `rules.DEEPEST` levels of lists in lists."""


class LargeValueError(LimitError):
    """A list of more than `rules.LARGEST` bytes."""


class ManyError(LimitError):
    """More than `rules.MOST` of something."""


class SlowError(LimitError):
    """More than `rules.SLOWEST` bytes that columns cannot read."""


class RepeatsError(LimitError):
    """More than `rules.REPEATED_LIMIT` bytes of what records repeat from the levels above them."""


def check_count(count: int) -> None:
    """See that there are not more than `rules.MOST` of something.

    Raises:
        ManyError: there are.
    """
    if count > MOST:
        raise ManyError(count)
