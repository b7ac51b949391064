"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.runtime import Runtime
from tests.notifications.conftest import People
from tests.support.generated_requests import answers_as_described


@pytest.mark.parametrize("who", ["service", "admin"])
async def test_every_operation_answers_as_described(runtime: Runtime, people: People, who: str) -> None:
    await answers_as_described(
        runtime,
        SERVICE if who == "service" else people.admin,
        "/v1/notifications",
        known={"organization_id": str(people.default_tenant), "user_id": str(people.member.sub)},
    )
