"""What is noted of personal information is masked, whoever sends it and whatever they send."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, People
from tests.support.rows import all_rows

NAME = {"phi_type": "name", "masked_value": "[name]"}


def events(*found: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"payload": {"action_taken": "masked", "events": list(found), **fields}}


async def test_a_context_is_masked_once_more(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    found = {**NAME, "context": "[name] lives with bo@example.com, +46 70 123 45 67", "score": 0.95}
    card = {"phi_type": "card", "masked_value": "[card …4242]", "context": "paid with [card]"}
    reply = await api.session(people.member).call("record_phi_events", events(found, card))
    assert reply == {"tenant_id": str(people.default_tenant), "recorded": 2}
    contexts = await owner.fetch("select context from public.phi_detection_events order by phi_type desc")
    assert [row["context"] for row in contexts] == ["[name] lives with [email], [phone]", "paid with [card]"]


async def test_a_context_of_signs_that_are_many_is_left_out(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    # One sign of 18, and what an ordinary text has of them.
    found = [
        {**NAME, "context": f"[name] {sign}"} for sign in ("\ufdfa" * 50, "\ufdfa" * 20, "wait\u2026" * 40)
    ]
    await api.session(people.member).call("record_phi_events", events(*found))
    kept = await owner.fetch(
        "select context is not null from public.phi_detection_events order by context nulls first"
    )
    assert [each for (each,) in kept] == [False, True, True]


@pytest.mark.parametrize(
    ("context", "kept"),
    [
        ("[name]: Ada Byron, born 1 May 1970", "[name]: [name], born [birth_date]"),
        ("…ADA BYRON, ada byron and Ada Byron's [name]", "…[name], [name] and [name]'s [name]"),
        ("[name] and Anne-Marie O'Brien-Smith, ssn 123-45-6789", "[name] and [name], ssn [national_id]"),
        ("[name] 王小明有流感", "[name] [name]有流感"),
        ("[name] for Grace Hopper", "[name] for [name]"),
        # Somebody else's, half a name, and what only the scan knows.
        ("[name] with Alan Turing, Ada and metformin", "[name] with Alan Turing, Ada and metformin"),
    ],
)
async def test_customers_are_masked_in_a_context(
    api: Database,
    people: People,
    owner: asyncpg.Connection,
    book: Book,
    service: Session,
    context: str,
    kept: str,
) -> None:
    for name in ("Ada Byron", "Anne-Marie O'Brien-Smith", "王小明", "Ada"):
        await book(name, user_name=name)
    await book("elsewhere", user_name="Alan Turing", tenant_id=people.other_tenant)
    order = {
        "items": [{"name": "Tea", "quantity": 1, "unit_price": "1"}],
        "shipping_address": {"name": "Grace Hopper"},
    }
    await service.call("create_order", {"payload": order})
    await api.session(people.member).call("record_phi_events", events({**NAME, "context": context}))
    assert await owner.fetchval("select context from public.phi_detection_events") == kept


@pytest.mark.parametrize("session_id", ["S1234567D", "chat:s1234567d", "123-45-6789", "chat-123-45-6789"])
async def test_a_session_of_a_persons_number_is_refused(
    api: Database, people: People, owner: asyncpg.Connection, session_id: str
) -> None:
    before = await all_rows(owner)
    with pytest.raises(RpcError) as caught:
        await api.session(people.member).call("record_phi_events", events(NAME, session_id=session_id))
    assert (caught.value.status, caught.value.code) == (422, "invalid_input")
    assert [error["field"] for error in caught.value.detail["errors"]] == ["session_id"]
    assert session_id not in f"{caught.value.detail} {caught.value.hint}"
    assert await all_rows(owner) == before


async def test_ids_are_no_persons_number(service: Session, people: People, owner: asyncpg.Connection) -> None:
    # Among the digits are telephones, cards and birth numbers by their form.
    ids = [
        "chat:17",
        "91234567",
        "4242424242424242",
        "1795305600",
        "20261122-0917",
        "conv_01JD9Z3K5T8Q2W4R6Y7V0X1B2N",
        "S1234567A",
        *(f"chat-{uuid4()}" for _ in range(100)),
        *(uuid4().hex for _ in range(100)),
    ]
    for session_id in ids:
        await service.call("record_phi_events", events(NAME, session_id=session_id))
    kept = await owner.fetch("select session_id from public.phi_detection_events")
    assert sorted(row["session_id"] for row in kept) == sorted(ids)


@pytest.mark.parametrize(
    "found",
    [
        {"phi_type": "name", "masked_value": "Ada Byron"},
        {"phi_type": "name", "masked_value": "[name] Byron"},
        {"phi_type": "name", "masked_value": "[ssn]"},
        {"phi_type": "ssn", "masked_value": "[ssn …123456789]"},
        {"phi_type": "a_b", "masked_value": "[axb …1234]"},
        {**NAME, "context": "Ada Byron has the flu"},
        {**NAME, "score": 1.2},
        {**NAME, "value": "Ada Byron"},
    ],
)
async def test_a_raw_value_is_refused_and_not_repeated(
    api: Database, people: People, owner: asyncpg.Connection, found: dict[str, Any]
) -> None:
    before = await all_rows(owner)
    with pytest.raises(RpcError) as caught:
        await api.session(people.member).call("record_phi_events", events(NAME, found))
    assert (caught.value.status, caught.value.code) == (422, "invalid_input")
    assert "Byron" not in f"{caught.value.detail} {caught.value.hint}"
    assert await all_rows(owner) == before


async def test_a_member_notes_as_themselves_only(api: Database, people: People, service: Session) -> None:
    other = events(NAME, user_id=str(people.admin.sub))
    with pytest.raises(RpcError) as caught:
        await api.session(people.member).call("record_phi_events", other)
    assert caught.value.code == "administrator_required"
    assert (await service.call("record_phi_events", other))["recorded"] == 1
    nobody = events(NAME, user_id="00000000-0000-0000-0000-000000000000")
    with pytest.raises(RpcError) as caught:
        await service.call("record_phi_events", nobody)
    assert caught.value.code == "user_not_found"
    for who, code in ((people.customer, "tenant_not_found"), (ANON, "forbidden")):
        with pytest.raises(RpcError) as caught:
            await api.session(who).call("record_phi_events", events(NAME))
        assert caught.value.code == code
