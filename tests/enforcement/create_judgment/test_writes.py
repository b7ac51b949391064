"""A judgment comes with its parties and its docket; the debtor's name is written nowhere but in its home."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import judgment
from tests.support.rows import all_rows


async def test_everything_at_once(owner: asyncpg.Connection, api: Database, people: People) -> None:
    answer = await api.session(people.operator).call("create_judgment", {"payload": judgment()})
    written = await owner.fetchrow("select * from judgments")
    assert written is not None
    assert {name: str(written[name]) for name in ("judgment_amount", "balance_due", "defendant_mask")} == {
        "judgment_amount": "12500.50",
        "balance_due": "12500.50",
        "defendant_mask": "JQ",
    }
    docket = await owner.fetchrow("select * from judgments.cases")
    assert docket is not None
    assert (docket["case_number"], docket["court"], docket["county"], docket["state"]) == (
        "CV-1042/24",
        "Civil Court",
        "Kings",
        "NY",
    )
    plaintiff = await owner.fetchrow("select * from plaintiffs")
    assert plaintiff is not None
    assert (plaintiff["name"], plaintiff["status"], plaintiff["source"]) == (
        "Harbor Supply LLC",
        "new",
        "manual",
    )
    assert answer == {
        "judgment_id": str(written["id"]),
        "plaintiff_id": str(plaintiff["id"]),
        "case_id": str(docket["id"]),
    }
    contacts = await owner.fetch(
        "select case_id is not null, kind, value_key from enrichment.contacts order by 1, 2"
    )
    assert [tuple(row) for row in contacts] == [
        (False, "email", "ar@harbor.example"),
        (False, "phone", "2125550170"),
        (True, "address", "12 quince alley brooklyn"),
        (True, "phone", "6465550148"),
    ]


async def test_the_debtor_is_nowhere_else(owner: asyncpg.Connection, service: Session) -> None:
    await service.call("create_judgment", {"payload": judgment()}, idempotency_key="once")
    told = {
        table
        for table, rows in (await all_rows(owner)).items()
        if any(word in row for row in rows for word in ("Quillfeather", "555-0148", "Quince"))
    }
    assert told == {"enrichment.contacts", "enrichment.entities"}


async def test_a_known_plaintiff_is_not_written_again(owner: asyncpg.Connection, service: Session) -> None:
    first = await service.call("create_judgment", {"payload": judgment()})
    by_name = await service.call(
        "create_judgment",
        {"payload": judgment(plaintiff={"name": "HARBOR SUPPLY, L.L.C."}, docket={"case_number": "2/24"})},
    )
    by_id = await service.call(
        "create_judgment",
        {
            "payload": judgment(
                plaintiff=None, plaintiff_id=first["plaintiff_id"], docket={"case_number": "3/24"}
            )
        },
    )
    assert {first["plaintiff_id"], by_name["plaintiff_id"], by_id["plaintiff_id"]} == {first["plaintiff_id"]}
    assert await owner.fetchval("select count(*) from plaintiffs") == 1


async def test_it_can_be_enforced_at_once(api: Database, people: People) -> None:
    operator = api.session(people.operator)
    answer = await operator.call("create_judgment", {"payload": judgment(balance_due=900)})
    await operator.call("open_enforcement_case", {"payload": {"judgment_id": answer["judgment_id"]}})


async def test_a_debtors_kind_is_told_by_the_name(owner: asyncpg.Connection, service: Session) -> None:
    for number, debtor in enumerate(({"name": "Pelican Freight, Inc."}, {"name": "Inca Banks"})):
        docket = {"case_number": f"{number}/24"}
        await service.call("create_judgment", {"payload": judgment(debtor=debtor, docket=docket)})
    kinds = await owner.fetch(
        "select name, kind from enrichment.entities where name not like 'Harbor%' order by 1"
    )
    assert [tuple(row) for row in kinds] == [("Inca Banks", "person"), ("Pelican Freight, Inc.", "company")]
