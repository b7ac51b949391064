"""The typed client of the module's RPCs: ``cb.practice`` of a ``Casebase`` connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from casebase.kernel import db
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.practice.enums import ChatType
from casebase.modules.practice.models import (
    AbandonedSession,
    ActiveSession,
    Answer,
    AppendedMessage,
    CompletedSession,
    DeletedAccount,
    DueCleanups,
    LogEventPage,
    LogFilter,
    LoggedEvents,
    LogRates,
    Messages,
    NewLogEvent,
    NewMessage,
    NewSession,
    Profile,
    Scenarios,
    SessionHistory,
)

S = TypeVar("S", bound=BaseModel)
Id = UUID | str


class Client:
    """Practise as the person of a session, or look after the module as the service.

    What is given may be a model or a mapping of its fields; a wrong one raises ``InvalidInputError`` naming each field.
    The RPCs' refusals are ``RpcError`` with the codes of ``docs/modules/practice-rpcs.md``. The partner and the helper
    answer over HTTP (``POST /v1/practice/sessions/{id}/messages``), where a process streams what they say.
    """

    def __init__(self, session: db.Session) -> None:
        self._session = session

    # -- for oneself -------------------------------------------------------------------------------

    async def list_scenarios(self) -> Scenarios:
        """Return what can be practised."""
        return await self._call(Scenarios, "list_scenarios")

    async def get_profile(self) -> Profile:
        """Return who the caller is here, and what is left of their week."""
        return await self._call(Profile, "get_profile")

    async def start_session(self, scenario_id: int) -> ActiveSession:
        """Begin a session; ``weekly_limit_reached`` after three of a week, ``session_active`` beside another."""
        given = validated(NewSession, {"scenario_id": scenario_id})
        return await self._call(ActiveSession, "start_session", **jsonable(given))

    async def get_active_session(self) -> ActiveSession | None:
        """Return the session that the caller can go on with, all that was said in it included; ``None`` without one."""
        found = await self._session.call("get_active_session")
        return None if found is None else ActiveSession.model_validate(found)

    async def append_message(
        self, session_id: Id, chat_type: ChatType | str, content: str, *, client_id: Id | None = None
    ) -> AppendedMessage:
        """Say something that nobody answers; said again under the same ``client_id`` it is there once."""
        given = validated(NewMessage, {"chat_type": chat_type, "content": content})
        return await self._call(
            AppendedMessage,
            "append_message",
            session_id=session_id,
            client_id=client_id or uuid4(),
            **jsonable(given),
        )

    async def read_answer(self, answer_id: Id, *, after: int = 0) -> Answer:
        """Return an answer from the piece after a position, while it is made or later."""
        return await self._call(Answer, "read_answer", answer_id=answer_id, after=after)

    async def list_messages(self, session_id: Id, *, after: datetime | None = None) -> Messages:
        """Return what was said in a session of the caller's after a moment, in both chats, oldest first."""
        return await self._call(Messages, "list_messages", session_id=session_id, after=after)

    async def complete_session(self, session_id: Id) -> CompletedSession:
        """End a session for good; it counts in the week it is completed in, once."""
        return await self._call(CompletedSession, "complete_session", session_id=session_id)

    async def abandon_session(self, session_id: Id) -> AbandonedSession:
        """Delete an active session with all that was said in it; it does not count."""
        return await self._call(AbandonedSession, "abandon_session", session_id=session_id)

    async def list_history(self, *, before: datetime | None = None, limit: int = 20) -> SessionHistory:
        """Return the caller's completed sessions before a moment, newest first; ``next_before`` goes on."""
        return await self._call(SessionHistory, "list_session_history", before=before, limit=limit)

    async def delete_account(self) -> DeletedAccount:
        """Delete the caller's account with all that is theirs; ``account_has_memberships`` while a tenant has them."""
        return await self._call(DeletedAccount, "delete_account")

    # -- for who administers the installation ------------------------------------------------------

    async def list_log_events(self, which: LogFilter | Mapping[str, Any] | None = None) -> LogEventPage:
        """Return a page of what the service did, newest first."""
        given = validated(LogFilter, which or {}).model_dump(mode="json", by_alias=True, exclude_none=True)
        return await self._call(LogEventPage, "list_log_events", payload=given)

    async def get_log_rates(self, since: datetime, until: datetime) -> LogRates:
        """Return how often what happened in a period of up to 31 days."""
        return await self._call(LogRates, "get_log_rates", **{"from": since, "until": until})

    # -- for services ------------------------------------------------------------------------------

    async def log_event(self, event: NewLogEvent | Mapping[str, Any]) -> LoggedEvents:
        """Note an event that has just happened: measures, never what was said."""
        return await self._call(LoggedEvents, "log_event", **jsonable(validated(NewLogEvent, event)))

    async def close_stale_answers(self, *, batch_limit: int = 100) -> int:
        """Close answers whose process is gone, keeping what was produced; return how many."""
        return await self._count("close_stale_answers", batch_limit)

    async def count_due_cleanups(self) -> DueCleanups:
        """Return how much each cleanup would do now; nothing is written."""
        return await self._call(DueCleanups, "count_due_cleanups")

    async def delete_expired_sessions(self, *, batch_limit: int = 500) -> int:
        """Delete a batch of sessions nothing was said in for seven days; return how many."""
        return await self._count("delete_expired_sessions", batch_limit)

    async def delete_old_logs(self, *, batch_limit: int = 5000) -> int:
        """Delete a batch of events older than thirty days; return how many."""
        return await self._count("delete_old_logs", batch_limit)

    async def reset_weekly_limits(self, *, batch_limit: int = 1000) -> int:
        """Begin the week of a batch of people anew whose week is over; return how many."""
        return await self._count("reset_weekly_limits", batch_limit)

    async def _call(self, kind: type[S], function: str, **arguments: Any) -> S:
        return kind.model_validate(await self._session.call(function, arguments))

    async def _count(self, function: str, batch_limit: int) -> int:
        counted: int = await self._session.call(function, {"batch_limit": batch_limit})
        return counted
