"""For the service alone, and only what has a name."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, People
from tests.support.refusals import refusal, wrong_fields

ENTITY = {"kind": "person", "name": "Robin Osprey"}


async def test_whoever_is_not_the_service(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.admin, people.operator, people.stranger, ANON):
        error = await refusal(owner, api.session(who), "insert_or_get_entity", ENTITY)
        assert error.status == 403


async def test_unknown_ids(
    owner: asyncpg.Connection, service: Session, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    for changes, code in (
        ({"plaintiff_id": str(uuid4())}, "plaintiff_not_found"),
        ({"judgment_id": str(uuid4())}, "judgment_not_found"),
        ({"tenant_id": str(uuid4())}, "tenant_not_found"),
        ({"tenant_id": str(people.other_tenant), "judgment_id": str(judgment.id)}, "judgment_not_found"),
    ):
        error = await refusal(owner, service, "insert_or_get_entity", {**ENTITY, **changes})
        assert (error.status, error.code) == (404, code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "--"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"kind": "ship"}, "kind"),
        ({"discriminator": "x" * 81}, "discriminator"),
        ({"born": "1980"}, "born"),
    ],
)
async def test_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await refusal(owner, service, "insert_or_get_entity", {**ENTITY, **changes})) == [
        field
    ]
