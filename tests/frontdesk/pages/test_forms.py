"""A form that can't be what its page sends is refused before anything is written."""

from __future__ import annotations

import asyncpg
import httpx
import pytest

from tests.console.conftest import form_token
from tests.enforcement.pages.reading import text_of
from tests.frontdesk.pages.conftest import ROOT, BusyDay
from tests.frontdesk.pages.reading import submit
from tests.support.forms import in_charset


async def test_text_that_is_none_books_nothing(
    admin: httpx.AsyncClient, busy_day: BusyDay, owner: asyncpg.Connection
) -> None:
    path = f"{ROOT}/slots/one?slot_id=one-930&on={busy_day.on}"
    form = {
        "csrf_token": form_token((await admin.get(path)).text),
        "user_name": "Ada Byron",
        "user_email": "ada@example.com",
    }
    before = await owner.fetchval("select count(*) from bookings")
    half = await admin.post(path, **in_charset("unicode_escape", **form, view=r"\ud800"))
    nul = await admin.post(path, data={**form, "view": "\0"})
    assert (half.status_code, nul.status_code) == (415, 422)
    assert await owner.fetchval("select count(*) from bookings") == before
    assert (await admin.post(path, data={**form, "view": "day"})).status_code == 303


@pytest.mark.parametrize("field", ["minutes", "capacity"])
async def test_a_number_of_any_length_is_refused_at_its_field(admin: httpx.AsyncClient, field: str) -> None:
    hours: dict[str, object] = {
        "resources": "Chair 1",
        "first_day": "2198-06-01",
        "last_day": "2198-06-02",
        "weekdays": [str(number) for number in range(7)],
        "opens": "09:00",
        "closes": "17:00",
        "minutes": "30",
        "capacity": "1",
    }
    for digits in ("000000030" + "9" * 100, "000000030" + "9" * 5000):
        refused = await submit(admin, "slots/add", **{**hours, field: digits})
        assert refused.status_code == 422
        assert "Must be a whole number" in text_of(refused.text)


@pytest.mark.parametrize("name", ["EUROPE/OSLO", "Asia/TOKYO"])
async def test_a_time_zone_is_written_as_the_world_does(admin: httpx.AsyncClient, name: str) -> None:
    refused = await submit(admin, "settings", time_zone=name, hold_minutes="15", currency="USD")
    assert refused.status_code == 422
    assert "Must be the name of a time zone" in text_of(refused.text)
