"""Settings of practice, read once from the environment (``CASEBASE_PRACTICE_*``)."""

from __future__ import annotations

from pathlib import Path

import limits
from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from casebase.kernel.errors import ConfigurationError


class PracticeSettings(BaseSettings):
    """What can be set about practice alone."""

    model_config = SettingsConfigDict(
        env_prefix="CASEBASE_PRACTICE_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    prompt_marketplace_path: Path | None = None
    """A file in the place of the partner's prompt at the marketplace; so the others."""

    prompt_party_path: Path | None = None
    prompt_kebab_path: Path | None = None
    prompt_other_path: Path | None = None
    """For scenarios that an installation adds."""

    prompt_helper_path: Path | None = None

    sign_up: bool = False
    """Whether strangers may make accounts in the web client, where nobody verifies their e-mail. Off: whoever makes
    accounts is Supabase's Auth or ``casebase``'s command."""

    answer_rate: str = "30/minute"
    """How many answers a person may have made; what is refused and what is sent again do not count."""

    answer_daily_rate: str = "500/day"
    """The same over a longer time, so that nobody's model is asked without end."""

    @field_validator("answer_rate", "answer_daily_rate")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        limits.parse(value)
        return value


def load_practice_settings() -> PracticeSettings:
    """Read the settings; raise ``ConfigurationError`` naming each wrong variable, never its value."""
    try:
        return PracticeSettings()
    except ValidationError as error:
        names = ", ".join(f"CASEBASE_PRACTICE_{str(e['loc'][0]).upper()}" for e in error.errors())
        raise ConfigurationError(f"Settings are wrong: {names}") from None
