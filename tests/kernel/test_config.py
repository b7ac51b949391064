"""Settings come from the environment, and a wrong one is named without its value."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError

SIGNED = {"push_webhook_secret": "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cywgbG9uZyBlbm91Z2g="}


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
        ("CASEBASE_POOL_WAIT_S", "0"),
        ("CASEBASE_POOL_MODE", "statement"),
        ("CASEBASE_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert name in caught.value.message
    assert "hunter2" not in caught.value.message


def test_a_moved_clock_needs_sessions_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_CLOCK_OFFSET", "PT1M")
    assert load_settings().clock_offset == timedelta(minutes=1)
    monkeypatch.setenv("CASEBASE_POOL_MODE", "transaction")
    with pytest.raises(ConfigurationError, match="CASEBASE_CLOCK_OFFSET"):
        load_settings()


def test_secrets_are_not_shown_by_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_JWT_SECRET", "hunter2hunter2")
    assert "hunter2" not in repr(load_settings())


def test_the_clock_travels() -> None:
    settings = load_settings(clock_offset=timedelta(days=5))
    ahead = settings.clock.now() - load_settings().clock.now()
    assert timedelta(days=4, hours=23) < ahead < timedelta(days=5, hours=1)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"push_urls": "slack://hunter2/b/c"}, "CASEBASE_PUSH_URLS: every address needs a place for whom"),
        ({"push_urls": "json://a.example/{token}, slack://hunter2/b/c"}, "CASEBASE_PUSH_URLS"),
        ({"push_urls": ""}, "CASEBASE_PUSH_URLS"),
        (
            {"push_urls": "json://hunter2/{token}", "push_webhook_url": "https://a.example", **SIGNED},
            "CASEBASE_PUSH_WEBHOOK_URL: CASEBASE_PUSH_URLS is set too",
        ),
        ({"push_webhook_url": "http://hunter2.example", **SIGNED}, "CASEBASE_PUSH_WEBHOOK_URL: .*https"),
        ({"push_webhook_url": "https://hunter2.example"}, "CASEBASE_PUSH_WEBHOOK_SECRET: .*needed"),
        (
            {"push_webhook_url": "https://a.example", "push_webhook_secret": " , "},
            "CASEBASE_PUSH_WEBHOOK_SECRET",
        ),
    ],
)
def test_a_wrong_sender_of_nudges_is_told_at_the_start(settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        load_settings(**settings)
    assert "hunter2" not in caught.value.message
