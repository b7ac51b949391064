"""What is noted of personal information is masked, whoever sends it and whatever they send."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People
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


async def test_a_member_notes_as_themselves_only(api: Database, people: People, service: Any) -> None:
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
