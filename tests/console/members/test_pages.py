"""Owners and admins look after members in the console; whoever is invited joins, and whoever is removed is out at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import httpx
import pytest

from casebase.console.live import stream
from tests.console.conftest import EMAIL, PASSWORD, Console, form_token, sign_in
from tests.support.waiting import PATIENCE_S

PAGE = "/console/members"


async def post(client: httpx.AsyncClient, path: str, page: str = PAGE, **data: str) -> httpx.Response:
    """Send a form as its page does."""
    token = form_token((await client.get(page)).text)
    return await client.post(path, data={**data, "csrf_token": token})


async def invited(client: httpx.AsyncClient, email: str, role: str = "member") -> str:
    """Invite somebody; return the path of the link."""
    shown = await post(client, f"{PAGE}/invite", email=email, role=role)
    assert shown.status_code == 200, shown.text
    found = re.search(r'value="http://console\.test(/console/invitations/[0-9a-f]{64})"', shown.text)
    assert found
    return found[1]


async def make_owner(console: Console, email: str = EMAIL) -> None:
    await console.owner.execute(
        "update public.tenant_users set role = 'owner' where user_id = (select id from auth.users where email = $1)",
        email,
    )


@asynccontextmanager
async def signed_in(
    console: Console, email: str, password: str = PASSWORD
) -> AsyncIterator[httpx.AsyncClient]:
    async with console.client(address=f"203.0.113.{len(email)}") as client:
        assert (await sign_in(client, email, password)).status_code == 303
        yield client


async def test_somebody_new_joins_with_a_password_of_their_own(
    console: Console, member: httpx.AsyncClient
) -> None:
    link = await invited(member, "Nia@Example.com", "admin")
    assert "nia@example.com" in (await member.get(PAGE)).text
    async with console.client() as new:
        shown = await new.get(link)
        assert "Join Default" in shown.text
        assert shown.headers["referrer-policy"] == "no-referrer"
        for password, again, said in (
            ("too short", "too short", "A password has at least 10 characters"),
            ("long enough once", "long enough twice", "The two passwords are not the same"),
        ):
            refused = await post(new, link, link, password=password, again=again)
            assert refused.status_code == 422
            assert said in refused.text
        joined = await post(new, link, link, password="long enough once", again="long enough once")
        assert (joined.status_code, joined.headers["location"]) == (303, "/console/")
        assert EMAIL in (await new.get(PAGE)).text
    assert await console.owner.fetchval("select count(*) from casebase.invitations") == 0
    async with console.client() as late, signed_in(console, "nia@example.com", "long enough once"):
        assert (await late.get(link)).status_code == 404


async def test_who_has_an_account_joins_by_signing_in_with_it(
    console: Console, member: httpx.AsyncClient
) -> None:
    await console.create_tenant("other")
    await console.create_user("bo@example.com", tenant="other")
    await console.create_user("cy@example.com", tenant="other")
    link = await invited(member, "bo@example.com")
    async with console.client(address="203.0.113.90") as client:
        wrong = await post(client, link, link, password="not the password")
        assert (wrong.status_code, "The password is wrong" in wrong.text) == (422, True)
        joined = await post(client, link, link, password=PASSWORD)
        assert joined.status_code == 303
        assert "Default, Other" in (await client.get("/console/")).text
    again = await invited(member, "cy@example.com")
    async with signed_in(console, "cy@example.com") as cy:
        assert (await post(cy, again, again)).status_code == 303
        assert "Default, Other" in (await cy.get("/console/")).text


async def test_another_account_does_not_get_in_by_the_link(
    console: Console, member: httpx.AsyncClient
) -> None:
    link = await invited(member, "bo@example.com")
    shown = await member.get(link)
    assert f"You are signed in as {EMAIL}" in shown.text
    await console.create_tenant("other")
    await console.create_user("cy@example.com", tenant="other")
    async with signed_in(console, "cy@example.com") as cy:
        assert (await post(cy, link, link)).status_code == 409
        assert (await cy.get(f"{PAGE}?tenant=default")).status_code == 404


async def test_passwords_for_a_link_are_tried_as_rarely_as_at_the_login(
    console: Console, member: httpx.AsyncClient
) -> None:
    await console.create_tenant("other")
    await console.create_user("bo@example.com", tenant="other")
    link = await invited(member, "bo@example.com")
    async with console.client(address="203.0.113.91") as client:
        answers = [await post(client, link, link, password=f"wrong number {n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_removed_member_is_out_at_once_with_a_page_open(
    console: Console, member: httpx.AsyncClient
) -> None:
    gone = await console.create_user("bo@example.com")
    async with signed_in(console, "bo@example.com") as bo:
        assert EMAIL in (await bo.get(PAGE)).text
        app = console.app.router.routes[-1].app  # type: ignore[attr-defined]
        while not hasattr(app, "state"):
            app = app._app
        session_id = await console.owner.fetchval(
            "select id from casebase.console_sessions where user_id = $1", gone
        )

        async def never() -> bool:
            return False

        open_page = stream(app.state.live, app.state.accounts, session_id, is_gone=never)
        said = [await anext(open_page), await anext(open_page)]
        assert "event: ready" in said[1]
        assert "Remove bo@example.com?" in (await member.get(f"{PAGE}/{gone}/remove")).text
        removed = await post(member, f"{PAGE}/{gone}/remove")
        assert removed.status_code == 303
        assert "signed-out" in await asyncio.wait_for(anext(open_page), PATIENCE_S)
        assert (await bo.get(PAGE)).headers["location"].startswith("/console/login")
        assert (await sign_in(bo, "bo@example.com")).status_code == 401
    assert "bo@example.com" not in (await member.get(PAGE)).text


async def test_roles_are_changed_as_far_as_one_may(console: Console, member: httpx.AsyncClient) -> None:
    owner_id = await console.create_user("own@example.com")
    await make_owner(console, "own@example.com")
    bo = await console.create_user("bo@example.com")
    shown = (await member.get(f"{PAGE}/{bo}")).text
    assert 'value="admin" selected' in shown
    assert 'value="owner"' not in shown
    assert (await post(member, f"{PAGE}/{bo}/role", role="member")).status_code == 303
    assert "Only an owner changes an owner" in (await member.get(f"{PAGE}/{owner_id}")).text
    refused = await post(member, f"{PAGE}/{bo}/role", role="owner")
    assert (refused.status_code, "Only an owner may do this" in refused.text) == (403, True)
    async with signed_in(console, "own@example.com") as own:
        last = await post(own, f"{PAGE}/{owner_id}/role", role="member")
        assert (last.status_code, "This is the last owner" in last.text) == (409, True)
        stays = await post(own, f"{PAGE}/leave")
        assert (stays.status_code, "This is the last owner" in stays.text) == (409, True)
        assert (await post(own, f"{PAGE}/rename", name="Acme Dental")).status_code == 303
        assert "Acme Dental" in (await own.get(PAGE)).text
    async with signed_in(console, "bo@example.com") as plain:
        page = (await plain.get(PAGE)).text
        assert "Owners and admins see who belongs here" in page
        assert "own@example.com" not in page
        assert (await plain.get(f"{PAGE}/{owner_id}")).status_code == 403
        assert (await post(plain, f"{PAGE}/leave")).headers["location"] == "/console/"
        assert (await plain.get("/console/")).headers["location"].startswith("/console/login")


async def test_a_refused_invitation_keeps_what_was_typed(console: Console, member: httpx.AsyncClient) -> None:
    for typed, said in ((EMAIL, "They belong here already"), ("no address", "Must be a valid email")):
        refused = await post(member, f"{PAGE}/invite", email=typed, role="member")
        assert refused.status_code in (409, 422)
        assert said in refused.text
        assert f'value="{typed}"' in refused.text
    link = await invited(member, "bo@example.com")
    found = re.search(
        rf'action="({PAGE}/invitations/[0-9a-f-]+/withdraw[^"]*)"', (await member.get(PAGE)).text
    )
    assert found
    assert (await post(member, found[1])).status_code == 303
    async with console.client() as client:
        assert (await client.get(link)).status_code == 404


@pytest.mark.parametrize("path", ["", "/leave", "/{id}", "/{id}/remove"])
async def test_pages_of_another_tenant_are_nowhere(
    console: Console, member: httpx.AsyncClient, path: str
) -> None:
    await console.create_tenant("other")
    stranger = await console.create_user("cy@example.com", tenant="other")
    shown = await member.get(f"{PAGE}{path.format(id=stranger)}", params={"tenant": "other"})
    assert shown.status_code == 404
    assert "cy@example.com" not in shown.text


async def test_a_long_list_goes_on(console: Console, member: httpx.AsyncClient) -> None:
    connection: asyncpg.Connection = console.owner
    ids: list[UUID] = [
        row["id"]
        for row in await connection.fetch(
            "insert into auth.users (email) select 'p' || n || '@many.example' from generate_series(1, $1) n returning id",
            60,
        )
    ]
    await connection.executemany(
        "insert into public.tenant_users (tenant_id, user_id) values (casebase.default_tenant(), $1)",
        [(user_id,) for user_id in ids],
    )
    first = (await member.get(PAGE)).text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = (await member.get(following[1].replace("&amp;", "&"))).text
    seen = set(re.findall(r"p\d+@many\.example", first)) | set(re.findall(r"p\d+@many\.example", second))
    assert len(seen) == 60
