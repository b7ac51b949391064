"""A kept context is never served after a write to its case was committed, in whichever process it was kept."""

from __future__ import annotations

import asyncio
import subprocess
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE, Session
from tests.mortgage.test_ai_context import BROKER, QUOTE, broker_of, record, reveal
from tests.support.redis_server import redis
from tests.support.requires import requires
from tests.support.tokens import bearer
from tests.support.two_processes import CountingDatabase, Processes, database_calls, processes

__all__ = ["database_calls", "processes", "redis"]


async def get(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    response = await client.get(f"/v1/mortgage/cases/{case_id}/context")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_asks_once_and_then_for_the_version_alone(
    processes: Processes, database_calls: CountingDatabase, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    one, other = await processes(BROKER)
    first = await get(one, case_id)
    database_calls.called.clear()
    assert await get(one, case_id) == first
    assert database_calls.called == ["get_scenario_context_version"]
    database_calls.called.clear()
    assert await get(other, case_id) == first
    assert database_calls.called == ["get_scenario_context_version", "get_scenario_context"]


WRITES: dict[str, str] = {
    "case": "update scenario_cases set next_review_at = now()",
    "inputs": "update scenario_inputs set income_profile_json = null",
    "event": "insert into scenario_events (case_id, event_type) select id, 'reveal' from scenario_cases",
    "sanitised event": "update scenario_events set payload_json = '{}'",
    "tag": "insert into scenario_tags (case_id, tag, source) select id, '#x', 'ai' from scenario_cases",
    "removed tag": "delete from scenario_tags",
    "document": "insert into scenario_documents (case_id, doc_type, storage_path, expires_at, content_type, size_bytes, sha256, "
    "page_count, uploaded_by) select id, 'other', 'mortgage/' || tenant_id || '/' || id || '/' || gen_random_uuid(), now(), 'application/pdf', 9, repeat('a', 64), 1, 'service' from scenario_cases",
    "outcome": "insert into scenario_outcomes (case_id, decision) select id, 'lost' from scenario_cases",
    "consent": "update consents set until = until + interval '1 day'",
    "settings": "insert into mortgage.settings (tenant_id, is_reveal_enabled) values (casebase.default_tenant(), true)",
}


@pytest.mark.parametrize("write", list(WRITES))
async def test_any_write_to_the_case_makes_a_new_version(
    service: Session, owner: asyncpg.Connection, open_case: Any, write: str
) -> None:
    case_id = (await open_case())["case_id"]
    await owner.execute(
        "insert into scenario_tags (case_id, tag, source) select id, '#old', 'ai' from scenario_cases"
    )

    async def version() -> str:
        return str(await service.call("get_scenario_context_version", {"case_id": case_id}))

    before = await version()
    assert await version() == before
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute(WRITES[write])
    assert await version() == before  # not committed yet
    await transaction.commit()
    assert await version() != before


async def test_another_cases_write_is_none_of_its_business(service: Session, open_case: Any) -> None:
    case_id, other = (await open_case())["case_id"], (await open_case())["case_id"]
    before = await service.call("get_scenario_context_version", {"case_id": case_id})
    await record(service, other, "reveal")
    assert await service.call("get_scenario_context_version", {"case_id": case_id}) == before


async def test_switching_the_reveal_off_and_on_is_not_the_same_as_before(
    processes: Processes, service: Session, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    one, _ = await processes(BROKER)
    await record(service, case_id, "bank_quote", QUOTE)
    for is_enabled in (True, False, True):
        await reveal(service, is_enabled)
        assert ("counter_offer" in await get(one, case_id)) is is_enabled


async def test_no_process_serves_what_a_commit_made_old(
    processes: Processes, service: Session, owner: asyncpg.Connection, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    clients = await processes(BROKER)
    for number in range(10):
        await asyncio.gather(*(get(client, case_id) for client in clients * 3))
        await owner.execute(
            "insert into scenario_tags (case_id, tag, source) values ($1, $2, 'ai')",
            UUID(case_id),
            f"#t{number}",
        )
        for found in await asyncio.gather(*(get(client, case_id) for client in clients * 3)):
            assert f"#t{number}" in found["tags"]


async def test_readers_during_writes_never_see_less_than_was_committed(
    processes: Processes, owner: asyncpg.Connection, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    clients = await processes(BROKER)
    committed = 0
    is_over = asyncio.Event()

    async def read(client: httpx.AsyncClient) -> None:
        while not is_over.is_set():
            expected = committed
            found = await get(client, case_id)
            assert len([tag for tag in found["tags"] if tag.startswith("#t")]) >= expected

    readers = [asyncio.create_task(read(client)) for client in clients * 2]
    for number in range(40):
        await owner.execute(
            "insert into scenario_tags (case_id, tag, source) values ($1, $2, 'ai')",
            UUID(case_id),
            f"#t{number}",
        )
        committed = number + 1
        await asyncio.sleep(0)
    is_over.set()
    await asyncio.gather(*readers)


async def test_a_kept_context_is_not_for_another_tenant(
    processes: Processes, people: Any, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    one, _ = await processes(BROKER)
    assert await get(one, case_id)
    path = f"/v1/mortgage/cases/{case_id}/context"
    assert (await one.get(path, headers=bearer(broker_of(people.other_tenant)))).status_code == 404
    assert (await one.get(path, headers=bearer(people.admin))).status_code == 403
    assert (await one.get(path, headers=bearer(SERVICE))).status_code == 200


@requires("redis")
async def test_processes_share_a_redis_and_do_without_it(
    processes: Processes,
    database_calls: CountingDatabase,
    service: Session,
    open_case: Any,
    redis: tuple[str, subprocess.Popen[bytes]],
) -> None:
    case_id = (await open_case())["case_id"]
    url, process = redis
    one, other = await processes(BROKER, redis_url=url)
    first = await get(one, case_id)
    database_calls.called.clear()
    assert await get(other, case_id) == first
    assert database_calls.called == ["get_scenario_context_version"]

    await record(service, case_id, "reveal")
    assert (await get(other, case_id))["reveal"]["is_revealed"]
    process.kill()
    process.wait()
    assert (await get(one, case_id))["reveal"]["is_revealed"]
