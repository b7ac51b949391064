"""Whoever has an account signs in to the web client, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from casebase.app import build_http
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.runtime import Runtime
from tests.practice.conftest import TODAY, At
from tests.practice.web.conftest import (
    EMAIL,
    PASSWORD,
    PASSWORD_HASH,
    Client,
    csrf,
    sign_in,
    submit,
)
from tests.support.forms import in_charset
from tests.support.waiting import eventually

SESSION = "casebase_practice_session"
IDENTITIES = "create table auth.identities (id uuid, user_id uuid)"
"""As much of Supabase's Auth as tells that it is there."""


async def event(owner: asyncpg.Connection, event_type: str) -> asyncpg.Record:
    """The one event of a type, when it is written."""
    return await eventually(
        lambda: owner.fetchrow(
            "select level, user_key is not null as is_of_somebody, metadata from public.logs where event_type = $1",
            event_type,
        )
    )


async def _expired(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("select level from public.logs where event_type = 'session_expired'")
    return [row["level"] for row in rows]


class TestSignIn:
    async def test_an_account_without_a_tenant_is_enough(
        self, visitor: httpx.AsyncClient, learner: UUID
    ) -> None:
        reply = await sign_in(visitor)
        assert (reply.status_code, reply.headers["location"]) == (303, "/practice/")
        cookie = next(c for c in reply.headers.get_list("set-cookie") if c.startswith(f"{SESSION}="))
        assert {"HttpOnly", "SameSite=lax", "Path=/practice"} <= set(cookie.split("; "))
        home = await visitor.get("/practice/")
        assert home.status_code == 200
        assert "Marketplace" in home.text

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "nicht das richtige"),
            ("niemand@example.com", PASSWORD),
            (EMAIL, ""),
            ("", ""),
            (EMAIL, "x" * 900),
        ],
        ids=["password", "person", "empty", "nothing", "long"],
    )
    async def test_every_wrong_one_reads_the_same(
        self, visitor: httpx.AsyncClient, learner: UUID, email: str, password: str
    ) -> None:
        reply = await sign_in(visitor, email, password)
        assert reply.status_code == 401
        assert "E-mail or password is wrong." in reply.text
        assert SESSION not in reply.cookies

    async def test_a_wrong_one_is_noted_without_whose(
        self, visitor: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        await sign_in(visitor, password="nicht das richtige")
        noted = await event(owner, "user_login_failed")
        assert (noted["level"], noted["is_of_somebody"]) == ("warn", False)

    @pytest.mark.parametrize(
        "change",
        [
            "banned_until = now() + interval '1 day'",
            "deleted_at = now()",
            "encrypted_password = null",
        ],
    )
    async def test_an_account_that_is_closed_is_refused(
        self, visitor: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection, change: str
    ) -> None:
        await owner.execute(f"update auth.users set {change} where id = $1", learner)
        assert (await sign_in(visitor)).status_code == 401

    async def test_where_supabase_confirms_an_unconfirmed_one_is_refused(
        self, visitor: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("update auth.users set email_confirmed_at = null where id = $1", learner)
        await owner.execute(IDENTITIES)
        assert (await sign_in(visitor)).status_code == 401

    async def test_the_hash_of_supabase_is_understood(
        self, visitor: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(
            "update auth.users set encrypted_password = $1", PASSWORD_HASH.replace("$2b$", "$2a$")
        )
        assert (await sign_in(visitor)).status_code == 303

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ("/practice/history", "/practice/history"),
            ("https://evil.example/practice/", "/practice/"),
            ("//evil.example/practice/", "/practice/"),
            ("/practice/\\evil", "/practice/"),
            ("/console/", "/practice/"),
        ],
    )
    async def test_it_leads_only_to_pages_of_the_site(
        self, visitor: httpx.AsyncClient, learner: UUID, asked: str, given: str
    ) -> None:
        reply = await submit(visitor, "/practice/sign-in", email=EMAIL, password=PASSWORD, next=asked)
        assert reply.headers["location"] == given

    async def test_the_sixth_try_at_an_account_is_refused(
        self, app: FastAPI, learner: UUID, make_client: Client
    ) -> None:
        for number in range(5):
            client = await make_client(app, f"198.51.100.{number}")
            assert (await sign_in(client, EMAIL.upper(), "nicht das richtige")).status_code == 401
        reply = await sign_in(await make_client(app, "198.51.100.99"))
        assert reply.status_code == 429
        assert int(reply.headers["retry-after"]) >= 1

    async def test_another_door_gives_an_account_no_more_tries(
        self, app: FastAPI, learner: UUID, make_client: Client
    ) -> None:
        for number in range(5):
            client = await make_client(app, f"198.51.100.{number}")
            door = ("/console/login", "/practice/sign-in")[number % 2]
            assert (await submit(client, door, email=EMAIL, password="falsch")).status_code == 401
        for door in ("/console/login", "/practice/sign-in"):
            client = await make_client(app, "198.51.100.99")
            assert (await submit(client, door, email=EMAIL, password=PASSWORD)).status_code == 429

    async def test_an_address_tries_staff_as_rarely_as_at_the_console_and_is_not_told(
        self, app: FastAPI, make_client: Client, owner: asyncpg.Connection, learner: UUID
    ) -> None:
        for number in range(6):
            made = "select casebase.create_user($1, $2, 'default', 'admin')"
            await owner.execute(made, f"staff{number}@example.com", PASSWORD_HASH)
        client = await make_client(app)
        for number in range(5):
            assert (await sign_in(client, f"staff{number}@example.com", "falsch")).status_code == 401
        reply = await sign_in(client, "staff5@example.com")
        assert reply.status_code == 401
        assert "E-mail or password is wrong." in reply.text
        reply = await submit(client, "/console/login", email="staff5@example.com", password=PASSWORD)
        assert reply.status_code == 429
        # Who learns is not kept out by it, nor is staff elsewhere.
        assert (await sign_in(client)).status_code == 303
        elsewhere = await make_client(app, "198.51.100.1")
        assert (await sign_in(elsewhere, "staff5@example.com")).status_code == 303

    async def test_another_spelling_of_the_e_mail_is_not_the_account(
        self, visitor: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("select casebase.create_user($1, $2, null)", "vivi@example.com", PASSWORD_HASH)
        # PostgreSQL's lower() makes an "i" of it where the locale says so, Python's does not.
        assert (await sign_in(visitor, "v\u0130vi@example.com")).status_code == 401
        assert (await sign_in(visitor, "vivi@example.com")).status_code == 303

    @pytest.mark.parametrize("site", ["/practice/sign-in", "/console/login"])
    @pytest.mark.parametrize(
        "charset", ["unicode_escape", "utf-16", "punycode", "undefined", "nowhere", '"hex"']
    )
    async def test_a_form_in_another_charset_is_refused(
        self, visitor: httpx.AsyncClient, site: str, charset: str
    ) -> None:
        token = csrf((await visitor.get(site)).text)
        for path in (site, "/practice/sign-out", "/practice/sessions"):
            reply = await visitor.post(path, **in_charset(charset, csrf_token=token, email=r"\ud800"))
            assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")

    async def test_a_form_that_says_it_is_in_utf_8_is_read(
        self, visitor: httpx.AsyncClient, learner: UUID
    ) -> None:
        form = {"csrf_token": csrf((await visitor.get("/practice/sign-in")).text), "email": EMAIL}
        reply = await visitor.post("/practice/sign-in", **in_charset("UTF-8", password=PASSWORD, **form))
        assert reply.status_code == 303

    @pytest.mark.parametrize("field", ["csrf_token", "email", "password", "next"])
    async def test_nul_is_refused_with_a_page(self, visitor: httpx.AsyncClient, field: str) -> None:
        reply = await submit(visitor, "/practice/sign-in", **{"email": EMAIL, field: "a\0"})
        assert reply.status_code == 422
        assert "That could not be read." in reply.text

    async def test_a_form_without_its_token_is_refused(
        self, visitor: httpx.AsyncClient, learner: UUID
    ) -> None:
        await visitor.get("/practice/sign-in")
        reply = await visitor.post("/practice/sign-in", data={"email": EMAIL, "password": PASSWORD})
        assert reply.status_code == 403


class TestSessions:
    async def test_a_page_asks_for_it_and_is_found_again(
        self, visitor: httpx.AsyncClient, learner: UUID
    ) -> None:
        reply = await visitor.get("/practice/history?before=2026-01-01T00:00:00Z")
        assert reply.status_code == 303
        assert reply.headers["location"].startswith("/practice/sign-in?next=%2Fpractice%2Fhistory%3Fbefore")

    async def test_signing_out_ends_it_everywhere(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        cookie = client.cookies[SESSION]
        reply = await submit(client, "/practice/sign-out", "/practice/account")
        assert reply.headers["location"] == "/practice/sign-in"
        client.cookies.set(SESSION, cookie, domain="practice.test", path="/practice")
        assert (await client.get("/practice/account")).status_code == 303
        noted = await event(owner, "user_logout")
        assert (noted["level"], noted["is_of_somebody"]) == ("info", True)

    @pytest.mark.parametrize(
        "change",
        ["banned_until = now() + interval '1 day'", "encrypted_password = '!'"],
        ids=["banned", "password"],
    )
    async def test_it_ends_with_the_account_or_its_password(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection, change: str
    ) -> None:
        await owner.execute(f"update auth.users set {change}")
        assert (await client.get("/practice/account")).status_code == 303

    async def test_it_expires_and_that_is_noted_once(
        self, at: At, make_client: Client, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        client = await make_client(build_http(await at(TODAY)))
        assert (await sign_in(client)).status_code == 303
        later = build_http(await at(TODAY + timedelta(days=30, minutes=1)))
        async with later.router.lifespan_context(later):
            returned = await make_client(later)
            for _ in range(3):
                # A program that goes on with the same cookie, whatever it is told.
                returned.cookies = httpx.Cookies(client.cookies)
                reply = await returned.get("/practice/")
                assert reply.headers["location"] == "/practice/sign-in"
                assert SESSION not in returned.cookies
        assert await _expired(owner) == ["info"]

    async def test_of_a_session_that_was_ended_or_never_was_nothing_is_noted(
        self, at: At, make_client: Client, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        app = build_http(await at(TODAY))
        async with app.router.lifespan_context(app):
            client = await make_client(app)
            await sign_in(client)
            held = httpx.Cookies(client.cookies)
            await submit(client, "/practice/sign-out", "/practice/")
            client.cookies = held
            assert (await client.get("/practice/")).status_code == 303
        assert await _expired(owner) == []

    async def test_each_visit_puts_its_end_off(self, at: At, make_client: Client, learner: UUID) -> None:
        client = await make_client(build_http(await at(TODAY)))
        await sign_in(client)
        for days in (20, 40, 60):
            visit = await make_client(build_http(await at(TODAY + timedelta(days=days))))
            visit.cookies = client.cookies
            assert (await visit.get("/practice/account")).status_code == 200

    async def test_the_consoles_session_is_not_one_of_this_site(
        self, app: FastAPI, client: httpx.AsyncClient, make_client: Client
    ) -> None:
        other = await make_client(app)
        other.cookies.set(
            "casebase_session", client.cookies[SESSION], domain="practice.test", path="/console"
        )
        assert (await other.get("/console/")).headers["location"] == "/console/login"

    async def test_a_forged_cookie_is_nobodys(self, visitor: httpx.AsyncClient) -> None:
        visitor.cookies.set(SESSION, "IjEi.forged", domain="practice.test", path="/practice")
        assert (await visitor.get("/practice/")).status_code == 303


class TestSignUp:
    @pytest.fixture
    def _offered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CASEBASE_PRACTICE_SIGN_UP", "true")

    async def test_it_is_not_offered_unless_it_is_turned_on(self, visitor: httpx.AsyncClient) -> None:
        assert "/practice/sign-up" not in (await visitor.get("/practice/sign-in")).text
        assert (await visitor.get("/practice/sign-up")).status_code == 404
        token = csrf((await visitor.get("/practice/sign-in")).text)
        data = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
        assert (await visitor.post("/practice/sign-up", data=data)).status_code == 404

    @pytest.mark.usefixtures("_offered")
    async def test_a_newcomer_is_signed_in_and_belongs_to_no_tenant(
        self, runtime: object, app: FastAPI, make_client: Client, owner: asyncpg.Connection
    ) -> None:
        client = await make_client(app)
        reply = await submit(client, "/practice/sign-up", email=EMAIL, password=PASSWORD)
        assert (reply.status_code, reply.headers["location"]) == (303, "/practice/")
        assert (await client.get("/practice/")).status_code == 200
        assert await owner.fetchval("select count(*) from public.profiles where email = $1", EMAIL) == 1
        assert await owner.fetchval("select count(*) from public.tenant_users") == 0
        assert (
            await owner.fetchval("select email_confirmed_at from auth.users where email = $1", EMAIL) is None
        )
        assert (await sign_in(await make_client(app))).status_code == 303

    @pytest.mark.usefixtures("_offered")
    @pytest.mark.parametrize(
        ("email", "password", "status", "said"),
        [
            (EMAIL.upper(), PASSWORD, 409, "There is an account with this e-mail already."),
            ("keine Adresse", PASSWORD, 422, "This is not an e-mail address."),
            ("müller@example.com", PASSWORD, 422, "This is not an e-mail address."),
            ("neu@example.com", "kurz", 422, "at least 10 characters"),
        ],
    )
    async def test_what_is_wrong_is_said_at_its_field(
        self, visitor: httpx.AsyncClient, learner: UUID, email: str, password: str, status: int, said: str
    ) -> None:
        reply = await submit(visitor, "/practice/sign-up", email=email, password=password)
        assert reply.status_code == status
        assert said in reply.text
        assert 'aria-invalid="true"' in reply.text

    @pytest.mark.usefixtures("_offered")
    async def test_beside_supabases_auth_it_ends_the_start(
        self, runtime: Runtime, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(IDENTITIES)
        app = build_http(runtime)
        with pytest.raises(ConfigurationError, match="CASEBASE_PRACTICE_SIGN_UP"):
            async with app.router.lifespan_context(app):
                pass

    @pytest.mark.usefixtures("_offered")
    async def test_where_supabases_auth_came_later_none_is_made(
        self, visitor: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(IDENTITIES)
        reply = await submit(visitor, "/practice/sign-up", email=EMAIL, password=PASSWORD)
        assert reply.status_code == 409
        assert "Accounts are not made here." in reply.text
        assert await owner.fetchval("select count(*) from auth.users where email = $1", EMAIL) == 0

    @pytest.mark.usefixtures("_offered")
    async def test_two_at_once_make_one_account(
        self, app: FastAPI, make_client: Client, owner: asyncpg.Connection
    ) -> None:
        clients = [await make_client(app) for _ in range(4)]
        replies = await asyncio.gather(
            *(submit(c, "/practice/sign-up", email=EMAIL, password=PASSWORD) for c in clients)
        )
        assert sorted(reply.status_code for reply in replies) == [303, 409, 409, 409]
        assert await owner.fetchval("select count(*) from auth.users where email = $1", EMAIL) == 1
