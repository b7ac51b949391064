"""A migrated database, people who practise, and makers of sessions and their messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.module import Module
from casebase.modules.practice import MODULE
from tests.conftest import At as At
from tests.conftest import MakePerson, Tenants
from tests.support import reads

TODAY = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
"""A Wednesday; its week ends on Monday, 22 June, 00:00 UTC."""

MakeSession = Callable[..., Awaitable[UUID]]
Say = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def modules() -> tuple[Module, ...]:
    return (MODULE,)


@pytest.fixture
def today() -> datetime:
    return TODAY


@dataclass(frozen=True)
class People:
    """Who may come: two who practise, an administrator of the installation, and a tenant's who has no say in it."""

    learner: Principal
    other_learner: Principal
    admin: Principal
    other_admin: Principal


@pytest.fixture
async def people(owner: asyncpg.Connection, tenants: Tenants, make_person: MakePerson) -> People:
    people = People(
        learner=await make_person(None, ""),
        other_learner=await make_person(None, ""),
        admin=await make_person(tenants.default, "admin"),
        other_admin=await make_person(tenants.other, "admin"),
    )
    # Their week is TODAY's, wherever the machine's clock stands.
    await owner.execute("update public.profiles set week_reset_date = '2026-06-22T00:00:00Z'")
    return people


@pytest.fixture
def make_session(owner: asyncpg.Connection) -> MakeSession:
    """Make somebody's session as it stands after ``main`` and ``helper`` messages; returns its id.

    ``columns`` are the session's own, such as ``last_activity_at`` or ``is_completed``.
    """

    async def make(person: Principal, *, main: int = 1, helper: int = 1, **columns: Any) -> UUID:
        is_completed = columns.pop("is_completed", False)
        columns = {"user_id": UUID(str(person.sub)), "scenario_id": 1, **columns}
        names = ", ".join(columns)
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        session_id: UUID = await owner.fetchval(
            f"insert into public.sessions ({names}) values ({places}) returning id", *columns.values()
        )
        await owner.execute(
            "insert into public.messages (session_id, role, chat_type, content, timestamp) "
            "select s.id, case when n % 2 = 0 then 'user' when c.chat = 'main' then 'scenario' else 'helper' end, "
            "       c.chat, 'Satz ' || n, s.started_at + n * interval '1 microsecond' "
            "from public.sessions s cross join (values ('main', $2::int), ('helper', $3::int)) c (chat, messages) "
            "cross join generate_series(1, c.messages) n where s.id = $1",
            session_id,
            main,
            helper,
        )
        if "last_activity_at" in columns:
            await owner.execute(
                "update public.sessions set last_activity_at = $2 where id = $1",
                session_id,
                columns["last_activity_at"],
            )
        if is_completed:
            await owner.execute("update public.sessions set is_completed = true where id = $1", session_id)
        return session_id

    return make


@pytest.fixture
def say(api: Database) -> Say:
    """Append a message to a session as its owner."""

    async def call(
        person: Principal,
        session_id: UUID,
        content: str = "Ich hätte gern ein Kilo Äpfel.",
        *,
        chat_type: str = "main",
        client_id: UUID | None = None,
    ) -> dict[str, Any]:
        reply: dict[str, Any] = await api.session(person).call(
            "append_message",
            {
                "session_id": session_id,
                "chat_type": chat_type,
                "content": content,
                "client_id": client_id or uuid4(),
            },
        )
        return reply

    return call


async def call_at(
    owner: asyncpg.Connection, moment: datetime, person: Principal, function: str, **arguments: Any
) -> Any:
    """Call in the connection's session, at a moment that is exact: its offset is in seconds, as days differ."""
    async with owner.transaction():
        await owner.execute(
            "select set_config('casebase.clock_offset', extract(epoch from $1::timestamptz - now()) || ' seconds', true)",
            moment,
        )
        return await reads.call(owner, person, function, arguments)
