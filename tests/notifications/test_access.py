"""Who may read and write each table, and call each function of the module.

A table or function that is new is missing here until its lines are added: the tests name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import RpcError
from tests.notifications.conftest import People
from tests.support.access import (
    CALLERS,
    ROLES,
    acting_as,
    functions_exposed_by,
    privileges_of,
    relations_made_by,
    relations_shown_to,
    statuses,
    without_row_security,
)

OWN = (
    "public.activities",
    "public.certifications",
    "public.notification_preferences",
    "public.scenario_notifications",
    "public.device_tokens",
)
"""Of which people read their own rows; of a device all but its token."""

ADMINISTERED = ("public.scenario_evaluation_config", "public.scenario_evaluation_runs")
"""Of which an organisation's administrators read its rows."""

HIDDEN = (
    "notifications.settings",
    "notifications.scenario_defaults",
    "notifications.run_counts",
    "notifications.certification_stages",
    "notifications.templates",
)
"""What the service alone reads."""

WRITTEN_BY_SERVICE = (
    "public.activities",
    "public.certifications",
    "public.scenario_notifications",
    "public.scenario_evaluation_config",
    "notifications.settings",
    "notifications.scenario_defaults",
    "notifications.templates",
)
RELATIONS = (*OWN, *ADMINISTERED, *HIDDEN)


def expected_privileges(role: str, relation: str) -> set[str]:
    if role == "service_role":
        return {"SELECT", "INSERT", "UPDATE", "DELETE"} if relation in WRITTEN_BY_SERVICE else {"SELECT"}
    is_read = relation in (*OWN, *ADMINISTERED) and relation != "public.device_tokens"
    return {"SELECT"} if role == "authenticated" and is_read else set()


@dataclass(frozen=True)
class World:
    """An organisation with a member who has something of everything, to name in calls."""

    organization_id: UUID
    member_id: UUID
    notification_id: UUID
    certification_ids: list[UUID]
    """One for each call that removes one."""

    @property
    def organization(self) -> dict[str, Any]:
        return {"organization_id": str(self.organization_id)}

    @property
    def member(self) -> dict[str, Any]:
        return {"user_id": str(self.member_id)}


TOKEN = "a-token-of-a-push-service"


@pytest.fixture
async def world(owner: asyncpg.Connection, people: People) -> World:
    member = people.member.sub
    assert member is not None
    organization = people.default_tenant
    await owner.execute(
        "insert into device_tokens (user_id, token, platform) values ($1, $2, 'ios')", member, TOKEN
    )
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type) values ($1, 'inactivity')", member
    )
    await owner.execute(
        "insert into activities (organization_id, user_id, activity_date) values ($1, $2, current_date)",
        organization,
        member,
    )
    await owner.execute(
        "insert into scenario_evaluation_config (organization_id, scenario_type, threshold, cooldown) "
        "values ($1, 'inactivity', '{30}', '30 days')",
        organization,
    )
    await owner.execute(
        "insert into scenario_evaluation_runs (organization_id, scenario_types, evaluated_at) "
        "values ($1, '{inactivity}', casebase.now())",
        organization,
    )
    certifications = await owner.fetch(
        """
        insert into certifications (organization_id, user_id, name, expires_on)
        select $1, $2, 'Certificate ' || n, current_date + 400 from generate_series(1, 9) n returning id
        """,
        organization,
        member,
    )
    return World(
        organization_id=organization,
        member_id=member,
        notification_id=await owner.fetchval(
            "insert into scenario_notifications (user_id, organization_id, scenario_type, delivery_status) "
            "values ($1, $2, 'inactivity', 'failed') returning id",
            member,
            organization,
        ),
        certification_ids=[id_ for (id_,) in certifications],
    )


