import re

import pytest

from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH, form_token, login_token, sign_in
from tests.support.forms import in_charset


class TestSignIn:
    async def test_right_password_opens_the_console(self, console):
        await console.create_user()
        async with console.client() as client:
            reply = await sign_in(client)
            assert (reply.status_code, reply.headers["location"]) == (303, "/console/")
            home = await client.get("/console/")
            assert home.status_code == 200
            assert EMAIL in home.text

    async def test_e_mail_is_matched_whatever_its_case(self, console):
        await console.create_user()
        async with console.client() as client:
            assert (await sign_in(client, email=" Ada@Example.COM ")).status_code == 303

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "not the one"),
            ("nobody@example.com", PASSWORD),
            (EMAIL, ""),
            ("", ""),
            (EMAIL, "x" * 900),
        ],
        ids=["password", "person", "empty", "nothing", "long"],
    )
    async def test_every_wrong_login_reads_the_same(self, console, email, password):
        await console.create_user()
        async with console.client() as client:
            reply = await sign_in(client, email, password)
            assert reply.status_code == 401
            assert "E-mail or password is wrong" in reply.text
            assert "casebase_session" not in reply.cookies
            assert password not in reply.text or not password

    async def test_who_belongs_to_no_tenant_is_refused(self, console):
        await console.create_user()
        await console.owner.execute("delete from public.tenant_users")
        async with console.client() as client:
            assert (await sign_in(client)).status_code == 401

    async def test_who_is_banned_is_refused(self, console):
        await console.create_user()
        await console.owner.execute("update auth.users set banned_until = now() + interval '1 day'")
        async with console.client() as client:
            assert (await sign_in(client)).status_code == 401

    async def test_hash_made_by_supabase_is_understood(self, console):
        await console.create_user()
        await console.owner.execute(
            "update auth.users set encrypted_password = $1", PASSWORD_HASH.replace("$2b$", "$2a$")
        )
        async with console.client() as client:
            assert (await sign_in(client)).status_code == 303

    @pytest.mark.parametrize(
        ("asked", "given"),
        [
            ("/console/gallery/notes?status=won", "/console/gallery/notes?status=won"),
            ("https://evil.example/console/", "/console/"),
            ("//evil.example/console/", "/console/"),
            ("/console/\\evil", "/console/"),
            ("/v1/mortgage", "/console/"),
            ("//[", "/console/"),
            ("javascript:/console/", "/console/"),
        ],
    )
    async def test_it_leads_only_to_pages_of_the_console(self, console, asked, given):
        await console.create_user()
        async with console.client() as client:
            data = {
                "email": EMAIL,
                "password": PASSWORD,
                "csrf_token": await login_token(client),
                "next": asked,
            }
            assert (await client.post("/console/login", data=data)).headers["location"] == given


class TestRateLimit:
    async def test_sixth_try_from_an_address_is_refused_even_when_right(self, console):
        await console.create_user()
        async with console.client() as client:
            for number in range(5):
                assert (await sign_in(client, f"p{number}@example.com", "wrong")).status_code == 401
            reply = await sign_in(client)
            assert reply.status_code == 429
            assert int(reply.headers["retry-after"]) >= 1
            assert "Too many tries" in reply.text

    async def test_sixth_try_at_an_account_is_refused_from_anywhere(self, console):
        await console.create_user()
        for number in range(5):
            async with console.client(f"198.51.100.{number}") as client:
                assert (await sign_in(client, EMAIL.upper(), "wrong")).status_code == 401
        async with console.client("198.51.100.99") as client:
            assert (await sign_in(client)).status_code == 429

    async def test_another_spelling_of_the_e_mail_is_not_the_account(self, console):
        await console.create_user("vivi@example.com")
        async with console.client() as client:
            # PostgreSQL's lower() makes an "i" of it where the locale says so, Python's does not.
            assert (await sign_in(client, "v\u0130vi@example.com")).status_code == 401
            assert (await sign_in(client, "vivi@example.com")).status_code == 303


class TestText:
    @pytest.mark.parametrize("field", ["csrf_token", "email", "password", "next"])
    async def test_what_the_database_cannot_keep_is_refused_with_a_page(self, console, field):
        async with console.client() as client:
            form = {"csrf_token": await login_token(client), "email": EMAIL, "password": PASSWORD}
            nul = await client.post("/console/login", data={**form, field: "a\0"})
            half = await client.post(
                "/console/login", **in_charset("unicode_escape", **{**form, field: r"\ud800"})
            )
        for reply in (nul, half):
            assert reply.status_code == 422
            assert "A value is not valid" in reply.text or "does not have the specified form" in reply.text

    async def test_a_field_may_have_no_such_name_either(self, member):
        reply = await member.post("/console/gallery/form", data={"a\0": "x"})
        assert reply.status_code == 422


