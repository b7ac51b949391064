"""A session has one score a version, with masked feedback and measures alone; administrators list them and see how they go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal, refusal_of, wrong_fields
from tests.support.rows import all_rows


async def keep(session: Session, session_id: str = "s1", score: int = 80, **fields: Any) -> dict[str, Any]:
    payload = {"session_id": session_id, "score": score, "version": 1, **fields}
    reply: dict[str, Any] = await session.call("score_conversation", {"payload": payload})
    return reply


async def listed(session: Session, **asked: Any) -> list[dict[str, Any]]:
    """All scores, page by page."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        payload = {**asked, "page_size": 2, "cursor": cursor}
        page = await session.call("list_conversation_scores", {"payload": payload})
        items += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return items


async def test_scored_again_it_is_replaced(service: Session, people: People) -> None:
    first = await keep(service, score=40, feedback="Slow.", measures={"error_count": 3})
    again = await keep(service, score=70, user_id=str(people.customer.sub), measures={"error_count": 0})
    assert (first["is_replaced"], again["is_replaced"]) == (False, True)
    assert again["score_id"] == first["score_id"]
    newer = await keep(service, score=60, version=2, feedback="  ")
    theirs = await keep(service, tenant_id=str(people.other_tenant))
    assert (newer["is_replaced"], theirs["is_replaced"]) == (False, False)
    found = {each["version"]: each for each in await listed(service, session_id="s1")}
    assert (found[1]["score"], found[1]["feedback"], found[1]["measures"]) == (70, None, {"error_count": 0})
    assert (found[1]["user_id"], found[2]["feedback"]) == (str(people.customer.sub), None)


async def test_fifty_at_once_are_one(owner: asyncpg.Connection, service: Session) -> None:
    replies = await asyncio.gather(*(keep(service, score=n) for n in range(50)))
    assert sum(not each["is_replaced"] for each in replies) == 1
    assert await owner.fetchval("select count(*) from public.conversation_scores") == 1


async def test_of_feedback_the_mask_is_kept(owner: asyncpg.Connection, service: Session) -> None:
    raw = ["ada@example.com", "+44 20 7946 0958", "4111 1111 1111 1111"]
    await keep(service, feedback=f" Write to {raw[0]}, call {raw[1]}, charge {raw[2]}. " + "x" * 3900)
    rows = str(await all_rows(owner))
    assert not [each for each in raw if each in rows]
    feedback = (await listed(service))[0]["feedback"]
    assert feedback.startswith("Write to [email], call [phone]")
    assert len(feedback) <= 4000


async def test_what_is_no_score_is_refused(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    good = {"session_id": "s1", "score": 80, "version": 1}
    for wrong, field in (
        ({"score": 101}, "score"),
        ({"score": -1}, "score"),
        ({"score": 79.5}, "score"),
        ({"version": 0}, "version"),
        ({"session_id": ""}, "session_id"),
        ({"session_id": "ada@example.com"}, "session_id"),
        ({"measures": {"said": "Hello"}}, "measures"),
        ({"measures": {"said": ["Hello"]}}, "measures"),
        ({"measures": {"said": {"by": 1}}}, "measures"),
        ({"measures": {f"n{n}": n for n in range(300)}}, "measures"),
        ({"measures": {"Kari Nordmann asked": 2}}, "measures"),
        ({"measures": {"": 2}}, "measures"),
        ({"feedback": "x" * 4001}, "feedback"),
        ({"messages": []}, "messages"),
    ):
        assert wrong_fields(await refusal(owner, service, "score_conversation", {**good, **wrong})) == [field]
    unknown = {**good, "user_id": str(people.other_tenant)}
    assert (await refusal(owner, service, "score_conversation", unknown)).code == "user_not_found"


async def test_they_are_listed_by_what_they_are(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    admin = api.session(people.admin)
    for n, score in enumerate((10, 55, 55, 90, 100)):
        await keep(admin, f"s{n}", score, version=1 + n % 2)
    await keep(api.session(people.other_admin), "s9", 1)
    await owner.execute(
        "update public.conversation_scores set created_at = '2026-06-17T10:00:00Z'::timestamptz "
        "+ substr(session_id, 2)::int / 2 * interval '1 hour'"
    )
    everything = [each["session_id"] for each in await listed(admin)]
    assert everything[0] == "s4"
    assert sorted(everything) == ["s0", "s1", "s2", "s3", "s4"]

    async def found(**asked: Any) -> list[str]:
        return sorted(each["session_id"] for each in await listed(admin, **asked))

    assert await found(min_score=55, max_score=90) == ["s1", "s2", "s3"]
    assert await found(version=2) == ["s1", "s3"]
    assert await found(session_id="s4") == ["s4"]
    assert await found(**{"from": "2026-06-17T11:00:00Z", "until": "2026-06-17T12:00:00Z"}) == ["s2", "s3"]


async def test_they_are_for_who_decides(owner: asyncpg.Connection, api: Database, people: People) -> None:
    asked = {"tenant_id": str(people.default_tenant)}
    period = {"from": datetime(2026, 6, 1, tzinfo=UTC), "until": datetime(2026, 7, 1, tzinfo=UTC)}
    for principal, code in (
        (people.member, "administrator_required"),
        (people.other_admin, "tenant_not_found"),
        (people.customer, "tenant_not_found"),
    ):
        session = api.session(principal)
        score = {**asked, "session_id": "s1", "score": 80, "version": 1}
        assert (await refusal(owner, session, "score_conversation", score)).code == code
        assert (await refusal(owner, session, "list_conversation_scores", asked)).code == code
        assert (await refusal_of(owner, session, "get_score_trend", **asked, **period)).code == code


async def test_a_trend_is_by_the_day_where_the_tenant_is(owner: asyncpg.Connection, service: Session) -> None:
    await service.call("set_frontdesk_settings", {"payload": {"time_zone": "Asia/Singapore"}})
    for n, (score, version, at) in enumerate(
        [
            (10, 1, "2026-06-17T15:59:59Z"),
            (20, 1, "2026-06-17T16:00:00Z"),  # the 18th in Singapore
            (30, 1, "2026-06-18T10:00:00Z"),
            (70, 1, "2026-06-18T11:00:00Z"),
            (99, 2, "2026-06-18T11:00:00Z"),
            (1, 1, "2026-06-20T00:00:00Z"),
        ]
    ):
        await keep(service, f"s{n}", score, version=version)
        await owner.execute(
            "update public.conversation_scores set created_at = $2::text::timestamptz where session_id = $1",
            f"s{n}",
            at,
        )
    since = datetime(2026, 6, 17, tzinfo=UTC)
    asked = {"from": since, "until": since + timedelta(days=3)}
    trend = await service.call("get_score_trend", asked)
    assert trend["time_zone"] == "Asia/Singapore"
    assert trend["points"] == [
        {"day": "2026-06-17", "version": 1, "count": 1, "avg": 10, "p50": 10, "min": 10, "max": 10},
        {"day": "2026-06-18", "version": 1, "count": 3, "avg": 40, "p50": 30, "min": 20, "max": 70},
        {"day": "2026-06-18", "version": 2, "count": 1, "avg": 99, "p50": 99, "min": 99, "max": 99},
    ]
    for days in (0, -1, 367):
        error = await refusal_of(
            owner, service, "get_score_trend", **{"from": since, "until": since + timedelta(days=days)}
        )
        assert wrong_fields(error) == ["until"]
    for begins in (None, "1999-06-01T00:00:00Z", "-infinity", "infinity"):
        error = await refusal_of(owner, service, "get_score_trend", **{**asked, "from": begins})
        assert wrong_fields(error) == ["from"]
