"""The typed client of the module's RPCs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from casebase.kernel.db import Session


class Client:
    """Create and read greetings."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create_greeting(self, name: str) -> UUID:
        """Ask for a greeting of ``name``; return its id."""
        made = await self._session.call("create_greeting", {"payload": {"name": name}})
        return UUID(made["id"])

    async def list_greetings(self) -> list[dict[str, Any]]:
        """Return all greetings, each with ``text`` once it is written."""
        greetings: list[dict[str, Any]] = await self._session.call("list_greetings")
        return greetings
