"""The console tells who looks after the installation what the service did, and names nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from tests.conftest import Tenants
from tests.enforcement.pages.reading import text_of
from tests.practice.pages.conftest import ROOT, Happened, SignIn


async def read(client: httpx.AsyncClient, path: str) -> str:
    """The text of a page that is there."""
    response = await client.get(f"{ROOT}/{path}")
    assert response.status_code == 200, text_of(response.text)
    return text_of(response.text)


@pytest.fixture(autouse=True)
async def nothing_before(admin: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    """What the administrator's own account left in the log."""
    await owner.execute("delete from public.logs")


class TestAccess:
    @pytest.mark.parametrize("page", ["overview", "log"])
    async def test_only_who_looks_after_the_installation_reads_it(
        self, admin: httpx.AsyncClient, signed_in: SignIn, tenants: Tenants, page: str
    ) -> None:
        assert tenants.other
        for client in (admin, await signed_in("owner")):
            assert (await client.get(f"{ROOT}/{page}")).status_code == 200
        member = await signed_in("member")
        assert f'href="{ROOT}' not in (await member.get("/console/")).text
        assert (await member.get(f"{ROOT}/{page}")).status_code == 403
        assert (await (await signed_in("admin", "other")).get(f"{ROOT}/{page}")).status_code == 403

    async def test_the_address_of_the_module_leads_to_its_overview(self, admin: httpx.AsyncClient) -> None:
        response = await admin.get(f"{ROOT}?period=month")
        assert response.headers["location"] == f"{ROOT}/overview?period=month"


class TestLog:
    async def test_says_when_nothing_happened(self, admin: httpx.AsyncClient) -> None:
        assert "Nothing was noted" in await read(admin, "log")

    async def test_shows_events_with_what_they_measured(
        self, admin: httpx.AsyncClient, happened: Happened
    ) -> None:
        await happened(
            "rate_limit_exceeded", "warn", user_key="0f" * 12, reason="weekly_limit_reached", status=429
        )
        await happened("api_call_completed", duration_ms=812, chunks=14)

        text = await read(admin, "log")
        assert "Warning Limit reached reason weekly limit reached, status 429 0f0f0f0f" in text
        assert "took 812 ms, pieces 14" in text
        assert "Errors 0" in text
        assert "Warnings 1" in text

    async def test_narrows_to_a_level_and_a_type(self, admin: httpx.AsyncClient, happened: Happened) -> None:
        await happened("database_error", "error", reason="database_unavailable")
        await happened("unknown_error", "error", reason="internal_error")
        await happened("user_logout")

        text = await read(admin, "log?level=error&event_type=unknown_error")
        assert "reason internal error" in text
        assert "database unavailable" not in text

    async def test_goes_back_as_far_as_asked(self, admin: httpx.AsyncClient, happened: Happened) -> None:
        await happened("user_logout", ago=timedelta(days=3), reason="password_changed")

        assert "password changed" not in await read(admin, "log?period=day")
        assert "password changed" in await read(admin, "log?period=week")
        assert "password changed" in await read(admin, "log?period=month&level=info")

    async def test_shows_what_happened_between_two_moments(
        self, admin: httpx.AsyncClient, happened: Happened
    ) -> None:
        await happened("user_logout", ago=timedelta(days=3), reason="password_changed")
        await happened("user_logout", ago=timedelta(days=5), reason="account_deleted")
        now = datetime.now(UTC)
        moments = {"from": now - timedelta(days=4), "until": now - timedelta(days=2)}
        query = urlencode({name: f"{at:%Y-%m-%dT%H:%M}" for name, at in moments.items()})

        html = (await admin.get(f"{ROOT}/log?{query}&level=info")).text
        assert "password changed" in text_of(html)
        assert "account deleted" not in text_of(html)
        assert "Events by hour" in html
        assert f'value="{moments["from"]:%Y-%m-%dT%H:%M}"' in html
        assert (
            "from=" in html.split('href="/console/practice/log?event_type=user_logout', 1)[1].split('"', 1)[0]
        )

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("level=zzz", "no such level"),
            ("event_type=nothing", "no such event"),
            ("period=decade", "no such period"),
            ("from=yesterday", "A moment reads like"),
            ("from=2026-01-02T00:00&until=2026-01-01T00:00", "must be after"),
            ("from=2026-01-01T00:00&until=2026-06-01T00:00", "31 days at most"),
            ("until=0001-01-01T00:00", "between the years"),
        ],
    )
    async def test_says_what_it_cannot_show(self, admin: httpx.AsyncClient, query: str, said: str) -> None:
        assert said in await read(admin, f"log?{query}")

    async def test_counts_each_kind_and_leads_to_it(
        self, admin: httpx.AsyncClient, happened: Happened
    ) -> None:
        for _ in range(3):
            await happened("user_logout")
        await happened("database_error", "error")

        html = (await admin.get(f"{ROOT}/log?period=month")).text
        assert "Signed out 3 – Database error 1 1" in text_of(html)
        assert f'href="{ROOT}/log?event_type=user_logout&amp;period=month"' in html

    async def test_shows_what_follows_on_the_next_page(
        self, admin: httpx.AsyncClient, happened: Happened
    ) -> None:
        for minute in range(30):
            await happened("user_logout", ago=timedelta(minutes=minute), count=1000 + minute)

        first = (await admin.get(f"{ROOT}/log")).text
        following = first.split('rel="next"', 1)[0].rsplit('href="', 1)[1].split('"', 1)[0]
        second = text_of((await admin.get(following.replace("&amp;", "&"))).text)
        assert "count 1,000" in text_of(first)
        assert "count 1,029" in second
        assert "count 1,000" not in second


class TestOverview:
    async def test_says_when_nobody_practised(self, admin: httpx.AsyncClient) -> None:
        assert "Nobody practised in this time" in await read(admin, "overview")

    async def test_counts_sessions_and_answers(self, admin: httpx.AsyncClient, happened: Happened) -> None:
        for event_type, count in (
            ("scenario_started", 4),
            ("scenario_completed", 3),
            ("api_call_completed", 2),
            ("user_registered", 1),
        ):
            for _ in range(count):
                await happened(event_type)

        text = await read(admin, "overview")
        for shown in (
            "Started 4",
            "Completed 3 75% of those started",
            "Newcomers 1",
            "Sessions by day",
            "answers by day",
        ):
            assert shown in text, shown
