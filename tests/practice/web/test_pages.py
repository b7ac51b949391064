"""The web client's pages without a script: every form waits for what it asked, and nobody meets another's."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from casebase.kernel.config import load_settings
from casebase.kernel.db import Principal
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.answer_rates import AnswerRateError, AnswerRates
from tests.practice.conftest import MakeSession
from tests.practice.web.conftest import (
    EMAIL,
    PASSWORD,
    PASSWORD_HASH,
    Client,
    csrf,
    hidden,
    sign_in,
    start,
    submit,
    text_of,
)
from tests.support.chat_server import ChatServer, chat_server
from tests.support.rows import all_rows
from tests.support.waiting import eventually


@pytest.fixture
def me(learner: UUID) -> Principal:
    return Principal("authenticated", sub=learner)


@pytest.fixture
async def other(app: FastAPI, owner: asyncpg.Connection, make_client: Client) -> httpx.AsyncClient:
    """Somebody else, signed in too."""
    await owner.execute("select casebase.create_user('andere@example.com', $1, null)", PASSWORD_HASH)
    client = await make_client(app, "203.0.113.8")
    assert (await sign_in(client, "andere@example.com")).status_code == 303
    return client


async def say(
    client: httpx.AsyncClient, at: str, words: str, chat: str = "main", client_id: object = None
) -> httpx.Response:
    return await submit(
        client, f"{at}/messages", at, chat_type=chat, content=words, client_id=client_id or uuid4()
    )


async def said(owner: asyncpg.Connection, chat: str = "main") -> list[tuple[str, str]]:
    rows = await owner.fetch(
        "select role, content from public.messages where chat_type = $1 order by timestamp", chat
    )
    return [(row["role"], row["content"]) for row in rows]


class TestStart:
    async def test_it_leads_to_the_two_chats(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        page = await client.get(await start(client, 3))
        assert page.status_code == 200
        assert "Moin! Was kann ich für dich machen?" in page.text
        assert "kebab shop" in page.text
        assert "1 of about 20 messages" in page.text

    async def test_an_open_one_is_carried_on_with(self, client: httpx.AsyncClient) -> None:
        home = (await client.get("/practice/")).text
        path = await start(client)
        data = {"csrf_token": csrf(home), "scenario_id": "2"}
        assert (await client.post("/practice/sessions", data=data)).headers["location"] == path
        home = (await client.get("/practice/")).text
        assert f'href="{path}"' in home
        assert 'name="scenario_id"' not in home

    async def test_a_week_that_is_used_up_says_until_when(
        self, client: httpx.AsyncClient, me: Principal, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        token = csrf((await client.get("/practice/account")).text)
        for _ in range(3):
            await make_session(me, main=3, is_completed=True)
        reply = await client.post("/practice/sessions", data={"csrf_token": token, "scenario_id": "1"})
        assert reply.status_code == 429
        resets_at = await owner.fetchval("select week_reset_date from public.profiles where id = $1", me.sub)
        assert 0 < int(reply.headers["retry-after"]) <= timedelta(days=7).total_seconds()
        assert "All 3 conversations of this week are done." in reply.text
        noted = await eventually(
            lambda: owner.fetchval(
                "select metadata from public.logs where event_type = 'rate_limit_exceeded'"
            )
        )
        assert json.loads(noted)["reason"] == "weekly_limit_reached"
        # The page's address is now that of the form: it can be loaded again.
        assert (await client.get("/practice/sessions")).headers["location"] == "/practice/"
        assert f"{resets_at.day} {resets_at:%B %Y}, 00:00 UTC" in text_of(reply.text)

    @pytest.mark.parametrize("scenario_id", ["77", "0"])
    async def test_what_is_not_on_offer_is_said(self, client: httpx.AsyncClient, scenario_id: str) -> None:
        reply = await submit(client, "/practice/sessions", "/practice/", scenario_id=scenario_id)
        assert reply.status_code == 404
        assert "Choose another" in reply.text


class TestTalk:
    async def test_a_form_waits_for_the_whole_answer(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        reply = await say(client, path, "Guten Tag!\r\nWas kosten die Äpfel?")
        assert (reply.status_code, reply.headers["location"]) == (303, f"{path}?chat=main")
        talk = await said(owner)
        assert [role for role, _ in talk] == ["scenario", "user", "scenario"]
        assert talk[1][1] == "Guten Tag!\nWas kosten die Äpfel?"
        page = text_of((await client.get(path)).text)
        assert "3 of about 20 messages" in page
        assert "Offline partner" in page

    async def test_the_helper_is_asked_beside_it(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        reply = await say(client, path, "What does Apfel mean?", "helper")
        assert reply.headers["location"] == f"{path}?chat=helper"
        assert [role for role, _ in await said(owner, "helper")] == ["helper", "user", "helper"]
        assert len(await said(owner)) == 1
        shown = (await client.get(f"{path}?chat=helper")).text
        assert 'data-current="helper"' in shown

    async def test_sent_twice_it_is_said_once(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        client_id = hidden((await client.get(path)).text, "client_id")
        for _ in range(2):
            assert (await say(client, path, "Hallo!", client_id=client_id)).status_code == 303
        assert len(await said(owner)) == 3

    @pytest.mark.parametrize("words", ["", "   ", "x" * 2001], ids=["none", "spaces", "long"])
    async def test_what_cannot_be_said_is_kept_for_correction(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection, words: str
    ) -> None:
        path = await start(client)
        reply = await say(client, path, words)
        assert reply.status_code == 422
        assert "at most 2,000 characters" in reply.text
        if len(words) > 3:
            assert words in reply.text
        assert len(await said(owner)) == 1

    async def test_what_cannot_be_read_is_told_as_that(self, client: httpx.AsyncClient) -> None:
        path = await start(client)
        reply = await say(client, path, "Hallo", client_id="keine")
        assert reply.status_code == 422
        assert "That could not be read." in reply.text
        reply = await client.get("/practice/sessions/keine")
        assert reply.status_code == 404
        assert "It does not exist" in reply.text
        assert (await client.get(f"{path}/messages")).headers["location"] == path
        reply = await client.get("/practice/sign-out")
        assert reply.status_code == 405
        assert "our side" not in reply.text
        reply = await submit(client, "/practice/sessions", path, scenario_id=99999999999)
        assert 400 <= reply.status_code < 500
        assert "our side" not in reply.text
        assert "2,000" not in reply.text

    async def test_words_are_shown_and_never_run(self, client: httpx.AsyncClient) -> None:
        path = await start(client)
        await say(client, path, "<script>alert(1)</script>")
        page = await client.get(path)
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"

    async def test_a_full_chat_has_no_field_and_says_so(
        self, client: httpx.AsyncClient, me: Principal, make_session: MakeSession
    ) -> None:
        path = f"/practice/sessions/{await make_session(me, main=29, helper=99)}"
        page = (await client.get(path)).text
        assert 'name="content"' not in page
        assert "Finish it, and it counts." in page
        reply = await submit(
            client, f"{path}/messages", f"{path}/complete",
            chat_type="main", content="Noch etwas", client_id=uuid4(),
        )  # fmt: skip
        assert reply.status_code == 409
        assert "This chat is full." in reply.text

    async def test_without_its_token_nothing_is_said(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        data = {"chat_type": "main", "content": "Hallo", "client_id": str(uuid4())}
        assert (await client.post(f"{path}/messages", data=data)).status_code == 403
        headers = {"accept": "text/event-stream"}
        reply = await client.post(f"{path}/messages", data=data, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_token_invalid")
        assert len(await said(owner)) == 1


class TestModelAway:
    @pytest.fixture
    async def model(self) -> AsyncIterator[ChatServer]:
        async with chat_server() as running:
            yield running

    @pytest.fixture
    def runtime(self, runtime: Runtime, model: ChatServer) -> Runtime:
        return replace(runtime, settings=load_settings(ai_url=model.url, ai_model="small-one"))

    async def test_what_got_no_answer_is_asked_again(
        self, client: httpx.AsyncClient, model: ChatServer, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        model.streams_pieces()
        assert (await say(client, path, "Was kostet das?")).status_code == 303
        page = (await client.get(path)).text
        assert "That got no answer." in page
        assert "Offline" not in page
        model.streams_pieces("Zwei Euro.")
        again = page[page.index('class="again"') :]
        reply = await say(client, path, hidden(again, "content"), client_id=hidden(again, "client_id"))
        assert reply.status_code == 303
        assert (await said(owner))[1:] == [("user", "Was kostet das?"), ("scenario", "Zwei Euro.")]
        assert "That got no answer." not in (await client.get(path)).text

    async def test_asked_again_too_often_it_is_not_put_back_to_be_said_twice(
        self, client: httpx.AsyncClient, model: ChatServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refusal(*_: object) -> AnswerRateError:
            return AnswerRateError(retry_after=5)

        path, client_id = await start(client), uuid4()
        model.streams_pieces()
        await say(client, path, "Was kostet das?", client_id=client_id)
        monkeypatch.setattr(AnswerRates, "refusal", refusal)
        refused = await say(client, path, "Was kostet das?", client_id=client_id)
        assert refused.status_code == 429
        assert hidden(refused.text[refused.text.index('class="again"') :], "client_id") == str(client_id)
        assert "Was kostet das?</textarea>" not in refused.text
        assert "Und das?</textarea>" in (await say(client, path, "Und das?")).text


class TestEnd:
    async def test_finished_it_counts_and_can_be_read(self, client: httpx.AsyncClient) -> None:
        path = await start(client)
        await say(client, path, "Ich hätte gern Tomaten.")
        reply = await submit(client, f"{path}/complete")
        assert reply.headers["location"] == f"{path}?done=1"
        done = text_of((await client.get(reply.headers["location"])).text)
        assert "Gut gemacht!" in done
        assert "2 of 3 left this week." in done
        history = (await client.get("/practice/history")).text
        assert f'href="{path}"' in history
        read = (await client.get(path)).text
        assert "Ich hätte gern Tomaten." in read
        assert 'name="content"' not in read
        assert "Gut gemacht!" not in read
        assert "This conversation is finished." in (await client.get(f"{path}/complete")).text
        assert (await client.get(f"{path}/abandon")).status_code == 409

    async def test_it_is_praised_when_it_is_done_and_not_whenever_it_is_opened(
        self, client: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        session_id = await owner.fetchval(
            "insert into public.sessions (user_id, scenario_id, started_at, last_activity_at, is_completed, completed_at) "
            "select $1, 1, d, d, true, d from (select now() - interval '1 hour' as d) s returning id",
            learner,
        )
        page = await client.get(f"/practice/sessions/{session_id}?done=1")
        assert page.status_code == 200
        assert "Gut gemacht!" not in page.text

    async def test_with_nothing_said_it_is_not_finished(self, client: httpx.AsyncClient) -> None:
        path = await start(client)
        reply = await submit(client, f"{path}/complete")
        assert reply.status_code == 409
        assert "You have not said anything" in reply.text

    async def test_abandoned_it_is_gone(self, client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
        path = await start(client)
        assert "does not count" in (await client.get(f"{path}/abandon")).text
        assert len(await said(owner)) == 1
        assert (await submit(client, f"{path}/abandon")).headers["location"] == "/practice/"
        assert await said(owner) == []
        assert (await client.get(path)).status_code == 404

    async def test_of_one_that_expired_it_is_told(
        self, client: httpx.AsyncClient, me: Principal, make_session: MakeSession
    ) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=8)
        session_id = await make_session(me, started_at=long_ago, last_activity_at=long_ago)
        reply = await client.get(f"/practice/sessions/{session_id}")
        assert reply.status_code == 409
        assert "Nothing was said here for seven days" in reply.text
        assert "still open" not in (await client.get("/practice/")).text

    async def test_history_goes_back_page_by_page(
        self, client: httpx.AsyncClient, learner: UUID, owner: asyncpg.Connection
    ) -> None:
        made = await owner.fetch(
            "insert into public.sessions (user_id, scenario_id, started_at, last_activity_at, is_completed, completed_at) "
            "select $1, 1, d, d, true, d from (select timestamptz '2026-03-01Z' + n * interval '1 hour' as d "
            "from generate_series(1, 23) n) s returning id",
            learner,
        )
        first = (await client.get("/practice/history")).text
        found = re.search(r'href="(/practice/history\?before=[^"]+)"', first)
        assert found
        second = (await client.get(found[1])).text
        ids = re.findall(r'href="/practice/sessions/([^"]+)"', first + second)
        assert ids == [str(row["id"]) for row in reversed(made)]
        assert "history?before" not in second


class TestOthers:
    async def test_nobody_meets_anothers(
        self, client: httpx.AsyncClient, other: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        path = await start(client)
        await say(client, path, "Das geht niemanden etwas an.")
        answer_id = await owner.fetchval("select id from practice.answers")
        before = await all_rows(owner)
        for address in (
            path, f"{path}/answers/{answer_id}", f"{path}/complete", f"{path}/abandon",
            f"/practice/sessions/{uuid4()}",
        ):  # fmt: skip
            reply = await other.get(address)
            assert reply.status_code == 404, address
            assert "niemanden" not in reply.text
        for action in ("complete", "abandon"):
            assert (await submit(other, f"{path}/{action}", "/practice/")).status_code == 404
        reply = await submit(
            other, f"{path}/messages", "/practice/", chat_type="main", content="Hallo", client_id=uuid4()
        )
        assert reply.status_code == 404
        assert await all_rows(owner) == before

    async def test_nobody_is_sent_to_sign_in(
        self, client: httpx.AsyncClient, visitor: httpx.AsyncClient
    ) -> None:
        path = await start(client)
        visitor.cookies.clear()
        for address in ("/practice/", "/practice/history", "/practice/account", path, f"{path}/complete"):
            assert (await visitor.get(address)).headers["location"].startswith("/practice/sign-in")
        headers = {"accept": "text/event-stream"}
        reply = await visitor.get(f"{path}/answers/{uuid4()}", headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")


class TestAccount:
    async def test_it_is_deleted_with_everything(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        await say(client, await start(client), "Alles auf Anfang.")
        reply = await submit(client, "/practice/account/delete", password=PASSWORD, is_sure="yes")
        assert (reply.status_code, reply.headers["location"]) == (303, "/practice/goodbye")
        assert "Your account is deleted" in (await client.get("/practice/goodbye")).text
        assert (await client.get("/practice/account")).status_code == 303
        assert await owner.fetchval("select count(*) from auth.users where email = $1", EMAIL) == 0
        assert await said(owner) == []
        assert (await sign_in(client)).status_code == 401

    @pytest.mark.parametrize(
        ("fields", "status", "told"),
        [
            ({"password": "nicht das richtige", "is_sure": "yes"}, 403, "This is not your password."),
            ({"password": "", "is_sure": "yes"}, 403, "This is not your password."),
            ({"password": PASSWORD}, 422, "Tick the box"),
        ],
    )
    async def test_only_who_knows_the_password_and_is_sure(
        self,
        client: httpx.AsyncClient,
        owner: asyncpg.Connection,
        fields: dict[str, str],
        status: int,
        told: str,
    ) -> None:
        reply = await submit(client, "/practice/account/delete", **fields)
        assert reply.status_code == status
        assert told in reply.text
        assert await owner.fetchval("select count(*) from auth.users where email = $1", EMAIL) == 1

    async def test_a_tenants_member_is_told_whom_to_ask(
        self, client: httpx.AsyncClient, owner: asyncpg.Connection, learner: UUID
    ) -> None:
        await owner.execute(
            "insert into public.tenant_users (tenant_id, user_id, role) values (casebase.default_tenant(), $1, 'member')",
            learner,
        )
        reply = await submit(client, "/practice/account/delete", password=PASSWORD, is_sure="yes")
        assert reply.status_code == 409
        assert "belongs to an organisation" in reply.text

    async def test_passwords_are_not_tried_for_ever(self, client: httpx.AsyncClient) -> None:
        replies = [
            await submit(client, "/practice/account/delete", password=f"falsch {n}", is_sure="yes")
            for n in range(5)
        ]
        assert replies[-1].status_code == 429
        assert int(replies[-1].headers["retry-after"]) >= 1


class TestTroubles:
    async def test_of_a_page_that_is_not_there(self, client: httpx.AsyncClient) -> None:
        reply = await client.get("/practice/nowhere")
        assert reply.status_code == 404
        assert "Nothing here" in reply.text

    @pytest.mark.parametrize(
        ("path", "status"), [("/practice/sessions/7", 404), ("/practice/history?before=gestern", 422)]
    )
    async def test_of_a_damaged_address(self, client: httpx.AsyncClient, path: str, status: int) -> None:
        reply = await client.get(path)
        assert reply.status_code == status
        assert "To the start" in reply.text

    async def test_the_address_without_its_slash_leads_there(self, visitor: httpx.AsyncClient) -> None:
        assert (await visitor.get("/practice")).headers["location"] == "/practice/"

    async def test_of_a_database_that_is_away(
        self, client: httpx.AsyncClient, away: FastAPI, make_client: Client
    ) -> None:
        visit = await make_client(away)
        visit.cookies = client.cookies
        reply = await visit.get("/practice/")
        assert reply.status_code == 503
        assert "Nothing you said is lost" in reply.text
        assert int(reply.headers["retry-after"]) >= 1
        headers = {"accept": "text/event-stream"}
        reply = await visit.get(f"/practice/sessions/{uuid4()}/answers/{uuid4()}", headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (503, "database_unavailable")
