"""Answers of the partner and of the helper: pieces while they are made, and how they ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from casebase.kernel.models import Stored
from casebase.modules.practice.enums import AnswerSource, AnswerStatus, ChatType
from casebase.modules.practice.models.sessions import Progress


class AskedMessage(Stored):
    """What is answered."""

    answer_id: UUID
    message_id: UUID
    client_id: UUID
    chat_type: ChatType
    timestamp: datetime
    source: AnswerSource
    progress: Progress


class Chunk(Stored):
    """A piece of an answer, as it was sent."""

    position: int
    text: str


class AnswerEnd(Stored):
    """What came of an answer: its message, or the code of what it failed with."""

    message_id: UUID | None = None
    is_incomplete: bool | None = None
    timestamp: datetime | None = None
    source: AnswerSource | None = None
    progress: Progress | None = None
    code: str | None = None


class Answer(Stored):
    """An answer from a position on; ``end`` is null while it is made."""

    answer_id: UUID
    session_id: UUID
    status: AnswerStatus
    message: AskedMessage
    chunks: tuple[Chunk, ...]
    end: AnswerEnd | None
