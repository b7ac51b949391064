"""Open cases that nobody looked into lately are queued, each once a day."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def queue_all(service: Session, **payload: Any) -> int:
    queued, cursor = 0, None
    while True:
        page = await service.call(
            "queue_due_enrichment", {"payload": {**payload, **({"cursor": cursor} if cursor else {})}}
        )
        queued += page["queued"]
        if (cursor := page["next_cursor"]) is None:
            return queued


async def queued(owner: asyncpg.Connection) -> set[str]:
    jobs = await owner.fetch("select message from pgmq.q_enrich")
    return {json.loads(row[0])["judgment_id"] for row in jobs}


async def test_only_open_cases_that_are_due(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    never, lately, long_ago, closed, _unenforced = [await make_judgment() for _ in range(5)]
    for judgment in (never, lately, long_ago, closed):
        case_id = await open_case(judgment)
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    for judgment, days in ((lately, 89), (long_ago, 91)):
        await owner.execute(
            "update judgments.cases set last_enriched_at = casebase.now() - make_interval(days => $2) where id = $1",
            judgment.docket_id,
            days,
        )
    assert await queue_all(service, batch_limit=2) == 2
    assert await queued(owner) == {str(never.id), str(long_ago.id)}
    await queue_all(service)
    assert await owner.fetchval("select count(*) from pgmq.q_enrich") == 2


async def test_of_one_tenant(
    owner: asyncpg.Connection,
    service: Session,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    ours, theirs = await make_judgment(), await make_judgment(tenant_id=people.other_tenant)
    for judgment in (ours, theirs):
        await open_case(judgment)
    assert await queue_all(service, tenant_id=str(people.other_tenant)) == 1
    assert await queued(owner) == {str(theirs.id)}


async def test_for_the_service_alone(api: Database, people: People) -> None:
    for who in (people.admin, people.stranger, ANON):
        with pytest.raises(RpcError) as refused:
            await api.session(who).call("queue_due_enrichment", {"payload": {}})
        assert refused.value.status == 403


async def test_what_breaks_a_rule(service: Session) -> None:
    for payload in ({"batch_limit": 0}, {"cursor": "7"}, {"older_than": 3}):
        with pytest.raises(RpcError, match="invalid_input"):
            await service.call("queue_due_enrichment", {"payload": payload})
