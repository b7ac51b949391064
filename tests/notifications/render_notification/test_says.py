"""A notification says its numbers and names in its person's language, and nothing of its template's own signs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.notifications.conftest import MakeMentor

Said = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture
async def mentor(make_mentor: MakeMentor) -> UUID:
    return await make_mentor(1)


@pytest.fixture
def say(owner: asyncpg.Connection, mentor: UUID) -> Said:
    """Write a notification of the mentor's and return what it says."""

    async def said(
        scenario_type: str, metadata: Any = None, *, milestone: int | None = None, language: str | None = None
    ) -> tuple[str, str]:
        notification_id = await owner.fetchval(
            """
            insert into scenario_notifications
                (user_id, organization_id, scenario_type, milestone_value, metadata, cooldown_until)
            select $1, tenant_id, $2, $3, $4, casebase.now() from tenant_users where user_id = $1
            returning id
            """,
            mentor,
            scenario_type,
            milestone,
            None if metadata is None else json.dumps(metadata),
        )
        row = await owner.fetchrow(
            "select * from notifications.render_notification($1, $2)", notification_id, language
        )
        return row["title"], row["body"]

    return said


@pytest.fixture
def certify(owner: asyncpg.Connection, mentor: UUID) -> Callable[[str], Awaitable[str]]:
    """Give the mentor a certification and return its id."""

    async def certify(name: str) -> str:
        return str(
            await owner.fetchval(
                """
                insert into certifications (organization_id, user_id, name, expires_on)
                select tenant_id, user_id, $2, $3 from tenant_users where user_id = $1 returning id
                """,
                mentor,
                name,
                datetime.now(UTC).date() + timedelta(days=7),
            )
        )

    return certify


@pytest.mark.parametrize(
    ("language", "days", "body"),
    [
        ("en", 1, "It has been 1 day since your last activity."),
        ("en", 30, "It has been 30 days since your last activity."),
        ("nb", 1, "Det er 1 dag siden din siste aktivitet."),
        ("nb", 31, "Det er 31 dager siden din siste aktivitet."),
    ],
)
async def test_a_number_decides_the_form(say: Said, language: str, days: int, body: str) -> None:
    assert (await say("inactivity", {"days": days}, language=language))[1].startswith(body)


@pytest.mark.parametrize(
    ("waited", "outcome", "days"),
    [
        (5, "delivery_status = 'pending'", 35),
        (5, "delivery_status = 'sent', sent_at = triggered_at - interval '3 days'", 32),
        (5, "delivery_status = 'failed', skip_reason = 'opted_out'", 30),
    ],
)
async def test_days_are_counted_to_the_day_on_which_it_is_said(
    owner: asyncpg.Connection, say: Said, waited: int, outcome: str, days: int
) -> None:
    await say("inactivity", {"days": 30})
    notification_id = await owner.fetchval(
        f"update scenario_notifications set triggered_at = triggered_at - $1::int * interval '1 day', {outcome}"
        " returning id",
        waited,
    )
    row = await owner.fetchrow("select * from notifications.render_notification($1)", notification_id)
    assert f"{days} days since" in row["body"]


async def test_of_what_expired_while_it_waited_no_day_is_left(
    owner: asyncpg.Connection, say: Said, certify: Callable[[str], Awaitable[str]]
) -> None:
    await say("certification_expiry", {"days": 1, "certifications": [{"id": await certify("First aid")}]})
    notification_id = await owner.fetchval(
        "update scenario_notifications set triggered_at = triggered_at - interval '5 days' returning id"
    )
    row = await owner.fetchrow("select * from notifications.render_notification($1)", notification_id)
    assert row["body"].startswith("First aid expires today")


async def test_a_milestone_says_its_count(say: Said) -> None:
    assert await say("milestone", milestone=50) == (
        "A milestone",
        "You have 50 activities behind you. Thank you!",
    )