class TestTables:
    def test_are_all_here(self) -> None:
        assert relations_made_by("notifications") == set(RELATIONS)

    @pytest.mark.parametrize("role", ROLES)
    async def test_give_each_role_exactly_its_privileges(self, owner: asyncpg.Connection, role: str) -> None:
        granted = await privileges_of(owner, role, RELATIONS)
        assert granted == {relation: expected_privileges(role, relation) for relation in RELATIONS}

    async def test_show_all_of_a_device_but_its_token(self, owner: asyncpg.Connection) -> None:
        hidden = await owner.fetch(
            """
            select attname from pg_attribute
            where attrelid = 'device_tokens'::regclass and attnum > 0
              and not has_column_privilege('authenticated', attrelid, attnum, 'select')
            """
        )
        assert hidden == [("token",)]

    async def test_have_row_level_security(self, owner: asyncpg.Connection) -> None:
        assert await without_row_security(owner, RELATIONS) == []

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        ("who", "visible"),
        [
            ("member", OWN),
            ("admin", ADMINISTERED),
            ("other_admin", ()),
            ("other_member", ()),
            ("stranger", ()),
        ],
    )
    async def test_show_people_their_own_rows_and_administrators_their_organisations(
        self, owner: asyncpg.Connection, people: People, who: str, visible: tuple[str, ...]
    ) -> None:
        shown = await relations_shown_to(owner, getattr(people, who), (*OWN, *ADMINISTERED))
        assert shown == set(visible)

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        "statement",
        [
            "update scenario_notifications set user_id = user_id",
            "update scenario_notifications set read_at = casebase.now()",
            "delete from scenario_notifications",
            "insert into scenario_notifications (user_id, organization_id, scenario_type) "
            "select user_id, organization_id, 'welcome_back' from scenario_notifications",
            "update notification_preferences set enabled = false",
            "update activities set activity_date = current_date",
            "update certifications set expires_on = current_date",
            "update device_tokens set revoked_at = casebase.now()",
            "update scenario_evaluation_config set enabled = false",
        ],
    )
    async def test_are_written_by_nobody_who_is_signed_in(
        self, owner: asyncpg.Connection, people: People, statement: str
    ) -> None:
        for principal in (people.member, people.admin):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with acting_as(owner, principal):
                    await owner.execute(statement)


PEOPLE = ("stranger", "other_admin", "other_member", "member", "admin")
# The status for whoever is refused. Who is not named is served: answered, or told that it is done already.
_OUTSIDE = {"anon": 403, "casebase_analyst": 403, "casebase_ai_broker": 403}
ANYBODY_SIGNED_IN = {**_OUTSIDE, "service": 403}
THE_MEMBER_ALONE = {
    **ANYBODY_SIGNED_IN,
    "stranger": 404,
    "other_admin": 404,
    "other_member": 404,
    "admin": 404,
}
OF_THE_ORGANISATION = {**_OUTSIDE, "stranger": 404, "other_admin": 404, "other_member": 404}
ADMINISTRATORS = {**OF_THE_ORGANISATION, "member": 403}
SERVICE_ALONE = {**_OUTSIDE, **dict.fromkeys(PEOPLE, 403)}

