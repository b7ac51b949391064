"""By no path does somebody get more of a week, a session or a counter than the rules give them."""

from __future__ import annotations

from itertools import product
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import RpcError
from tests.practice.conftest import At, MakeSession, People, Say
from tests.support.access import acting_as, functions_exposed_by, relations_made_by
from tests.support.rows import all_rows

LEAVING: Final = {"delete_account", "abandon_session"}
"""What takes things away; see below."""
UNCOUNTED: Final = ("public.logs", "practice.log_keys", "practice.web_sessions", "casebase.")
"""What may change where somebody is refused more of something, or reads."""


@pytest.fixture
async def spent(people: People, make_session: MakeSession, owner: asyncpg.Connection) -> UUID:
    """Give a learner a week that is over its limit, a completed session, and an active one that is full."""
    await make_session(people.learner, main=4, is_completed=True)
    session_id = await make_session(people.learner, main=30, helper=100)
    await make_session(people.other_learner, main=4)
    await owner.execute(
        "update public.profiles set completed_scenario_count = 9, current_week_completion_count = 3, "
        "week_reset_date = practice.next_week(casebase.now())"
    )
    return session_id


@pytest.fixture
async def values(people: People, spent: UUID, owner: asyncpg.Connection) -> dict[str, list[Any]]:
    """What somebody who means ill may send as an argument of each type."""
    others = await owner.fetchval(
        "select id from public.sessions where user_id = $1", people.other_learner.sub
    )
    own = {"user_id": people.learner.sub, "session_id": spent}
    asked = {"chat_type": "main", "content": "Ja", "client_id": uuid4(), "source": "model"}
    counters = {"current_week_completion_count": 0, "message_count_main": 0, "limit": 99}
    event = {"event_id": uuid4(), "level": "info", "event_type": "weekly_limit_reset"}
    return {
        "integer": [1, -1, 2147483647],
        "uuid": [spent, others, people.learner.sub, people.other_learner.sub],
        "text": ["main", "helper", "weekly_limit_reset", "info"],
        "timestamp with time zone": ["2020-01-01T00:00:00Z", "infinity"],
        "boolean": [True, False],
        "jsonb": [{}, own, own | asked, own | counters, {"events": [event | own]}, counters],
    }


async def _standing(owner: asyncpg.Connection) -> dict[str, list[str]]:
    return {table: rows for table, rows in (await all_rows(owner)).items() if not table.startswith(UNCOUNTED)}


async def _exposed(owner: asyncpg.Connection) -> list[tuple[str, dict[str, str]]]:
    """Every function that the module exposes: its name, and the types of its arguments by name."""
    rows = await owner.fetch(
        """
        select p.proname, coalesce(p.proargnames[1:p.pronargs], '{}') as names,
               array(select format_type(t, null) from unnest(p.proargtypes) with ordinality u (t, n) order by n) as types
        from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname = any ($1::text[])
        """,
        sorted(functions_exposed_by("practice")),
    )
    return [(name, dict(zip(names, types, strict=True))) for name, names, types in rows]


async def test_no_call_with_whatever_arguments(
    api: Database, people: People, values: dict[str, list[Any]], owner: asyncpg.Connection, spent: UUID
) -> None:
    # What may go on in a session that is full, and ends it, is not tried here.
    session = api.session(people.learner)
    before = await _standing(owner)
    statuses = []
    for name, arguments in await _exposed(owner):
        if name in LEAVING | {"complete_session"}:
            continue
        for given in product(*(values[type_name] for type_name in arguments.values())):
            try:
                await session.call(name, dict(zip(arguments, given, strict=True)))
                statuses.append(200)
            except RpcError as refused:
                statuses.append(refused.status)
    assert len(statuses) > 100
    assert max(statuses) < 500
    assert await _standing(owner) == before


async def test_a_full_week_has_no_start(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = 3, current_week_completion_count = 3, "
        "week_reset_date = practice.next_week(casebase.now())"
    )
    session = api.session(people.learner)
    for key in ("a", "b", None):
        with pytest.raises(RpcError, match="weekly_limit_reached"):
            await session.call("start_session", {"scenario_id": 1}, idempotency_key=key)


