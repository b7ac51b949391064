"""What the module's typed values are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

Tier = Annotated[str, StringConstraints(pattern=r"^tier[0-9]$")]
"""A row of ``enforcement_tier_lookup``."""

Actor = Annotated[str, StringConstraints(max_length=120)]
"""Who did it, as a service states it; of a signed-in person the token says it."""

Note = Annotated[str, StringConstraints(max_length=2000)]
"""Free text, masked before it is kept."""

DocumentPath = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""Key of a file: the ``storage_path`` of an added document, or of the caller's own store."""

Metadata = dict[str, Any]
"""Structured data, masked before it is kept."""

Money = Annotated[Decimal, Field(ge=0, le=1_000_000_000, decimal_places=2)]
"""US dollars and cents."""

Score = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
"""A score from 0 to 100 with two decimals."""
