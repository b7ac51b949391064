"""Personal data has one home: a scan of every row of every table finds a contact in ``leads`` alone."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.mortgage.leads import BANK, CONTACT, lead
from tests.support.rows import all_rows

# Each part of the contact, in the forms somebody might store it in.
_TRACES = (
    CONTACT["name"],
    *(word for word in CONTACT["name"].split() if len(word) > 4),
    CONTACT["email"],
    CONTACT["phone"],
    CONTACT["phone"].replace(" ", ""),
    CONTACT["phone"].replace(" ", "").removeprefix("+65"),
)


async def tables_with(owner: asyncpg.Connection, *traces: str) -> set[str]:
    lowered = [trace.lower() for trace in traces]
    return {
        table
        for table, rows in (await all_rows(owner)).items()
        if any(trace in row.lower() for row in rows for trace in lowered)
    }


async def test_the_contact_is_in_leads_alone(
    owner: asyncpg.Connection, service: Session, advise_case: Any
) -> None:
    opened = await service.call("create_scenario_case", {"payload": lead()}, idempotency_key="kept")
    await advise_case(opened)
    assert await tables_with(owner, *_TRACES) == {"public.leads"}


async def test_no_reply_is_kept_that_shows_the_contact(
    owner: asyncpg.Connection, service: Session, open_case: Any
) -> None:
    opened = await open_case()
    asked = {"case_id": opened["case_id"], "reason": "The borrower asked to be called."}
    shown = await service.call("unmask_scenario_case", asked, idempotency_key="kept")
    assert shown["name"] == CONTACT["name"]
    assert await tables_with(owner, *_TRACES) == {"public.leads"}


async def test_a_refused_lead_leaves_no_trace(owner: asyncpg.Connection, service: Session) -> None:
    with pytest.raises(RpcError):
        await service.call(
            "create_scenario_case", {"payload": lead({"inputs.tenure_months": 0})}, idempotency_key="kept"
        )
    assert await tables_with(owner, *_TRACES) == set()


async def test_the_banks_name_is_in_the_directory_alone(
    owner: asyncpg.Connection, open_case: Any, advise_case: Any
) -> None:
    await advise_case(await open_case())
    assert await tables_with(owner, BANK) == {"mortgage.banks", "casebase.masked_terms"}


async def test_an_unknown_banks_name_is_nowhere(owner: asyncpg.Connection, open_case: Any) -> None:
    await open_case(changes={"inputs.current_bank": "Rachel's Savings Club"})
    assert await tables_with(owner, "Savings Club") == set()
