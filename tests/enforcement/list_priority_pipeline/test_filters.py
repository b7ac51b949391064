"""Each filter of the pipeline, alone and together."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.support.refusals import wrong_fields


async def found(service: Session, **filters: Any) -> list[str]:
    items = (await service.call("list_priority_pipeline", filters))["items"]
    return sorted(item["county"] for item in items)


@pytest.fixture
async def counties(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    """One judgment a county: Kings at once late and at a levy, Queens opened, Bronx not, Newark in New Jersey."""
    kings = await open_case(await make_judgment(county="Kings"))
    await service.call("set_enforcement_stage", {"payload": {"case_id": kings, "stage": "bank_levy"}})
    await owner.execute(
        "update enforcement_cases set next_action_at = now() - interval '1 minute' where id = $1", kings
    )
    await open_case(await make_judgment(county="Queens"))
    await make_judgment(county="Bronx", plaintiff="Elm & Oak 100% Partners")
    await open_case(await make_judgment(county="Newark", state="NJ", plaintiff="Pier_Nine LLC"))


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "Bronx Kings Newark Queens"),
        ({"tier": "tier0"}, "Bronx Kings Newark Queens"),
        ({"tier": "tier2"}, ""),
        ({"stage": "bank_levy"}, "Kings"),
        ({"stage": "pre_enforcement"}, "Newark Queens"),
        ({"stage": "none"}, "Bronx"),
        ({"county": "Queens"}, "Queens"),
        ({"county": "Queens", "state": "NJ"}, ""),
        ({"state": "NJ"}, "Newark"),
        ({"sla": "breached"}, "Kings"),
        ({"sla": "met"}, "Bronx Newark Queens"),
        ({"sla": "breached", "stage": "pre_enforcement"}, ""),
        ({"sla": "breached", "stage": "none"}, ""),
        ({"sla": "met", "state": "NY", "stage": "none"}, "Bronx"),
        ({"search": "harbor"}, "Kings Queens"),
        ({"search": " pier_ "}, "Newark"),
        ({"search": "r_s"}, ""),
        ({"search": "100%"}, "Bronx"),
        ({"search": "0%"}, "Bronx"),
        ({"search": "0\\"}, ""),
        ({"search": "elm & oak"}, "Bronx"),
        ({"search": ""}, "Bronx Kings Newark Queens"),
        ({"search": "E-"}, "Kings Newark Queens"),
    ],
    ids=str,
)
async def test_a_filter_finds(service: Session, filters: dict[str, Any], expected: str) -> None:
    assert await found(service, **filters) == expected.split()


async def test_a_reference_is_found_by_its_beginning(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    for _ in range(4):
        await open_case()
    for reference, case_id in await owner.fetch("select reference, id::text from enforcement_cases"):
        for term in (reference, reference.lower(), reference[:9]):
            items = (await service.call("list_priority_pipeline", {"search": term}))["items"]
            assert case_id in {item["case_id"] for item in items}


async def test_a_docket_number_is_found_by_its_beginning(
    service: Session, make_judgment: MakeJudgment
) -> None:
    judgment, _other = await make_judgment(), await make_judgment()
    number = f"{str(judgment.id)[:8]}/20"
    items = (await service.call("list_priority_pipeline", {"search": number.upper()}))["items"]
    assert [item["judgment_id"] for item in items] == [str(judgment.id)]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"tier": "tier9"}, "tier"),
        ({"stage": "closed"}, "stage"),
        ({"state": "ny"}, "state"),
        ({"sla": "late"}, "sla"),
        ({"search": "x" * 81}, "search"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": 201}, "page_size"),
        ({"cursor": "zz"}, "cursor"),
        ({"cursor": "00"}, "cursor"),
        ({"cursor": b"1|tier0|soon|7|x".hex()}, "cursor"),
        ({"cursor": b"99999999999|tier0|low|7|x".hex()}, "cursor"),
        ({"cursor": b"1|tier0".hex()}, "cursor"),
    ],
    ids=str,
)
async def test_what_is_no_filter_is_refused(service: Session, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(RpcError) as refused:
        await service.call("list_priority_pipeline", arguments)
    assert wrong_fields(refused.value) == [field]
