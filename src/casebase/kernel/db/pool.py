"""The connection pool and the one call path.

Every statement the product sends for a caller is ``select … from casebase.rpc(…)``: claims and role are set for
that transaction only, so a pooled connection cannot leak them and needs no reset between uses.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Self

import asyncpg

from casebase.kernel.db.calls import Calls
from casebase.kernel.db.principal import Principal
from casebase.kernel.db.translate import DRIVER_ERRORS, translate
from casebase.kernel.errors import CasebaseError, PoolExhaustedError

PoolMode = Literal["session", "transaction"]
"""What a connection is to the server: ``transaction`` where a pooler lends one of its own for each transaction, so that
prepared statements would be looked for in another."""

_STATEMENTS: Final[dict[PoolMode, int]] = {"session": 256, "transaction": 0}
_CALL: Final = "select body::text, is_replay from casebase.rpc($1::jsonb, $2, $3::jsonb, $4)"
_TRACED_CALL: Final = (
    "select body::text, is_replay, tables from casebase.traced_rpc($1::jsonb, $2, $3::jsonb, $4)"
)


class Reply(NamedTuple):
    """What a function answered: JSON text as the database wrote it, and whether a kept reply was replayed."""

    body: str | None
    is_replay: bool

    def json(self) -> Any:
        """Parse the body; ``None`` for a function that returns nothing."""
        return None if self.body is None else json.loads(self.body)


class _Loan(NamedTuple):
    """A connection and until when (monotonic) it is lent; once given back it is idle until then at most."""

    connection: asyncpg.Connection
    retires_at: float
    idle_until: float


@dataclass(slots=True)
class PoolUse:
    """Count who borrows: ``lent`` and ``waiting`` are of this moment, ``waited`` and ``exhausted`` only grow."""

    size: int
    lent: int = 0
    waiting: int = 0
    waited: int = 0
    exhausted: int = 0
    most_lent: int = 0
    """The most that were lent at once since somebody set it back."""


class Pool:
    """Lend at most ``size`` connections, the one used last first; open one when needed, forget it once it is closed.

    Who finds all of them lent waits ``wait_s`` (as long as it takes, if ``None``), then gets ``PoolExhaustedError``. A
    connection is closed once it was idle for ``idle_s``, or given back after ``lifetime_s``.

    asyncpg's own pool makes a task, a future, a proxy and a timer for each loan, which costs more than a call does,
    and resets the session, which ours never need: their state is transaction-local.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        size: int,
        *,
        wait_s: float | None = None,
        idle_s: float = 300,
        lifetime_s: float = 3600,
    ) -> None:
        self._connect = connect
        self._size = size
        self._wait_s = wait_s
        self._idle_s = idle_s
        self._lifetime_s = lifetime_s
        # Who opens a connection holds a slot and found none idle, so there are never more of them than slots.
        self._slots = asyncio.Semaphore(size)
        self._idle: deque[_Loan] = deque()
        self._is_closed = False
        self.use = PoolUse(size)

    @property
    def idle(self) -> int:
        """How many connections are open and lent to nobody."""
        return len(self._idle)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection for several statements, of one transaction if they are to share their state."""
        await self._take_slot()
        try:
            loan = self._newest_idle() or await self._open()
            try:
                yield loan.connection
            finally:
                self._give_back(loan)
        finally:
            self._leave_slot()

    @asynccontextmanager
    async def acquire_at_once(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection without waiting: while all are lent one more, which is closed afterwards."""
        if not self._slots.locked():
            async with self.acquire() as connection:
                yield connection
            return
        if self._is_closed:
            raise asyncpg.InterfaceError("the pool is closed")
        connection = await self._connect()
        try:
            yield connection
        finally:
            connection.terminate()

    async def fetchrow(
        self,
        statement: str,
        *arguments: Any,
        timeout: float | None = None,  # noqa: ASYNC109  # the driver's, which cancels the statement on the server
    ) -> asyncpg.Record | None:
        """Execute a statement and return its first row; ``timeout`` (seconds) replaces the pool's."""
        # Every call comes this way: spelled out, as a context manager of our own would cost a tenth of it.
        await self._take_slot()
        try:
            loan = self._newest_idle() or await self._open()
            try:
                return await loan.connection.fetchrow(statement, *arguments, timeout=timeout)
            finally:
                self._give_back(loan)
        finally:
            self._leave_slot()

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        """Execute a statement and return its first row's first value."""
        row = await self.fetchrow(statement, *arguments)
        return None if row is None else row[0]

    async def fetch(
        self,
        statement: str,
        *arguments: Any,
        timeout: float | None = None,  # noqa: ASYNC109  # the driver's, which cancels the statement on the server
    ) -> list[asyncpg.Record]:
        """Execute a statement and return its rows; ``timeout`` (seconds) replaces the pool's."""
        async with self.acquire() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments, timeout=timeout)
        return rows

    async def execute(self, statement: str, *arguments: Any) -> str:
        """Execute a statement and return its status."""
        async with self.acquire() as connection:
            status: str = await connection.execute(statement, *arguments)
        return status

    async def close(self) -> None:
        """Close every connection, after the calls under way; later calls are refused."""
        self._is_closed = True
        for _ in range(self._size):
            await self._slots.acquire()
        while self._idle:
            await self._idle.pop().connection.close(timeout=5)
        for _ in range(self._size):
            self._slots.release()

    async def _take_slot(self) -> None:
        use = self.use
        if not self._slots.locked():
            await self._slots.acquire()  # at once
        else:
            use.waited += 1
            use.waiting += 1
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._slots.acquire()
            except TimeoutError:
                use.exhausted += 1
                raise PoolExhaustedError() from None
            finally:
                use.waiting -= 1
        use.lent += 1
        if use.lent > use.most_lent:
            use.most_lent = use.lent

    def _leave_slot(self) -> None:
        self.use.lent -= 1
        self._slots.release()

    async def _open(self) -> _Loan:
        connection = await self._connect()
        # Spread, so that those which were opened together are not all closed at once.
        lifetime_s = self._lifetime_s * random.uniform(0.9, 1)  # noqa: S311
        return _Loan(connection, monotonic() + lifetime_s, 0)

    def _newest_idle(self) -> _Loan | None:
        if self._is_closed:
            raise asyncpg.InterfaceError("the pool is closed")
        while self._idle:
            loan = self._idle.pop()
            # The network in between may have dropped a connection that was silent for long, and told nobody.
            if monotonic() < loan.idle_until:
                if not loan.connection.is_closed():
                    return loan
            else:
                loan.connection.terminate()
        return None

    def _give_back(self, loan: _Loan) -> None:
        now = monotonic()
        self._idle.append(_Loan(loan.connection, loan.retires_at, min(now + self._idle_s, loan.retires_at)))
        # The oldest here; whichever else is due is met when it would be lent.
        if now >= self._idle[0].idle_until:
            self._idle.popleft().connection.terminate()


