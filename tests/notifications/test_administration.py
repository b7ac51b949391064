"""What administrators read and decide is theirs and the service's: members, strangers and other organisations are refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import CasebaseError
from tests.notifications.conftest import MakeMentor, People
from tests.support.rows import all_rows

READS = (
    "get_notification_overview",
    "list_scenario_notifications",
    "list_due_notifications",
    "count_due_notifications",
    "list_evaluation_runs",
    "get_notification_recipient",
    "get_scenario_config",
    "get_notification_settings",
)
DECISIONS: dict[str, dict[str, Any]] = {
    "set_scenario_config": {"scenario_type": "inactivity", "threshold": [14]},
    "set_notification_settings": {"language": "nb"},
}


@pytest.fixture
async def mentor(make_mentor: MakeMentor) -> UUID:
    return await make_mentor()


def arguments(function: str, organization_id: UUID, mentor: UUID) -> dict[str, Any]:
    if function in DECISIONS:
        return {"payload": {**DECISIONS[function], "organization_id": str(organization_id)}}
    named: dict[str, Any] = {"organization_id": organization_id}
    return {**named, "user_id": mentor} if function == "get_notification_recipient" else named


@pytest.mark.parametrize("function", [*READS, *DECISIONS])
async def test_an_administrator_and_the_service_may(
    api: Database, service: Session, people: People, mentor: UUID, function: str
) -> None:
    for session in (api.session(people.admin), service):
        reply = await session.call(function, arguments(function, people.default_tenant, mentor))
        assert isinstance(reply, dict)


@pytest.mark.parametrize("function", [*READS, *DECISIONS])
async def test_others_may_not(
    owner: asyncpg.Connection, api: Database, people: People, mentor: UUID, function: str
) -> None:
    before = await all_rows(owner)
    for who, status, code in (
        (people.member, 403, "administrator_required"),
        (people.stranger, 404, "organization_not_found"),
        (people.other_admin, 404, "organization_not_found"),
        (people.other_member, 404, "organization_not_found"),
        (ANON, 403, None),
    ):
        with pytest.raises(CasebaseError) as refused:
            await api.session(who).call(function, arguments(function, people.default_tenant, mentor))
        assert refused.value.status == status
        if code:
            assert refused.value.code == code
            assert refused.value.detail == {"field": "organization_id"}
    assert await all_rows(owner) == before


@pytest.mark.parametrize("function", [*READS, *DECISIONS])
async def test_who_belongs_to_one_organisation_need_not_name_it(
    api: Database, people: People, mentor: UUID, function: str
) -> None:
    call = arguments(function, people.default_tenant, mentor)
    call.pop("organization_id", None)
    call.get("payload", {}).pop("organization_id", None)
    named = await api.session(people.admin).call(function, arguments(function, people.default_tenant, mentor))
    unnamed = await api.session(people.admin).call(function, call)
    assert {**unnamed, "evaluated_at": None} == {**named, "evaluated_at": None}