Arguments = Callable[[World], dict[str, Any]]
DOORS: dict[str, tuple[Mapping[str, int], Arguments]] = {
    # For oneself
    "list_my_notifications": (ANYBODY_SIGNED_IN, lambda _: {}),
    "mark_notification_read": (THE_MEMBER_ALONE, lambda w: {"id": str(w.notification_id)}),
    "get_notification_preferences": (ANYBODY_SIGNED_IN, lambda _: {}),
    "set_notification_preferences": (ANYBODY_SIGNED_IN, lambda _: payload(language="nb")),
    "register_device_token": (ANYBODY_SIGNED_IN, lambda _: {"token": f"{uuid4()}", "platform": "web"}),
    "revoke_device_token": (THE_MEMBER_ALONE, lambda _: {"token": TOKEN}),
    "list_my_certifications": (ANYBODY_SIGNED_IN, lambda _: {}),
    # Facts
    "record_activities": (OF_THE_ORGANISATION, lambda w: payload(w.organization, activities=[w.member])),
    "set_certifications": (
        OF_THE_ORGANISATION,
        lambda w: payload(
            w.organization, certifications=[{**w.member, "name": "First aid", "expires_on": "2027-05-01"}]
        ),
    ),
    "remove_certification": (
        OF_THE_ORGANISATION,
        lambda w: {"certification_id": str(w.certification_ids.pop())},
    ),
    # For who administers an organisation
    "get_notification_overview": (ADMINISTRATORS, lambda w: w.organization),
    "get_notification_recipient": (ADMINISTRATORS, lambda w: {**w.organization, **w.member}),
    "list_scenario_notifications": (ADMINISTRATORS, lambda w: w.organization),
    "list_due_notifications": (ADMINISTRATORS, lambda w: w.organization),
    "count_due_notifications": (ADMINISTRATORS, lambda w: w.organization),
    "list_evaluation_runs": (ADMINISTRATORS, lambda w: w.organization),
    "get_scenario_config": (ADMINISTRATORS, lambda w: w.organization),
    "set_scenario_config": (
        ADMINISTRATORS,
        lambda w: payload(w.organization, scenario_type="milestone", enabled=False),
    ),
    "get_notification_settings": (ADMINISTRATORS, lambda w: w.organization),
    "set_notification_settings": (ADMINISTRATORS, lambda w: payload(w.organization, language="nb")),
    "request_scenario_evaluation": (ADMINISTRATORS, lambda w: w.organization),
    "resend_failed_notifications": (
        ADMINISTRATORS,
        lambda w: payload(w.organization, notification_ids=[str(w.notification_id)]),
    ),
    # For the service
    "evaluate_scenarios": (SERVICE_ALONE, lambda w: payload(w.organization)),
    "queue_scenario_evaluations": (SERVICE_ALONE, lambda w: payload(w.organization)),
    "list_scenario_organizations": (SERVICE_ALONE, lambda _: {}),
    "open_scenario_notification": (SERVICE_ALONE, lambda w: {"notification_id": str(w.notification_id)}),
    "sweep_scenario_notifications": (SERVICE_ALONE, lambda _: {"batch_limit": 1}),
    "insert_scenario_notification": (
        SERVICE_ALONE,
        lambda w: payload(w.organization, w.member, scenario_type="welcome_back"),
    ),
    "list_last_sent_times": (
        SERVICE_ALONE,
        lambda w: {"user_ids": [str(w.member_id)], "scenario_type": "inactivity"},
    ),
    "list_sent_since_threshold": (
        SERVICE_ALONE,
        lambda w: {
            "user_ids": [str(w.member_id)],
            "scenario_type": "inactivity",
            "cutoff": "2026-01-01T00:00:00Z",
        },
    ),
    "list_milestone_records": (
        SERVICE_ALONE,
        lambda w: {"user_ids": [str(w.member_id)], "milestone_value": 50},
    ),
}


def payload(*parts: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The one argument of most functions that write."""
    merged = {**fields}
    for part in parts:
        merged.update(part)
    return {"payload": merged}


class TestFunctions:
    def test_are_all_here(self) -> None:
        assert functions_exposed_by("notifications") == set(DOORS)

    @pytest.mark.parametrize("function", list(DOORS))
    async def test_serve_whom_they_are_for(
        self, api: Database, people: People, world: World, function: str
    ) -> None:
        refused, arguments = DOORS[function]
        callers = CALLERS | {who: getattr(people, who) for who in PEOPLE}
        found = await statuses(api, callers, function, lambda: arguments(world))
        assert found == {who: refused.get(who, 200) for who in callers}

    @pytest.mark.usefixtures("world")
    async def test_of_the_implementation_are_not_reachable(self, api: Database) -> None:
        for function in (
            "find_due",
            "evaluate_batch",
            "notifications.settle_dispatch",
            "render_notification",
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(SERVICE).call(function, {"payload": {}})
            assert refused.value.code == "function_not_found"
