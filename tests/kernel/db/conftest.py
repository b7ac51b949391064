"""A kernel-only database with a few functions to call, seen through the API's login role."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.db import Database
from tests.support import postgres

FUNCTIONS = """
    create table public.notes (id int primary key, body text not null, at timestamptz not null default casebase.now());
    grant select, insert on public.notes to authenticated;

    create function public.add_numbers(a int, b int default 2) returns int
        language sql as 'select a + b';
    create function public.whoami() returns jsonb language sql
        as $$ select jsonb_build_object('role', current_user, 'uid', auth.uid(), 'email', auth.email()) $$;
    create function public.list_squares(upto int) returns table (n int, square int) language sql
        as 'select n, n * n from generate_series(1, upto) n';
    create function public.setting(name text) returns text language sql as 'select current_setting(name)';
    create function public.forget_it(x int default 1) returns void language plpgsql as 'begin end';
    create function public.sum_all(numbers int[]) returns bigint language sql as 'select sum(n) from unnest(numbers) n';
    create function public.write_note(id int, body text) returns int language sql
        as 'insert into public.notes (id, body) values (id, body) returning id';
    create function public.write_then_fail(id int) returns int language plpgsql as $$
        begin
            insert into public.notes (id, body) values (id, 'never seen');
            perform casebase.fail(409, 'changed_my_mind', '{"field": "id"}', 'Do not call this.');
            return id;
        end $$;
    create function public.check_person(payload jsonb) returns jsonb language plpgsql as $$
        begin
            perform casebase.require_valid(payload, '{
                "type": "object", "required": ["name", "age"], "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 20},
                    "age": {"type": "integer", "minimum": 0, "maximum": 150},
                    "email": {"type": "string", "format": "email"},
                    "born": {"type": "string", "format": "date"},
                    "seen": {"type": "string", "format": "date-time"},
                    "id": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": ["cat", "dog"]},
                    "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01},
                    "fee": {"type": ["number", "string"], "maximum": 9, "pattern": "^[0-9]$"},
                    "tags": {"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "^[a-z]+$"}},
                    "home": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}}}');
            return '"ok"';
        end $$;
    create function public.echo(payload jsonb) returns jsonb language sql
        as $$ select jsonb_build_object('got', payload, 'is_null', payload is null) $$;
    create function public.answer_nothing(payload jsonb) returns jsonb language sql as 'select null::jsonb';
    create function public.overloaded(payload jsonb) returns jsonb language sql as $$ select '"one"'::jsonb $$;
    create function public.overloaded(payload jsonb, also int) returns jsonb language sql as $$ select '"two"'::jsonb $$;
    create function public.count_notes() returns bigint language sql stable as 'select count(*) from public.notes';
    create function public.write_and_tell(id int) returns text language plpgsql as $$
        begin
            insert into public.notes (id, body) values (id, 'x');
            perform set_config('casebase.keep_reply', 'off', true);
            return 'Rachel Tan';
        end $$;
    create function public.only_service() returns int language sql as 'select 1';
    grant execute on all functions in schema public to authenticated;
    grant execute on function public.add_numbers to anon;
    revoke execute on function public.only_service from authenticated;
    grant execute on function public.only_service to service_role;
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
    async with await Database.connect(pg_server.api_url(kernel_database), pool_size=20) as database:
        yield database
