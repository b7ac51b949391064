"""Whoever may not, and whatever is not whole, writes nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, People
from tests.enforcement.enrichment_calls import judgment
from tests.support.refusals import refusal, wrong_fields


async def test_members_strangers_and_whoever_has_no_token(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    for who in (people.member, people.stranger, ANON):
        error = await refusal(owner, api.session(who), "create_judgment", judgment())
        assert error.status == 403


async def test_another_tenants_plaintiff(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    theirs = await make_judgment()
    payload = judgment(plaintiff=None, plaintiff_id=str(theirs.plaintiff_id))
    error = await refusal(owner, api.session(people.other_operator), "create_judgment", payload)
    assert (error.status, error.code, error.detail) == (404, "plaintiff_not_found", {"field": "plaintiff_id"})


async def test_a_plaintiff_of_another_tenant_than_named(
    owner: asyncpg.Connection, service: Session, people: People, make_judgment: MakeJudgment
) -> None:
    theirs = await make_judgment()
    payload = judgment(
        plaintiff=None, plaintiff_id=str(theirs.plaintiff_id), tenant_id=str(people.other_tenant)
    )
    error = await refusal(owner, service, "create_judgment", payload)
    assert (error.status, error.code) == (404, "plaintiff_not_found")


async def test_unknown_ids(owner: asyncpg.Connection, service: Session) -> None:
    unknown = str(uuid4())
    error = await refusal(owner, service, "create_judgment", judgment(plaintiff=None, plaintiff_id=unknown))
    assert (error.status, error.code) == (404, "plaintiff_not_found")
    error = await refusal(owner, service, "create_judgment", judgment(tenant_id=unknown))
    assert (error.status, error.code) == (404, "tenant_not_found")


async def test_a_docket_that_is_known(owner: asyncpg.Connection, service: Session) -> None:
    await service.call("create_judgment", {"payload": judgment()})
    again = {"case_number": " CV-1042/24", "court": "civil  court", "county": "kings", "state": "NY"}
    error = await refusal(
        owner, service, "create_judgment", judgment(docket=again, plaintiff={"name": "New"})
    )
    assert (error.status, error.code) == (409, "docket_already_known")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"debtor": None}, "debtor"),
        ({"debtor": {"name": " .. "}}, "debtor.name"),
        ({"debtor": {"name": "A", "phone": "12"}}, "debtor.phone"),
        ({"debtor": {"name": "A", "kind": "ship"}}, "debtor.kind"),
        ({"plaintiff": None}, "plaintiff_id"),
        ({"plaintiff_id": str(uuid4())}, "plaintiff_id"),
        ({"plaintiff": {"name": "A", "email": "nobody"}}, "plaintiff.email"),
        ({"docket": {}}, "docket.case_number"),
        ({"docket": {"case_number": "Quillfeather"}}, "docket.case_number"),
        ({"docket": {"case_number": "1", "state": "ny"}}, "docket.state"),
        ({"docket": {"case_number": "1", "county": "call 555"}}, "docket.county"),
        ({"judgment_amount": 0}, "judgment_amount"),
        ({"judgment_amount": 1.001}, "judgment_amount"),
        ({"judgment_amount": 1e12}, "judgment_amount"),
        ({"balance_due": -1}, "balance_due"),
        ({"judgment_date": "2999-01-01"}, "judgment_date"),
        ({"judgment_date": "2150-01-01"}, "judgment_date"),
        ({"priority_level": "soon"}, "priority_level"),
        ({"source": "By Hand"}, "source"),
        ({"status": "open"}, "status"),
    ],
)
async def test_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, service, "create_judgment", judgment(**changes))
    assert wrong_fields(error) == [field]
