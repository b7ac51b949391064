"""Opening a call shows the number to dial and what came before; who looked is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import (
    PLAINTIFF_PHONE,
    add_attempts,
    add_call,
    add_phone,
    in_days,
    refused_call,
    use_utc,
)
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def test_shows_what_a_caller_needs(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await use_utc(owner, judgment.tenant_id)
    await add_phone(owner, judgment.plaintiff_id)
    await add_attempts(owner, judgment.plaintiff_id, {9: "reached_warm", 1: "no_answer"})
    case_id = await open_case(judgment, tier="tier2")
    task_id = await add_call(owner, judgment.plaintiff_id, case_id=case_id)
    opened = await api.session(people.operator).call("open_call_task", {"task_id": task_id})

    assert opened["task"]["task_id"] == task_id
    assert opened["plaintiff"] == {
        "plaintiff_id": str(judgment.plaintiff_id),
        "name": "Harbor Supply LLC",
        "status": "new",
    }
    assert (opened["case"]["case_id"], opened["case"]["tier"], opened["case"]["stage"]) == (
        case_id,
        "tier2",
        "pre_enforcement",
    )
    assert [number["value"] for number in opened["numbers"]] == [PLAINTIFF_PHONE]
    assert [attempt["outcome"] for attempt in opened["attempts"]] == ["no_answer", "reached_warm"]
    assert [outcome["position"] for outcome in opened["outcomes"]] == list(range(1, 10))
    assert (opened["calls_in_window"], opened["calls_per_window"], opened["rule"]) == (1, 7, None)


async def test_is_remembered_by_the_case(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    task_id = await add_call(owner, judgment.plaintiff_id, case_id=await open_case(judgment))
    for _ in range(2):
        await api.session(people.operator).call("open_call_task", {"task_id": task_id})
    looks = await owner.fetch(
        "select actor, actor_type::text from enforcement_history where change = 'contact_viewed'"
    )
    assert [tuple(look) for look in looks] == [(f"user:{people.operator.sub}", "user")] * 2


async def test_every_look_is_kept_with_a_case_or_without(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    with_case, without = await make_judgment(), await make_judgment()
    await add_call(owner, with_case.plaintiff_id, case_id=await open_case(with_case))
    await add_call(owner, without.plaintiff_id)
    tasks = await owner.fetch("select id, plaintiff_id from plaintiff_tasks")
    for task in tasks:
        await api.session(people.operator).call("open_call_task", {"task_id": str(task["id"])})
    looks = await owner.fetch(
        "select task_id, plaintiff_id, viewed_by, tenant_id from enforcement.contact_views"
    )
    assert {tuple(look) for look in looks} == {
        (task["id"], task["plaintiff_id"], f"user:{people.operator.sub}", people.default_tenant)
        for task in tasks
    }
    for change in (
        "update enforcement.contact_views set viewed_by = ''",
        "delete from enforcement.contact_views",
    ):
        with pytest.raises(asyncpg.PostgresError, match="contact_views_are_append_only"):
            await owner.execute(change)


async def test_leaves_no_number_beside_an_idempotency_key(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await add_phone(owner, judgment.plaintiff_id)
    task_id = await add_call(owner, judgment.plaintiff_id)
    session = api.session(people.operator)
    for _ in range(2):
        opened = await session.call("open_call_task", {"task_id": task_id}, idempotency_key="once")
        assert opened["numbers"]
    assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 0


async def test_hides_numbers_that_may_not_be_called(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await add_phone(owner, judgment.plaintiff_id)
    await owner.execute("update enrichment.contacts set is_do_not_contact = true")
    task_id = await add_call(owner, judgment.plaintiff_id)
    assert (await service.call("open_call_task", {"task_id": task_id}))["numbers"] == []


class TestTheRule:
    async def test_warns_of_a_call_too_many(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment = await make_judgment()
        await use_utc(owner, judgment.tenant_id)
        await add_attempts(owner, judgment.plaintiff_id, {2: "reached_cold"})
        task_id = await add_call(owner, judgment.plaintiff_id)
        opened = await service.call("open_call_task", {"task_id": task_id})
        assert opened["rule"] == "quiet_days_after_conversation"
        allowed_at = datetime.fromisoformat(opened["next_call_allowed_at"])
        now = await owner.fetchval("select now()")
        assert timedelta(days=4) < allowed_at - now <= timedelta(days=5)

    async def test_does_not_stand_against_a_call_that_was_asked_for(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "callback"}
        answer = await service.call("log_call_outcome", {**call, "follow_up_at": in_days(0.05)})
        opened = await service.call("open_call_task", {"task_id": answer["follow_up"]["task_id"]})
        assert opened["rule"] is None


class TestRefuses:
    async def test_a_call_that_is_done(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment = await make_judgment()
        task_id = await add_call(owner, judgment.plaintiff_id)
        call = {"plaintiff_id": str(judgment.plaintiff_id), "task_id": task_id, "outcome": "busy"}
        await service.call("log_call_outcome", call)
        error = await refused_call(owner, service, "open_call_task", {"task_id": task_id})
        assert (error.status, error.code) == (409, "task_closed")

    async def test_what_is_unknown_or_no_call(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment = await make_judgment()
        task_id = await add_call(owner, judgment.plaintiff_id)
        await owner.execute("update plaintiff_tasks set kind = 'review'")
        for unknown in (task_id, str(uuid4())):
            error = await refused_call(owner, service, "open_call_task", {"task_id": unknown})
            assert (error.status, error.code, error.detail) == (404, "task_not_found", {"field": "task_id"})

    @pytest.mark.parametrize(
        ("who", "status", "code"),
        [
            ("other_operator", 404, "task_not_found"),
            ("stranger", 404, "task_not_found"),
            ("member", 403, "operator_required"),
        ],
    )
    async def test_whoever_may_not_look(
        self,
        owner: asyncpg.Connection,
        api: Database,
        people: People,
        make_judgment: MakeJudgment,
        who: str,
        status: int,
        code: str,
    ) -> None:
        task_id = await add_call(owner, (await make_judgment()).plaintiff_id)
        session = api.session(getattr(people, who))
        error = await refused_call(owner, session, "open_call_task", {"task_id": task_id})
        assert (error.status, error.code) == (status, code)
