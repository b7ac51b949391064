"""The typed models take as much as the RPCs behind them: of each text and list the longest passes both, one more neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from casebase.kernel.db import Session
from casebase.modules.frontdesk import models
from casebase.modules.frontdesk.models.metrics import MetricQuery, NewMetrics
from tests.support.limits import Path, at, is_refused, limits, sized

PAYLOADS: Final[dict[str, type[BaseModel]]] = {
    "book_slot": models.NewBooking,
    "list_bookings": models.BookingFilter,
    "add_slots": models.NewSlots,
    "set_frontdesk_settings": models.DeskSettingsChange,
    "create_order": models.NewOrder,
    "list_orders": models.OrderFilter,
    "set_products": models.NewProducts,
    "list_products": models.ProductFilter,
    "score_conversation": models.NewConversationScore,
    "list_conversation_scores": models.ScoreFilter,
    "record_metrics": NewMetrics,
    "query_metrics": MetricQuery,
    "record_phi_events": models.NewPhiEvents,
    "list_phi_events": models.PhiEventFilter,
}
_OWN_FORM: Final = {"user_email", "customer_email", "cursor"}
"""Texts of a form that the RPCs look at before their length."""


def rules(schema: dict[str, Any], path: Path) -> Iterator[str]:
    if "maximum" in schema and schema.get("type") == "integer":
        yield "maximum"
    if schema.get("type") == "string" and "maxLength" in schema and path[-1] not in _OWN_FORM:
        yield "maxLength"


LIMITS: Final = [each.values for each in limits(PAYLOADS, rules)]


def test_there_are_limits_to_compare() -> None:
    assert {function for function, *_ in LIMITS} == set(PAYLOADS)


async def test_models_and_rpcs_agree(service: Session) -> None:
    for function, path, rule, most in LIMITS:
        refused = [
            await is_refused(service.call(function, {"payload": at(path, sized(rule, count))}), path, rule)
            for count in (most, most + 1)
        ]
        assert refused == [False, True], (function, path, rule, most)
