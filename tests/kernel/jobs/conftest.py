"""A kernel database with the toy module's SQL, its runtime, and its queue."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Queues
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import TOY, WORK
from tests.kernel.jobs.support import Gate
from tests.support import postgres

TOY_SQL = """
    create schema toy;
    create table toy.starts (msg_id bigint, read_ct int, pid int);
    create table toy.effects (msg_id bigint, read_ct int, done_by text default current_user);
    create function toy.record(payload jsonb) returns void language sql as
        'insert into toy.effects values ((payload ->> ''msg_id'')::bigint, (payload ->> ''read_ct'')::int)';
    create function toy.record_then_fail(payload jsonb) returns void language plpgsql as
        'begin perform toy.record(payload); perform casebase.fail(409, ''toy_refused''); end';
    create table toy.outbox (item int primary key, is_poisoned boolean not null default false);
    create table toy.told (item int, told_by int default pg_backend_pid());
    create function toy.tell() returns boolean language plpgsql as $$
    declare
        v_item toy.outbox;
    begin
        select * into v_item from toy.outbox order by item limit 1 for update skip locked;
        if v_item.is_poisoned then
            raise 'refused';
        elsif v_item.item is not null then
            insert into toy.told values (v_item.item);
            delete from toy.outbox o where o.item = v_item.item;
        end if;
        return v_item.item is not null;
    end
    $$;
    grant usage on schema toy to casebase_api, service_role;
    grant insert on toy.starts, toy.told to casebase_api;
    grant select, update, delete on toy.outbox to casebase_api;
    grant insert on toy.effects to service_role;
    grant execute on all functions in schema toy to service_role, casebase_api;
"""


async def install_toy(owner: asyncpg.Connection) -> None:
    await owner.execute(TOY_SQL)
    await owner.execute("select casebase.create_queue($1, 3)", WORK)
    await owner.execute("update casebase.queues set backoff_s = 0")  # retries are due at once


@pytest.fixture
async def owner(kernel_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(kernel_database)
    await install_toy(connection)
    yield connection
    await connection.close()


@pytest.fixture
def api_url(owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server) -> str:
    return pg_server.api_url(kernel_database)


@pytest.fixture
async def db(api_url: str) -> AsyncIterator[Database]:
    async with await Database.connect(api_url, pool_size=20) as database:
        yield database


@pytest.fixture
def runtime(db: Database, api_url: str) -> Runtime:
    return Runtime(Settings(), (TOY,), db, api_url)


@pytest.fixture
def queues(db: Database) -> Queues:
    return Queues(db)


@pytest.fixture
def gate(owner: asyncpg.Connection) -> Gate:
    return Gate(owner)
