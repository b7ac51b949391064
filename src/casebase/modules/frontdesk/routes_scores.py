"""``/v1/frontdesk/scores``: how conversations went."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.frontdesk import scoring
from casebase.modules.frontdesk.models.scores import (
    Conversation,
    NewConversationScore,
    ScorePage,
    ScoreTrend,
    StoredScore,
)

router = APIRouter(prefix="/scores")

_Bound = Annotated[int | None, Query(ge=0, le=100)]


@router.post("", status_code=201, response_model=StoredScore, summary="Score a conversation")
async def score_conversation(conversation: Conversation, caller: VerifiedCaller) -> Response:
    """Measure a conversation and keep its score, not what was said. For administrators and services."""
    feedback = conversation.feedback
    made = scoring.score(conversation.messages, feedback)
    score = NewConversationScore(
        tenant_id=conversation.tenant_id,
        session_id=conversation.session_id,
        user_id=conversation.user_id,
        score=made.score,
        version=made.version,
        feedback=feedback.text if feedback else None,
        measures=made.measures,
    )
    return await caller.rpc("score_conversation", {"payload": jsonable(score)}, status_code=201)


@router.get("", response_model=ScorePage, summary="List a tenant's scores")
async def list_scores(
    caller: VerifiedCaller,
    tenant_id: UUID | None = None,
    session_id: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    version: Annotated[int | None, Query(ge=1, le=1000)] = None,
    min_score: _Bound = None,
    max_score: _Bound = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: AwareDatetime | None = None,
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Return a page of a tenant's scores, newest first. For its administrators and services."""
    which = {
        "tenant_id": tenant_id,
        "session_id": session_id,
        "version": version,
        "min_score": min_score,
        "max_score": max_score,
        "from": since,
        "until": until,
        "cursor": cursor,
        "page_size": page_size,
    }
    payload = {name: value for name, value in which.items() if value is not None}
    return await caller.rpc("list_conversation_scores", {"payload": payload})


@router.get("/trend", response_model=ScoreTrend, summary="Get the scores by the day")
async def get_score_trend(
    caller: VerifiedCaller,
    since: Annotated[AwareDatetime, Query(alias="from")],
    until: AwareDatetime,
    tenant_id: UUID | None = None,
) -> Response:
    """Return how many conversations of a period went how well, by the day. For administrators and services."""
    return await caller.rpc("get_score_trend", {"from": since, "until": until, "tenant_id": tenant_id})
