"""The console's pages: what was sent and why not, who is due, one person, runs, rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.console.conftest import form_token
from tests.enforcement.pages.reading import text_of
from tests.notifications.conftest import MakeMentor, People
from tests.notifications.pages.conftest import ROOT, SignIn
from tests.support.rows import all_rows

PAGES = ("overview", "due", "sent", "failed", "runs", "rules")


async def read(client: httpx.AsyncClient, path: str) -> str:
    """The text of a page that is there."""
    response = await client.get(f"{ROOT}/{path}")
    assert response.status_code == 200, text_of(response.text)
    return text_of(response.text)


async def submit(client: httpx.AsyncClient, page: str, path: str, **fields: Any) -> httpx.Response:
    """Send what a form on a page sends to a path."""
    token = form_token((await client.get(f"{ROOT}/{page}")).text)
    return await client.post(f"{ROOT}/{path}", data={"csrf_token": token, **fields})


class TestAccess:
    async def test_owners_and_admins_find_the_pages(self, signed_in: SignIn) -> None:
        for role in ("owner", "admin"):
            html = (await (await signed_in(role)).get(f"{ROOT}/overview")).text
            assert all(f'href="{ROOT}/{page}"' in html for page in PAGES)

    @pytest.mark.parametrize(
        "page", [*PAGES, "rules/inactivity", "rules/hours", "people/00000000-0000-4000-8000-000000000000"]
    )
    async def test_members_do_not(self, signed_in: SignIn, page: str) -> None:
        member = await signed_in("member")
        assert f'href="{ROOT}' not in (await member.get("/console/")).text
        assert (await member.get(f"{ROOT}/{page}")).status_code == 403

    async def test_another_organisation_is_another_world(
        self, signed_in: SignIn, people: People, told: list[UUID]
    ) -> None:
        other = await signed_in("admin", "other")
        assert "Nothing was sent yet" in await read(other, "sent")
        assert (await other.get(f"{ROOT}/people/{told[0]}")).status_code == 404

    @pytest.mark.parametrize("page", PAGES)
    async def test_nobody_reads_an_id(self, admin: httpx.AsyncClient, told: list[UUID], page: str) -> None:
        text = await read(admin, page)
        # The invented e-mails are ids too.
        assert not re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!@)", text)
        assert "{" not in text


class TestOverview:
    async def test_says_when_nothing_happened(self, admin: httpx.AsyncClient) -> None:
        assert "Nobody was due in these days" in await read(admin, "overview")

    async def test_is_there_in_a_time_zone_that_only_the_database_knows(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        kept = await owner.execute(
            "insert into notifications.settings (organization_id, timezone) "
            "select t.id, 'EUROPE/OSLO' from public.tenants t"
        )
        assert kept != "INSERT 0 0"
        assert "Nobody was due in these days" in await read(admin, "overview")

    async def test_counts_what_was_told_and_who_was_held_back(
        self, admin: httpx.AsyncClient, told: list[UUID], evaluate: Any
    ) -> None:
        await evaluate(now=datetime.now(UTC))
        text = await read(admin, "overview?days=7")
        for shown in (
            "People told 2", "Sent 2 100% read", "Waiting 2", "Failed 2", "Held back 3", "Nudges by day",
            "Inactivity 2 1 1 1 100% Cooling down 2, Failed recently 1",
        ):  # fmt: skip
            assert shown in text, shown

    @pytest.mark.parametrize("days", ["7", "28", "91", "364", "many"])
    async def test_has_periods(self, admin: httpx.AsyncClient, told: list[UUID], days: str) -> None:
        assert "People told 2" in await read(admin, f"overview?days={days}")


class TestDue:
    async def test_says_when_nobody_is(self, admin: httpx.AsyncClient) -> None:
        assert "Nobody is due" in await read(admin, "due")

    async def test_tells_why_and_what_a_run_would_do(
        self, admin: httpx.AsyncClient, make_mentor: MakeMentor, owner: asyncpg.Connection
    ) -> None:
        day = datetime.now(UTC).date()
        mentor = await make_mentor([day - timedelta(days=1)] * 60)
        await owner.execute(
            "insert into certifications (user_id, name, expires_on) values ($1, 'First aid', $2), ($1, 'Fire', $3)",
            mentor, day + timedelta(days=6), day + timedelta(days=30),
        )  # fmt: skip
        text = await read(admin, "due")
        assert "Milestone 50 activities Told at once" in text
        assert re.search(r"Certification 2 certifications, the first in [56] days Told at once", text)
        assert await owner.fetchval("select email from auth.users where id = $1", mentor) in text
        assert await owner.fetchval("select count(*) from scenario_notifications") == 0
        assert "First aid" not in text


class TestEvaluate:
    async def test_asks_with_what_it_would_do(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID], service: Session
    ) -> None:
        for page in ("overview", "due", "runs"):
            html = (await admin.get(f"{ROOT}/{page}")).text
            assert f'href="{ROOT}/evaluate" data-dialog' in html
            assert f'action="{ROOT}/evaluate"' not in html
        await owner.execute("delete from scenario_notifications where user_id = $1", told[0])
        rule = {"scenario_type": "welcome_back", "enabled": False}
        await service.call("set_scenario_config", {"payload": rule})
        before = await all_rows(owner)
        text = await read(admin, "evaluate")
        # One fails for the day, one is cooling down: they are held back.
        assert "2 nudges would go out at once. A run looks at 4 people of Default" in text
        assert "Inactivity 1 2 Milestone 1 0 Certification 0 0" in text
        assert "Welcome back 0 0" not in text
        assert {**await all_rows(owner), "casebase.console_sessions": None} == {
            **before, "casebase.console_sessions": None
        }  # fmt: skip

    async def test_says_when_nobody_would_be_told(self, admin: httpx.AsyncClient, service: Session) -> None:
        assert "Nothing would go out now. A run looks at 1 person of Default" in await read(admin, "evaluate")
        for scenario in ("inactivity", "milestone", "certification_expiry", "welcome_back"):
            rule = {"scenario_type": scenario, "enabled": False}
            await service.call("set_scenario_config", {"payload": rule})
        html = (await admin.get(f"{ROOT}/evaluate")).text
        assert "All scenarios are switched off" in html
        assert ">Evaluate now</button>" not in html

    async def test_says_of_how_many_of_very_many_people_it_counts(
        self, signed_in: SignIn, owner: asyncpg.Connection, people: People
    ) -> None:
        await owner.execute(
            """
            with made as (
                insert into auth.users (id, email)
                select md5('many' || n)::uuid, n || '@many.example' from generate_series(1, 60100) n returning id
            )
            insert into tenant_users (tenant_id, user_id, role) select $1, id, 'member' from made
            """,
            people.other_tenant,
        )
        other = await signed_in("admin", "other")
        # Two are there already, and the administrator.
        assert "counts of the first 60,000 of 60,103 people" in await read(other, "evaluate")

    async def test_is_queued_after_a_yes(self, admin: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
        asked = await submit(admin, "evaluate", "evaluate")
        assert asked.headers["location"] == f"{ROOT}/runs?asked=1"
        assert "Asked for." in await read(admin, "runs?asked=1")
        assert await owner.fetchval("select count(*) from pgmq.q_notifications_evaluate") > 0


class TestSent:
    async def test_is_filtered(self, admin: httpx.AsyncClient, told: list[UUID]) -> None:
        for query, count in (("", 6), ("?status=failed", 2), ("?status=sent&scenario_type=milestone", 1)):
            html = (await admin.get(f"{ROOT}/sent{query}")).text
            assert html.count("<tr data-href") == count, query
        assert "10 activities" in await read(admin, "sent")

    async def test_goes_on_from_page_to_page(
        self, admin: httpx.AsyncClient, make_mentor: MakeMentor, evaluate: Any
    ) -> None:
        for _ in range(27):
            await make_mentor(10)
        await evaluate(scenario_types=["milestone"])
        html = (await admin.get(f"{ROOT}/sent?status=pending")).text
        following = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        pages = html + (await admin.get(following)).text
        assert len(set(re.findall(r'<tr data-href="[^"]*/people/([^"]*)"', pages))) == 27


class TestFailed:
    async def test_says_when_nothing_did(self, admin: httpx.AsyncClient) -> None:
        assert "Nothing failed" in await read(admin, "failed")

    async def test_tells_why(self, admin: httpx.AsyncClient, told: list[UUID]) -> None:
        text = await read(admin, "failed")
        assert "No device to send to" in text
        assert "Push rejected" in text

    async def test_the_chosen_are_sent_again_after_a_yes(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID]
    ) -> None:
        failed = "select id from scenario_notifications where delivery_status = 'failed'"
        chosen = [str(row["id"]) for row in await owner.fetch(failed)]
        asked = await submit(admin, "failed", "failed/resend", selected=chosen)
        assert "2 notifications, to the devices" in text_of(asked.text)
        assert len(await owner.fetch(failed)) == 2
        once = re.findall(r'name="once" value="([^"]*)"', asked.text)[0]
        for _ in range(2):  # a form that is sent twice counts once
            done = await submit(admin, "failed", "failed/resend", selected=chosen, once=once)
            assert done.status_code == 303
            text = text_of((await admin.get(done.headers["location"])).text)
            assert "2 are sent again." in text
        assert await owner.fetch(failed) == []
        assert await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch") == 8

    async def test_all_of_a_scenario_are_sent_again(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID]
    ) -> None:
        assert "Send all of milestone again" in await read(admin, "failed?scenario_type=milestone")
        asked = await submit(admin, "failed", "failed/resend", scenario_type="milestone")
        assert "All of milestone that still can be" in text_of(asked.text)
        done = await submit(admin, "failed", "failed/resend", scenario_type="milestone", once=str(uuid4()))
        assert "1 is sent again." in text_of((await admin.get(done.headers["location"])).text)

    async def test_what_cannot_be_sent_is_told(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID]
    ) -> None:
        sent = await owner.fetchval(
            "select id::text from scenario_notifications where delivery_status = 'sent' limit 1"
        )
        done = await submit(admin, "failed", "failed/resend", selected=[sent], once=str(uuid4()))
        text = text_of((await admin.get(done.headers["location"])).text)
        assert "0 are sent again. Not sent: 1 no longer failed." in text

    async def test_nothing_chosen_leads_back(self, admin: httpx.AsyncClient) -> None:
        done = await submit(admin, "failed", "failed/resend")
        assert done.headers["location"] == f"{ROOT}/failed"


class TestPerson:
    async def test_shows_how_they_stand_and_what_they_were_told(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID]
    ) -> None:
        await owner.execute(
            "insert into notification_preferences (user_id, scenario_type, enabled, timezone) "
            "values ($1, 'inactivity', false, 'Europe/Oslo')",
            told[1],
        )
        await owner.execute(
            "insert into certifications (user_id, name, expires_on) values ($1, 'First aid', current_date + 300)",
            told[1],
        )
        text = await read(admin, f"people/{told[1]}")
        for shown in ("Milestone 10 activities Failed", "Push rejected", "No device to send to", "First aid until",
                      "Inactivity Switched off", "Activities 12", "Devices 0"):  # fmt: skip
            assert shown in text, shown

    async def test_who_left_is_known_by_a_reference(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, told: list[UUID]
    ) -> None:
        await owner.execute("delete from tenant_users where user_id = $1", told[0])
        html = (await admin.get(f"{ROOT}/people/{told[0]}")).text
        assert re.search(r"<h1[^>]*>P-[A-R]{8}<", html)
        assert "Has left the organisation" in html
        assert "@staff.example" not in html

    async def test_somebody_unknown_is_not_found(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{ROOT}/people/{uuid4()}")).status_code == 404


class TestRuns:
    async def test_say_when_there_was_none(self, admin: httpx.AsyncClient) -> None:
        assert "Nothing was evaluated yet" in await read(admin, "runs")

    async def test_tell_what_came_of_them(
        self, admin: httpx.AsyncClient, told: list[UUID], evaluate: Any
    ) -> None:
        await evaluate(scenario_types=["inactivity"], now=datetime.now(UTC))
        text = await read(admin, "runs")
        assert re.search(r"Inactivity Finished 4 0 0 2 1 0", text), text
        assert re.search(r"All Finished 4 6 0 0 0 0", text), text


class TestRules:
    async def test_are_shown(self, admin: httpx.AsyncClient) -> None:
        text = await read(admin, "rules")
        for shown in ("Days without activity 30", "Counts of activities 10, 25, 50, 100, 250, 500", "Cooldown 30 days",
                      "Cooldown 1 hour", "Time zone Europe/Oslo", "Quiet hours None", "As it came"):  # fmt: skip
            assert shown in text, shown

    async def test_are_changed(self, admin: httpx.AsyncClient, service: Session) -> None:
        html = (await admin.get(f"{ROOT}/rules/milestone")).text
        assert 'value="10, 25, 50, 100, 250, 500"' in html
        saved = await submit(
            admin, "rules/milestone", "rules/milestone", enabled="true", threshold="5, 500 50", cooldown="2", unit="days",
            batch_size="500",
        )  # fmt: skip
        assert saved.status_code == 303, text_of(saved.text)
        text = await read(admin, "rules?saved=1")
        assert "Saved. It holds from the next run." in text
        assert "Counts of activities 5, 50, 500 Cooldown 2 days" in text

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("threshold", "", "Is needed"),
            ("threshold", "soon", "Must be a whole number"),
            ("threshold", "0", "Must be at least 1"),
            ("threshold", "10, 20", "Must be one number of days"),
            ("threshold", "400", "Must be at most 366 days"),
            ("threshold", "9" * 30, "Must be at most 1000000"),
            ("cooldown", "0", "Must lie between 1 hour and 366 days"),
            ("cooldown", "367", "Must lie between 1 hour and 366 days"),
            ("cooldown", "long", "Must lie between 1 hour and 366 days"),
            ("batch_size", "1", "Must be at least 100"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_field(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, field: str, value: str, said: str
    ) -> None:
        typed = {"enabled": "true", "threshold": "14", "cooldown": "10", "unit": "days", "batch_size": "500"}
        refused = await submit(admin, "rules/inactivity", "rules/inactivity", **{**typed, field: value})
        assert refused.status_code == 422
        assert said in refused.text.split(f'id="error-{field}">')[1].split("<")[0]
        assert f'value="{value}"' in refused.text
        assert await owner.fetchval("select count(*) from scenario_evaluation_config") == 0

    async def test_hours_are_changed_and_ended(self, admin: httpx.AsyncClient) -> None:
        hours = {
            "timezone": "America/New_York",
            "language": "nb",
            "quiet_from": "22:00",
            "quiet_until": "07:00",
        }
        assert (await submit(admin, "rules/hours", "rules/hours", **hours)).status_code == 303
        text = await read(admin, "rules")
        for shown in ("Time zone America/New_York", "Norwegian bokmål", "Quiet hours 22:00 to 07:00"):
            assert shown in text, shown
        ended = {**hours, "quiet_from": "", "quiet_until": ""}
        assert (await submit(admin, "rules/hours", "rules/hours", **ended)).status_code == 303
        assert "Quiet hours None" in await read(admin, "rules")

    @pytest.mark.parametrize(
        ("field", "value", "at", "said"),
        [
            ("timezone", "Mars/Olympus", "timezone", "Must be the name of a time zone"),
            ("quiet_from", "", "quiet_until", "Must come with quiet_from"),
            ("quiet_from", "07:00", "quiet_until", "Must come with quiet_from, and differ from it"),
            ("quiet_until", "25:00", "quiet_until", "Must be a time, such as 07:00"),
        ],
    )
    async def test_wrong_hours_are_refused(
        self, admin: httpx.AsyncClient, field: str, value: str, at: str, said: str
    ) -> None:
        hours = {"timezone": "Europe/Oslo", "language": "en", "quiet_from": "22:00", "quiet_until": "07:00"}
        refused = await submit(admin, "rules/hours", "rules/hours", **{**hours, field: value})
        assert refused.status_code == 422
        assert said in refused.text.split(f'id="error-{at}">')[1].split("<")[0]

    async def test_an_unknown_rule_is_not_found(self, admin: httpx.AsyncClient) -> None:
        assert (await admin.get(f"{ROOT}/rules/birthday")).status_code == 404


async def test_nothing_is_changed_without_the_token_of_a_form(
    admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    for path in ("evaluate", "failed/resend", "rules/inactivity", "rules/hours"):
        assert (await admin.post(f"{ROOT}/{path}", data={"threshold": "5"})).status_code == 403
    assert await owner.fetchval("select count(*) from scenario_evaluation_config") == 0


class TestOrganizations:
    """Who administers several chooses, and every link of a page keeps to what is chosen."""

    SUBJECTS = (*PAGES, "evaluate", "rules/milestone", "rules/hours")

    @pytest.fixture
    async def both(self, signed_in: SignIn, owner: asyncpg.Connection, people: People) -> httpx.AsyncClient:
        """An administrator of the default organisation, and an owner of the other."""
        admin = await signed_in("admin")
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) "
            "select $1, id, 'owner' from auth.users where email = 'admin.default@example.com'",
            people.other_tenant,
        )
        return admin

    async def test_each_is_seen(
        self, both: httpx.AsyncClient, people: People, told: list[UUID], make_mentor: MakeMentor
    ) -> None:
        stranger = await make_mentor(organization_id=people.other_tenant)
        default, other = (f"organization={one}" for one in (people.default_tenant, people.other_tenant))
        assert "What Default looks for" in await read(both, f"rules?{default}")
        assert "What Other looks for" in await read(both, f"rules?{other}")
        assert await read(both, "rules") == await read(both, f"rules?{default}")  # by name
        assert "10 activities" in await read(both, f"sent?{default}")
        assert "Nothing was sent yet" in await read(both, f"sent?{other}")
        for person, organization, status in (
            (told[0], default, 200), (told[0], other, 404), (stranger, other, 200), (stranger, default, 404)
        ):  # fmt: skip
            response = await both.get(f"{ROOT}/people/{person}?{organization}")
            assert response.status_code == status

    @pytest.mark.parametrize("page", SUBJECTS)
    async def test_every_link_and_form_keeps_it(
        self, both: httpx.AsyncClient, people: People, told: list[UUID], page: str
    ) -> None:
        html = (await both.get(f"{ROOT}/{page}?organization={people.default_tenant}")).text
        leads = [link for link in re.findall(r'(?:href|action)="([^"]*)"', html) if link.startswith(ROOT)]
        # A form that is sent by GET has its fields for a query.
        for form in re.findall(r'<form[^>]*method="get".*?</form>', html, re.DOTALL):
            leads.remove(re.findall(r'action="([^"]*)"', form)[0])
            assert f'value="{people.default_tenant}"' in form
        assert len(leads) > len(PAGES)
        assert all(link.count(f"organization={people.default_tenant}") == 1 for link in leads), leads
        assert ('<select name="organization">' in html) == (page in PAGES)

    async def test_what_is_decided_holds_for_the_one_that_is_shown(
        self, both: httpx.AsyncClient, people: People, owner: asyncpg.Connection
    ) -> None:
        other = f"organization={people.other_tenant}"
        hours = {"timezone": "Europe/London", "language": "nb", "quiet_from": "", "quiet_until": ""}
        saved = await submit(both, f"rules/hours?{other}", f"rules/hours?{other}", **hours)
        assert saved.headers["location"] == f"{ROOT}/rules?saved=1&{other}"
        assert "Europe/London" in await read(both, f"rules?{other}")
        assert "Europe/Oslo" in await read(both, f"rules?organization={people.default_tenant}")
        asked = await submit(both, f"evaluate?{other}", f"evaluate?{other}")
        assert asked.headers["location"] == f"{ROOT}/runs?asked=1&{other}"
        queued = await owner.fetch("select message::text from pgmq.q_notifications_evaluate")
        assert len(queued) == 4
        assert all(str(people.other_tenant) in row["message"] for row in queued)

    async def test_of_one_there_is_nothing_to_choose(self, admin: httpx.AsyncClient, people: People) -> None:
        for query in ("", f"?organization={people.default_tenant}"):
            html = (await admin.get(f"{ROOT}/rules{query}")).text
            assert "What Default looks for" in text_of(html)
            assert "organization=" not in html
            assert '<select name="organization">' not in html

    @pytest.mark.parametrize("page", SUBJECTS)
    async def test_anothers_is_not_found(self, admin: httpx.AsyncClient, people: People, page: str) -> None:
        for named in (people.other_tenant, uuid4(), "default"):
            response = await admin.get(f"{ROOT}/{page}?organization={named}")
            assert response.status_code == 404
            assert "Nothing here" in text_of(response.text)

    async def test_one_that_is_not_administered_is_not_offered(
        self, signed_in: SignIn, owner: asyncpg.Connection, people: People
    ) -> None:
        admin = await signed_in("member")
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) "
            "select $1, id, 'owner' from auth.users where email = 'member.default@example.com'",
            people.other_tenant,
        )
        assert "What Other looks for" in await read(admin, "rules")
        default = await admin.get(f"{ROOT}/rules?organization={people.default_tenant}")
        assert default.status_code == 404
