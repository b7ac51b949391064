"""A tenant's pages are drawn with its own people, time zone and rules; strangers learn nothing."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import People


@pytest.mark.parametrize(
    ("who", "may_act", "may_decide"),
    [("admin", True, True), ("operator", True, False), ("member", False, False)],
)
async def test_tells_people_rules_and_what_the_caller_may(
    api: Database, people: People, who: str, may_act: bool, may_decide: bool
) -> None:
    desk = await api.session(getattr(people, who)).call("get_enforcement_desk")
    assert (desk["may_act"], desk["may_decide"]) == (may_act, may_decide)
    assert desk["tenant_id"] == str(people.default_tenant)
    assert desk["time_zone"] == "America/New_York"
    assert set(desk["staff"]) == {f"user:{p.sub}" for p in (people.admin, people.operator, people.member)}
    assert [stage["stage"] for stage in desk["stages"]][0::6] == ["pre_enforcement", "closed"]
    assert [tier["tier"] for tier in desk["tiers"]] == ["tier0", "tier1", "tier2", "tier3"]
    assert {"event_kind": "bank_levy_filed", "needs_document": True} in desk["event_kinds"]
    assert desk["call_outcomes"][0]["outcome"] == "no_answer"


async def test_the_time_zone_is_the_tenants(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    await owner.execute(
        "insert into enforcement.settings (tenant_id, time_zone) values ($1, 'America/Denver')",
        people.other_tenant,
    )
    desk = await service.call("get_enforcement_desk", {"tenant_id": people.other_tenant})
    assert desk["time_zone"] == "America/Denver"
    assert list(desk["staff"]) == [f"user:{people.other_operator.sub}"]


async def test_another_tenants_is_not_found(api: Database, people: People) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(people.admin).call("get_enforcement_desk", {"tenant_id": people.other_tenant})
    assert (refused.value.status, refused.value.code) == (404, "tenant_not_found")


async def test_is_not_for_strangers(api: Database, people: People) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(people.stranger).call("get_enforcement_desk")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")
