"""What the modules' typed values are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A snake_case word of at most 40 characters."""

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""A number as the database answers it: money, or a score."""


class Given(BaseModel):
    """Hold what a caller gives: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stored(BaseModel):
    """Hold what the database answers: a field it learns later does not break an older client."""

    model_config = ConfigDict(extra="ignore", frozen=True)
