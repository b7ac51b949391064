"""Every county of a tenant's dockets is named once, by state."""

from __future__ import annotations

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, People


async def test_each_county_is_named_once(
    service: Session, people: People, make_judgment: MakeJudgment
) -> None:
    for state, county in (("NY", "Queens"), ("NY", "Kings"), ("NJ", "Essex"), ("NY", "Kings"), ("NY", "")):
        await make_judgment(state=state, county=county)
    await make_judgment(tenant_id=people.other_tenant, county="Elsewhere")
    assert (await service.call("list_pipeline_counties"))["items"] == [
        {"state": "NJ", "county": "Essex"},
        {"state": "NY", "county": ""},
        {"state": "NY", "county": "Kings"},
        {"state": "NY", "county": "Queens"},
    ]


async def test_a_tenant_without_dockets_has_none(service: Session) -> None:
    assert (await service.call("list_pipeline_counties"))["items"] == []
