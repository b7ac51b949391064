"""A kernel database with a few functions and tables, the owner's connection, and the API's pool."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.db import Database
from tests.support import postgres

FUNCTIONS = """
    create table public.notes (id int primary key, body text not null);
    create table public.readings (id int, day date, primary key (id, day)) partition by range (day);
    create table public.readings_2026_11 partition of public.readings for values from ('2026-11-01') to ('2026-12-01');
    grant select, insert on public.notes, public.readings to service_role;

    create function public.write_note(id int) returns int language sql
        as 'insert into public.notes (id, body) values (id, $$x$$) returning id';
    create function public.find_note(id int) returns text language sql
        as 'select n.body from public.notes n where n.id = find_note.id';
    create function public.write_reading(id int) returns void language sql
        as $$ insert into public.readings values (id, '2026-11-05') $$;
    create function public.touch_nothing() returns int language sql as 'select 1';
    create function public.refuse() returns int language plpgsql
        as $$ begin perform casebase.fail(409, 'changed_my_mind'); return 1; end $$;
    create function public.fall_over() returns int language plpgsql as $$ begin raise 'no reason'; end $$;
    grant execute on all functions in schema public to service_role;
"""


@pytest.fixture
async def owner(kernel_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(kernel_database)
    await connection.execute(FUNCTIONS)
    yield connection
    await connection.close()


@pytest.fixture
async def db(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> AsyncIterator[Database]:
    async with await Database.connect(pg_server.api_url(kernel_database)) as database:
        yield database