class TestCsrf:
    async def test_login_without_token_is_refused(self, console):
        await console.create_user()
        async with console.client() as client:
            await client.get("/console/login")
            reply = await client.post("/console/login", data={"email": EMAIL, "password": PASSWORD})
            assert reply.status_code == 403

    async def test_token_of_another_visitor_is_refused(self, console):
        await console.create_user()
        async with console.client() as stranger, console.client() as client:
            foreign = await login_token(stranger)
            await client.get("/console/login")
            data = {"email": EMAIL, "password": PASSWORD, "csrf_token": foreign}
            assert (await client.post("/console/login", data=data)).status_code == 403

    @pytest.mark.parametrize("token", ["", "x", "é", None])
    async def test_module_form_without_valid_token_reaches_no_handler(self, member, token):
        data = {"name": "Ada"} if token is None else {"name": "Ada", "csrf_token": token}
        reply = await member.post("/console/gallery/form", data=data)
        assert reply.status_code == 403
        assert "no longer valid" in reply.text

    async def test_token_of_the_session_is_accepted(self, member):
        token = form_token((await member.get("/console/gallery/form")).text)
        reply = await member.post("/console/gallery/form", data={"name": "Ada", "csrf_token": token})
        assert reply.status_code == 303

    async def test_token_may_come_as_a_header(self, member):
        token = form_token((await member.get("/console/gallery/form")).text)
        reply = await member.post(
            "/console/gallery/form", data={"name": "Ada"}, headers={"X-CSRF-Token": token}
        )
        assert reply.status_code == 303

    async def test_token_from_before_another_login_is_refused(self, console, member):
        token = form_token((await member.get("/console/gallery/form")).text)
        async with console.client() as other:
            await sign_in(other)
            reply = await other.post("/console/gallery/form", data={"name": "Ada", "csrf_token": token})
            assert reply.status_code == 403


class TestCookie:
    async def test_session_cookie_is_http_only_and_lax(self, console):
        await console.create_user()
        async with console.client() as client:
            flags = _flags(await sign_in(client))
        assert {"httponly", "samesite=lax", "path=/console"} <= flags
        assert "secure" not in flags

    async def test_session_cookie_is_secure_over_https(self, console):
        await console.create_user()
        console_over_https = type(console)(console.app, console.owner, "https://console.test")
        async with console_over_https.client() as client:
            assert "secure" in _flags(await sign_in(client))

    async def test_tampered_cookie_is_nobody(self, console, member):
        cookie = member.cookies["casebase_session"]
        for forged in (
            cookie[:-2] + ("AA" if cookie[-2:] != "AA" else "BB"),
            "x" + cookie,
            "",
            "a.b",
            cookie.split(".")[0],
        ):
            async with console.client() as client:
                client.cookies.set("casebase_session", forged, domain="console.test", path="/console")
                assert (await client.get("/console/")).headers["location"] == "/console/login"

    async def test_copy_of_the_cookie_is_worth_nothing_after_signing_out(self, console, member):
        cookie = member.cookies["casebase_session"]
        token = form_token((await member.get("/console/")).text)
        assert (await member.post("/console/logout", data={"csrf_token": token})).status_code == 303
        async with console.client() as client:
            client.cookies.set("casebase_session", cookie, domain="console.test", path="/console")
            assert (await client.get("/console/")).headers["location"] == "/console/login"

    async def test_signing_out_by_a_link_does_nothing(self, member):
        assert (await member.get("/console/logout")).status_code == 405
        assert (await member.get("/console/")).status_code == 200


class TestSession:
    @pytest.mark.parametrize("path", ["/console/", "/console/gallery/notes", "/console/gallery/components"])
    async def test_removed_member_is_out_at_once(self, console, member, path):
        assert (await member.get(path)).status_code == 200
        await console.owner.execute("delete from public.tenant_users")
        reply = await member.get(path)
        assert reply.status_code == 303
        assert reply.headers["location"].startswith("/console/login")

    async def test_banned_person_is_out_at_once(self, console, member):
        await console.owner.execute("update auth.users set banned_until = now() + interval '1 day'")
        assert (await member.get("/console/")).status_code == 303

    async def test_new_password_signs_everyone_out(self, console, member):
        await console.owner.execute("select casebase.set_password($1, $2)", EMAIL, PASSWORD_HASH)
        assert (await member.get("/console/")).status_code == 303

    async def test_expired_session_is_over(self, console, member):
        await console.owner.execute(
            "update casebase.console_sessions "
            "set created_at = now() - interval '9 hours', expires_at = now() - interval '1 s'"
        )
        assert (await member.get("/console/")).status_code == 303

    async def test_use_puts_the_end_off(self, console, member):
        near = await console.owner.fetchval(
            "update casebase.console_sessions set created_at = now() - interval '7 hours', "
            "expires_at = now() + interval '1 hour' returning expires_at"
        )
        await member.get("/console/")
        assert await console.owner.fetchval("select expires_at from casebase.console_sessions") > near

    async def test_use_does_not_outlast_the_longest_age(self, console, member):
        await console.owner.execute(
            "update casebase.console_sessions "
            "set created_at = now() - interval '6 days 23 hours', expires_at = now() + interval '5 min'"
        )
        await member.get("/console/")
        age = await console.owner.fetchval(
            "select expires_at - created_at <= interval '7 days' from casebase.console_sessions"
        )
        assert age

    async def test_login_leads_back_to_the_page_that_was_asked_for(self, console):
        async with console.client() as client:
            reply = await client.get("/console/gallery/notes?status=won")
            assert (
                reply.headers["location"] == "/console/login?next=%2Fconsole%2Fgallery%2Fnotes%3Fstatus%3Dwon"
            )
            assert re.search(
                r'name="next" value="[^"]*status=won"', (await client.get(reply.headers["location"])).text
            )


def _flags(reply):
    cookie = next(c for c in reply.headers.get_list("set-cookie") if c.startswith("casebase_session="))
    return {part.strip().lower() for part in cookie.split(";")[1:]}
