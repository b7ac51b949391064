"""Rows that point at one another agree whose they are: the constraints refuse one that crosses, whoever writes it."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_a_case_is_its_judgments_plaintiffs(
    owner: asyncpg.Connection, make_judgment: MakeJudgment
) -> None:
    mine, other = await make_judgment(), await make_judgment()
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(
            """
            insert into enforcement_cases (
                tenant_id, judgment_id, plaintiff_id, opening_balance, current_balance, created_by)
            values ($1, $2, $3, 10, 10, 'test')
            """,
            mine.tenant_id, mine.id, other.plaintiff_id,
        )  # fmt: skip
    assert refused.value.constraint_name == "enforcement_cases_judgment_fkey"


async def test_a_judgment_with_a_case_stays_its_plaintiffs(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    mine, other = await make_judgment(), await make_judgment()
    await open_case(mine)
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(
            "update judgments set plaintiff_id = $2 where id = $1", mine.id, other.plaintiff_id
        )
    assert refused.value.constraint_name == "enforcement_cases_judgment_fkey"


async def test_a_task_is_its_cases_plaintiffs(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id, other = UUID(await open_case()), await make_judgment()
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(
            """
            insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by)
            values ($1, $2, $3, 'review', 'Review', 'test')
            """,
            other.tenant_id, other.plaintiff_id, case_id,
        )  # fmt: skip
    assert refused.value.constraint_name == "plaintiff_tasks_case_fkey"


async def test_a_payment_is_on_its_cases_judgment(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id, other = UUID(await open_case()), await make_judgment()
    event = await owner.fetchval(
        """
        insert into enforcement_events (
            tenant_id, enforcement_case_id, event_kind, needs_document, actor, actor_type)
        values ($1, $2, 'payment_received', false, 'test', 'rpc') returning id
        """,
        other.tenant_id, case_id,
    )  # fmt: skip
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(
            """
            insert into enforcement_payments (
                tenant_id, enforcement_case_id, judgment_id, event_id, amount, balance_after, received_at, source,
                recorded_by)
            values ($1, $2, $3, $4, 1, 1, now(), 'check', 'test')
            """,
            other.tenant_id, case_id, other.id, event,
        )  # fmt: skip
    assert refused.value.constraint_name == "enforcement_payments_case_fkey"
