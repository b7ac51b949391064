"""Settings of the front desk, read once from the environment (``CASEBASE_FRONTDESK_*``)."""

from __future__ import annotations

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from casebase.kernel.errors import ConfigurationError


class FrontdeskSettings(BaseSettings):
    """What can be set about the front desk alone."""

    model_config = SettingsConfigDict(
        env_prefix="CASEBASE_FRONTDESK_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    metrics_retention_months: int = Field(default=13, ge=0, le=1200)
    """How many whole months of metrics the database keeps beside the current one; older ones are exported to the file
    store and dropped. 0: all, forever."""


def load_frontdesk_settings() -> FrontdeskSettings:
    """Read the settings; raise ``ConfigurationError`` naming each wrong variable, never its value."""
    try:
        return FrontdeskSettings()
    except ValidationError as error:
        names = ", ".join(f"CASEBASE_FRONTDESK_{str(e['loc'][0]).upper()}" for e in error.errors())
        raise ConfigurationError(f"Settings are wrong: {names}") from None


def check_settings() -> str:
    """Look at the settings for ``casebase doctor``; raise ``ConfigurationError`` as the start would."""
    months = load_frontdesk_settings().metrics_retention_months
    return (
        f"metrics are kept for {months} months and the current one" if months else "metrics are kept forever"
    )
