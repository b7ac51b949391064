"""Extending and withdrawing a consent, and what runs after: by RPC, Python and HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.http import create_app
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.service import Client
from tests.mortgage.test_expire_consents import DUE, expire
from tests.support.tokens import bearer


def ahead(**parts: float) -> datetime:
    return datetime.now(UTC) + timedelta(**parts)


async def refusal(call: Any) -> str:
    with pytest.raises(RpcError) as refused:
        await call
    return refused.value.code


@pytest.fixture
def mortgage(service: Session) -> Client:
    return Client(service)


class TestExtending:
    async def test_moves_the_consent_its_case_and_its_documents(
        self, mortgage: Client, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened, until = await open_case(), ahead(days=90)
        consent = await mortgage.extend_consent(opened["consent_id"], until)
        assert (consent.until, consent.expired_at) == (until, None)
        assert await owner.fetchval("select consent_until from scenario_cases") == until

    async def test_is_on_the_timeline_with_who_did_it(
        self, api: Database, people: Any, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened, until = await open_case(), ahead(days=30)
        await Client(api.session(people.broker)).extend_consent(opened["consent_id"], until)
        payload = json.loads(
            await owner.fetchval("select payload_json from scenario_events where event_type = 'admin_edit'")
        )
        assert payload["actor"] == f"staff:{people.broker.sub}"
        assert datetime.fromisoformat(payload["changes"]["consent_until"][1]) == until

    async def test_to_the_same_end_changes_nothing(
        self, mortgage: Client, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened, until = await open_case(), ahead(days=30)
        first = await mortgage.extend_consent(opened["consent_id"], until)
        assert await mortgage.extend_consent(opened["consent_id"], until) == first
        assert (
            await owner.fetchval("select count(*) from scenario_events where event_type = 'admin_edit'") == 1
        )

    @pytest.mark.parametrize("until", ["-1 day", "366 days", "infinity", None])
    async def test_needs_an_end_later_than_now_within_a_year(
        self, service: Session, owner: asyncpg.Connection, open_case: Any, until: str | None
    ) -> None:
        opened = await open_case()
        value = await owner.fetchval(
            "select case $1 when 'infinity' then 'infinity' else (now() + $1::interval)::text end", until
        )
        before = await owner.fetch("select * from consents")
        call = service.call("extend_consent", {"consent_id": opened["consent_id"], "until": value})
        assert await refusal(call) == "invalid_input"
        assert await owner.fetch("select * from consents") == before

    async def test_is_refused_once_it_has_ended(
        self, mortgage: Client, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        lapsed, withdrawn = await open_case(), await open_case()
        await mortgage.withdraw_consent(withdrawn["consent_id"])
        await owner.execute(f"{DUE} where id = $1", lapsed["consent_id"])
        for opened in (lapsed, withdrawn):
            call = mortgage.extend_consent(opened["consent_id"], ahead(days=1))
            assert await refusal(call) == "consent_ended"
        await expire(service)
        assert await refusal(mortgage.extend_consent(lapsed["consent_id"], ahead(days=1))) == "consent_ended"

    async def test_races_expiry_and_one_of_them_wins(
        self, api: Database, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        opened = [await open_case() for _ in range(20)]
        await owner.execute(DUE.replace("now() - interval '1 second'", "now() + interval '20 ms'"))

        async def extend(consent_id: str) -> bool:
            try:
                await Client(service).extend_consent(consent_id, ahead(days=10))
            except RpcError:
                return False
            return True

        extended, *_ = await asyncio.gather(
            asyncio.gather(*(extend(each["consent_id"]) for each in opened)),
            *(expire(service) for _ in range(5)),
        )
        await expire(service)
        assert await owner.fetchval("select count(*) from consents where expired_at is null") == sum(extended)


class TestWithdrawing:
    async def test_erases_as_soon_as_a_worker_is_free(
        self, mortgage: Client, owner: asyncpg.Connection, runtime: Runtime, open_case: Any
    ) -> None:
        opened = await open_case()
        consent = await mortgage.withdraw_consent(opened["consent_id"])
        assert consent.withdrawn_at is not None
        await Worker(runtime, ["casebase_retention"]).drain()
        assert await owner.fetchval("select name from leads") is None
        payload = await owner.fetchval(
            "select payload_json from scenario_events where event_type = 'consent_expired'"
        )
        assert json.loads(payload)["reason"] == "withdrawn"

    async def test_again_changes_nothing(
        self, mortgage: Client, owner: asyncpg.Connection, service: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        first = await mortgage.withdraw_consent(opened["consent_id"])
        assert await mortgage.withdraw_consent(opened["consent_id"]) == first
        assert await owner.fetchval("select count(*) from pgmq.q_casebase_retention") == 1
        await expire(service)
        assert (await mortgage.withdraw_consent(opened["consent_id"])).expired_at is not None


class TestWhoMay:
    @pytest.mark.parametrize("who", ["other_admin", "stranger", "member"])
    async def test_a_stranger_finds_no_consent(
        self, api: Database, people: Any, open_case: Any, who: str
    ) -> None:
        opened = await open_case()
        client = Client(api.session(getattr(people, who)))
        assert (
            await refusal(client.extend_consent(opened["consent_id"], ahead(days=1))) == "consent_not_found"
        )
        assert await refusal(client.withdraw_consent(opened["consent_id"])) == "consent_not_found"

    async def test_an_unknown_consent_is_not_found(self, mortgage: Client) -> None:
        assert await refusal(mortgage.withdraw_consent(uuid4())) == "consent_not_found"


class TestOverHttp:
    @pytest.fixture
    async def http(self, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(create_app(runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://casebase") as client:
            yield client

    async def test_staff_extend_and_withdraw(
        self, http: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        consent = f"/v1/mortgage/consents/{(await open_case())['consent_id']}"
        headers, until = bearer(people.broker), ahead(days=14)
        extended = await http.post(f"{consent}/extend", json={"until": until.isoformat()}, headers=headers)
        assert (extended.status_code, datetime.fromisoformat(extended.json()["until"])) == (200, until)
        withdrawn = await http.post(f"{consent}/withdraw", headers=headers)
        assert (withdrawn.status_code, withdrawn.json()["withdrawn_at"] is not None) == (200, True)
        again = await http.post(f"{consent}/extend", json={"until": until.isoformat()}, headers=headers)
        assert (again.status_code, again.json()["code"]) == (409, "consent_ended")

    async def test_wants_a_token_and_a_time_with_its_zone(
        self, http: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        consent = f"/v1/mortgage/consents/{(await open_case())['consent_id']}"
        assert (await http.post(f"{consent}/withdraw")).status_code == 401
        wrong = await http.post(
            f"{consent}/extend", json={"until": "2026-12-01"}, headers=bearer(people.broker)
        )
        assert wrong.status_code == 422
