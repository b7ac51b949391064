"""Levy, garnishment and marshal events move the case's status of that workflow, with a line of history."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase

STATUSES = "select levy_status, garnishment_status, marshal_status from enforcement_cases"


async def log(service: Session, case_id: str, kind: str, **more: Any) -> None:
    payload = {"case_id": case_id, "event_kind": kind, "document_path": f"court/{kind}.pdf", **more}
    await service.call("log_enforcement_event", {"payload": payload})


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("bank_levy_filed", ("filed", None, None)),
        ("bank_levy_served", ("served", None, None)),
        ("bank_levy_released", ("released", None, None)),
        ("garnishment_order_signed", (None, "order_signed", None)),
        ("garnishment_served", (None, "served", None)),
        ("garnishment_remittance", (None, "remitting", None)),
        ("marshal_assigned", (None, None, "assigned")),
        ("marshal_attempted", (None, None, "attempted")),
        ("marshal_result", (None, None, "completed")),
        ("asset_search_requested", (None, None, None)),
        ("asset_search_completed", (None, None, None)),
        ("subpoena_issued", (None, None, None)),
        ("subpoena_complied", (None, None, None)),
        ("note", (None, None, None)),
    ],
)
async def test_each_kind_sets_its_status(
    owner: asyncpg.Connection,
    service: Session,
    open_case: OpenCase,
    kind: str,
    statuses: tuple[str | None, ...],
) -> None:
    await log(service, await open_case(), kind)
    assert tuple(await owner.fetchrow(STATUSES)) == statuses
    changes = await owner.fetch("select delta from enforcement_history where change = 'workflow_changed'")
    assert [list(json.loads(row["delta"]).values()) for row in changes] == [
        [{"from": None, "to": status}] for status in statuses if status is not None
    ]


async def test_an_event_entered_late_does_not_turn_the_workflow_back(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await log(service, case_id, "bank_levy_served", occurred_at="2026-05-02T10:00:00Z")
    await log(service, case_id, "bank_levy_filed", occurred_at="2026-05-01T10:00:00Z")
    await log(service, case_id, "marshal_assigned", occurred_at="2026-04-01T10:00:00Z")
    assert tuple(await owner.fetchrow(STATUSES)) == ("served", None, "assigned")


async def test_the_same_status_again_is_no_change(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await log(service, case_id, "marshal_attempted")
    await log(service, case_id, "marshal_attempted")
    assert (
        await owner.fetchval("select count(*) from enforcement_history where change = 'workflow_changed'")
        == 1
    )


async def test_what_a_kind_means_is_a_row(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    await owner.execute(
        "update enforcement.event_kinds set status = 'at_the_bank' where event_kind = 'bank_levy_served'"
    )
    await log(service, await open_case(), "bank_levy_served")
    assert (await owner.fetchrow(STATUSES))["levy_status"] == "at_the_bank"
