"""Conversations to score, and how they went."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Given, Stored

Measure = bool | int | float | None
# What was said is not kept as a name either.
_MeasureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
# A code, as elsewhere at the desk: an address would be somebody's.
_SessionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$")]


class Message(Given):
    """Something said in a conversation: measured, and neither stored nor logged."""

    role: Literal["user", "assistant", "system"]
    content: str = Field(max_length=100_000, repr=False)
    at: AwareDatetime | None = None
    is_error: bool = Field(default=False, strict=True)


class Feedback(Given):
    """What somebody thought of a conversation; the text is masked where it is stored."""

    rating: int | None = Field(default=None, strict=True, ge=1, le=5)
    is_resolved: bool | None = Field(default=None, strict=True)
    text: str | None = Field(default=None, max_length=4000, repr=False)


class Conversation(Given):
    """A conversation to score; scored again, its score is replaced."""

    tenant_id: UUID | None = None
    session_id: _SessionId
    user_id: UUID | None = None
    messages: tuple[Message, ...] = Field(max_length=2000)
    feedback: Feedback | None = None


class NewConversationScore(Given):
    """A score to store: a whole number from 0 to 100, and the measures that it was made of."""

    tenant_id: UUID | None = None
    session_id: _SessionId
    user_id: UUID | None = None
    score: int = Field(strict=True, ge=0, le=100)
    version: int = Field(strict=True, ge=1, le=1000)
    feedback: str | None = Field(default=None, max_length=4000, repr=False)
    measures: dict[_MeasureName, Measure] = Field(default_factory=dict, max_length=60)


class StoredScore(Stored):
    """A score that was stored; ``is_replaced`` if the session had one of this version."""

    score_id: UUID
    tenant_id: UUID
    session_id: str
    score: int
    version: int
    measures: dict[str, Measure]
    created_at: datetime
    updated_at: datetime
    is_replaced: bool


class ConversationScore(Stored):
    """How a conversation went, and what was said of it."""

    score_id: UUID
    tenant_id: UUID
    session_id: str
    user_id: UUID | None
    score: int
    version: int
    feedback: str | None = Field(repr=False)
    measures: dict[str, Measure]
    created_at: datetime
    updated_at: datetime


class ScoreFilter(Given):
    """Which of a tenant's scores to list, and how many at once."""

    tenant_id: UUID | None = None
    session_id: str | None = Field(default=None, min_length=1, max_length=200)
    version: int | None = Field(default=None, strict=True, ge=1, le=1000)
    min_score: int | None = Field(default=None, strict=True, ge=0, le=100)
    max_score: int | None = Field(default=None, strict=True, ge=0, le=100)
    since: Annotated[AwareDatetime | None, Field(serialization_alias="from")] = None
    until: AwareDatetime | None = None
    cursor: str | None = Field(default=None, max_length=200, pattern="^([0-9a-f]{2})+$")
    page_size: int | None = Field(default=None, strict=True, ge=1, le=200)


class ScorePage(Stored):
    """A page of scores, newest first."""

    items: tuple[ConversationScore, ...]
    next_cursor: str | None


class ScorePoint(Stored):
    """The scores of a day, where the tenant is, by one version of the scoring."""

    day: date
    version: int
    count: int
    avg: float
    p50: float
    min: int
    max: int


class ScoreTrend(Stored):
    """The scores of a period by the day; days without any are left out."""

    tenant_id: UUID
    since: datetime = Field(alias="from")
    until: datetime
    time_zone: str
    points: tuple[ScorePoint, ...]
