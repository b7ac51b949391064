"""Who signs out of a device revokes it, and can't revoke anybody else's."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Database
from tests.notifications.conftest import People
from tests.support.refusals import refusal_of

DEVICE = {"token": "a-token-of-a-push-service", "platform": "android"}


async def test_again_changes_nothing(api: Database, people: People) -> None:
    mine = api.session(people.member)
    device = await mine.call("register_device_token", DEVICE)
    revoked = await mine.call("revoke_device_token", {"token": DEVICE["token"]})
    assert revoked["device_id"] == device["device_id"]
    assert await mine.call("revoke_device_token", {"token": DEVICE["token"]}) == revoked


async def test_anothers_is_not_found(owner: asyncpg.Connection, api: Database, people: People) -> None:
    await api.session(people.member).call("register_device_token", DEVICE)
    for who in (people.admin, people.other_member, people.stranger):
        error = await refusal_of(owner, api.session(who), "revoke_device_token", token=DEVICE["token"])
        assert (error.status, error.code, error.detail) == (404, "device_not_found", {"field": "token"})


async def test_what_moved_on_is_anothers(owner: asyncpg.Connection, api: Database, people: People) -> None:
    await api.session(people.member).call("register_device_token", DEVICE)
    await api.session(people.admin).call("register_device_token", DEVICE)
    error = await refusal_of(owner, api.session(people.member), "revoke_device_token", token=DEVICE["token"])
    assert error.code == "device_not_found"
