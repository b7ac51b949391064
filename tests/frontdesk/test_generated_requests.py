"""Requests made from the OpenAPI description never break the server, nor get an answer that is not described."""

from __future__ import annotations

import pytest

from casebase.kernel.db import SERVICE, Session
from casebase.kernel.runtime import Runtime
from tests.frontdesk.conftest import Book, People
from tests.support.generated_requests import answers_as_described


@pytest.mark.parametrize("who", ["service", "admin"])
async def test_every_operation_answers_as_described(
    runtime: Runtime, service: Session, people: People, book: Book, who: str
) -> None:
    order = {"items": [{"name": "Lamp", "quantity": 1, "unit_price": 1}]}
    await answers_as_described(
        runtime,
        SERVICE if who == "service" else people.admin,
        "/v1/frontdesk",
        known={
            "booking_id": (await book())["booking_id"],
            "order_id": (await service.call("create_order", {"payload": order}))["order_id"],
            "slot_id": "chair-1",
        },
    )
