"""The log is read newest first, page by page, narrowed as asked, by who looks after the installation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, MakeSession, People
from tests.support.refusals import refusal_of, wrong_fields


@pytest.fixture(autouse=True)
async def events(owner: asyncpg.Connection, people: People) -> None:
    """Thirty events, two a minute, of changing level and type."""
    await owner.execute("delete from public.logs")
    await owner.execute(
        "insert into public.logs (level, event_type, metadata, created_at) "
        "select case n % 3 when 0 then 'error' when 1 then 'info' else 'debug' end, "
        "       case n % 2 when 0 then 'user_logout' else 'database_error' end, "
        "       jsonb_build_object('count', n), $1::timestamptz - (n / 2) * interval '1 minute' "
        "from generate_series(0, 29) n",
        TODAY,
    )


async def listed(api: Database, caller: Any = SERVICE, **payload: Any) -> Any:
    return await api.session(caller).call("list_log_events", {"payload": payload})


async def test_pages_follow_each_other_without_gap_or_repeat(api: Database) -> None:
    found: list[str] = []
    cursor, pages = None, 0
    while True:
        page = await listed(api, page_size=7, cursor=cursor)
        found += [item["event_id"] for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    everything = await listed(api, page_size=200)
    assert pages == 5
    assert found == [item["event_id"] for item in everything["items"]]
    moments = [item["created_at"] for item in everything["items"]]
    assert (len(moments), moments) == (30, sorted(moments, reverse=True))


async def test_it_is_narrowed_by_level_type_and_time(api: Database) -> None:
    found = await listed(
        api,
        level="error",
        event_type="user_logout",
        until=TODAY.isoformat(),
        **{"from": (TODAY - timedelta(minutes=9)).isoformat()},
    )
    assert [item["metadata"]["count"] for item in found["items"]] == [6, 12, 18]


async def test_it_is_narrowed_to_a_session(
    api: Database, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    await owner.execute(
        "insert into public.logs (level, event_type, session_id, metadata) "
        "values ('info', 'session_created', $1, '{}')",
        session_id,
    )
    found = await listed(api, session_id=str(session_id))
    assert [item["session_id"] for item in found["items"]] == [str(session_id)]


async def test_owners_and_admins_of_the_installation_read_it_and_nobody_else(
    api: Database, people: People
) -> None:
    assert len((await listed(api, people.admin))["items"]) == 30
    for caller in (people.learner, people.other_admin):
        for function, arguments in (
            ("list_log_events", {"payload": {}}),
            ("get_log_rates", {"from": TODAY - timedelta(days=1), "until": TODAY}),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(caller).call(function, arguments)
            assert (refused.value.status, refused.value.code) == (403, "administrator_required")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("level", "fatal"),
        ("event_type", "x'y"),
        ("session_id", "mine"),
        ("from", "yesterday"),
        ("cursor", "00ff"),
        ("cursor", "7c7c"),
        ("page_size", 201),
        ("page_size", "many"),
    ],
)
async def test_a_filter_has_its_form(
    api: Database, owner: asyncpg.Connection, field: str, value: object
) -> None:
    refused = await refusal_of(owner, api.session(SERVICE), "list_log_events", payload={field: value})
    assert wrong_fields(refused) == [field]


async def test_nothing_in_it_names_a_person(api: Database, people: People) -> None:
    await api.session(SERVICE).call(
        "log_event", {"level": "info", "event_type": "user_logout", "user_id": people.learner.sub}
    )
    assert str(people.learner.sub) not in json.dumps(await listed(api))
