"""``cb.mortgage``: the typed client."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from casebase.app import Casebase
from casebase.kernel.db import Database, Session
from casebase.kernel.errors import InvalidInputError, RpcError
from casebase.modules.mortgage.demo import LEADS
from casebase.modules.mortgage.enums import CaseStatus, EventType, PropertyType
from casebase.modules.mortgage.models import (
    CaseInputs,
    ConsentTerms,
    Contact,
    LeadForm,
    OpenedCase,
)
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import CONTACT, lead

FORM = LeadForm(
    contact=Contact(**CONTACT),
    consent=ConsentTerms(purposes=("advice",)),
    inputs=CaseInputs(
        loan_amount=Decimal("500000.10"),
        tenure_months=240,
        property_type=PropertyType.HDB,
        current_bank="dbs",
        current_rate=Decimal("2.6"),
    ),
    source="branch",
)


@pytest.fixture
def mortgage(service: Session) -> Client:
    return Client(service)


async def test_opens_a_case_from_typed_values(mortgage: Client) -> None:
    opened = await mortgage.create_case(FORM)
    assert isinstance(opened, OpenedCase)
    case = await mortgage.get_case(opened.case_id)
    assert case.status is CaseStatus.DRAFT
    assert case.inputs[0].loan_amount == Decimal("500000.10")
    assert [event.event_type for event in case.events] == [EventType.LEAD_FORM]


async def test_opens_a_case_from_a_mapping(mortgage: Client) -> None:
    opened = await mortgage.create_case(lead())
    assert (await mortgage.get_case(opened.case_id)).initials == "TWLR"


async def test_repeats_a_keyed_call_without_a_second_case(mortgage: Client) -> None:
    first = await mortgage.create_case(FORM, idempotency_key="once")
    assert await mortgage.create_case(FORM, idempotency_key="once") == first
    assert len((await mortgage.list_cases()).items) == 1


async def test_lists_by_pages(mortgage: Client) -> None:
    for _ in range(3):
        await mortgage.create_case(FORM)
    first = await mortgage.list_cases(page_size=2)
    second = await mortgage.list_cases(page_size=2, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (2, 1, None)


async def test_types_an_advised_case(mortgage: Client, advise_case: Any) -> None:
    opened = await mortgage.create_case(FORM)
    await advise_case(opened.model_dump(mode="json"))
    case = await mortgage.get_case(opened.case_id)
    assert case.recommendation is case.calculations[0].recommendation
    assert case.net_savings == case.calculations[0].net_savings


async def test_names_wrong_fields_before_the_call(mortgage: Client) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await mortgage.create_case(lead({"contact.email": "?", "inputs.tenure_months": 421}))
    assert {error["field"] for error in refused.value.detail["errors"]} == {
        "contact.email",
        "inputs.tenure_months",
    }


async def test_a_contact_does_not_show_in_logs() -> None:
    assert not any(value in repr(FORM) for value in CONTACT.values())


async def test_raises_for_a_case_that_is_not_there(mortgage: Client) -> None:
    with pytest.raises(RpcError) as refused:
        await mortgage.get_case(uuid4())
    assert refused.value.code == "case_not_found"


async def test_staff_may_not_open_cases(api: Database, people: Any) -> None:
    with pytest.raises(RpcError) as refused:
        await Client(api.session(people.admin)).create_case(FORM)
    assert refused.value.status == 403


async def test_is_an_attribute_of_a_connection(api_url: str) -> None:
    async with Casebase.connect(api_url) as cb:
        opened = await cb.mortgage.create_case(FORM)
        assert (await cb.mortgage.get_case(opened.case_id)).case_id == opened.case_id


@pytest.mark.parametrize("form", LEADS, ids=[str(form["contact"]["name"]) for form in LEADS])
async def test_every_lead_of_the_demo_is_valid(mortgage: Client, form: Any) -> None:
    assert await mortgage.create_case(form)
