"""What an organisation decides: its rules, and what holds for people who decided nothing themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Amount, Given, Stored
from casebase.modules.notifications.enums import Language, ScenarioType
from casebase.modules.notifications.models.mine import Hour, ShownHour


class ScenarioRule(Stored):
    """A rule as it holds, and what its last run evaluated."""

    scenario_type: ScenarioType
    enabled: bool
    threshold: tuple[int, ...]
    cooldown_hours: Amount
    batch_size: int
    is_default: bool
    last_run_at: datetime | None
    last_evaluated_count: int | None


class ScenarioConfig(Stored):
    """An organisation's rules."""

    organization_id: UUID
    scenarios: tuple[ScenarioRule, ...]


class ScenarioConfigChange(Given):
    """What to decide anew of a rule; what is absent stays."""

    organization_id: UUID | None = None
    scenario_type: ScenarioType
    enabled: bool | None = Field(default=None, strict=True)
    threshold: tuple[int, ...] | None = Field(default=None, min_length=1, max_length=20)
    cooldown_hours: int | None = Field(default=None, strict=True, ge=1, le=8784)
    batch_size: int | None = Field(default=None, strict=True, ge=100, le=100_000)


class NotificationSettings(Stored):
    """What holds in an organisation for people who decided nothing themselves."""

    organization_id: UUID
    timezone: str
    language: Language
    quiet_from: ShownHour
    quiet_until: ShownHour


class NotificationSettingsChange(Given):
    """What to decide anew; what is absent stays, null for both hours ends the quiet hours."""

    organization_id: UUID | None = None
    timezone: str | None = Field(default=None, max_length=60, examples=["Europe/Oslo"])
    language: Language | None = None
    quiet_from: Hour = None
    quiet_until: Hour = None
