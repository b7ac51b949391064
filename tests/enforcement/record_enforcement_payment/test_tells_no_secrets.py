"""What a payment's refusal or event says does not depend on who the debtor is."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import DEBTOR
from tests.support.refusals import refusal, wrong_fields

PAY = "record_enforcement_payment"
NAME = DEBTOR.split()[-1]


@pytest.mark.parametrize(
    "fault", [{"document_path": "../x"}, {"amount": 12500.01}, {"received_at": "1800-01-01T00:00:00Z"}]
)
async def test_a_right_guess_fails_as_a_wrong_one(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, fault: dict[str, Any]
) -> None:
    session, case_id = api.session(people.operator), await open_case()
    errors = []
    for reference in (NAME, "Nobody"):
        payment = {"case_id": case_id, "amount": 1, "source": "wire", "reference": reference, **fault}
        errors.append(await refusal(owner, session, PAY, payment))
    assert (errors[0].code, errors[0].detail) == (errors[1].code, errors[1].detail)


@pytest.mark.parametrize("is_full", [True, False])
async def test_a_right_guess_in_a_path_fails_as_a_wrong_one(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, is_full: bool
) -> None:
    session, case_id = api.session(people.operator), await open_case()
    if is_full:
        await owner.execute(
            """
            insert into enforcement_documents (tenant_id, enforcement_case_id, doc_kind, storage_path, uploaded_by)
            select c.tenant_id, c.id, 'letter', 'letters/' || n, 'test'
            from enforcement_cases c, generate_series(1, 500) n
            """
        )
    errors = []
    for name in (NAME, "Nobody"):
        payment = {"case_id": case_id, "amount": 1, "source": "wire", "document_path": f"x/{name}"}
        if not is_full:
            payment["reference"] = "078-05-1120"
        errors.append(await refusal(owner, session, PAY, payment))
    assert (errors[0].code, errors[0].detail) == (errors[1].code, errors[1].detail)


async def test_a_right_guess_is_refused_as_a_bad_form(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    errors = [
        await refusal(owner, service, PAY, {"case_id": case_id, "amount": 1, "source": "wire", "reference": reference})
        for reference in (NAME, "two words")
    ]  # fmt: skip
    assert wrong_fields(errors[0]) == ["reference"]
    assert errors[0].detail == errors[1].detail


@pytest.mark.parametrize("debtor", ["Ann Marshal", "Wire Open", "Case Satisfied"])
async def test_a_debtor_with_the_name_of_a_word_of_ours_changes_no_event(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase, debtor: str
) -> None:
    case_id = await open_case(await make_judgment(debtor=debtor))
    await service.call(PAY, {"payload": {"case_id": case_id, "amount": 1, "source": "wire"}})
    moved = {"case_id": case_id, "stage": "marshal", "metadata": {"seen": debtor}}
    await service.call("set_enforcement_stage", {"payload": moved})
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "satisfied"}})
    paid, stage, closed = [
        json.loads(row[0]) for row in await owner.fetch("select payload from enforcement_events order by position")
    ]  # fmt: skip
    assert paid["source"] == "wire"
    assert (stage["from"], stage["to"]) == ("pre_enforcement", "marshal")
    assert debtor not in stage["metadata"]["seen"]
    assert (closed["to"], closed["status"]) == ("closed", "satisfied")


async def test_an_amount_has_no_more_than_cents(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    raw = f'{{"payload": {{"case_id": "{case_id}", "amount": 1.{"0" * 30}, "source": "wire"}}}}'
    answer = await api.rpc(people.operator, PAY, raw)
    assert answer.json()["amount"] == 1
    stored = await owner.fetchrow(
        "select c.current_balance::text, p.amount::text, e.payload ->> 'amount' from enforcement_cases c, enforcement_payments p, enforcement_events e"
    )
    assert tuple(stored) == ("12499.00", "1.00", "1.00")
