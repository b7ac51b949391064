"""Who may not evaluate is refused, and what cannot be done is; nothing is written then."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.notifications.conftest import People
from tests.support.refusals import refusal, wrong_fields

ORGANIZATION = "the organisation's"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"organisation": "x"}, "organisation"),
        ({"organization_id": "x"}, "organization_id"),
        ({"scenario_types": []}, "scenario_types"),
        ({"scenario_types": ["birthday"]}, "scenario_types[0]"),
        ({"scenario_types": "inactivity"}, "scenario_types"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"now": "tomorrow"}, "now"),
        ({"now": "1999-12-31T23:59:59Z"}, "now"),
        ({"now": "2200-01-01T00:00:00Z"}, "now"),
        ({"organization_id": ORGANIZATION, "run_key": "k", "limit": 0}, "limit"),
        ({"organization_id": ORGANIZATION, "run_key": "k", "limit": 100_001}, "limit"),
        ({"organization_id": ORGANIZATION, "run_key": "k", "limit": 1.5}, "limit"),
        ({"organization_id": ORGANIZATION, "run_key": ""}, "run_key"),
        ({"organization_id": ORGANIZATION, "limit": 10}, "run_key"),
        ({"organization_id": ORGANIZATION, "cursor": str(uuid4())}, "cursor"),
        ({"organization_id": ORGANIZATION, "dry_run": True, "run_key": "k"}, "run_key"),
        ({"dry_run": True, "limit": 10}, "organization_id"),
        ({"dry_run": True, "cursor": str(uuid4())}, "organization_id"),
        ({"run_key": "k"}, "organization_id"),
        ({"wait_s": 0}, "wait_s"),
        ({"wait_s": 61}, "wait_s"),
    ],
)
async def test_a_payload_that_says_nothing_sensible(
    owner: asyncpg.Connection, service: Session, people: People, payload: dict[str, Any], field: str
) -> None:
    if payload.get("organization_id") == ORGANIZATION:
        payload = payload | {"organization_id": str(people.default_tenant)}
    refused = await refusal(owner, service, "evaluate_scenarios", payload)
    assert wrong_fields(refused) == [field]


async def test_fields_that_are_null_are_absent(service: Session, people: People) -> None:
    names = ("organization_id", "scenario_types", "dry_run", "now", "run_key", "limit", "cursor", "wait_s")
    reply = await service.call("evaluate_scenarios", {"payload": dict.fromkeys(names)})
    assert reply["evaluated"] == 4


async def test_an_organisation_that_does_not_exist(owner: asyncpg.Connection, service: Session) -> None:
    refused = await refusal(owner, service, "evaluate_scenarios", {"organization_id": str(uuid4())})
    assert (refused.status, refused.code) == (404, "organization_not_found")


async def test_a_key_of_another_organisations_run(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    payload = {"organization_id": str(people.default_tenant), "run_key": "run"}
    await service.call("evaluate_scenarios", {"payload": payload})
    refused = await refusal(
        owner, service, "evaluate_scenarios", payload | {"organization_id": str(people.other_tenant)}
    )
    assert (refused.status, refused.code) == (409, "run_key_taken")


@pytest.mark.parametrize("function", ["evaluate_scenarios", "queue_scenario_evaluations"])
async def test_nobody_but_the_service(
    owner: asyncpg.Connection, api: Database, people: People, function: str
) -> None:
    for principal in (ANON, people.admin, people.stranger):
        refused = await refusal(owner, api.session(principal), function, {})
        assert refused.status in {401, 403}
