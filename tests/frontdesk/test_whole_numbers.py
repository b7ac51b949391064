"""A whole number is taken as `10.0` too, which is how some senders write each number."""

from __future__ import annotations

from typing import Any, Final

from casebase.kernel.db import Session
from tests.frontdesk.test_access import DOORS, World, with_archive, world

__all__ = ["world"]

_SLOT: Final = {
    "resource": "sofa",
    "starts_at": "2030-06-17T09:00:00Z",
    "ends_at": "2030-06-17T10:00:00Z",
    "capacity": 2.0,
}
NUMBERS: Final[dict[str, dict[str, Any]]] = {
    "add_slots": {"slots": [_SLOT]},
    "set_frontdesk_settings": {"hold_minutes": 10.0},
    "create_order": {"items": [{"sku": "lamp", "quantity": 2.0}]},
    "score_conversation": {"score": 80.0, "version": 1.0},
    "keep_metric_archive_part": {"part": 0.0, "row_count": 1.0, "size_bytes": 1.0},
    **{
        function: {"page_size": 10.0}
        for function in (
            "list_bookings",
            "list_orders",
            "list_products",
            "list_conversation_scores",
            "list_phi_events",
        )
    },
}


async def test_every_payload_takes_it(world: World, service: Session) -> None:
    world = await with_archive(world, service)
    for function, numbers in NUMBERS.items():
        payload = {**DOORS[function][1](world)["payload"], **numbers}
        assert await service.call(function, {"payload": payload})
