"""``casebase.erasure_receipts``: who may see them, and that a subject has one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

NOTE = "select casebase.note_erasure('toy', 'rule', $1, $2, $3::jsonb, $4)"


@pytest.fixture
async def owner(kernel_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(kernel_database)
    yield connection
    await connection.close()


async def note(
    owner: asyncpg.Connection, subject: UUID, counts: dict[str, int], *, is_complete: bool
) -> None:
    await owner.execute(NOTE, subject, [subject], json.dumps(counts), is_complete)


async def test_parts_of_one_erasure_add_up(owner: asyncpg.Connection) -> None:
    subject = uuid4()
    await note(owner, subject, {"public.tenants.name": 2}, is_complete=False)
    assert await owner.fetchval("select casebase.finish_erasures()") == 0
    await note(owner, subject, {"public.tenants.name": 1, "public.tenants.*": 1}, is_complete=True)
    row = await owner.fetchrow("select counts, finished_at, unsettled_ids from casebase.erasure_receipts")
    assert json.loads(row["counts"]) == {"public.tenants.name": 3, "public.tenants.*": 1}
    assert (row["finished_at"], row["unsettled_ids"]) == (None, [subject])


async def test_finishing_forgets_the_ids_and_what_they_are_named_by(owner: asyncpg.Connection) -> None:
    subject, other = uuid4(), uuid4()
    for key, named in (("a", subject), ("b", other)):
        await owner.execute(
            "insert into casebase.idempotency_keys (principal, function, key, request_hash, reply) "
            "values ('service_role', 'f', $1, '', $2::jsonb)",
            key,
            json.dumps({"made": [str(named)]}),
        )
    await note(owner, subject, {"public.tenants.name": 1}, is_complete=True)
    assert await owner.fetchval("select casebase.finish_erasures()") == 1
    assert await owner.fetchval("select array_agg(key) from casebase.idempotency_keys") == ["b"]
    assert await owner.fetchval(
        "select unsettled_ids is null and finished_at is not null from casebase.erasure_receipts"
    )
    assert await owner.fetchval("select casebase.finish_erasures()") == 0


@pytest.mark.parametrize(
    "role", ["anon", "authenticated", "service_role", "casebase_analyst", "casebase_ai_broker"]
)
async def test_only_the_service_reads_them_and_nobody_writes_them(
    owner: asyncpg.Connection, role: str
) -> None:
    granted = [
        privilege
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")
        if await owner.fetchval(
            "select has_table_privilege($1, 'casebase.erasure_receipts', $2)", role, privilege
        )
    ]
    assert granted == (["SELECT"] if role == "service_role" else [])
