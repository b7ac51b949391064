"""People and their console sessions, as the functions of this unit keep them in the database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import bcrypt

from casebase.kernel.db import DRIVER_ERRORS, Database, translate
from casebase.kernel.errors import InvalidInputError

IDLE_S: Final = 8 * 3600
"""A session ends this long after its last request."""
MAX_AGE_S: Final = 7 * 24 * 3600
"""A session never lives longer than this, however busy."""

# GoTrue's cost too: a wrong e-mail is checked against the dummy hash, which must take as long as a real one.
_COST: Final = 10
_DUMMY_HASH: Final = b"$2b$10$C6UzMDM.H6dfI/f/IKcEeOtRjo9YkEDcXySPMoHrKAgfFcDQtpk7e"
_LONGEST_BYTES: Final = 72
_SHORTEST: Final = 10


@dataclass(frozen=True, slots=True)
class Accounts:
    """Sign people in and out."""

    database: Database

    async def check_password(self, email: str, password: str) -> UUID | None:
        """Return the id of the tenant's member this e-mail and password belong to; wrong ones take equally long."""
        # PostgreSQL knows more spellings of "i" than the count of tries does; no e-mail that is made here has one.
        login = await self._value("select casebase.get_login($1)", email) if email.isascii() else None
        is_right = await is_password(password, login["password_hash"] if login else None)
        return UUID(login["user_id"]) if login and is_right else None

    async def open_session(self, user_id: UUID) -> UUID:
        """Sign a user in; return the session's id."""
        return UUID(
            await self._value("select to_jsonb(casebase.open_console_session($1, $2))", user_id, IDLE_S)
        )

    async def use_session(self, session_id: UUID, *, is_sliding: bool = True) -> dict[str, Any] | None:
        """Return ``user_id email tenants`` of a live session, or ``None``; ``is_sliding`` puts its end off."""
        found: dict[str, Any] | None = await self._value(
            "select casebase.use_console_session($1, $2, $3, $4)", session_id, IDLE_S, MAX_AGE_S, is_sliding
        )
        return found

    async def close_session(self, session_id: UUID) -> None:
        """Sign out."""
        await self._value("select casebase.close_console_session($1), null::text", session_id)

    async def find_invitation(self, token: str) -> dict[str, Any] | None:
        """Return what an open invitation offers: ``tenant email role expires_at user_id password_hash can_sign_up``."""
        found: dict[str, Any] | None = await self._value("select casebase.find_invitation($1)", token)
        return found

    async def use_invitation(
        self, token: str, *, user_id: UUID | None = None, password_hash: str | None = None
    ) -> UUID:
        """Join by an invitation as a user, or as a new one with a bcrypt hash; return the user's id.

        Raises ``RpcError`` (``invitation_not_found``) for one that was used, withdrawn or is over.
        """
        joined = await self._value(
            "select casebase.use_invitation($1, $2, $3)", token, user_id, password_hash
        )
        return UUID(joined["user_id"])

    async def _value(self, statement: str, *arguments: object) -> Any:
        try:
            value = await self.database.pool.fetchval(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        return json.loads(value) if value else None


async def create_user(
    database: Database,
    email: str,
    password: str,
    *,
    tenant: str = "default",
    role: str = "admin",
    replace_password: bool = False,
) -> None:
    """Make a person who can sign in, over the owner's ``database``.

    Raises ``RpcError`` (``user_exists``) for an e-mail that is taken; ``replace_password`` gives it this password.
    """
    hashed = hash_password(password)
    try:
        await database.pool.fetchval(
            "select casebase.create_user($1, $2, $3, $4)::text", email, hashed, tenant, role
        )
    except DRIVER_ERRORS as error:
        refusal = translate(error)
        if not replace_password or refusal.code != "user_exists":
            raise refusal from error
        await database.pool.fetchval("select casebase.set_password($1, $2)::text", email, hashed)


def hash_password(password: str) -> str:
    """Return a bcrypt hash; raise ``InvalidInputError`` for a password that is too short or over 72 bytes."""
    if len(password) < _SHORTEST or len(password.encode()) > _LONGEST_BYTES:
        raise InvalidInputError(
            f"A password has at least {_SHORTEST} characters and at most {_LONGEST_BYTES} bytes.",
            detail={"password": f"{_SHORTEST} to {_LONGEST_BYTES} characters"},
        )
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_COST)).decode()


async def is_password(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the one of a bcrypt hash; that there is none takes as long as a wrong one."""
    known = password_hash.encode() if password_hash else _DUMMY_HASH
    return await asyncio.to_thread(_matches, password, known) and password_hash is not None


def _matches(password: str, known: bytes) -> bool:
    secret = password.encode("utf-8", "replace")
    # bcrypt reads 72 bytes: anything beyond is not a password we made, and must still cost a comparison.
    is_possible = len(secret) <= _LONGEST_BYTES and b"\0" not in secret
    try:
        return bcrypt.checkpw(secret if is_possible else b"-", known) and is_possible
    except ValueError:
        return False
