"""``/v1/frontdesk``: bookings, orders, conversation scores, metrics and PHI events."""

from __future__ import annotations

from fastapi import APIRouter

from casebase.modules.frontdesk import (
    routes_bookings,
    routes_metrics,
    routes_orders,
    routes_phi,
    routes_scores,
)

router = APIRouter()
router.include_router(routes_bookings.router)
router.include_router(routes_orders.router)
router.include_router(routes_scores.router)
router.include_router(routes_metrics.router)
router.include_router(routes_phi.router)
