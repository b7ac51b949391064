"""The case file tells where the case stands, and every entry can be found again by its number."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def test_the_cases_standing_and_its_numbered_entries(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="9000.50"), notes="Owns a boat")
    file = await service.call("get_copilot_file", {"case_id": case_id})
    case = file["case"]
    assert (case["status"], case["stage"], case["days_in_stage"], case["is_overdue"]) == (
        "open",
        "pre_enforcement",
        0,
        False,
    )
    assert (case["current_balance"], case["notes"]) == (9000.5, "Owns a boat")
    [opened] = file["timeline"]
    assert (opened["n"], opened["kind"]) == (1, "opened")
    history = await owner.fetchval(
        "select id from enforcement_history where enforcement_case_id = $1", case_id
    )
    assert [(s["n"], s["source"], s["id"]) for s in file["sources"]] == [
        (0, "enforcement_cases", case_id),
        (1, "enforcement_history", str(history)),
    ]


async def test_an_unknown_case_is_not_found(service: Session) -> None:
    with pytest.raises(RpcError) as refused:
        await service.call("get_copilot_file", {"case_id": uuid4()})
    assert (refused.value.code, refused.value.status) == ("case_not_found", 404)


async def test_it_is_the_services_alone(api: Database, people: People, open_case: OpenCase) -> None:
    case_id = await open_case()
    for principal in (people.admin, people.operator, people.member, people.stranger, ANON):
        with pytest.raises(RpcError) as refused:
            await api.session(principal).call("get_copilot_file", {"case_id": case_id})
        assert refused.value.status in (401, 403)
