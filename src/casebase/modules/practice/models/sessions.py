"""Sessions as their person sees them: what can be practised, what was said, how far it is, what is left of the week."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Given, Stored
from casebase.modules.practice.enums import AnswerSource, ChatType, Role


class Allowance(Stored):
    """How many sessions somebody may still complete in the week that ends at ``resets_at``."""

    completed_this_week: int
    limit: int
    remaining: int
    resets_at: datetime


class Profile(Stored):
    """Somebody who practises."""

    user_id: UUID
    email: str | None
    created_at: datetime
    completed_scenario_count: int
    allowance: Allowance


class Scenario(Stored):
    """What can be practised."""

    scenario_id: int
    title: str
    emoji: str


class OfferedScenario(Scenario):
    """What can be practised, with the first words of the partner and of the helper."""

    initial_message_main: str
    initial_message_helper: str


class Scenarios(Stored):
    """All that can be practised."""

    items: tuple[OfferedScenario, ...]


class Progress(Stored):
    """How near a conversation is to its end: it should conclude between two counts of messages, and must at the cap."""

    message_count_main: int
    should_conclude: bool
    conclude_from: int
    conclude_until: int
    cap: int
    remaining: int


class Session(Stored):
    """One conversation in a scenario; an active one is deleted at ``expires_at`` unless somebody goes on with it."""

    session_id: UUID
    scenario_id: int
    is_completed: bool
    started_at: datetime
    last_activity_at: datetime
    expires_at: datetime | None
    completed_at: datetime | None
    duration_seconds: int | None
    message_count_main: int
    message_count_helper: int


class Message(Stored):
    """Something that was said in a chat; one that ``is_incomplete`` is an answer that broke off."""

    message_id: UUID
    role: Role
    chat_type: ChatType
    content: str
    timestamp: datetime
    client_id: UUID | None
    is_incomplete: bool


class RunningAnswer(Stored):
    """A reply that is being made."""

    answer_id: UUID
    chat_type: ChatType
    asked_message_id: UUID
    source: AnswerSource
    started_at: datetime


class ActiveSession(Stored):
    """All that a client needs to go on with a session."""

    session: Session
    scenario: Scenario
    messages: tuple[Message, ...]
    answers: tuple[RunningAnswer, ...]
    progress: Progress
    allowance: Allowance


class NewSession(Given):
    """What to practise."""

    scenario_id: int = Field(strict=True, ge=1, le=2**31 - 1, examples=[1])


class NewMessage(Given):
    """What to say, in which chat."""

    chat_type: ChatType
    content: str = Field(
        min_length=1, max_length=2000, pattern=r"\S", examples=["Ich hätte gern ein Kilo Äpfel."]
    )


class AppendedMessage(Stored):
    """What was said, as it is kept; ``is_repeated`` where it had been said before under its client's id."""

    message_id: UUID
    session_id: UUID
    chat_type: ChatType
    timestamp: datetime
    is_repeated: bool
    message_count_helper: int
    progress: Progress


class Messages(Stored):
    """What was said in a session; ``next_after`` is where what is said later begins."""

    session: Session
    scenario: Scenario
    items: tuple[Message, ...]
    next_after: datetime | None


class CompletedSession(Stored):
    """A session at its end, and what it left of the week."""

    session: Session
    is_repeated: bool
    completed_scenario_count: int
    allowance: Allowance


class AbandonedSession(Stored):
    """What was deleted."""

    session_id: UUID
    message_count_main: int
    message_count_helper: int


class PastSession(Session):
    """A completed session."""

    scenario: Scenario


class SessionHistory(Stored):
    """A page of somebody's completed sessions, newest first; ``next_before`` is where the next begins."""

    items: tuple[PastSession, ...]
    next_before: datetime | None


class DeletedRows(Stored):
    """How much was deleted."""

    sessions: int
    messages: int


class DeletedAccount(Stored):
    """The receipt of a deletion, told once: it names nobody."""

    receipt_id: UUID
    deleted: DeletedRows
