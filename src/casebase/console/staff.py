"""Who is signed in: resolved from the session on every request, so a removed member is out at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from casebase.console.cookies import Cookies
from casebase.kernel.db import Principal, Session
from casebase.kernel.errors import UnauthenticatedError


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant the person belongs to, and as what."""

    id: UUID
    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in person; every call they make runs as ``authenticated`` under row level security."""

    user_id: UUID
    email: str
    tenants: tuple[Tenant, ...]
    session_id: UUID = field(repr=False)
    db: Session = field(repr=False)

    async def call(
        self, function: str, arguments: Mapping[str, Any] | None = None, *, idempotency_key: str | None = None
    ) -> Any:
        """Call a database function as this person and return its parsed JSON."""
        return await self.db.call(function, arguments, idempotency_key=idempotency_key)

    def has_role(self, *roles: str, tenant: str | None = None) -> bool:
        """Tell whether the person has one of the roles in any of their tenants, or in the one of that slug.

        It decides what is offered; the database decides what is done.
        """
        return any(own.role in roles and tenant in (None, own.slug) for own in self.tenants)


async def find_staff(request: Request) -> Staff | None:
    """Return who is signed in, asking the database once per request."""
    if not hasattr(request.state, "staff"):
        request.state.staff = await _resolve(request)
    staff: Staff | None = request.state.staff
    return staff


async def require_staff(request: Request) -> Staff:
    """Return who is signed in; raise ``UnauthenticatedError``, which the console answers with its login page."""
    staff = await find_staff(request)
    if staff is None:
        raise UnauthenticatedError("Sign in to go on.")
    return staff


StaffDep = Annotated[Staff, Depends(require_staff)]


async def _resolve(request: Request) -> Staff | None:
    cookies: Cookies = request.app.state.cookies
    session_id = cookies.session_id(request)
    if session_id is None:
        return None
    found = await request.app.state.accounts.use_session(session_id)
    if found is None:
        return None
    user_id = UUID(found["user_id"])
    principal = Principal("authenticated", sub=user_id, email=found["email"], claims={"aud": "authenticated"})
    return Staff(
        user_id=user_id,
        email=found["email"],
        tenants=tuple(Tenant(UUID(t["id"]), t["slug"], t["name"], t["role"]) for t in found["tenants"]),
        session_id=session_id,
        db=request.app.state.runtime.session(principal),
    )
