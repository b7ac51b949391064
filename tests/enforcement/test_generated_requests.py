"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

from casebase.kernel.db import SERVICE
from casebase.kernel.runtime import Runtime
from tests.enforcement.conftest import OpenCase
from tests.support.generated_requests import answers_as_described


async def test_every_operation_answers_as_described(runtime: Runtime, open_case: OpenCase) -> None:
    await answers_as_described(
        runtime,
        SERVICE,
        "/v1/enforcement",
        known={"case_id": await open_case()},
        # A form with a file has tests of its own.
        but=lambda operation: operation.method == "post" and operation.path.endswith("/documents"),
        examples=15,
    )
