"""Which kind of record a signal becomes, and the columns of each kind that decode fills."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

import pyarrow as pa

from spyglass.model.body import Signal
from spyglass.model.schema import CANONICAL, SCHEMAS, Kind

__all__ = ["KINDS", "WIRE"]

KINDS: Final[dict[Signal, Kind]] = {"traces": Kind.SPAN, "logs": Kind.EVENT, "metrics": Kind.POINT}

_CANONICAL: Final = {name for name, _ in CANONICAL}
# The wire columns stand first; refine adds all from the first canonical one on.
WIRE: Final[dict[Kind, pa.Schema]] = {kind: pa.schema(list(takewhile(lambda field: field.name not in _CANONICAL, schema))) for kind, schema in SCHEMAS.items()}
