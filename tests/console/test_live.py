import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.console.conftest import EMAIL, PASSWORD, form_token
from tests.support.waiting import PATIENCE_S


class Events:
    """Read server-sent events one by one."""

    def __init__(self, reply):
        self._lines = reply.aiter_lines()

    async def next(self):
        name = None
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name:
                    return name, json.loads(line.removeprefix("data: "))
        return None


@asynccontextmanager
async def listening(address, email=EMAIL):
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        token = form_token((await client.get("/console/login")).text)
        data = {"email": email, "password": PASSWORD, "csrf_token": token}
        assert (await client.post("/console/login", data=data)).status_code == 303
        async with client.stream("GET", "/console/live") as reply:
            assert reply.headers["content-type"].startswith("text/event-stream")
            events = Events(reply)
            assert await events.next() == ("ready", {})
            yield events


async def test_change_reaches_the_page(console, address):
    await console.create_user()
    async with listening(address) as events:
        await console.add_notes("New")
        name, change = await events.next()
    note_id = await console.owner.fetchval("select id::text from gallery.notes")
    assert (name, change) == ("change", {"topic": "gallery_notes", "subject_id": note_id})


async def test_changes_of_other_tenants_are_not_told(console, address):
    await console.create_tenant("other")
    await console.create_user()
    async with listening(address) as events:
        await console.add_notes("Theirs", tenant="other")
        await console.add_notes("Mine")
        _, change = await events.next()
    mine = await console.owner.fetchval("select id::text from gallery.notes where title = 'Mine'")
    assert change["subject_id"] == mine


async def test_removed_member_hears_nothing_more(console, address):
    await console.create_user()
    async with listening(address) as events:
        await console.owner.execute("delete from public.tenant_users")
        await console.add_notes("After")
        assert await events.next() == ("signed-out", {})
        assert await events.next() is None


async def test_lost_connection_heals_and_pages_look_again(console, address):
    await console.create_user()
    async with listening(address) as events:
        await console.owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'casebase-console-live' and datname = current_database()"
        )
        assert await events.next() == ("change", {"topic": "*", "subject_id": None})
        await console.add_notes("Later")
        assert (await events.next())[1]["topic"] == "gallery_notes"


async def test_closing_the_feed_ends_every_stream(console, address):
    await console.create_user()
    async with listening(address) as events:
        console.app.state.live.close()
        assert await events.next() is None


@pytest.mark.parametrize(
    "payload", ["", "x", "{}", "[1]", '{"tenant_id": "x", "topic": "t", "subject_id": null}']
)
async def test_unreadable_payload_harms_nobody(console, address, payload):
    await console.create_user()
    async with listening(address) as events:
        await console.owner.execute("select pg_notify('casebase_live', $1)", payload)
        await console.add_notes("Good")
        assert (await events.next())[1]["topic"] == "gallery_notes"
