"""What a module keeps while an application runs is made before it serves, and closed with it."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, Request

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.http import create_app
from casebase.kernel.module import Module
from casebase.kernel.runtime import Runtime

router = APIRouter()


class Counter:
    """Counts the requests of one application."""

    def __init__(self, runtime: Runtime) -> None:
        self.count = 0
        self.is_closed = False

    async def start(self) -> None:
        """Nothing to look at."""

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        self.is_closed = True


class LateMisled(Counter):
    """Finds in the database that something is missing."""

    async def start(self) -> None:
        raise ConfigurationError("CASEBASE_TOY_TABLE names no table.")


class Misled:
    """Finds at the start that something is missing."""

    def __init__(self, runtime: Runtime) -> None:
        raise ConfigurationError("CASEBASE_TOY_PATH names no file.")


@router.get("/count")
async def count(request: Request) -> int:
    service: Counter = request.app.state.services["toy"]
    service.count += 1
    return service.count


def _runtime(api: Database, service: str) -> Runtime:
    module = Module(
        name="toy",
        package="tests.kernel.http",
        title="Toy",
        routes="tests.kernel.http.test_services:router",
        service=f"tests.kernel.http.test_services:{service}",
    )
    return Runtime(load_settings(), (module,), api, "", "a secret of the tests, long enough for HS256")


async def test_what_is_wrong_in_the_database_ends_the_start_too(api: Database) -> None:
    app = create_app(_runtime(api, "LateMisled"))
    with pytest.raises(ConfigurationError, match="CASEBASE_TOY_TABLE"):
        async with app.router.lifespan_context(app):
            pass
    assert app.state.services["toy"].is_closed


async def test_it_lives_as_long_as_its_application(api: Database) -> None:
    app = create_app(_runtime(api, "Counter"))
    service = app.state.services["toy"]
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        assert [(await client.get("/v1/toy/count")).json() for _ in range(2)] == [1, 2]
        assert not service.is_closed
    assert service.is_closed


async def test_what_is_wrong_at_the_start_is_said_then(api: Database) -> None:
    with pytest.raises(ConfigurationError, match="CASEBASE_TOY_PATH"):
        create_app(_runtime(api, "Misled"))
