"""What can be evaluated, for who evaluates it: organisations with how many people belong to them."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.notifications.conftest import People
from tests.support.refusals import refusal_of, wrong_fields


async def test_all_with_how_many_people(service: Session, people: People) -> None:
    found = await service.call("list_scenario_organizations")
    assert {item["slug"]: (item["organization_id"], item["people"]) for item in found["items"]} == {
        "default": (str(people.default_tenant), 2),
        "other": (str(people.other_tenant), 2),
    }


@pytest.mark.parametrize("by", ["id", "slug"])
async def test_one_by_its_id_or_slug(service: Session, people: People, by: str) -> None:
    wanted = str(people.other_tenant) if by == "id" else "other"
    found = await service.call("list_scenario_organizations", {"organization": wanted})
    assert [item["organization_id"] for item in found["items"]] == [str(people.other_tenant)]


async def test_one_that_does_not_exist(owner: asyncpg.Connection, service: Session) -> None:
    refused = await refusal_of(owner, service, "list_scenario_organizations", organization="nowhere")
    assert (refused.status, refused.code) == (404, "organization_not_found")


@pytest.mark.parametrize("organization", ["", "x" * 101])
async def test_a_name_that_is_none(owner: asyncpg.Connection, service: Session, organization: str) -> None:
    refused = await refusal_of(owner, service, "list_scenario_organizations", organization=organization)
    assert wrong_fields(refused) == ["organization"]


async def test_nobody_but_the_service(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for principal in (ANON, people.admin, people.stranger):
        refused = await refusal_of(owner, api.session(principal), "list_scenario_organizations")
        assert refused.status in {401, 403}
