"""``casebase token``: make tokens for services, scripts and tests."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import jwt
import typer

from casebase.kernel.config import load_settings
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.runtime import load_keys

app = typer.Typer(help="Make tokens for services, scripts and tests.", no_args_is_help=True)


class Role(StrEnum):
    """Every role a token may name (``kernel.db.ROLES``)."""

    ANON = "anon"
    AUTHENTICATED = "authenticated"
    SERVICE_ROLE = "service_role"
    CASEBASE_ANALYST = "casebase_analyst"
    CASEBASE_AI_BROKER = "casebase_ai_broker"


@app.callback()
def _group() -> None:
    # With a callback typer keeps "create" a command of its own, though it is the only one.
    pass


@app.command()
def create(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    sub: Annotated[UUID | None, typer.Option(help="Whose token it is: auth.users.id.")] = None,
    email: Annotated[str | None, typer.Option(help="The person's verified e-mail.")] = None,
    tenant: Annotated[
        UUID | None,
        typer.Option(help="The one tenant an analyst or AI broker reads. Default: the default one."),
    ] = None,
    ttl: Annotated[int, typer.Option(help="Seconds until it expires.", min=1, max=10 * 365 * 86400)] = 3600,
) -> None:
    """Print a token (HS256) and nothing else.

    Examples:

      casebase token create --role service_role --ttl 86400

      casebase token create --role casebase_ai_broker --tenant UUID

      curl -H "Authorization: Bearer $(casebase token create --role authenticated --sub UUID)" …
    """
    settings = load_settings()
    secret = load_keys(settings).jwt
    if secret is None:
        raise ConfigurationError(
            "Tokens are issued by the owner of CASEBASE_JWT_JWKS_URL, not here.",
            hint="Set CASEBASE_JWT_SECRET too if tokens signed with it should be accepted beside.",
        )
    if role is Role.AUTHENTICATED and sub is None:
        raise typer.BadParameter("an authenticated token says whose it is", param_hint="--sub")
    if tenant is not None and role not in (Role.CASEBASE_ANALYST, Role.CASEBASE_AI_BROKER):
        raise typer.BadParameter("only readers' tokens are bound to a tenant", param_hint="--tenant")
    now = int(settings.clock.now().timestamp())
    claims = {
        "role": role.value,
        "aud": settings.jwt_audience,
        "iat": now,
        "exp": now + ttl,
        **({"iss": settings.jwt_issuer} if settings.jwt_issuer else {}),
        **({"sub": str(sub)} if sub else {}),
        **({"email": email} if email else {}),
        **({"app_metadata": {"tenant_id": str(tenant)}} if tenant else {}),
    }
    typer.echo(jwt.encode(claims, secret, algorithm="HS256"))