async def test_one_certification_is_named(say: Said, certify: Callable[[str], Awaitable[str]]) -> None:
    first_aid = {"id": await certify("First aid"), "stage": 7}
    told = {"days": 7, "certifications": [first_aid]}
    body = "First aid expires in 7 days. Renew in time."
    assert await say("certification_expiry", told) == ("A certification expires soon", body)


async def test_of_several_the_nearest_is_named(say: Said, certify: Callable[[str], Awaitable[str]]) -> None:
    names = ("First aid", "Driving", "Climbing")
    told = {"days": 1, "certifications": [{"id": await certify(name)} for name in names]}
    body = "First aid utløper om 1 dag, og 2 til snart. Forny i tide."
    assert (await say("certification_expiry", told, language="nb"))[1] == body


async def test_the_last_day_is_today(say: Said, certify: Callable[[str], Awaitable[str]]) -> None:
    told = {"days": 0, "certifications": [{"id": await certify("First aid")}]}
    assert await say("certification_expiry", told) == (
        "A certification expires today",
        "First aid expires today. Renew in time.",
    )


async def test_a_name_is_no_template(say: Said, certify: Callable[[str], Awaitable[str]]) -> None:
    name = r"[{days}] \1 {certification}"
    told = {"days": 7, "certifications": [{"id": await certify(name)}]}
    body = f"{name} expires in 7 days. Renew in time."
    assert (await say("certification_expiry", told))[1] == body


@pytest.mark.parametrize("of_somebody_else", [True, False])
async def test_a_certification_that_is_not_theirs_has_no_name(
    owner: asyncpg.Connection, say: Said, make_mentor: MakeMentor, of_somebody_else: bool
) -> None:
    certification_id = uuid4()
    if of_somebody_else:
        await owner.execute(
            "insert into certifications (id, organization_id, user_id, name, expires_on) "
            "select $1, tenant_id, user_id, 'Secret', current_date from tenant_users where user_id = $2",
            certification_id,
            await make_mentor(1),
        )
    told = {"days": 7, "certifications": [{"id": str(certification_id)}]}
    body = "A certification expires in 7 days. Renew in time."
    assert (await say("certification_expiry", told))[1] == body


@pytest.mark.parametrize(
    "metadata", [None, {}, {"days": "many"}, {"days": None, "certifications": "x"}, {"certifications": [1]}]
)
async def test_what_was_written_by_hand_says_what_it_can(say: Said, metadata: Any) -> None:
    _, body = await say("certification_expiry", metadata)
    assert body == "A certification expires in … days. Renew in time."


class TestLanguage:
    async def test_is_the_organisations(self, owner: asyncpg.Connection, say: Said) -> None:
        await owner.execute(
            "insert into notifications.settings (organization_id, language) select id, 'nb' from tenants"
        )
        assert (await say("welcome_back"))[0] == "Velkommen tilbake"

    async def test_is_rather_ones_own(self, owner: asyncpg.Connection, say: Said, mentor: UUID) -> None:
        await owner.execute(
            "insert into notification_preferences (user_id, scenario_type, language) values ($1, 'welcome_back', 'nb')",
            mentor,
        )
        assert (await say("welcome_back"))[0] == "Velkommen tilbake"

    async def test_is_rather_the_one_asked_for(
        self, owner: asyncpg.Connection, say: Said, mentor: UUID
    ) -> None:
        await owner.execute(
            "insert into notification_preferences (user_id, scenario_type, language) values ($1, 'welcome_back', 'nb')",
            mentor,
        )
        assert (await say("welcome_back", language="en"))[0] == "Welcome back"

    async def test_without_texts_is_english(self, say: Said) -> None:
        assert (await say("welcome_back", language="sv"))[0] == "Welcome back"


async def test_every_scenario_is_said_in_every_language(owner: asyncpg.Connection) -> None:
    missing = await owner.fetch(
        """
        select s.scenario_type, l.language, p.plural
        from notifications.scenario_defaults s
        cross join unnest(array['en', 'nb']) l (language)
        cross join unnest(array['one', 'other']) p (plural)
        except select scenario_type, language, plural from notifications.templates
        """
    )
    assert missing == []
