"""Members of a tenant read its pipeline, nobody reads another's."""

from __future__ import annotations

from typing import Any

import pytest

from casebase.kernel.db import ANON, Database
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People

TENANT_READS = (
    "list_priority_pipeline",
    "list_enforcement_cases",
    "get_enforcement_board",
    "list_enforcement_history",
    "list_tier_overrides",
    "list_pipeline_counties",
)


def rows(answer: dict[str, Any]) -> int:
    return len(answer["items"])


@pytest.fixture
async def two_tenants(open_case: OpenCase, make_judgment: MakeJudgment, people: People) -> None:
    await open_case(await make_judgment())
    await open_case(await make_judgment(tenant_id=people.other_tenant, county="Elsewhere"))


@pytest.mark.usefixtures("two_tenants")
@pytest.mark.parametrize("function", TENANT_READS)
async def test_every_member_reads_their_own_tenant(api: Database, people: People, function: str) -> None:
    for reader in (people.admin, people.operator, people.member):
        answer = await api.session(reader).call(function)
        assert "Elsewhere" not in str(answer)
        assert rows(answer) == (0 if function == "list_tier_overrides" else 1)
        assert await api.session(reader).call(function, {"tenant_id": people.default_tenant}) == answer


@pytest.mark.usefixtures("two_tenants")
@pytest.mark.parametrize("function", TENANT_READS)
async def test_another_tenants_is_not_found(api: Database, people: People, function: str) -> None:
    for reader in (people.admin, people.operator, people.member):
        with pytest.raises(RpcError) as refused:
            await api.session(reader).call(function, {"tenant_id": people.other_tenant})
        assert (refused.value.status, refused.value.code) == (404, "tenant_not_found")


@pytest.mark.parametrize("function", TENANT_READS)
async def test_who_belongs_to_no_tenant_reads_nothing(api: Database, people: People, function: str) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(people.stranger).call(function)
    assert (refused.value.status, refused.value.code) == (403, "forbidden")
    with pytest.raises(RpcError) as refused:
        await api.session(ANON).call(function)
    assert refused.value.status in (401, 403)
