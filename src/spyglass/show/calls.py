"""What an item of a list says when it has no calls."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["NO_CALLS"]

_COUNTS = "model_calls model_errors tool_calls tool_errors input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens".split()
NO_CALLS: Final[dict[str, Any]] = dict.fromkeys(_COUNTS, 0) | {"cost_usd": 0.0}
