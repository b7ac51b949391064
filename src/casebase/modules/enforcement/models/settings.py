"""What a tenant decides for itself."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Given, Stored


class EnforcementSettings(Stored):
    """A tenant's decisions; see ``docs/modules/enforcement.md``."""

    tenant_id: UUID
    allow_anonymous_rpc: bool
    anonymous_calls_per_minute: int
    is_call_rule_enabled: bool
    calls_per_window: int
    call_window_days: int
    quiet_days_after_conversation: int
    planned_calls_limit: int
    time_zone: str


class SettingsChange(Given):
    """What to decide anew; what is absent stays."""

    tenant_id: UUID | None = None
    allow_anonymous_rpc: bool | None = Field(default=None, strict=True)
    anonymous_calls_per_minute: int | None = Field(default=None, strict=True, ge=1, le=10_000)
    is_call_rule_enabled: bool | None = Field(default=None, strict=True)
    calls_per_window: int | None = Field(default=None, strict=True, ge=1, le=100)
    call_window_days: int | None = Field(default=None, strict=True, ge=1, le=60)
    quiet_days_after_conversation: int | None = Field(default=None, strict=True, ge=0, le=60)
    planned_calls_limit: int | None = Field(default=None, strict=True, ge=0, le=10_000)
    time_zone: str | None = Field(default=None, max_length=60, examples=["America/New_York"])
