"""``/v1/frontdesk/bookings`` and ``/slots``: typed routes over the RPCs, for the desk, its customers and services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.frontdesk.conftest import People
from tests.support.refusals import problem_of
from tests.support.tokens import bearer

NO_ID = "00000000-0000-0000-0000-000000000000"
SLOT = {"resource": "Room 1", "starts_at": "2030-06-17T09:00:00Z", "ends_at": "2030-06-17T09:30:00Z"}
ADA = {"user_name": "Ada Byron", "user_email": "ada@example.com"}


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://casebase/v1/frontdesk") as client:
        yield client


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


async def test_a_slot_is_added_booked_moved_and_given_back(http: httpx.AsyncClient, people: People) -> None:
    admin, desk, customer = bearer(people.admin), bearer(people.member), bearer(people.customer)
    zone = {"time_zone": "Europe/Oslo"}
    assert ok(await http.patch("/settings", json=zone, headers=admin))["hold_minutes"] == 15
    assert ok(await http.get("/settings", headers=desk))["time_zone"] == "Europe/Oslo"
    later = {
        **SLOT,
        "slot_id": "room/1 10:00",
        "starts_at": SLOT["ends_at"],
        "ends_at": "2030-06-17T10:00:00Z",
    }
    added = ok(await http.post("/slots", json={"slots": [SLOT, later]}, headers=admin))
    assert added["added"] == 2
    first, second = (each["slot_id"] for each in added["slots"])

    async def free() -> list[str]:
        day = ok(await http.get("/slots", params={"on_date": "2030-06-17"}, headers=desk))
        return [each["slot_id"] for each in day["slots"]]

    assert await free() == [first, second]
    booking = {"slot_id": first, "user_id": str(people.customer.sub), **ADA}
    again = {**bearer(SERVICE), "Idempotency-Key": "sent-twice"}
    booked = ok(await http.post("/bookings", json=booking, headers=again), 201)
    assert ok(await http.post("/bookings", json=booking, headers=again), 201) == booked
    assert await free() == [second]

    one = f"/bookings/{booked['booking_id']}"
    assert ok(await http.get(one, headers=customer))["user_name"] == "Ada Byron"
    moved = ok(await http.post(f"{one}/reschedule", json={"slot_id": second}, headers=customer))
    assert (moved["slot_id"], await free()) == (second, [first])
    assert ok(await http.post(f"{one}/confirm", headers=desk))["status"] == "confirmed"
    day = {"from": "2030-06-17T00:00:00Z", "until": "2030-06-18T00:00:00Z", "status": "confirmed"}
    for path, params, who in (("/bookings", day, desk), ("/bookings/mine", {}, customer)):
        [found] = ok(await http.get(path, params=params, headers=who))["items"]
        assert found["booking_id"] == booked["booking_id"]
    assert ok(await http.post(f"{one}/cancel", headers=customer))["is_repeated"] is False
    removed = ok(await http.delete(f"/slots/{quote(second)}", headers=admin))
    assert (removed["slot_id"], await free()) == (second, [first])


async def test_of_no_account_or_of_no_calendar(http: httpx.AsyncClient, people: People) -> None:
    desk = bearer(people.member)
    mine = str(people.member.sub)
    for slot_id, user_id, expected in (
        ("a", {}, None),
        ("b", {"user_id": None}, None),
        ("c", {"user_id": mine}, mine),
    ):
        times = {"starts_at": SLOT["starts_at"], "ends_at": SLOT["ends_at"], "resource": "elsewhere"}
        booking = {"slot_id": slot_id, "is_confirmed": True, **times, **ADA, **user_id}
        booked = ok(await http.post("/bookings", json=booking, headers=desk), 201)
        assert (booked["status"], booked["resource"]) == ("confirmed", "elsewhere")
        seen = ok(await http.get(f"/bookings/{booked['booking_id']}", headers=desk))
        assert seen["user_id"] == expected


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/bookings", {"slot_id": "full", **ADA}, 409, "slot_unavailable"),
        (
            "POST",
            "/bookings",
            {"slot_id": "a", "user_name": "Ada", "user_email": "ada"},
            422,
            "invalid_input",
        ),
        ("POST", "/bookings", {"slot_id": "a", **ADA, "user_id": NO_ID}, 403, "administrator_required"),
        ("POST", "/bookings", {"slot_id": "a", **ADA, "starts_at": SLOT["starts_at"]}, 422, "invalid_input"),
        (
            "POST",
            "/bookings",
            {"slot_id": "a", **ADA, "starts_at": "1999-01-01T00:00:00Z", "ends_at": "1999-01-01T01:00:00Z"},
            422,
            "invalid_input",
        ),
        ("POST", "/bookings", {"slot_id": "a", **ADA, "place": 2}, 422, "invalid_input"),
        ("POST", "/bookings", {"slot_id": "a", **ADA, "is_listed": True}, 404, "slot_not_found"),
        ("GET", f"/bookings/{NO_ID}", None, 404, "booking_not_found"),
        ("POST", f"/bookings/{NO_ID}/cancel", None, 404, "booking_not_found"),
        ("POST", f"/bookings/{NO_ID}/reschedule", {"slot_id": "a"}, 404, "booking_not_found"),
        ("POST", "/slots", {"slots": [SLOT]}, 403, "administrator_required"),
        ("POST", "/slots", {"slots": []}, 422, "invalid_input"),
        ("DELETE", "/slots/nothing", None, 403, "administrator_required"),
        ("GET", "/slots?on_date=2030-02-30", None, 422, "invalid_input"),
        ("GET", f"/slots?on_date=2030-02-01&tenant_id={NO_ID}", None, 404, "tenant_not_found"),
        ("GET", "/bookings?from=2030-02-01T00:00:00", None, 422, "invalid_input"),
        ("PATCH", "/settings", {"hold_minutes": 5}, 403, "administrator_required"),
    ],
)
async def test_a_refusal_is_a_problem_and_changes_nothing(
    http: httpx.AsyncClient,
    owner: asyncpg.Connection,
    people: People,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
) -> None:
    headers = bearer(people.member)
    ok(await http.post("/bookings", json={"slot_id": "full", **ADA}, headers=headers), 201)
    found = await problem_of(owner, http, method, path, json=body, headers=headers)
    assert found == (status, code)
