"""After closure a case takes what winds it up, and nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.support.refusals import refusal

KINDS = "select event_kind::text from enforcement.event_kinds where is_taken_when_closed order by 1"


@pytest.fixture
async def closed_case(service: Session, open_case: OpenCase) -> str:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "satisfied"}})
    return case_id


async def test_notes_and_the_release_of_a_levy_are_taken(
    owner: asyncpg.Connection, service: Session, closed_case: str
) -> None:
    kinds = [row[0] for row in await owner.fetch(KINDS)]
    assert kinds == ["bank_levy_released", "note"]
    for kind in kinds:
        await service.call("log_enforcement_event", {"payload": {"case_id": closed_case, "event_kind": kind}})
    assert await owner.fetchval("select levy_status from enforcement_cases") == "released"


@pytest.mark.parametrize("kind", ["bank_levy_filed", "asset_search_requested", "garnishment_remittance"])
async def test_work_is_refused(
    owner: asyncpg.Connection, service: Session, closed_case: str, kind: str
) -> None:
    payload = {"case_id": closed_case, "event_kind": kind, "document_path": "court/a.pdf"}
    error = await refusal(owner, service, "log_enforcement_event", payload)
    assert (error.status, error.code, error.detail) == (409, "case_closed", {"field": "case_id"})
