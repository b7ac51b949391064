"""A file is one run, known by its content."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import People
from tests.support.refusals import refusal, wrong_fields

FILE = {"file_name": "export.csv", "file_sha256": "a" * 64}


async def test_it_is_found_again(service: Session, people: People) -> None:
    first = await service.call("start_simplicity_import", {"payload": FILE})
    assert (first["status"], first["row_count"], first["is_new"]) == ("loading", 0, True)
    again = await service.call("start_simplicity_import", {"payload": {**FILE, "file_name": "copy.csv"}})
    assert again == {**first, "is_new": False}
    theirs = {**FILE, "tenant_id": str(people.other_tenant)}
    assert (await service.call("start_simplicity_import", {"payload": theirs}))["is_new"]


async def test_fifty_at_once(service: Session) -> None:
    runs = await asyncio.gather(
        *(service.call("start_simplicity_import", {"payload": FILE}) for _ in range(50))
    )
    assert len({run["import_run_id"] for run in runs}) == 1
    assert sum(run["is_new"] for run in runs) == 1


async def test_whoever_is_not_the_service(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.admin, people.stranger, ANON):
        assert (await refusal(owner, api.session(who), "start_simplicity_import", FILE)).status == 403


async def test_an_unknown_tenant(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "start_simplicity_import", {**FILE, "tenant_id": str(uuid4())})
    assert (error.status, error.code) == (404, "tenant_not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"file_name": "../export.csv"}, "file_name"),
        ({"file_name": ""}, "file_name"),
        ({"file_sha256": "A" * 64}, "file_sha256"),
        ({"rows": []}, "rows"),
    ],
)
async def test_what_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await refusal(owner, service, "start_simplicity_import", {**FILE, **changes})) == [
        field
    ]
