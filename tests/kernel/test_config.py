"""Settings come from the environment, and a wrong one is named without its value."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError


def test_reads_names_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_MODULES", "mortgage, practice")
    assert load_settings().modules == ("mortgage", "practice")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CASEBASE_PORT", "eighty"),
        ("CASEBASE_PORT", "70000"),
        ("CASEBASE_DATABASE_URL", "mysql://root:hunter2@localhost/x"),
        ("CASEBASE_POOL_SIZE", "0"),
        ("CASEBASE_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert name in caught.value.message
    assert "hunter2" not in caught.value.message


def test_secrets_are_not_shown_by_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_JWT_SECRET", "hunter2hunter2")
    assert "hunter2" not in repr(load_settings())


def test_the_clock_travels() -> None:
    settings = load_settings(clock_offset=timedelta(days=5))
    ahead = settings.clock.now() - load_settings().clock.now()
    assert timedelta(days=4, hours=23) < ahead < timedelta(days=5, hours=1)
