"""What the module's typed values are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A snake_case word of at most 40 characters."""

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

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""A number as the database answers it: dollars, or a score."""


class Given(BaseModel):
    """Hold what a caller gives: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stored(BaseModel):
    """Hold what the database answers: a field it learns later does not break an older client."""

    model_config = ConfigDict(extra="ignore", frozen=True)