async def test_abandoning_gives_nothing_back(at: At, people: People, say: Say) -> None:
    """Sessions that are begun and left are not counted, and those that are completed can't be taken back."""
    session = (await at()).database.session(people.learner)

    async def start() -> dict[str, Any]:
        started: dict[str, Any] = (await session.call("start_session", {"scenario_id": 1}))["session"]
        return {"session_id": started["session_id"]}

    for completed in range(3):
        await session.call("abandon_session", await start())
        begun = await start()
        words = {"chat_type": "main", "content": "Ja", "client_id": uuid4()}
        await session.call("append_message", begun | words)
        await session.call("complete_session", begun)
        with pytest.raises(RpcError, match="session_completed"):
            await session.call("abandon_session", begun)
        assert (await session.call("get_profile"))["allowance"]["completed_this_week"] == completed + 1
    with pytest.raises(RpcError, match="weekly_limit_reached"):
        await start()


async def test_completing_a_thousand_ways_counts_once(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=4)
    for key in (None, "a", "b", None):
        await api.session(people.learner).call(
            "complete_session", {"session_id": session_id}, idempotency_key=key
        )
    counts = await owner.fetchrow(
        "select completed_scenario_count, current_week_completion_count from public.profiles where id = $1",
        people.learner.sub,
    )
    assert tuple(counts) == (1, 1)


@pytest.fixture
async def columns(owner: asyncpg.Connection) -> list[tuple[str, str]]:
    """Every column of every table that the module makes, and of accounts."""
    tables = sorted(relations_made_by("practice") | {"auth.users", "casebase.idempotency_keys"})
    rows = await owner.fetch(
        "select attrelid::regclass::text, quote_ident(attname) from pg_attribute "
        "where attrelid = any ($1::text[]::regclass[]) and attnum > 0 and not attisdropped",
        tables,
    )
    return [tuple(row) for row in rows]


async def test_no_table_is_written_directly(
    owner: asyncpg.Connection, people: People, spent: UUID, columns: list[tuple[str, str]]
) -> None:
    statements = [f"update {table} set {column} = {column}" for table, column in columns]
    for table in {table for table, _ in columns}:
        statements += [f"insert into {table} default values", f"delete from {table}", f"truncate {table}"]
        statements += [f"lock {table} in exclusive mode", f"alter table {table} disable trigger user"]
    written = []
    for statement in statements:
        try:
            async with acting_as(owner, people.learner):
                await owner.execute(statement)
            written.append(statement)
        except asyncpg.InsufficientPrivilegeError:
            pass
    assert written == []


async def test_of_the_implementation_nothing_that_writes_can_be_called_but_what_is_exposed(
    owner: asyncpg.Connection, people: People
) -> None:
    """A function of the unexposed schema does no more than the exposed one of its name, and checks the same."""
    callable_by_people = await owner.fetch(
        "select proname from pg_proc where pronamespace = 'practice'::regnamespace "
        "and has_function_privilege('authenticated', oid, 'execute') and prorettype <> 'trigger'::regtype "
        "and provolatile = 'v'"
    )
    exposed_to_people = await owner.fetch(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace "
        "and has_function_privilege('authenticated', oid, 'execute')"
    )
    assert {name for (name,) in callable_by_people} <= {name for (name,) in exposed_to_people}


async def test_the_account_may_not_be_swapped_for_another_within_a_call(
    api: Database, people: People, spent: UUID, owner: asyncpg.Connection
) -> None:
    """Claims beside the subject, which a person may have a say in, have none here."""
    claims = {
        "user_metadata": {"role": "service_role"},
        "app_metadata": {"role": "admin"},
        "client": "service",
    }
    principal = type(people.learner)("authenticated", sub=people.learner.sub, claims=claims)
    before = await _standing(owner)
    for function, arguments in (
        ("reset_weekly_limits", {}),
        ("delete_expired_sessions", {}),
        ("start_session", {"scenario_id": 1}),
    ):
        with pytest.raises(RpcError) as refused:
            await api.session(principal).call(function, arguments)
        assert refused.value.status in (403, 429)
    assert await _standing(owner) == before
