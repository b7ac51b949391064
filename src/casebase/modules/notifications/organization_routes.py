"""``/v1/notifications``: what an organisation's administrators decide and see, and what services have evaluated."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.notifications.enums import ScenarioType
from casebase.modules.notifications.models import (
    DueCounts,
    DueNotificationPage,
    Evaluation,
    EvaluationRequest,
    EvaluationRunPage,
    NotificationOverview,
    NotificationSettings,
    NotificationSettingsChange,
    QueuedEvaluations,
    Recipient,
    ResendRequest,
    Resent,
    ScenarioConfig,
    ScenarioConfigChange,
)

router = APIRouter()

Cursor = Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")]
PageSize = Annotated[int, Query(ge=1, le=200)]


@router.post("/resend", response_model=Resent, summary="Send failed notifications again")
async def resend_failed(request: ResendRequest, caller: VerifiedCaller) -> Response:
    """Send the same ones again under the same keys; call again while ``is_more``."""
    return await caller.rpc("resend_failed_notifications", {"payload": jsonable(request)})


@router.get("/overview", response_model=NotificationOverview, summary="Count what was sent")
async def get_overview(
    caller: VerifiedCaller,
    from_day: date | None = None,
    to_day: date | None = None,
    organization_id: UUID | None = None,
) -> Response:
    """Return what an organisation's people were told in a period, by default the last 30 days."""
    return await caller.rpc(
        "get_notification_overview",
        {"organization_id": organization_id, "from_day": from_day, "to_day": to_day},
    )


@router.get("/due", response_model=DueNotificationPage, summary="List who is due now")
async def list_due(
    caller: VerifiedCaller,
    scenario_type: ScenarioType | None = None,
    outcome: Annotated[
        str | None, Query(pattern="^(notified|opted_out|cooldown|failed_recently|quiet_hours)$")
    ] = None,
    cursor: Annotated[UUID | None, Query(description="The last page's next_cursor.")] = None,
    page_size: PageSize = 50,
    organization_id: UUID | None = None,
) -> Response:
    """Return whom the rules find due at this moment, and what an evaluation would do; nothing is written."""
    return await caller.rpc(
        "list_due_notifications",
        {
            "organization_id": organization_id,
            "scenario_type": scenario_type,
            "outcome": outcome,
            "cursor": cursor,
            "page_size": page_size,
        },
    )


@router.get("/due/counts", response_model=DueCounts, summary="Count who is due now")
async def count_due(caller: VerifiedCaller, organization_id: UUID | None = None) -> Response:
    """Return what an evaluation would do at this moment, in numbers; nothing is written."""
    return await caller.rpc("count_due_notifications", {"organization_id": organization_id})


@router.get("/people/{user_id}", response_model=Recipient, summary="Get how somebody stands")
async def get_recipient(
    user_id: UUID, caller: VerifiedCaller, organization_id: UUID | None = None
) -> Response:
    """Return how one of an organisation's people stands with its rules."""
    return await caller.rpc(
        "get_notification_recipient", {"user_id": user_id, "organization_id": organization_id}
    )


@router.get("/evaluations", response_model=EvaluationRunPage, summary="List evaluations")
async def list_runs(
    caller: VerifiedCaller,
    cursor: Cursor = None,
    page_size: PageSize = 50,
    organization_id: UUID | None = None,
) -> Response:
    """Return a page of an organisation's evaluations, latest first."""
    return await caller.rpc(
        "list_evaluation_runs",
        {"organization_id": organization_id, "cursor": cursor, "page_size": page_size},
    )


@router.post("/evaluations", response_model=Evaluation, summary="Evaluate scenarios")
async def evaluate(request: EvaluationRequest, caller: VerifiedCaller) -> Response:
    """Find who is due and write their notifications with their jobs, or count only. For services."""
    return await caller.rpc("evaluate_scenarios", {"payload": jsonable(request)})


@router.post(
    "/organizations/{organization_id}/evaluations",
    status_code=202,
    response_model=QueuedEvaluations,
    summary="Have an organisation evaluated",
)
async def request_evaluation(
    organization_id: UUID,
    caller: VerifiedCaller,
    scenario_types: Annotated[
        tuple[ScenarioType, ...] | None, Body(embed=True, min_length=1, max_length=4)
    ] = None,
) -> Response:
    """Queue an evaluation of some scenarios or all; within the same minute it is the same job."""
    return await caller.rpc(
        "request_scenario_evaluation",
        {"organization_id": organization_id, "scenario_types": scenario_types},
        status_code=202,
    )


@router.get("/config", response_model=ScenarioConfig, summary="Get an organisation's rules")
async def get_config(caller: VerifiedCaller, organization_id: UUID | None = None) -> Response:
    """Return an organisation's rules, for its administrators and services."""
    return await caller.rpc("get_scenario_config", {"organization_id": organization_id})


@router.patch("/config", response_model=ScenarioConfig, summary="Change one of an organisation's rules")
async def set_config(change: ScenarioConfigChange, caller: VerifiedCaller) -> Response:
    """Change what is given; it holds from the next evaluation."""
    return await caller.rpc("set_scenario_config", {"payload": jsonable(change)})


@router.get("/settings", response_model=NotificationSettings, summary="Get an organisation's settings")
async def get_settings(caller: VerifiedCaller, organization_id: UUID | None = None) -> Response:
    """Return what holds for an organisation's people who decided nothing themselves."""
    return await caller.rpc("get_notification_settings", {"organization_id": organization_id})


@router.patch("/settings", response_model=NotificationSettings, summary="Change an organisation's settings")
async def set_settings(change: NotificationSettingsChange, caller: VerifiedCaller) -> Response:
    """Change what is given; null for both hours ends the quiet hours."""
    return await caller.rpc("set_notification_settings", {"payload": jsonable(change, only_given=True)})
