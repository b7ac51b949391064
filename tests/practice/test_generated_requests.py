"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.runtime import Runtime
from tests.practice.conftest import MakeSession, People
from tests.support.generated_requests import answers_as_described


@pytest.mark.parametrize("who", ["service", "learner"])
async def test_every_operation_answers_as_described(
    runtime: Runtime, people: People, make_session: MakeSession, who: str
) -> None:
    await answers_as_described(
        runtime,
        SERVICE if who == "service" else people.learner,
        "/v1/practice",
        known={"session_id": str(await make_session(people.learner, main=3))},
        # The chats' streams have tests of their own, and whose account is deleted is asked nothing more.
        but=lambda operation: (
            operation.path.endswith(("/account", "/answers/{answer_id}"))
            or (operation.method == "post" and operation.path.endswith("/messages"))
        ),
    )
