"""A certification goes, with the reminders it had, by the hand of its person or of their organisation."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.notifications.conftest import Evaluate, People
from tests.support.refusals import refusal_of


@pytest.fixture
async def certification_id(owner: asyncpg.Connection, people: People) -> str:
    """A certification of ``people.member`` that expires a week after ``TODAY``."""
    certification_id = await owner.fetchval(
        "insert into certifications (organization_id, user_id, name, expires_on) values ($1, $2, 'A', $3) "
        "returning id",
        people.default_tenant,
        people.member.sub,
        date(2026, 6, 22),
    )
    return str(certification_id)


@pytest.mark.parametrize("who", ["member", "admin", "service"])
async def test_who_may_removes_it(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    certification_id: str,
    evaluate: Evaluate,
    who: str,
) -> None:
    await evaluate(scenario_types=["certification_expiry"])
    assert await owner.fetchval("select count(*) from notifications.certification_stages") == 1
    session = service if who == "service" else api.session(getattr(people, who))
    reply = await session.call("remove_certification", {"certification_id": certification_id})
    assert reply == {"certification_id": certification_id}
    assert await owner.fetchval("select count(*) from certifications") == 0
    assert await owner.fetchval("select count(*) from notifications.certification_stages") == 0
    # What was told stays told.
    assert await owner.fetchval("select count(*) from scenario_notifications") == 1


@pytest.mark.parametrize("who", ["other_admin", "other_member", "stranger"])
async def test_for_others_there_is_none(
    owner: asyncpg.Connection, api: Database, people: People, certification_id: str, who: str
) -> None:
    session = api.session(getattr(people, who))
    error = await refusal_of(owner, session, "remove_certification", certification_id=certification_id)
    assert (error.status, error.code) == (404, "certification_not_found")
    assert error.detail == {"field": "certification_id"}


async def test_an_unknown_one_is_not_found(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal_of(owner, service, "remove_certification", certification_id=str(uuid4()))
    assert (error.status, error.code) == (404, "certification_not_found")


async def test_a_second_time_it_is_not_found(api: Database, people: People, certification_id: str) -> None:
    session = api.session(people.member)
    await session.call("remove_certification", {"certification_id": certification_id})
    with pytest.raises(RpcError, match="certification_not_found"):
        await session.call("remove_certification", {"certification_id": certification_id})


async def test_whoever_has_no_token(owner: asyncpg.Connection, api: Database, certification_id: str) -> None:
    error = await refusal_of(
        owner, api.session(ANON), "remove_certification", certification_id=certification_id
    )
    assert error.status == 403
