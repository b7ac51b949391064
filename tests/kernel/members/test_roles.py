"""Members get roles from those who decide, leave or are removed, and a tenant keeps an owner."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database
from casebase.kernel.errors import RpcError
from tests.conftest import MakePerson
from tests.kernel.members.conftest import People, Refusal, role_of
from tests.support.rows import all_rows
from tests.support.waiting import locks_awaited


async def test_owners_change_everybody_and_admins_all_but_owners(
    api: Database, people: People, owner: asyncpg.Connection, refusal: Refusal
) -> None:
    of = {"tenant_id": people.tenant}
    theirs = {**of, "user_id": people.member.sub}
    admin = api.session(people.admin)
    assert await admin.call("set_member_role", {**theirs, "role": "reviewer"}) == {
        "tenant_id": str(people.tenant), "user_id": str(people.member.sub), "role": "reviewer", "is_repeated": False,
    }  # fmt: skip
    assert (await admin.call("set_member_role", {**theirs, "role": "reviewer"}))["is_repeated"]
    assert await refusal(people.admin, "set_member_role", **theirs, role="owner") == "owner_required"
    for change in ({"role": "member"}, {"role": "admin"}):
        assert (
            await refusal(people.admin, "set_member_role", **of, user_id=people.owner.sub, **change)
            == "owner_required"
        )
    assert await refusal(people.admin, "remove_member", **of, user_id=people.owner.sub) == "owner_required"
    await api.session(people.owner).call("set_member_role", {**theirs, "role": "owner"})
    assert await role_of(owner, people.tenant, people.member) == "owner"
    await api.session(people.member).call("remove_member", {**of, "user_id": people.owner.sub})
    assert await role_of(owner, people.tenant, people.owner) is None


async def test_no_role_makes_a_member_the_service(
    api: Database, people: People, refusal: Refusal, make_person: MakePerson
) -> None:
    of = {"tenant_id": people.tenant}
    await make_person(people.tenant, "owner")
    admin = api.session(people.admin)
    await admin.call("set_member_role", {**of, "user_id": people.admin.sub, "role": "service"})
    assert (
        await refusal(people.admin, "remove_member", **of, user_id=people.owner.sub)
        == "administrator_required"
    )
    assert (
        await refusal(people.admin, "invite_member", **of, email="a@b.example", role="owner")
        == "administrator_required"
    )
    assert await refusal(people.admin, "rename_tenant", **of, name="Mine") == "owner_required"
    await admin.call("leave_tenant", of)


@pytest.mark.parametrize("who", ["member", "stranger", "nobody", "anon"])
async def test_nobody_else_learns_or_changes_anything(
    people: People, owner: asyncpg.Connection, refusal: Refusal, who: str
) -> None:
    caller = ANON if who == "anon" else getattr(people, who)
    code = {"member": "administrator_required", "anon": "forbidden"}.get(who, "tenant_not_found")
    of = {"tenant_id": people.tenant}
    theirs = {**of, "user_id": people.admin.sub}
    before = await all_rows(owner)
    assert await refusal(caller, "list_members", **of) == code
    assert await refusal(caller, "list_invitations", **of) == code
    assert await refusal(caller, "get_member", **theirs) == code
    assert await refusal(caller, "set_member_role", **theirs, role="member") == code
    assert await refusal(caller, "remove_member", **theirs) == code
    assert await refusal(caller, "invite_member", **of, email="a@b.example", role="member") == code
    assert await refusal(caller, "rename_tenant", **of, name="Mine") == code.replace("administrator", "owner")
    if who in ("stranger", "nobody"):
        assert await refusal(caller, "leave_tenant", **of) == code
    assert await refusal(caller, "create_tenant", slug="mine", name="Mine") == "forbidden"
    assert await all_rows(owner) == before


async def test_the_last_owner_stays(
    people: People, service: Any, owner: asyncpg.Connection, refusal: Refusal
) -> None:
    mine = {"tenant_id": people.tenant, "user_id": people.owner.sub}
    before = await all_rows(owner)
    for who in (people.owner, SERVICE):
        assert await refusal(who, "set_member_role", **mine, role="admin") == "last_owner"
        assert await refusal(who, "remove_member", **mine) == "last_owner"
    assert await refusal(people.owner, "leave_tenant", tenant_id=people.tenant) == "last_owner"
    assert await all_rows(owner) == before
    # An account that is deleted owns nothing any more.
    await service.call("set_member_role", {**mine, "user_id": people.admin.sub, "role": "owner"})
    await owner.execute("update auth.users set deleted_at = now() where id = $1", people.admin.sub)
    assert await refusal(people.owner, "leave_tenant", tenant_id=people.tenant) == "last_owner"


async def test_of_fifty_owners_who_leave_at_once_one_stays(
    api: Database, people: People, make_person: MakePerson, owner: asyncpg.Connection
) -> None:
    owners = [people.owner, *[await make_person(people.tenant, "owner") for _ in range(49)]]
    ways = (
        lambda who: ("leave_tenant", {"tenant_id": people.tenant}),
        lambda who: ("set_member_role", {"tenant_id": people.tenant, "user_id": who.sub, "role": "member"}),
        lambda who: ("remove_member", {"tenant_id": people.tenant, "user_id": who.sub}),
    )
    outcomes = await asyncio.gather(
        *(api.session(who).call(*ways[n % 3](who)) for n, who in enumerate(owners)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [error.code for error in refused if isinstance(error, RpcError)] == ["last_owner"]
    assert len(refused) == 1
    left = "select count(*) from public.tenant_users where tenant_id = $1 and role = 'owner'"
    assert await owner.fetchval(left, people.tenant) == 1


async def test_who_waited_for_another_owners_leaving_is_the_last(
    api: Database, api_url: str, people: People, make_person: MakePerson, owner: asyncpg.Connection
) -> None:
    second = await make_person(people.tenant, "owner")
    leave = {"tenant_id": people.tenant}
    first = await asyncpg.connect(api_url)
    try:
        leaving = first.transaction()
        await leaving.start()
        await first.fetchrow(
            "select * from casebase.rpc($1, 'leave_tenant', $2)",
            people.owner.claims_json,
            json.dumps(leave, default=str),
        )
        waiting = asyncio.create_task(api.session(second).call("leave_tenant", leave))

        await locks_awaited(owner)
        await leaving.commit()
    finally:
        await first.close()
    with pytest.raises(RpcError) as caught:
        await waiting
    assert caught.value.code == "last_owner"
    assert await role_of(owner, people.tenant, second) == "owner"


async def test_owners_who_remove_each_other_leave_one(
    api: Database, people: People, make_person: MakePerson, owner: asyncpg.Connection
) -> None:
    second = await make_person(people.tenant, "owner")
    pairs = [(people.owner, second), (second, people.owner)] * 10
    outcomes = await asyncio.gather(
        *(
            api.session(who).call("remove_member", {"tenant_id": people.tenant, "user_id": whom.sub})
            for who, whom in pairs
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 1
    codes = {outcome.code for outcome in outcomes if isinstance(outcome, RpcError)}
    # Who was removed while they waited is a stranger.
    assert codes <= {"tenant_not_found", "member_not_found"}
    assert (
        await owner.fetchval(
            "select count(*) from public.tenant_users where role = 'owner' and tenant_id = $1", people.tenant
        )
        == 1
    )


async def test_who_was_removed_is_out_whatever_their_token_says(
    api: Database, people: People, refusal: Refusal
) -> None:
    admin = api.session(people.admin)
    listed = await admin.call("list_members", {"tenant_id": people.tenant})
    assert len(listed["items"]) == 3
    assert [t["slug"] for t in (await admin.call("list_tenants"))["items"]] == ["default"]
    await api.session(people.owner).call(
        "remove_member", {"tenant_id": people.tenant, "user_id": people.admin.sub}
    )
    assert await refusal(people.admin, "list_members", tenant_id=people.tenant) == "tenant_not_found"
    assert await admin.call("list_tenants") == {"items": [], "next_cursor": None}


async def test_a_member_leaves(
    api: Database, people: People, owner: asyncpg.Connection, refusal: Refusal
) -> None:
    await api.session(people.member).call("leave_tenant", {"tenant_id": people.tenant})
    assert await role_of(owner, people.tenant, people.member) is None
    assert await refusal(people.member, "leave_tenant", tenant_id=people.tenant) == "tenant_not_found"


@pytest.mark.parametrize("role", ["", "Owner", "x y", "a" * 64, "service-role", None])
async def test_a_role_is_a_word(people: People, refusal: Refusal, role: str | None) -> None:
    which = {"tenant_id": people.tenant, "user_id": people.member.sub}
    assert await refusal(people.owner, "set_member_role", **which, role=role) == "invalid_input"
    invited = {"tenant_id": people.tenant, "email": "a@b.example"}
    assert await refusal(people.owner, "invite_member", **invited, role=role) == "invalid_input"


async def test_members_are_listed_page_by_page(
    api: Database, people: People, make_person: MakePerson
) -> None:
    for _ in range(7):
        await make_person(people.tenant, "member")
    session, seen, cursor = api.session(people.admin), [], None
    while True:
        page = await session.call(
            "list_members", {"tenant_id": people.tenant, "cursor": cursor, "page_size": 4}
        )
        seen += [item["user_id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert (len(seen), len(set(seen))) == (10, 10)


async def test_tenants_are_made_by_the_service_and_renamed_by_owners(
    api: Database, service: Any, people: People, refusal: Refusal
) -> None:
    made = await service.call("create_tenant", {"slug": "acme-dental", "name": " Acme Dental "})
    assert (made["slug"], made["name"]) == ("acme-dental", "Acme Dental")
    assert await refusal(SERVICE, "create_tenant", slug="acme-dental", name="Other") == "tenant_exists"
    for slug in ("Acme", "a b", "-a", "a" * 64):
        assert await refusal(SERVICE, "create_tenant", slug=slug, name="Acme") == "invalid_input"
    assert await refusal(people.admin, "rename_tenant", tenant_id=people.tenant, name="X") == "owner_required"
    renamed = await api.session(people.owner).call(
        "rename_tenant", {"tenant_id": people.tenant, "name": "House"}
    )
    assert renamed["name"] == "House"
    assert await refusal(people.owner, "rename_tenant", tenant_id=people.tenant, name=" ") == "invalid_input"
    slugs = {tenant["slug"]: tenant for tenant in (await service.call("list_tenants"))["items"]}
    assert {"default", "other", "acme-dental"} <= set(slugs)
    assert (slugs["default"]["member_count"], slugs["acme-dental"]["member_count"]) == (3, 0)
