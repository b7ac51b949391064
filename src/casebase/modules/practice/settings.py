"""Settings of practice, read once from the environment (``CASEBASE_PRACTICE_*``)."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from casebase.kernel.errors import ConfigurationError


class PracticeSettings(BaseSettings):
    """What can be set about practice alone."""

    model_config = SettingsConfigDict(env_prefix="CASEBASE_PRACTICE_", extra="ignore", frozen=True)

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


def load_practice_settings() -> PracticeSettings:
    """Read the settings; raise ``ConfigurationError`` naming each wrong variable, never its value."""
    try:
        return PracticeSettings()
    except ValidationError as error:
        names = ", ".join(f"CASEBASE_PRACTICE_{str(e['loc'][0]).upper()}" for e in error.errors())
        raise ConfigurationError(f"Settings are wrong: {names}") from None
