"""A person or company is one row, however its name is set."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import People


async def entity(service: Session, name: str, **changes: Any) -> Any:
    payload = {"kind": "company", "name": name, **changes}
    return await service.call("insert_or_get_entity", {"payload": payload})


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Harbor Supply LLC", "HARBOR  SUPPLY, L.L.C."),
        ("O’Neill & Sons", "ONeill and Sons".replace(" and ", " - ")),
        ("Ｈarbor Ltd", "harbor ltd."),
        ("远东贸易", " 远东贸易 "),
    ],
)
async def test_spellings_of_one_name(service: Session, name: str, other: str) -> None:
    first, second = await entity(service, name), await entity(service, other)
    assert (first["is_new"], second) == (True, {"entity_id": first["entity_id"], "is_new": False})


async def test_namesakes_are_told_apart(service: Session) -> None:
    entities = [
        await entity(service, "Pat Doe", kind="person"),
        await entity(service, "Pat Doe", kind="person", discriminator="11201"),
        await entity(service, "Pat Doe", kind="company"),
    ]
    assert len({each["entity_id"] for each in entities}) == 3
    again = await entity(service, "pat doe", kind="person", discriminator=" 11201 ")
    assert again == {"entity_id": entities[1]["entity_id"], "is_new": False}


async def test_each_tenant_has_its_own(service: Session, people: People) -> None:
    ours = await entity(service, "Harbor Supply LLC")
    theirs = await entity(service, "Harbor Supply LLC", tenant_id=str(people.other_tenant))
    assert ours["entity_id"] != theirs["entity_id"]


async def test_fifty_at_once(owner: asyncpg.Connection, service: Session) -> None:
    answers = await asyncio.gather(*(entity(service, "Harbor Supply LLC") for _ in range(50)))
    assert len({answer["entity_id"] for answer in answers}) == 1
    assert sum(answer["is_new"] for answer in answers) == 1
    assert await owner.fetchval("select count(*) from enrichment.entities") == 1
