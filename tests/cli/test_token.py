"""``casebase token create`` prints a token that the API accepts."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from casebase.cli.token import app
from casebase.kernel.config import load_settings
from casebase.kernel.http import TokenVerifier
from casebase.kernel.runtime import load_keys


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBASE_HOME", str(tmp_path))


async def test_prints_only_a_token_that_is_accepted() -> None:
    sub = uuid4()
    result = CliRunner().invoke(
        app,
        [
            "create",
            "--role",
            "authenticated",
            "--sub",
            str(sub),
            "--email",
            "jane@example.com",
            "--ttl",
            "60",
        ],
    )

    settings = load_settings()
    principal = await TokenVerifier(settings, load_keys(settings).jwt, settings.clock).verify(
        result.stdout.strip()
    )
    assert (principal.role, principal.sub, principal.email) == ("authenticated", sub, "jane@example.com")
    assert principal.claims["exp"] - principal.claims["iat"] == 60
    assert len(result.stdout.splitlines()) == 1


async def test_binds_a_reader_to_a_tenant() -> None:
    tenant = uuid4()
    result = CliRunner().invoke(app, ["create", "--role", "casebase_ai_broker", "--tenant", str(tenant)])

    settings = load_settings()
    principal = await TokenVerifier(settings, load_keys(settings).jwt, settings.clock).verify(
        result.stdout.strip()
    )
    assert principal.claims["app_metadata"] == {"tenant_id": str(tenant)}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "postgres"],
        ["--role", "authenticated"],
        ["--role", "anon", "--ttl", "0"],
        ["--role", "anon", "--sub", "x"],
        ["--role", "service_role", "--tenant", str(uuid4())],
    ],
)
def test_refuses_what_the_api_would_refuse(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["create", *arguments]).exit_code == 2


def test_where_only_a_jwks_is_trusted_there_is_no_secret_to_sign_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASEBASE_JWT_JWKS_URL", "https://issuer.example/jwks.json")

    result = CliRunner().invoke(app, ["create", "--role", "anon"])

    assert result.exit_code == 1
    assert getattr(result.exception, "code", None) == "configuration_invalid"
