"""A document is handed to its tenant's members, and who looked is kept."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.add_enforcement_document.test_records import ADD, planned
from tests.enforcement.conftest import OpenCase, People
from tests.support.rows import all_rows

OPEN = "open_enforcement_document"


@pytest.mark.parametrize("who", ["admin", "operator", "member"])
async def test_a_look_is_in_the_history(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, open_case: OpenCase, who: str
) -> None:
    document = await service.call(ADD, {"payload": await planned(service, await open_case())})
    session = api.session(getattr(people, who))
    opened = await session.call(OPEN, {"document_id": document["document_id"]})
    assert opened == {name: value for name, value in document.items() if name != "is_repeat"}
    looks = await owner.fetch(
        "select actor, actor_type, delta from enforcement_history where change = 'document_opened'"
    )
    assert [(row["actor"], row["actor_type"], json.loads(row["delta"])) for row in looks] == [
        (f"user:{getattr(people, who).sub}", "user", {"document": {"from": None, "to": "court_order"}})
    ]


@pytest.mark.parametrize("who", ["other_operator", "stranger"])
async def test_others_find_none(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, open_case: OpenCase, who: str
) -> None:
    document = await service.call(ADD, {"payload": await planned(service, await open_case())})
    before = await all_rows(owner)
    for document_id in (UUID(document["document_id"]), uuid4()):
        with pytest.raises(RpcError) as refused:
            await api.session(getattr(people, who)).call(OPEN, {"document_id": document_id})
        assert (refused.value.status, refused.value.code) == (404, "document_not_found")
        assert refused.value.detail == {"field": "document_id"}
    assert await all_rows(owner) == before
