"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.notifications.conftest import People

_V1 = "/v1/notifications"


@pytest.mark.parametrize("who", ["service", "admin"])
async def test_every_operation_answers_as_described(runtime: Runtime, people: People, who: str) -> None:
    principal = SERVICE if who == "service" else getattr(people, who)
    claims = {"role": principal.role, "aud": "authenticated", "exp": 4_000_000_000}
    if principal.sub:
        claims["sub"] = str(principal.sub)
    token = jwt.encode(claims, runtime.jwt_secret, "HS256")
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as api:
        description: dict[str, Any] = (await api.get("/openapi.json")).json()
        loop = asyncio.get_running_loop()

        def check(operation: schemathesis.APIOperation, case: schemathesis.Case) -> None:
            # An unknown organisation or person ends at the door.
            if "organization_id" in case.path_parameters:
                case.path_parameters["organization_id"] = str(people.default_tenant)
            if "user_id" in case.path_parameters:
                case.path_parameters["user_id"] = str(people.member.sub)
            sent = case.as_transport_kwargs(base_url="http://api")
            headers = {
                name: value
                for name, value in dict(sent.get("headers") or {}).items()
                if name.lower() != "idempotency-key"
            }
            request = api.request(
                sent["method"],
                sent["url"],
                json=sent.get("json"),
                params=sent.get("params"),
                headers=headers | {"Authorization": f"Bearer {token}"},
            )
            response = asyncio.run_coroutine_threadsafe(request, loop).result(30)
            assert response.status_code < 500, (operation.path, sent.get("json"), response.text)
            described = operation.definition.raw["responses"]
            assert str(response.status_code) in described, (operation.path, response.status_code)

        def examples_of(operation: schemathesis.APIOperation) -> Callable[[schemathesis.Case], None]:
            def examples(case: schemathesis.Case) -> None:
                check(operation, case)

            return examples

        def attack() -> None:
            bounded = hypothesis_settings(
                max_examples=10,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            for result in schemathesis.openapi.from_dict(description).get_all_operations():
                operation = result.ok()
                if operation.path.startswith(_V1):
                    bounded(given(case=operation.as_strategy())(examples_of(operation)))()

        await asyncio.to_thread(attack)
