"""An invitation lets the one person it is for join, once, within a week, as what its maker may still give."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.conftest import MakePerson
from tests.kernel.members.conftest import People, Refusal, email_of, role_of


@pytest.fixture
async def nobodys_email(owner: asyncpg.Connection, people: People) -> str:
    return await email_of(owner, people.nobody)


async def invite(session: Session, people: People, email: str, role: str = "member") -> dict[str, Any]:
    reply: dict[str, Any] = await session.call(
        "invite_member", {"tenant_id": people.tenant, "email": email, "role": role}
    )
    return reply


async def test_whom_it_is_for_joins_once(
    api: Database, people: People, owner: asyncpg.Connection, nobodys_email: str, refusal: Refusal
) -> None:
    invitation = await invite(api.session(people.admin), people, nobodys_email.upper(), "reviewer")
    token = invitation["token"]
    assert len(token) == 64
    listed = await api.session(people.owner).call("list_invitations", {"tenant_id": people.tenant})
    assert [(i["email"], i["role"]) for i in listed["items"]] == [(nobodys_email, "reviewer")]
    assert token not in str(listed)
    for who in (people.stranger, people.member):
        assert await refusal(who, "accept_invitation", token=token) == "invitation_not_found"
    session = api.session(people.nobody)
    outcomes = await asyncio.gather(
        *(session.call("accept_invitation", {"token": token}) for _ in range(50)), return_exceptions=True
    )
    joined = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    assert joined == [
        {"tenant_id": str(people.tenant), "user_id": str(people.nobody.sub), "role": "reviewer"}
    ]
    assert {e.code for e in outcomes if isinstance(e, RpcError)} == {"invitation_not_found"}
    assert await role_of(owner, people.tenant, people.nobody) == "reviewer"
    assert await owner.fetchval("select count(*) from casebase.invitations") == 0


async def test_the_token_is_nowhere_but_in_the_reply(
    api: Database, people: People, owner: asyncpg.Connection, nobodys_email: str
) -> None:
    arguments = {"tenant_id": people.tenant, "email": nobodys_email, "role": "member"}
    session = api.session(people.owner)
    first = await session.call("invite_member", arguments, idempotency_key="invite")
    again = await session.call("invite_member", arguments, idempotency_key="invite")
    assert first["token"] != again["token"]
    row = await owner.fetchval("select i::text from casebase.invitations i")
    assert again["token"] not in row
    assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 0


async def test_the_last_link_holds(
    api: Database, people: People, nobodys_email: str, refusal: Refusal, owner: asyncpg.Connection
) -> None:
    session = api.session(people.owner)
    tokens = [(await invite(session, people, nobodys_email, role))["token"] for role in ("admin", "member")]
    assert await refusal(people.nobody, "accept_invitation", token=tokens[0]) == "invitation_not_found"
    await api.session(people.nobody).call("accept_invitation", {"token": tokens[1]})
    assert await role_of(owner, people.tenant, people.nobody) == "member"


async def test_it_is_over_after_a_week(
    api: Database, api_url: str, people: People, nobodys_email: str, refusal: Refusal
) -> None:
    invitation = await invite(api.session(people.owner), people, nobodys_email)
    ends = datetime.fromisoformat(invitation["expires_at"])
    assert ends - datetime.fromisoformat(invitation["created_at"]) == timedelta(days=7)
    offset = ends + timedelta(seconds=1) - datetime.now(UTC)
    async with await Database.connect(api_url, clock_offset=offset) as later:
        with pytest.raises(RpcError) as caught:
            await later.session(people.nobody).call("accept_invitation", {"token": invitation["token"]})
        assert caught.value.code == "invitation_not_found"
        listed = await later.session(people.owner).call("list_invitations", {"tenant_id": people.tenant})
        assert listed["items"] == []


async def test_it_is_worth_no_more_than_its_maker(
    api: Database,
    people: People,
    nobodys_email: str,
    refusal: Refusal,
    make_person: MakePerson,
    owner: asyncpg.Connection,
) -> None:
    of = {"tenant_id": people.tenant}
    by_admin = await invite(api.session(people.admin), people, nobodys_email)
    await api.session(people.owner).call("remove_member", {**of, "user_id": people.admin.sub})
    assert (
        await refusal(people.nobody, "accept_invitation", token=by_admin["token"]) == "invitation_not_found"
    )
    second = await make_person(people.tenant, "owner")
    other = await make_person(None, "")
    as_owner = await invite(api.session(second), people, await email_of(owner, other), "owner")
    await api.session(people.owner).call("set_member_role", {**of, "user_id": second.sub, "role": "admin"})
    assert await refusal(other, "accept_invitation", token=as_owner["token"]) == "invitation_not_found"
    assert (await api.session(people.owner).call("list_invitations", of))["items"] == []


async def test_an_admin_invites_no_owner_and_undoes_no_owners_invitation(
    api: Database, people: People, nobodys_email: str, refusal: Refusal, owner: asyncpg.Connection
) -> None:
    theirs = {"tenant_id": people.tenant, "email": nobodys_email}
    assert await refusal(people.admin, "invite_member", **theirs, role="owner") == "owner_required"
    invitation = await invite(api.session(people.owner), people, nobodys_email, "owner")
    named = {"invitation_id": invitation["invitation_id"]}
    assert await refusal(people.admin, "invite_member", **theirs, role="member") == "owner_required"
    assert await refusal(people.admin, "withdraw_invitation", **named) == "owner_required"
    await api.session(people.nobody).call("accept_invitation", {"token": invitation["token"]})
    assert await role_of(owner, people.tenant, people.nobody) == "owner"


async def test_it_is_withdrawn(api: Database, people: People, nobodys_email: str, refusal: Refusal) -> None:
    invitation = await invite(api.session(people.admin), people, nobodys_email)
    named = {"invitation_id": invitation["invitation_id"]}
    for who, code in (
        (people.member, "administrator_required"),
        (people.stranger, "invitation_not_found"),
        (people.nobody, "invitation_not_found"),
    ):
        assert await refusal(who, "withdraw_invitation", **named) == code
    await api.session(people.admin).call("withdraw_invitation", named)
    assert (
        await refusal(people.nobody, "accept_invitation", token=invitation["token"]) == "invitation_not_found"
    )
    assert await refusal(people.admin, "withdraw_invitation", **named) == "invitation_not_found"


async def test_who_is_a_member_is_not_invited_and_keeps_their_role(
    api: Database, people: People, owner: asyncpg.Connection, refusal: Refusal, nobodys_email: str
) -> None:
    of = {"tenant_id": people.tenant, "role": "admin"}
    email = (await email_of(owner, people.member)).upper()
    assert await refusal(people.owner, "invite_member", **of, email=email) == "already_member"
    assert await refusal(SERVICE, "invite_member", **of, email="no address") == "invalid_input"
    invitation = await invite(api.session(people.owner), people, nobodys_email, "admin")
    await owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values ($1, $2, 'reviewer')",
        people.tenant,
        people.nobody.sub,
    )
    joined = await api.session(people.nobody).call("accept_invitation", {"token": invitation["token"]})
    assert joined["role"] == "reviewer"


async def test_the_service_invites_a_tenants_first_owner(
    service: Session, api: Database, people: People, nobodys_email: str, owner: asyncpg.Connection
) -> None:
    made = await service.call("create_tenant", {"slug": "acme", "name": "Acme"})
    invitation = await service.call(
        "invite_member", {"tenant_id": made["tenant_id"], "email": nobodys_email, "role": "owner"}
    )
    await api.session(people.nobody).call("accept_invitation", {"token": invitation["token"]})
    assert await role_of(owner, made["tenant_id"], people.nobody) == "owner"


async def test_whose_account_is_deleted_leaves_no_invitation_and_no_trace(
    api: Database, people: People, owner: asyncpg.Connection, nobodys_email: str
) -> None:
    await invite(api.session(people.admin), people, nobodys_email)
    await owner.execute("delete from auth.users where id = $1", people.admin.sub)
    assert await owner.fetchval("select count(*) from casebase.invitations") == 0


async def test_who_uses_their_own_link_is_not_taken_for_its_person(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    email = "somebody@else.example"
    token = (await invite(api.session(people.admin), people, email))["token"]
    await api.pool.fetchval("select casebase.use_invitation($1, null, $2)::text", token, "$2b$10$" + "a" * 53)
    # By the confirmed address of their account customers read what was sent there, at whichever tenant.
    assert await owner.fetchval("select email_confirmed_at from auth.users where email = $1", email) is None


@pytest.mark.parametrize("goes", ["remove_member", "leave_tenant"])
async def test_who_goes_does_not_come_back_by_an_older_link(
    api: Database, people: People, owner: asyncpg.Connection, nobodys_email: str, refusal: Refusal, goes: str
) -> None:
    administrator = api.session(people.owner)
    token = (await invite(administrator, people, nobodys_email, "admin"))["token"]
    others = await invite(administrator, people, "grace@example.com")
    # Somebody made them a member meanwhile, by the command line.
    await owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
        people.tenant,
        people.nobody.sub,
    )
    if goes == "remove_member":
        await administrator.call(goes, {"tenant_id": people.tenant, "user_id": people.nobody.sub})
    else:
        await api.session(people.nobody).call(goes, {"tenant_id": people.tenant})
    assert await refusal(people.nobody, "accept_invitation", token=token) == "invitation_not_found"
    assert await role_of(owner, people.tenant, people.nobody) is None
    listed = await administrator.call("list_invitations", {"tenant_id": people.tenant})
    assert [i["invitation_id"] for i in listed["items"]] == [others["invitation_id"]]
