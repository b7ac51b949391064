"""The connection pool and the one call path.

Every statement the product sends for a caller is ``select … from casebase.rpc(…)``: claims and role are set for
that transaction only, so a pooled connection cannot leak them and needs no reset between uses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, NamedTuple, Self

import asyncpg

from casebase.kernel.db.principal import Principal
from casebase.kernel.db.translate import DRIVER_ERRORS, translate

_CALL = "select body::text, is_replay from casebase.rpc($1::jsonb, $2, $3::jsonb, $4)"


class Reply(NamedTuple):
    """What a function answered: JSON text as the database wrote it, and whether a kept reply was replayed."""

    body: str | None
    is_replay: bool

    def json(self) -> Any:
        """Parse the body; ``None`` for a function that returns nothing."""
        return None if self.body is None else json.loads(self.body)


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection without a reset query: all our state is transaction-local, and the reset costs a round trip."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """Call SQL functions as a principal, over a pool that connects when needed and heals by itself."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        pool_size: int = 10,
        statement_cache_size: int = 256,
        command_timeout_s: float = 30,
        application_name: str = "casebase",
        clock_offset: timedelta = timedelta(),
    ) -> Self:
        """Make a pool for ``url``; no connection is opened yet, so this succeeds while the server is away."""
        server_settings = {"application_name": application_name}
        if clock_offset:
            server_settings["casebase.clock_offset"] = f"{clock_offset.total_seconds()} seconds"
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=pool_size,
            timeout=5,
            command_timeout=command_timeout_s,
            statement_cache_size=statement_cache_size,
            connection_class=_Connection,
            server_settings=server_settings,
        )
        return cls(pool)

    @property
    def pool(self) -> asyncpg.Pool:
        """The pool itself, for the kernel's own queues and probes."""
        return self._pool

    async def rpc(
        self,
        principal: Principal,
        function: str,
        arguments: str = "{}",
        *,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Call ``public.<function>`` with named arguments (a JSON object as text) in one round trip.

        Raises ``RpcError`` with the code the function raised, ``DatabaseUnavailableError`` while the server is away.
        """
        try:
            row = await self._pool.fetchrow(
                _CALL, principal.claims_json, function, arguments, idempotency_key
            )
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        return Reply(row[0], row[1])

    def session(self, principal: Principal) -> Session:
        """Bind a principal, for typed clients."""
        return Session(self, principal)

    async def close(self) -> None:
        """Close every connection, after the calls under way."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Session:
    """A database seen by one principal: what a module's typed client is made with."""

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self.principal = principal

    async def call(
        self, function: str, arguments: Mapping[str, Any] | None = None, *, idempotency_key: str | None = None
    ) -> Any:
        """Call a function with Python values (JSON types, uuids, dates, decimals) and return its parsed JSON."""
        text = json.dumps(dict(arguments or {}), default=str, allow_nan=False)
        reply = await self._database.rpc(self.principal, function, text, idempotency_key=idempotency_key)
        return reply.json()
