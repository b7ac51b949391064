"""``/v1/practice``: one's own sessions and chats, and the service's log and cleanup."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.practice import chat_routes
from casebase.modules.practice.enums import EventType, Level
from casebase.modules.practice.models import (
    AbandonedSession,
    ActiveSession,
    AppendedMessage,
    CompletedSession,
    DeletedAccount,
    DueCleanups,
    LogEventPage,
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

router = APIRouter()
router.include_router(chat_routes.router)

_Since = Annotated[AwareDatetime | None, Query(alias="from")]
_BatchLimit = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/scenarios", response_model=Scenarios, summary="List what can be practised")
async def list_scenarios(caller: VerifiedCaller) -> Response:
    """Return the scenarios, with the first words of the partner and of the helper."""
    return await caller.rpc("list_scenarios")


@router.get("/profile", response_model=Profile, summary="Get one's own profile")
async def get_profile(caller: VerifiedCaller) -> Response:
    """Return who the caller is here, and what is left of their week."""
    return await caller.rpc("get_profile")


@router.delete("/account", response_model=DeletedAccount, summary="Delete one's own account")
async def delete_account(caller: VerifiedCaller) -> Response:
    """Delete the caller's account with all that is theirs, completed sessions too, for good."""
    return await caller.rpc("delete_account")


@router.post("/sessions", status_code=201, response_model=ActiveSession, summary="Begin a session")
async def start_session(session: NewSession, caller: VerifiedCaller) -> Response:
    """Begin a session in a scenario, one at a time, three completed a week; returns its first two messages."""
    return await caller.rpc("start_session", jsonable(session), status_code=201)


@router.get("/sessions", response_model=SessionHistory, summary="List one's own completed sessions")
async def list_history(
    caller: VerifiedCaller,
    before: Annotated[AwareDatetime | None, Query(description="The last page's next_before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """Return the caller's completed sessions, newest first."""
    return await caller.rpc("list_session_history", {"before": before, "limit": limit})


@router.get("/sessions/active", response_model=ActiveSession | None, summary="Get the session that can go on")
async def get_active_session(caller: VerifiedCaller) -> Response:
    """Return the caller's active session with all that was said in it, or null."""
    return await caller.rpc("get_active_session")


@router.get(
    "/sessions/{session_id}/messages", response_model=Messages, summary="List what was said in a session"
)
async def list_messages(
    session_id: UUID,
    caller: VerifiedCaller,
    after: Annotated[AwareDatetime | None, Query(description="The last reply's next_after.")] = None,
) -> Response:
    """Return both chats of a session of the caller's, completed or not, oldest first."""
    return await caller.rpc("list_messages", {"session_id": session_id, "after": after})


@router.put(
    "/sessions/{session_id}/messages/{client_id}",
    response_model=AppendedMessage,
    summary="Say something that nobody answers",
)
async def append_message(
    session_id: UUID, client_id: UUID, message: NewMessage, caller: VerifiedCaller
) -> Response:
    """Keep what the caller says under the client's id for it; sent again, it is there once."""
    named = {"session_id": session_id, "client_id": client_id}
    return await caller.rpc("append_message", {**named, **jsonable(message)})


@router.post("/sessions/{session_id}/complete", response_model=CompletedSession, summary="Complete a session")
async def complete_session(session_id: UUID, caller: VerifiedCaller) -> Response:
    """End a session for good; it counts in the week it is completed in, once."""
    return await caller.rpc("complete_session", {"session_id": session_id})


@router.delete("/sessions/{session_id}", response_model=AbandonedSession, summary="Abandon a session")
async def abandon_session(session_id: UUID, caller: VerifiedCaller) -> Response:
    """Delete an active session with all that was said in it; it does not count."""
    return await caller.rpc("abandon_session", {"session_id": session_id})


@router.get("/log", response_model=LogEventPage, summary="List what the service did")
async def list_log_events(
    caller: VerifiedCaller,
    level: Level | None = None,
    event_type: EventType | None = None,
    session_id: UUID | None = None,
    since: _Since = None,
    until: AwareDatetime | None = None,
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Return a page of the operational log, newest first. For the installation's administrators and services."""
    which = {
        "level": level,
        "event_type": event_type,
        "session_id": session_id,
        "from": since,
        "until": until,
        "cursor": cursor,
        "page_size": page_size,
    }
    payload = {name: value for name, value in which.items() if value is not None}
    return await caller.rpc("list_log_events", {"payload": payload})


@router.get("/log/rates", response_model=LogRates, summary="Count what the service did")
async def get_log_rates(
    caller: VerifiedCaller, since: Annotated[AwareDatetime, Query(alias="from")], until: AwareDatetime
) -> Response:
    """Return how often what happened in a period of up to 31 days, by the hour or the day."""
    return await caller.rpc("get_log_rates", {"from": since, "until": until})


@router.post("/log", status_code=201, response_model=LoggedEvents, summary="Note an event")
async def log_event(event: NewLogEvent, caller: VerifiedCaller) -> Response:
    """Note what another part of the product did: measures, never what was said. For services."""
    return await caller.rpc("log_event", jsonable(event), status_code=201)


@router.get("/cleanup", response_model=DueCleanups, summary="Count what is to be cleaned up")
async def count_due_cleanups(caller: VerifiedCaller) -> Response:
    """Return how much each cleanup would do now. For services."""
    return await caller.rpc("count_due_cleanups")


@router.post("/cleanup/answers", response_model=int, summary="Close answers that broke off")
async def close_stale_answers(
    caller: VerifiedCaller, batch_limit: Annotated[int, Query(ge=1, le=5000)] = 100
) -> Response:
    """Close answers whose process is gone, keeping what was produced; return how many. For services."""
    return await caller.rpc("close_stale_answers", {"batch_limit": batch_limit})


@router.post("/cleanup/sessions", response_model=int, summary="Delete expired sessions")
async def delete_expired_sessions(caller: VerifiedCaller, batch_limit: _BatchLimit = 500) -> Response:
    """Delete a batch of sessions in which nothing was said for seven days; return how many. For services."""
    return await caller.rpc("delete_expired_sessions", {"batch_limit": batch_limit})


@router.post("/cleanup/logs", response_model=int, summary="Delete old events")
async def delete_old_logs(caller: VerifiedCaller, batch_limit: _BatchLimit = 5000) -> Response:
    """Delete a batch of events that are older than thirty days; return how many. For services."""
    return await caller.rpc("delete_old_logs", {"batch_limit": batch_limit})


@router.post("/cleanup/weeks", response_model=int, summary="Begin weeks anew")
async def reset_weekly_limits(caller: VerifiedCaller, batch_limit: _BatchLimit = 1000) -> Response:
    """Begin the week of a batch of people anew whose week is over; return how many. For services."""
    return await caller.rpc("reset_weekly_limits", {"batch_limit": batch_limit})
