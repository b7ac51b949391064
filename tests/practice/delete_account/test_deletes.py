"""Who deletes their account is gone with all that is theirs; what is left is a receipt that only they can tell is theirs."""

from __future__ import annotations

import json
from hashlib import sha256

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import RpcError
from tests.conftest import Tenants
from tests.practice.conftest import MakeSession, People
from tests.support.refusals import refusal_of


async def test_everything_of_theirs_goes_completed_sessions_too(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, main=4, helper=2, is_completed=True)
    await make_session(people.learner, main=3)
    kept = await make_session(people.other_learner, main=2)
    reply = await api.session(people.learner).call("delete_account")
    assert reply["deleted"] == {"sessions": 2, "messages": 10}
    assert [row["id"] for row in await owner.fetch("select id from public.sessions")] == [kept]
    assert await owner.fetchval("select count(*) from public.messages") == 3
    for table in ("public.profiles", "auth.users"):
        assert await owner.fetchval(f"select count(*) from {table} where id = $1", people.learner.sub) == 0


async def test_the_receipt_names_nobody(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, main=4)
    reply = await api.session(people.learner).call("delete_account")
    receipt = await owner.fetchrow("select * from casebase.erasure_receipts")
    assert (receipt["module"], receipt["rule"]) == ("practice", "delete_account")
    assert receipt["subject_hash"] == sha256(reply["receipt_id"].encode()).hexdigest()
    assert receipt["unsettled_ids"] == []
    counts = json.loads(receipt["counts"])
    assert (counts["public.sessions.*"], counts["public.messages.*"], counts["auth.users.*"]) == (1, 5, 1)
    noted = await owner.fetchrow("select * from public.logs where event_type = 'account_deleted'")
    assert (noted["user_id"], noted["user_key"], noted["session_id"]) == (None, None, None)


class TestRefuses:
    async def test_whoever_belongs_to_a_tenant(
        self, api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        await make_session(people.admin, main=4)
        refused = await refusal_of(owner, api.session(people.admin), "delete_account")
        assert (refused.status, refused.code) == (409, "account_has_memberships")

    async def test_a_second_time(self, api: Database, people: People, owner: asyncpg.Connection) -> None:
        session = api.session(people.learner)
        await session.call("delete_account", idempotency_key="farewell")
        refused = await refusal_of(owner, session, "delete_account")
        assert (refused.status, refused.code) == (403, "user_required")
        with pytest.raises(RpcError, match="user_required"):
            await session.call("delete_account", idempotency_key="farewell")


async def test_who_leaves_the_tenant_first_may_go(
    api: Database, people: People, tenants: Tenants, owner: asyncpg.Connection
) -> None:
    await owner.execute("delete from public.tenant_users where user_id = $1", people.admin.sub)
    assert (await api.session(people.admin).call("delete_account"))["deleted"] == {
        "sessions": 0,
        "messages": 0,
    }
    assert await owner.fetchval("select count(*) from public.tenants where id = $1", tenants.default) == 1
