"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import APIOperation, Case

from casebase.kernel.db import Principal
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.support.tokens import bearer
from tests.support.waiting import PATIENCE_S


async def answers_as_described(
    runtime: Runtime,
    principal: Principal,
    prefix: str,
    *,
    known: Mapping[str, str],
    but: Callable[[APIOperation], bool] = lambda _: False,
    examples: int = 10,
) -> None:
    """Send generated requests to every operation below ``prefix``, ``but`` some, as a principal.

    ``known`` are values of path parameters that exist, as an unknown one ends at the door.
    """
    transport = httpx.ASGITransport(create_app(runtime))
    headers = bearer(principal)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as api:
        description: dict[str, Any] = (await api.get("/openapi.json")).json()
        loop = asyncio.get_running_loop()

        def check(operation: APIOperation, case: Case) -> None:
            case.path_parameters.update(
                (name, value) for name, value in known.items() if name in case.path_parameters
            )
            sent = case.as_transport_kwargs(base_url="http://api")
            own = {
                name: value
                for name, value in dict(sent.get("headers") or {}).items()
                if name.lower() not in ("authorization", "idempotency-key")
            }
            request = api.request(
                sent["method"], sent["url"], json=sent.get("json"), params=sent.get("params"), headers=own
            )
            response = asyncio.run_coroutine_threadsafe(request, loop).result(PATIENCE_S)
            assert response.status_code < 500, (operation.path, sent.get("json"), response.text)
            described = operation.definition.raw["responses"]
            assert str(response.status_code) in described, (operation.path, response.status_code)

        def attack() -> None:
            bounded = hypothesis_settings(
                max_examples=examples,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )

            def attack_one(operation: APIOperation) -> None:
                bounded(given(case=operation.as_strategy())(lambda case: check(operation, case)))()

            for result in schemathesis.openapi.from_dict(description).get_all_operations():
                operation = result.ok()
                if operation.path.startswith(prefix) and not but(operation):
                    attack_one(operation)

        await asyncio.to_thread(attack)
