"""What somebody sees and decides for themselves: their notifications, preferences and devices."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer

from casebase.kernel.models import Given, Stored
from casebase.modules.notifications.enums import DeliveryStatus, Language, Platform, ScenarioType

_HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Hour = Annotated[
    str | None, Field(pattern=_HOUR, description="HH:MM where the person lives.", examples=["22:00"])
]
ShownHour = Annotated[
    time | None,
    PlainSerializer(lambda hour: hour and hour.strftime("%H:%M"), return_type=str | None, when_used="json"),
]


class MyNotification(Stored):
    """A notification as its person reads it."""

    notification_id: UUID
    organization_id: UUID
    scenario_type: ScenarioType
    triggered_at: datetime
    delivery_status: DeliveryStatus
    milestone_value: int | None
    title: str
    body: str
    sent_at: datetime | None
    read_at: datetime | None


class MyNotificationPage(Stored):
    """A page of somebody's notifications, newest first; ``next_before`` is where the next begins."""

    items: tuple[MyNotification, ...]
    next_before: datetime | None


class ReadNotification(Stored):
    """When a notification was first read."""

    notification_id: UUID
    read_at: datetime


class Preference(Stored):
    """What holds of one scenario; by the organisation's decision where ``is_own`` is false."""

    scenario_type: ScenarioType
    enabled: bool
    quiet_from: ShownHour
    quiet_until: ShownHour
    is_own: bool


class Preferences(Stored):
    """What somebody wants of each scenario, and the clock and language that it is in."""

    timezone: str
    language: Language
    preferences: tuple[Preference, ...]


class PreferenceChange(Given):
    """What to decide anew of a scenario: what is absent stays, null takes the quiet hours away."""

    scenario_type: ScenarioType
    enabled: bool | None = Field(default=None, strict=True)
    quiet_from: Hour = None
    quiet_until: Hour = None


class PreferencesChange(Given):
    """What to decide anew: what is absent stays, null gives the time zone or language back to the organisation."""

    preferences: tuple[PreferenceChange, ...] = Field(default=(), max_length=4)
    timezone: str | None = Field(default=None, max_length=60, examples=["Europe/Oslo"])
    language: Language | None = None


class DeviceToken(Given):
    """A device by the token that its push service gave it."""

    token: str = Field(min_length=8, max_length=2000, pattern=r"^[!-~]*$")
    platform: Platform


class RevokedToken(Given):
    """The token of a device that is to be sent nothing more."""

    token: str = Field(min_length=1, max_length=2000)


class Device(Stored):
    """A device that pushes are sent to."""

    device_id: UUID
    platform: Platform
    last_seen_at: datetime


class RevokedDevice(Stored):
    """A device that pushes are no longer sent to."""

    device_id: UUID
    revoked_at: datetime
