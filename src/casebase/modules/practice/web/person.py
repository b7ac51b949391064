"""Who is signed in to the web client: resolved from the session on every request."""

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
from casebase.modules.practice.running import practice_of


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person; every call they make runs as ``authenticated`` under row level security."""

    principal: Principal
    user_id: UUID
    email: str
    session_id: UUID = field(repr=False)
    db: Session = field(repr=False)

    async def call(self, function: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Call a database function as this person and return its parsed JSON."""
        return await self.db.call(function, arguments)


async def find_person(request: Request) -> Person | None:
    """Return who is signed in, asking the database once per request."""
    if not hasattr(request.state, "person"):
        request.state.person = await _resolve(request)
    person: Person | None = request.state.person
    return person


async def require_person(request: Request) -> Person:
    """Return who is signed in; raise ``UnauthenticatedError``, which the site answers with its sign-in page."""
    person = await find_person(request)
    if person is None:
        raise UnauthenticatedError("Sign in to go on.")
    return person


PersonDep = Annotated[Person, Depends(require_person)]


async def _resolve(request: Request) -> Person | None:
    cookies: Cookies = request.app.state.cookies
    session_id = cookies.session_id(request)
    if session_id is None:
        return None
    found = await request.app.state.accounts.use_session(session_id)
    if found is None or "is_expired" in found:
        if found is not None:
            practice_of(request).log.note("info", "session_expired", source="web")
        request.state.has_ended_session = True
        return None
    user_id = UUID(found["user_id"])
    principal = Principal("authenticated", sub=user_id, email=found["email"], claims={"aud": "authenticated"})
    return Person(
        principal=principal,
        user_id=user_id,
        email=found["email"] or "",
        session_id=session_id,
        db=request.app.state.runtime.session(principal),
    )
