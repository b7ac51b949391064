"""A tenant's cases are found by how they stand and by what is known of them, closed ones too."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.support.refusals import wrong_fields


async def found(service: Session, **filters: Any) -> list[str]:
    items = (await service.call("list_enforcement_cases", filters))["items"]
    return sorted(item["county"] for item in items)


async def close(service: Session, case_id: str, status: str) -> None:
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": status}})


@pytest.fixture
async def counties(service: Session, make_judgment: MakeJudgment, open_case: OpenCase) -> None:
    """One case a county: open in Kings, ended in each way in the others; none yet in Erie."""
    await open_case(await make_judgment(county="Kings"))
    for county, status, plaintiff in (
        ("Queens", "satisfied", "Harbor Supply LLC"),
        ("Bronx", "uncollectible", "Elm & Oak 100% Partners"),
        ("Newark", "withdrawn", "Pier_Nine LLC"),
    ):
        await close(service, await open_case(await make_judgment(county=county, plaintiff=plaintiff)), status)
    await make_judgment(county="Erie")


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "Bronx Kings Newark Queens"),
        ({"status": "open"}, "Kings"),
        ({"status": "satisfied"}, "Queens"),
        ({"status": "uncollectible"}, "Bronx"),
        ({"status": "withdrawn"}, "Newark"),
        ({"status": "closed"}, "Bronx Newark Queens"),
        ({"search": "harbor"}, "Kings Queens"),
        ({"search": "harbor", "status": "closed"}, "Queens"),
        ({"search": "0%"}, "Bronx"),
        ({"search": "r_s"}, ""),
        ({"search": "pier_", "status": "open"}, ""),
        ({"search": " "}, "Bronx Kings Newark Queens"),
    ],
    ids=str,
)
async def test_a_filter_finds(service: Session, filters: dict[str, Any], expected: str) -> None:
    assert await found(service, **filters) == expected.split()


@pytest.mark.usefixtures("counties")
async def test_a_closed_case_is_found_by_its_reference_and_docket_number(
    owner: asyncpg.Connection, service: Session
) -> None:
    rows = await owner.fetch(
        "select c.id::text, c.reference, d.case_number from enforcement_cases c "
        "join judgments.cases d using (judgment_id) where c.closed_at is not null"
    )
    assert len(rows) == 3
    for case_id, reference, case_number in rows:
        for term in (reference, reference.lower(), case_number[:8]):
            items = (await service.call("list_enforcement_cases", {"search": term}))["items"]
            assert case_id in {item["case_id"] for item in items}


async def test_a_judgment_enforced_again_shows_each_of_its_cases(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(plaintiff="Twice Firm")
    first = await open_case(judgment)
    await close(service, first, "uncollectible")
    second = await open_case(judgment)
    items = (await service.call("list_enforcement_cases", {"search": "twice"}))["items"]
    assert [(item["case_id"], item["status"]) for item in items] == [
        (second, "open"),
        (first, "uncollectible"),
    ]


async def test_a_row_tells_what_a_console_shows(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="700.00", county="Queens")
    case_id = await open_case(judgment)
    payment = {"case_id": case_id, "amount": 100, "source": "check"}
    await service.call("record_enforcement_payment", {"payload": payment})
    await close(service, case_id, "satisfied")
    [item] = (await service.call("list_enforcement_cases"))["items"]
    assert item.pop("case_number").endswith("/2024")
    assert item.pop("opened_at") <= item.pop("closed_at")
    assert item == {
        "case_id": case_id,
        "reference": await owner.fetchval("select reference from enforcement_cases"),
        "judgment_id": str(judgment.id),
        "plaintiff_id": str(judgment.plaintiff_id),
        "plaintiff_name": "Harbor Supply LLC",
        "status": "satisfied",
        "stage": "closed",
        "tier": "tier0",
        "opening_balance": 700.0,
        "current_balance": 600.0,
        "county": "Queens",
        "state": "NY",
        "next_action_at": None,
        "is_breached": False,
    }


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"search": "x" * 81}, "search"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": 201}, "page_size"),
        ({"cursor": "zz"}, "cursor"),
        ({"cursor": "00"}, "cursor"),
        ({"cursor": b"soon|x".hex()}, "cursor"),
        ({"cursor": b"2026-01-01|x".hex()}, "cursor"),
        ({"cursor": b"2026-01-01".hex()}, "cursor"),
    ],
    ids=str,
)
async def test_what_is_no_filter_is_refused(service: Session, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(RpcError) as refused:
        await service.call("list_enforcement_cases", arguments)
    assert wrong_fields(refused.value) == [field]
