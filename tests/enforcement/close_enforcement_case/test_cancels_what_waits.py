"""With a case end its open actions and tasks, and only they."""

from __future__ import annotations

import asyncio
import json

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def add_action(owner: asyncpg.Connection, case_id: str, action_type: str, status: str) -> None:
    await owner.execute(
        "insert into enforcement_actions (tenant_id, enforcement_case_id, action_type, status, closed_at, created_by) "
        "select tenant_id, id, $2, $3, case when $3 = 'completed' then now() end, 'test' "
        "from enforcement_cases where id = $1",
        case_id,
        action_type,
        status,
    )


async def add_task(owner: asyncpg.Connection, case_id: str, kind: str, status: str = "open") -> None:
    await owner.execute(
        "insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by, status, "
        "closed_at) select tenant_id, plaintiff_id, id, $2, 'Something to do', 'test', "
        "$3::text::plaintiff_task_status, case when $3 <> 'open' then now() end from enforcement_cases where id = $1",
        case_id,
        kind,
        status,
    )


async def test_open_ones_are_cancelled_in_the_closers_name(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id, neighbour = await open_case(), await open_case()
    await add_action(owner, case_id, "subpoena", "completed")
    for case in (case_id, neighbour):
        await add_action(owner, case, "garnishment", "served")
        await add_action(owner, case, "bank_levy", "planned")
        await add_task(owner, case, "call")
        await add_task(owner, case, "review")
    await add_task(owner, case_id, "call", "done")

    payload = {"case_id": case_id, "status": "withdrawn", "closed_by": "desk"}
    answer = await service.call("close_enforcement_case", {"payload": payload})

    assert (answer["cancelled_actions"], answer["cancelled_tasks"]) == (["bank_levy", "garnishment"], 2)
    actions = await owner.fetch(
        "select action_type, status, updated_by from enforcement_actions where enforcement_case_id = $1 order by 1",
        case_id,
    )
    assert [tuple(row) for row in actions] == [
        ("bank_levy", "cancelled", "desk"),
        ("garnishment", "cancelled", "desk"),
        ("subpoena", "completed", None),
    ]
    tasks = await owner.fetch(
        "select kind, status, closed_by from plaintiff_tasks where enforcement_case_id = $1 order by 1, 2, 3",
        case_id,
    )
    assert [tuple(row) for row in tasks] == [
        ("call", "done", None),
        ("call", "cancelled", "desk"),
        ("review", "cancelled", "desk"),
    ]
    waiting = await owner.fetchval(
        "select (select count(*) from enforcement_actions where enforcement_case_id = $1 and closed_at is null) "
        "+ (select count(*) from plaintiff_tasks where enforcement_case_id = $1 and status = 'open')",
        neighbour,
    )
    assert waiting == 4


async def test_an_open_call_desk_is_told(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    await add_task(owner, case_id, "call")
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    await owner.add_listener("casebase_live", lambda *given: told.put_nowait(json.loads(given[3])))
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    async with asyncio.timeout(30):
        while (notice := await told.get())["topic"] != "enforcement.calls":
            pass
    assert notice["tenant_id"] == str(judgment.tenant_id)


async def test_the_history_lists_them(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await add_action(owner, case_id, "marshal", "assigned")
    await add_task(owner, case_id, "review")
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "uncollectible"}})
    delta = json.loads(await owner.fetchval("select delta from enforcement_history where change = 'closed'"))
    assert delta["open_actions"] == {"from": ["marshal"], "to": []}
    assert delta["open_tasks"] == {"from": 1, "to": 0}
    assert delta["next_action_at"]["to"] is None
