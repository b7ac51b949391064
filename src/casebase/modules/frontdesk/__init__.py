"""The front desk of many tenants: bookings, orders, conversation scores, metrics and PHI events."""

from casebase.kernel.module import Module

__all__ = ["MODULE"]

MODULE = Module(
    name="frontdesk",
    package="casebase.modules.frontdesk",
    title="Front desk",
    summary="Bookings that never collide, orders priced by the server, scores, metrics, and PHI found and masked.",
)
