"""People and their sessions in the web client, as the functions of the module keep them in the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from casebase.console.accounts import hash_password, is_password
from casebase.kernel.db import DRIVER_ERRORS, Database, translate

IDLE_S: Final = 30 * 24 * 3600
"""A session ends this long after its last request: people come back to a phone after days."""
MAX_AGE_S: Final = 180 * 24 * 3600
"""A session never lives longer than this, however busy."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Sign people in and out; whoever has an account may practise, a tenant's or nobody's."""

    database: Database

    async def check_password(
        self, email: str, password: str, may_try_staff: Callable[[], Awaitable[bool]] | None = None
    ) -> UUID | None:
        """Return whose account this e-mail and password are; wrong ones take equally long.

        ``may_try_staff`` is asked before the password of a tenant's member is looked at: told no, none is right.
        """
        # PostgreSQL knows more spellings of "i" than the count of tries does; no e-mail that is made here has one.
        login = await self._value("select practice.get_login($1)::text", email) if email.isascii() else None
        login = json.loads(login) if login else None
        if login and login["is_member"] and may_try_staff and not await may_try_staff():
            login = None
        is_right = await is_password(password, login["password_hash"] if login else None)
        return UUID(login["user_id"]) if login and is_right else None

    async def sign_up(self, email: str, password: str, *, is_confirmed: bool = False) -> UUID:
        """Make an account; raise ``InvalidInputError`` for its password, ``RpcError`` for an e-mail that is taken.

        ``is_confirmed`` says that the e-mail is known to be theirs.
        """
        hashed = await asyncio.to_thread(hash_password, password)
        made: UUID = await self._value("select practice.sign_up($1, $2, $3)", email, hashed, is_confirmed)
        return made

    async def open_session(self, user_id: UUID) -> UUID:
        """Sign a user in; return the session's id."""
        opened: UUID = await self._value("select practice.open_web_session($1, $2)", user_id, IDLE_S)
        return opened

    async def use_session(self, session_id: UUID) -> dict[str, Any] | None:
        """Return ``user_id email`` of a live session, whose end is put off, or ``None``.

        Of one whose time was up it is ``is_expired``, once.
        """
        found = await self._value(
            "select practice.use_web_session($1, $2, $3)::text", session_id, IDLE_S, MAX_AGE_S
        )
        return json.loads(found) if found else None

    async def close_session(self, session_id: UUID) -> UUID | None:
        """Sign out; return whose session it was."""
        closed: UUID | None = await self._value("select practice.close_web_session($1)", session_id)
        return closed

    async def _value(self, statement: str, *arguments: object) -> Any:
        try:
            return await self.database.pool.fetchval(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
