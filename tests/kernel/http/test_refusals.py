"""A module's service that wants to know is told of what the application refuses, and no answer depends on it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.http import create_app
from casebase.kernel.http.refusals import Refusal
from casebase.kernel.runtime import Runtime
from tests.kernel.http.conftest import SECRET, TOY, bearer


class Witness:
    """Remembers what it hears."""

    def __init__(self, runtime: Runtime) -> None:
        self.heard: list[Refusal] = []

    def refused(self, refusal: Refusal) -> None:
        self.heard.append(refusal)
        if refusal.error.code == "amount_too_high":
            raise RuntimeError("too high for this witness")

    async def start(self) -> None:
        """Nothing to look at."""

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        """Nothing runs."""


class Told(NamedTuple):
    client: httpx.AsyncClient
    witness: Witness


@pytest.fixture
async def told(api_database: str) -> AsyncIterator[Told]:
    module = dataclasses.replace(TOY, service=f"{__name__}:Witness")
    async with await Database.connect(api_database) as database:
        app = create_app(Runtime(load_settings(), (module,), database, api_database, SECRET))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://api", headers=bearer()
            ) as client,
        ):
            yield Told(client, app.state.services["toy"])


async def test_a_refusal_of_a_function_is_told_with_whom_it_met(told: Told) -> None:
    user_id = uuid4()
    await told.client.post("/rest/v1/rpc/for_service", headers=bearer(sub=str(user_id)))

    (refusal,) = told.witness.heard
    assert (refusal.error.code, refusal.route) == ("forbidden", "/rest/v1/rpc/{function}")
    assert (refusal.function, refusal.user_id) == ("for_service", user_id)


async def test_a_refusal_of_a_route_is_told_with_whom_it_met(told: Told) -> None:
    user_id = uuid4()
    await told.client.post("/v1/toy/service", headers=bearer(sub=str(user_id)))

    (refusal,) = told.witness.heard
    assert (refusal.error.code, refusal.route) == ("forbidden", "/v1/toy/service")
    assert (refusal.function, refusal.user_id) == ("for_service", user_id)


async def test_of_an_expired_token_nobody_is_proved(told: Told) -> None:
    for path in ("/rest/v1/rpc/echo", "/v1/toy/refusals"):
        await told.client.post(path, headers=bearer(exp=1, sub=str(uuid4())))

    assert [(r.error.code, r.user_id) for r in told.witness.heard] == [("token_expired", None)] * 2


async def test_a_failure_of_code_is_told_without_its_message(told: Told) -> None:
    reply = await told.client.post("/v1/toy/failures")

    (refusal,) = told.witness.heard
    assert reply.status_code == 500
    assert (refusal.error.code, refusal.function) == ("internal_error", "fail")
    assert "jane" not in str(refusal.error)


async def test_what_succeeds_is_not_told(told: Told) -> None:
    reply = await told.client.post("/rest/v1/rpc/add_numbers", json={"a": 1})

    assert reply.status_code == 200
    assert told.witness.heard == []


async def test_an_answer_does_not_depend_on_who_is_told(told: Told) -> None:
    reply = await told.client.post("/v1/toy/refusals")

    assert (reply.status_code, reply.json()["code"]) == (422, "amount_too_high")
    assert len(told.witness.heard) == 1
