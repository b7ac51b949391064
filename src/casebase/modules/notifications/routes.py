"""``/v1/notifications``: one's own notifications and wishes, facts for the rules, and an organisation's part."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.notifications import organization_routes
from casebase.modules.notifications.enums import DeliveryStatus, ScenarioType
from casebase.modules.notifications.models import (
    Device,
    DeviceToken,
    KeptCertifications,
    MyCertification,
    MyNotificationPage,
    NewActivities,
    NewCertifications,
    NewScenarioNotification,
    Preferences,
    PreferencesChange,
    ReadNotification,
    RecordedActivities,
    RemovedCertification,
    RevokedDevice,
    RevokedToken,
    ScenarioNotification,
    SentNotificationPage,
)

router = APIRouter()
router.include_router(organization_routes.router)


@router.get("", response_model=SentNotificationPage, summary="List an organisation's notifications")
async def list_notifications(
    caller: VerifiedCaller,
    scenario_type: ScenarioType | None = None,
    delivery_status: DeliveryStatus | None = None,
    user_id: UUID | None = None,
    cursor: organization_routes.Cursor = None,
    page_size: organization_routes.PageSize = 50,
    organization_id: UUID | None = None,
) -> Response:
    """Return a page of an organisation's notifications, newest first, for its administrators and services."""
    return await caller.rpc(
        "list_scenario_notifications",
        {
            "organization_id": organization_id,
            "scenario_type": scenario_type,
            "delivery_status": delivery_status,
            "user_id": user_id,
            "cursor": cursor,
            "page_size": page_size,
        },
    )


@router.post("", status_code=201, response_model=ScenarioNotification, summary="Write a notification")
async def insert_notification(notification: NewScenarioNotification, caller: VerifiedCaller) -> Response:
    """Write one that something other than the rules decided on; a pending one is sent. For services."""
    payload = jsonable(notification)
    return await caller.rpc("insert_scenario_notification", {"payload": payload}, status_code=201)


@router.get("/mine", response_model=MyNotificationPage, summary="List one's own notifications")
async def list_mine(
    caller: VerifiedCaller,
    before: Annotated[AwareDatetime | None, Query(description="The last page's next_before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """Return the caller's notifications, newest first, written in their language."""
    return await caller.rpc("list_my_notifications", {"before": before, "limit": limit})


@router.post("/mine/{notification_id}/read", response_model=ReadNotification, summary="Mark one as read")
async def mark_read(notification_id: UUID, caller: VerifiedCaller) -> Response:
    """Keep when the caller first read a notification of theirs."""
    return await caller.rpc("mark_notification_read", {"id": notification_id})


@router.get("/preferences", response_model=Preferences, summary="Get one's own preferences")
async def get_preferences(caller: VerifiedCaller) -> Response:
    """Return what the caller wants of each scenario, and on whose clock."""
    return await caller.rpc("get_notification_preferences")


@router.patch("/preferences", response_model=Preferences, summary="Change one's own preferences")
async def set_preferences(change: PreferencesChange, caller: VerifiedCaller) -> Response:
    """Change what is given; null gives it back to the organisation, and takes quiet hours away."""
    return await caller.rpc("set_notification_preferences", {"payload": jsonable(change, only_given=True)})


@router.post("/devices", response_model=Device, summary="Register a device")
async def register_device(device: DeviceToken, caller: VerifiedCaller) -> Response:
    """Have pushes sent to a device of the caller; to be called at every start of an app."""
    return await caller.rpc("register_device_token", jsonable(device))


@router.post("/devices/revoke", response_model=RevokedDevice, summary="Revoke a device")
async def revoke_device(device: RevokedToken, caller: VerifiedCaller) -> Response:
    """Have no more pushes sent to a device of the caller, who signs out of it."""
    return await caller.rpc("revoke_device_token", jsonable(device))


@router.post(
    "/activities", status_code=201, response_model=RecordedActivities, summary="Record what people did"
)
async def record_activities(activities: NewActivities, caller: VerifiedCaller) -> Response:
    """Record activities of the caller or, for administrators and services, of an organisation's members."""
    return await caller.rpc("record_activities", {"payload": jsonable(activities)}, status_code=201)


@router.get(
    "/certifications", response_model=tuple[MyCertification, ...], summary="List one's own certifications"
)
async def list_certifications(caller: VerifiedCaller) -> Response:
    """Return what the caller is certified for, the soonest to expire first."""
    return await caller.rpc("list_my_certifications")


@router.put("/certifications", response_model=KeptCertifications, summary="Set what people are certified for")
async def set_certifications(certifications: NewCertifications, caller: VerifiedCaller) -> Response:
    """Set until which day; one that is known by its name is renewed, and its reminders begin anew."""
    return await caller.rpc("set_certifications", {"payload": jsonable(certifications)})


@router.delete(
    "/certifications/{certification_id}",
    response_model=RemovedCertification,
    summary="Remove a certification",
)
async def remove_certification(certification_id: UUID, caller: VerifiedCaller) -> Response:
    """Remove a certification of the caller or, for administrators, of a member."""
    return await caller.rpc("remove_certification", {"certification_id": certification_id})
