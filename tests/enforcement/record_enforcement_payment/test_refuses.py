"""A payment that cannot be is not written, nor is any of its traces."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal, wrong_fields

PAYMENT: dict[str, Any] = {"amount": 100, "source": "wire", "reference": "W-1"}


@pytest.mark.parametrize(
    ("field", "code"), [("case_id", "case_not_found"), ("judgment_id", "judgment_not_found")]
)
async def test_on_what_is_unknown(owner: asyncpg.Connection, service: Session, field: str, code: str) -> None:
    error = await refusal(owner, service, "record_enforcement_payment", {**PAYMENT, field: str(uuid4())})
    assert (error.status, error.code, error.detail) == (404, code, {"field": field})


@pytest.mark.parametrize("by", ["case_id", "judgment_id"])
@pytest.mark.parametrize(("who", "status"), [("other_operator", 404), ("stranger", 404), ("member", 403)])
async def test_by_whoever_may_not(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
    who: str,
    status: int,
    by: str,
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    named = {"case_id": case_id} if by == "case_id" else {"judgment_id": str(judgment.id)}
    session = api.session(getattr(people, who))
    error = await refusal(owner, session, "record_enforcement_payment", {**PAYMENT, **named})
    expected = "operator_required" if status == 403 else by.replace("_id", "_not_found")
    assert (error.status, error.code) == (status, expected)


async def test_on_a_judgment_that_nobody_enforces(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    payload = {**PAYMENT, "judgment_id": str((await make_judgment()).id)}
    error = await refusal(owner, service, "record_enforcement_payment", payload)
    assert (error.status, error.code, error.detail) == (404, "case_not_found", {"field": "judgment_id"})


@pytest.mark.parametrize("by", ["case_id", "judgment_id"])
async def test_on_a_closed_case(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase, by: str
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    named = {"case_id": case_id, "judgment_id": str(judgment.id)}
    error = await refusal(owner, service, "record_enforcement_payment", {**PAYMENT, by: named[by]})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize("known", [True, False])
async def test_on_a_case_of_another_judgment(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase, known: bool
) -> None:
    other = str((await make_judgment()).id) if known else str(uuid4())
    payload = {**PAYMENT, "case_id": await open_case(), "judgment_id": other}
    assert wrong_fields(await refusal(owner, service, "record_enforcement_payment", payload)) == [
        "judgment_id"
    ]


@pytest.mark.parametrize(("amount", "paid"), [(12500.01, 0), (12400.01, 100), (0.01, 12500)])
async def test_of_more_than_is_due(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, amount: float, paid: float
) -> None:
    case_id = await open_case()
    if paid:
        payload = {"case_id": case_id, "amount": paid, "source": "wire"}
        await service.call("record_enforcement_payment", {"payload": payload})
    error = await refusal(
        owner, service, "record_enforcement_payment", {**PAYMENT, "case_id": case_id, "amount": amount}
    )
    assert (error.status, error.code, error.detail) == (409, "payment_exceeds_balance", {"field": "amount"})


async def test_of_more_than_the_judgment_owes(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    await owner.execute("update judgments set balance_due = 99.99 where id = $1", judgment.id)
    error = await refusal(owner, service, "record_enforcement_payment", {**PAYMENT, "case_id": case_id})
    assert error.code == "payment_exceeds_balance"


async def test_without_case_and_judgment(owner: asyncpg.Connection, service: Session) -> None:
    assert wrong_fields(await refusal(owner, service, "record_enforcement_payment", PAYMENT)) == ["case_id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"judgment_id": "7"}, "judgment_id"),
        ({"amount": None}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 0.001}, "amount"),
        ({"amount": 1000000000.01}, "amount"),
        ({"amount": "100"}, "amount"),
        ({"amount": True}, "amount"),
        ({"source": None}, "source"),
        ({"source": "Wire transfer"}, "source"),
        ({"source": "x" * 41}, "source"),
        ({"reference": ""}, "reference"),
        ({"reference": "a b"}, "reference"),
        ({"reference": "x" * 121}, "reference"),
        ({"reference": "Quillfeather-1"}, "reference"),
        ({"received_at": "soon"}, "received_at"),
        ({"received_at": "infinity"}, "received_at"),
        ({"received_at": "1999-12-31T00:00:00Z"}, "received_at"),
        ({"received_at": "2199-01-01T00:00:00Z"}, "received_at"),
        ({"document_path": ""}, "document_path"),
        ({"document_path": "../secret.pdf"}, "document_path"),
        ({"document_path": f"enforcement/{uuid4()}/{uuid4()}/{uuid4()}.pdf"}, "document_path"),
        ({"actor": "x" * 121}, "actor"),
        ({"balance": 0}, "balance"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {**PAYMENT, "case_id": await open_case(), **changes}
    assert wrong_fields(await refusal(owner, service, "record_enforcement_payment", payload)) == [field]