class Database:
    """Call SQL functions as a principal, over a pool that connects when needed and heals by itself."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.calls = Calls()

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        pool_size: int = 10,
        pool_wait_s: float | None = None,
        pool_idle_s: float = 300,
        pool_lifetime_s: float = 3600,
        pool_mode: PoolMode = "session",
        command_timeout_s: float = 30,
        application_name: str = "casebase",
        clock_offset: timedelta = timedelta(),
    ) -> Self:
        """Make a pool for ``url``; no connection is opened yet, so this succeeds while the server is away.

        ``clock_offset`` is a setting of the session, which a pooler in transaction mode refuses.
        """
        server_settings = {"application_name": application_name}
        if clock_offset:
            server_settings["casebase.clock_offset"] = f"{clock_offset.total_seconds()} seconds"

        async def connect() -> asyncpg.Connection:
            return await asyncpg.connect(
                url,
                timeout=5,
                command_timeout=command_timeout_s,
                statement_cache_size=_STATEMENTS[pool_mode],
                server_settings=server_settings,
            )

        return cls(
            Pool(connect, pool_size, wait_s=pool_wait_s, idle_s=pool_idle_s, lifetime_s=pool_lifetime_s)
        )

    @property
    def pool(self) -> Pool:
        """The pool itself, for the kernel's own queues and probes."""
        return self._pool

    async def rpc(
        self,
        principal: Principal,
        function: str,
        arguments: str = "{}",
        *,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Call ``public.<function>`` with named arguments (a JSON object as text) in one round trip.

        ``timeout_s`` replaces the pool's, for the few calls that nobody waits for and that take their time.
        Raises ``RpcError`` with the code the function raised, ``DatabaseUnavailableError`` while the server is away,
        its leaf ``PoolExhaustedError`` while all connections stay lent.
        """
        is_traced = self.calls.begin_trace(function)
        started = perf_counter()
        try:
            row = await self._pool.fetchrow(
                _TRACED_CALL if is_traced else _CALL,
                principal.claims_json,
                function,
                arguments,
                idempotency_key,
                timeout=timeout_s,
            )
        except (*DRIVER_ERRORS, CasebaseError) as error:
            refusal = translate(error)
            self.calls.note(
                function, perf_counter() - started, "refused" if refusal.status < 500 else "failed"
            )
            if refusal is error:
                raise
            raise refusal from error
        self.calls.note(function, perf_counter() - started, "ok")
        assert row is not None
        if is_traced:
            self.calls.note_tables(function, row[2])
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
        self,
        function: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Call a function with Python values (JSON types, uuids, dates, decimals) and return its parsed JSON.

        ``timeout_s`` replaces the pool's.
        """
        text = json.dumps(dict(arguments or {}), default=str, allow_nan=False)
        reply = await self._database.rpc(
            self.principal, function, text, idempotency_key=idempotency_key, timeout_s=timeout_s
        )
        return reply.json()
