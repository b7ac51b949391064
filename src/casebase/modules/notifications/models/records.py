"""Rows of ``scenario_notifications``, as services write and read them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from casebase.kernel.models import Given, Stored
from casebase.modules.notifications.enums import DeliveryStatus, ScenarioType, SkipReason


class NewScenarioNotification(Given):
    """A notification to write; ``metadata`` holds ids and numbers, and nothing that reaches or names somebody."""

    user_id: UUID
    organization_id: UUID
    scenario_type: ScenarioType
    triggered_at: AwareDatetime | None = None
    delivery_status: DeliveryStatus = DeliveryStatus.PENDING
    milestone_value: int | None = Field(default=None, strict=True, ge=1, le=1_000_000)
    metadata: dict[str, JsonValue] | None = Field(default=None, examples=[{"days": 30}])


class ScenarioNotification(Stored):
    """A notification as it is kept."""

    id: UUID
    user_id: UUID
    organization_id: UUID
    scenario_type: ScenarioType
    triggered_at: datetime
    delivery_status: DeliveryStatus
    milestone_value: int | None
    metadata: dict[str, JsonValue] | None
    cooldown_window_start: datetime
    cooldown_until: datetime
    dedupe_key: str
    skip_reason: SkipReason | None
    error_code: str | None
    attempts: int
    sent_at: datetime | None
    read_at: datetime | None


class SentTime(Stored):
    """When somebody last got a notification of a scenario."""

    user_id: UUID
    last_sent_at: datetime
