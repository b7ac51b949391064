"""What whoever runs the API relies on: probes, outages, request ids, logs, metrics, headers, the description."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.http import create_app
from casebase.kernel.log import configure_logging
from casebase.kernel.migrate import migrate_up
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.runtime import Runtime
from tests.kernel.http.conftest import SECRET, TOY, MakeApi, bearer
from tests.support.waiting import PATIENCE_S, locks_awaited


class TestProbes:
    async def test_ready_with_the_schema_and_alive_without(
        self, api: httpx.AsyncClient, make_api: MakeApi, empty_database: str
    ) -> None:
        bare = await make_api(url=empty_database)

        assert (await api.get("/healthz")).json() == {"status": "ok"}
        assert (await api.get("/readyz")).json() == {"status": "ready"}
        assert (await bare.get("/healthz")).status_code == 200
        missing = await bare.get("/readyz")
        assert (missing.status_code, missing.json()["code"]) == (503, "schema_missing")


async def test_while_the_database_is_away_503_and_recovery_by_itself(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    owner_url = await asyncio.to_thread(server.ensure)
    await migrate_up(owner_url, ())
    url = await server.set_login_password()
    async with await Database.connect(url) as database:
        runtime = Runtime(load_settings(), (), database, url, SECRET)
        transport = httpx.ASGITransport(create_app(runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as api:
            assert (await api.get("/readyz")).status_code == 200

            await asyncio.to_thread(server.stop)
            call = await api.post("/rest/v1/rpc/no_such", headers=bearer())
            ready = await api.get("/readyz")
            assert (call.status_code, call.json()["code"], ready.status_code) == (503, "PGRST001", 503)
            assert int(call.headers["retry-after"]) > 0
            assert int(ready.headers["retry-after"]) > 0
            assert (await api.get("/healthz")).status_code == 200

            await asyncio.to_thread(server.ensure)
            async with asyncio.timeout(PATIENCE_S):
                while (await api.get("/readyz")).status_code != 200:
                    await asyncio.sleep(0.05)
            assert (await api.post("/rest/v1/rpc/no_such", headers=bearer())).status_code == 404


async def test_while_all_connections_are_in_use_503_and_when_to_try_again(
    make_api: MakeApi, owner: asyncpg.Connection
) -> None:
    api = await make_api(pool_size=1, pool_wait_s=0.05)

    async def refused() -> float:
        [line] = [
            line
            for line in (await api.get("/metrics")).text.splitlines()
            if line.startswith("casebase_pool_exhausted_total")
        ]
        return float(line.split()[1])

    before = await refused()
    async with owner.transaction():
        await owner.execute("lock table public.notes")
        slow = asyncio.create_task(
            api.post("/rest/v1/rpc/add_note", json={"text": "a"}, headers=bearer(role="service_role"))
        )
        await locks_awaited(owner, on="public.notes")
        call = await api.post("/rest/v1/rpc/add_numbers", json={"a": 1}, headers=bearer())
        ready = await api.get("/readyz")
        assert (call.status_code, call.json()["code"], call.headers["retry-after"]) == (503, "PGRST003", "1")
        assert (ready.status_code, ready.json()["code"]) == (503, "pool_exhausted")
        assert ready.headers["retry-after"] == "1"
    assert (await slow).status_code == 200
    assert (await api.post("/rest/v1/rpc/add_numbers", json={"a": 1}, headers=bearer())).json() == 3
    assert await refused() == before + 2


class TestRequestIds:
    async def test_a_sane_one_is_kept(self, api: httpx.AsyncClient) -> None:
        response = await api.get("/healthz", headers={"X-Request-Id": "a1b2c3d4-e5f6"})

        assert response.headers["x-request-id"] == "a1b2c3d4-e5f6"

    @pytest.mark.parametrize("given", ["", "short", "x" * 65, "jane@example.com", "white space 1"])
    async def test_others_are_replaced(self, api: httpx.AsyncClient, given: str) -> None:
        response = await api.get("/healthz", headers={"X-Request-Id": given})

        assert len(response.headers["x-request-id"]) == 32


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process with the product's logging writes."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging(load_settings(log_format="json"))
    # A process is configured once; here each test has a stream of its own.
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


class TestLogs:
    async def test_a_request_is_one_line_without_personal_data(
        self, api: httpx.AsyncClient, log_lines: io.StringIO
    ) -> None:
        await api.post(
            "/v1/toy/notes?email=jane@example.com",
            json={"text": "call jane at +65 9123 4567"},
            headers={"User-Agent": "jane's phone", "X-Forwarded-For": "203.0.113.9"}
            | bearer(email="jane@example.com"),
        )

        (line,) = log_lines.getvalue().splitlines()
        assert json.loads(line).keys() == {
            "event", "level", "timestamp", "method", "route", "status", "duration_ms", "request_id",
        }  # fmt: skip
        assert json.loads(line)["route"] == "/v1/toy/notes"

    async def test_a_failure_is_traced_without_its_message(
        self, api: httpx.AsyncClient, log_lines: io.StringIO
    ) -> None:
        await api.post("/v1/toy/failures", headers=bearer())

        failure = json.loads(log_lines.getvalue().splitlines()[0])
        assert failure["event"] == "request_failed"
        assert failure["exception"].startswith("RuntimeError\n")
        assert "toy_routes.py" in failure["exception"]
        assert "jane" not in log_lines.getvalue()

    def test_secrets_and_addresses_are_masked_wherever_they_stand(self, log_lines: io.StringIO) -> None:
        secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
        structlog.get_logger("x").warning(
            f"sent Bearer {secret}",
            url="postgresql://casebase_api:hunter2@db/casebase",
            api_key="hunter2",
            nested={"password": "hunter2", "list": ["jane@example.com"]},
        )
        logging.getLogger("library").error("mail to %s failed: %s", "jane@example.com", secret)

        written = log_lines.getvalue()
        assert len(written.splitlines()) == 2
        for leaked in ("hunter2", "jane@", "eyJ"):
            assert leaked not in written


class TestMetrics:
    async def test_labels_are_templates(self, api: httpx.AsyncClient) -> None:
        await api.get("/v1/toy/numbers/7", headers=bearer())
        await api.get("/jane@example.com")
        await api.request("JANE", "/healthz")

        exposition = (await api.get("/metrics")).text
        assert 'route="/v1/toy/numbers/{count}",status="200"' in exposition
        assert 'route="unmatched",status="404"' in exposition
        assert "jane" not in exposition.lower()


class TestHeaders:
    async def test_every_response_is_guarded(self, api: httpx.AsyncClient) -> None:
        for response in (
            await api.get("/healthz"),
            await api.get("/none"),
            await api.post("/rest/v1/rpc/none"),
        ):
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in response.headers["content-security-policy"]

    async def test_only_configured_origins_may_read(self, api: httpx.AsyncClient, make_api: MakeApi) -> None:
        open_to_one = await make_api(cors_origins="https://app.example")
        preflight = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "apikey,idempotency-key",
        }

        async def allowed(client: httpx.AsyncClient, origin: str) -> str | None:
            response = await client.options("/rest/v1/rpc/echo", headers={"Origin": origin} | preflight)
            return response.headers.get("access-control-allow-origin")

        assert await allowed(open_to_one, "https://app.example") == "https://app.example"
        assert await allowed(open_to_one, "https://evil.example") is None
        assert await allowed(api, "https://app.example") is None


async def test_generated_requests_never_break_the_description(api_database: str) -> None:
    async with await Database.connect(api_database) as database:
        runtime = Runtime(
            load_settings(public_rate_limit="100000/second"), (TOY,), database, api_database, SECRET
        )
        app = create_app(runtime)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as api:
            description: dict[str, Any] = (await api.get("/openapi.json")).json()
            assert set(description["paths"]) >= {"/v1/toy/notes", "/v1/toy/numbers/{count}"}
            loop = asyncio.get_running_loop()

            def check(operation: schemathesis.APIOperation, case: schemathesis.Case) -> None:
                sent = case.as_transport_kwargs(base_url="http://api")
                request = api.request(
                    sent["method"],
                    sent["url"],
                    json=sent.get("json"),
                    params=sent.get("params"),
                    headers=dict(sent.get("headers") or {}) | bearer(),
                )
                response = asyncio.run_coroutine_threadsafe(request, loop).result(30)
                assert response.status_code < 500, (operation.path, response.text)
                documented = operation.definition.raw["responses"]
                assert str(response.status_code) in documented, (operation.path, response.status_code)

            def examples_of(operation: schemathesis.APIOperation) -> Callable[[schemathesis.Case], None]:
                def examples(case: schemathesis.Case) -> None:
                    check(operation, case)

                return examples

            def attack() -> None:
                bounded = hypothesis_settings(
                    max_examples=25,
                    deadline=None,
                    derandomize=True,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                )
                for result in schemathesis.openapi.from_dict(description).get_all_operations():
                    operation = result.ok()
                    if operation.path != "/v1/toy/failures":
                        bounded(given(case=operation.as_strategy())(examples_of(operation)))()

            await asyncio.to_thread(attack)
