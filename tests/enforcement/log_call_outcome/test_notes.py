"""Notes of a call hold nobody's personal data, whatever was typed."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import add_call
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


@pytest.mark.parametrize("has_case", [True, False])
async def test_are_stored_without_the_debtor(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
    has_case: bool,
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment) if has_case else None
    await service.call(
        "log_call_outcome",
        {
            "plaintiff_id": str(judgment.plaintiff_id),
            "task_id": await add_call(owner, judgment.plaintiff_id, case_id=case_id),
            "outcome": "no_answer",
            "notes": f"{DEBTOR} was seen; quillfeather answers at {DEBTOR_PHONE} or a.b@example.com.",
        },
    )
    notes = await owner.fetchval("select notes from plaintiff_call_attempts")
    assert notes == "[subject] was seen; [subject] answers at [subject] or [email]."


async def test_may_be_as_long_as_masks_make_them(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "no_answer"}
    await service.call("log_call_outcome", {**call, "notes": "#1-1 " * 800})
    assert await owner.fetchval("select length(notes) from plaintiff_call_attempts") == 4000
