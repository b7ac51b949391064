"""The typed client of the module's RPCs: ``cb.frontdesk`` of a ``Casebase`` connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from casebase.kernel.db import Session
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.frontdesk import scoring
from casebase.modules.frontdesk.errors import (
    BookingError,
    CheckoutError,
    FrontdeskError,
    MetricsError,
    ScoringError,
    raising,
)
from casebase.modules.frontdesk.models import (
    AddedSlots,
    AvailableSlots,
    Booking,
    BookingDetails,
    BookingFilter,
    BookingPage,
    ChangedBooking,
    Conversation,
    DeskSettings,
    DeskSettingsChange,
    MetricArchives,
    MetricNames,
    MetricPartitions,
    MetricQuery,
    MetricSeries,
    MyOrderPage,
    NewBooking,
    NewConversationScore,
    NewMetrics,
    NewOrder,
    NewPhiEvents,
    NewProducts,
    NewSlots,
    NewTenantMetric,
    Order,
    OrderDetails,
    OrderFilter,
    OrderPage,
    OrderSettlement,
    PhiCounts,
    PhiEventFilter,
    PhiEventPage,
    ProductFilter,
    ProductPage,
    RecordedMetrics,
    RecordedPhiEvents,
    RemovedSlot,
    ScoreFilter,
    ScorePage,
    ScoreTrend,
    SetProducts,
    SlotChoice,
    StoredScore,
)

G = TypeVar("G", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)
Id = UUID | str


class Client:
    """Stand at the front desk as the principal of a session.

    What is given may be a model or a mapping of its fields. What is refused raises the error of its part, such as
    ``BookingError``, whose ``code`` is the RPC's (``docs/modules/frontdesk-rpcs.md``) in capitals, or ``DB_ERROR``.
    With an ``idempotency_key`` a write that is repeated within 24 hours answers as the first time.
    """

    def __init__(self, session: Session) -> None:
        self._bookings = _Desk(session, BookingError)
        self._orders = _Desk(session, CheckoutError)
        self._scores = _Desk(session, ScoringError)
        self._metrics = _Desk(session, MetricsError)
        self._desk = _Desk(session, FrontdeskError)

    # -- bookings ----------------------------------------------------------------------------------

    async def list_available_slots(self, on_date: date, *, tenant_id: Id | None = None) -> AvailableSlots:
        """Return the slots with a free place that begin on a day of the tenant's time zone."""
        return await self._bookings.read(
            AvailableSlots, "list_available_slots", tenant_id=tenant_id, on_date=on_date
        )

    async def book_slot(
        self, booking: NewBooking | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Booking:
        """Take a slot for somebody, confirmed or as a hold; ``SLOT_UNAVAILABLE`` where another has it.

        It is of an account, the caller's too, only where ``user_id`` says so. With ``is_listed`` a slot that no
        calendar of the tenant lists is refused with ``SLOT_NOT_FOUND``; else any text is one.
        """
        return await self._bookings.write(
            Booking, "book_slot", NewBooking, booking, idempotency_key, only_given=True
        )

    async def confirm_booking(self, booking_id: Id) -> ChangedBooking:
        """Keep a hold for good; ``HOLD_EXPIRED`` once its time is over."""
        return await self._bookings.read(ChangedBooking, "confirm_booking", booking_id=booking_id)

    async def cancel_booking(self, booking_id: Id) -> ChangedBooking:
        """Give a booking's place back; it is free at once."""
        return await self._bookings.read(ChangedBooking, "cancel_booking", booking_id=booking_id)

    async def reschedule_booking(
        self, booking_id: Id, slot_id: str, *, is_listed: bool = False
    ) -> ChangedBooking:
        """Move a booking to another slot; on any refusal it keeps its own.

        ``SLOT_NOT_FOUND`` for what no calendar of the tenant lists, where its customer moves it or ``is_listed``.
        """
        choice = {"slot_id": slot_id, "is_listed": is_listed}
        return await self._bookings.given(
            ChangedBooking, "reschedule_booking", SlotChoice, choice, booking_id=booking_id
        )

    async def get_booking(self, booking_id: Id) -> BookingDetails:
        """Return a booking with its customer."""
        return await self._bookings.read(BookingDetails, "get_booking", booking_id=booking_id)

    async def list_bookings(self, which: BookingFilter | Mapping[str, Any] | None = None) -> BookingPage:
        """Return a page of a tenant's bookings."""
        return await self._bookings.list(BookingPage, "list_bookings", BookingFilter, which)

    async def list_my_bookings(self, *, cursor: str | None = None, page_size: int = 50) -> BookingPage:
        """Return a page of the caller's own bookings, at whichever tenant, the newest first."""
        return await self._bookings.read(BookingPage, "list_my_bookings", cursor=cursor, page_size=page_size)

    async def add_slots(
        self, slots: NewSlots | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> AddedSlots:
        """Say when what can be booked; a slot that is known is changed where it differs.

        With ``is_new_only`` it stays as it is.
        """
        return await self._bookings.write(AddedSlots, "add_slots", NewSlots, slots, idempotency_key)

    async def remove_slot(self, slot_id: str, *, tenant_id: Id | None = None) -> RemovedSlot:
        """Take back a slot that nobody has booked."""
        return await self._bookings.read(RemovedSlot, "remove_slot", tenant_id=tenant_id, slot_id=slot_id)

    async def get_settings(self, *, tenant_id: Id | None = None) -> DeskSettings:
        """Return a desk's time zone, how long its holds last, and its currency."""
        return await self._desk.read(DeskSettings, "get_frontdesk_settings", tenant_id=tenant_id)

    async def set_settings(self, change: DeskSettingsChange | Mapping[str, Any]) -> DeskSettings:
        """Decide for a tenant's desk; what is absent stays."""
        return await self._desk.write(DeskSettings, "set_frontdesk_settings", DeskSettingsChange, change)

    # -- orders ------------------------------------------------------------------------------------

    async def create_order(
        self, order: NewOrder | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Order:
        """Price an order and write it, pending; sent again under its ``checkout_id`` it is the one that was made."""
        return await self._orders.write(Order, "create_order", NewOrder, order, idempotency_key)

    async def set_order_status(
        self, order_id: str, status: str, *, transaction_id: str | None = None
    ) -> Order:
        """Settle a pending order, once: ``completed``, ``failed`` or ``cancelled``."""
        settlement = {"status": status, "transaction_id": transaction_id}
        return await self._orders.given(
            Order, "set_order_status", OrderSettlement, settlement, order_id=order_id
        )

    async def get_order(self, order_id: str) -> OrderDetails:
        """Return an order with its customer."""
        return await self._orders.read(OrderDetails, "get_order", order_id=order_id)

    async def list_orders(self, which: OrderFilter | Mapping[str, Any] | None = None) -> OrderPage:
        """Return a page of a tenant's orders, newest first."""
        return await self._orders.list(OrderPage, "list_orders", OrderFilter, which)

    async def list_my_orders(self, *, cursor: str | None = None, page_size: int = 20) -> MyOrderPage:
        """Return a page of the caller's own orders, by account and confirmed e-mail address, newest first."""
        return await self._orders.read(MyOrderPage, "list_my_orders", cursor=cursor, page_size=page_size)

    async def set_products(self, products: NewProducts | Mapping[str, Any]) -> SetProducts:
        """Put products on a tenant's price list, or change them there."""
        return await self._orders.write(SetProducts, "set_products", NewProducts, products)

    async def list_products(self, which: ProductFilter | Mapping[str, Any] | None = None) -> ProductPage:
        """Return a page of a tenant's price list, by sku."""
        return await self._orders.list(ProductPage, "list_products", ProductFilter, which)

    # -- conversation scores -----------------------------------------------------------------------

    async def score_conversation(
        self, conversation: Conversation | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> StoredScore:
        """Measure a conversation and keep its score; what was said stays in this process."""
        with raising(ScoringError):
            given = validated(Conversation, conversation)
        made = scoring.score(given.messages, given.feedback)
        score = NewConversationScore(
            tenant_id=given.tenant_id,
            session_id=given.session_id,
            user_id=given.user_id,
            score=made.score,
            version=made.version,
            feedback=given.feedback.text if given.feedback else None,
            measures=made.measures,
        )
        return await self._scores.write(
            StoredScore, "score_conversation", NewConversationScore, score, idempotency_key
        )

    async def list_scores(self, which: ScoreFilter | Mapping[str, Any] | None = None) -> ScorePage:
        """Return a page of a tenant's scores, newest first."""
        return await self._scores.list(ScorePage, "list_conversation_scores", ScoreFilter, which)

    async def get_score_trend(
        self, since: datetime, until: datetime, *, tenant_id: Id | None = None
    ) -> ScoreTrend:
        """Return how a tenant's conversations of a period went, by the day."""
        period = {"from": since, "until": until}
        return await self._scores.read(ScoreTrend, "get_score_trend", **period, tenant_id=tenant_id)

    # -- metrics -----------------------------------------------------------------------------------

    async def record_metric(
        self, metric: NewTenantMetric | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> RecordedMetrics:
        """Write a reading."""
        return await self._metrics.write(
            RecordedMetrics, "record_metric", NewTenantMetric, metric, idempotency_key
        )

    async def record_metrics(
        self, metrics: NewMetrics | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> RecordedMetrics:
        """Write up to 10,000 readings of a tenant, all or none."""
        return await self._metrics.write(
            RecordedMetrics, "record_metrics", NewMetrics, metrics, idempotency_key
        )

    async def query_metrics(self, query: MetricQuery | Mapping[str, Any]) -> MetricSeries:
        """Return a metric over time, by the minute, hour or day in UTC."""
        return await self._metrics.list(MetricSeries, "query_metrics", MetricQuery, query)

    async def list_metric_names(self, *, tenant_id: Id | None = None) -> MetricNames:
        """Return which metrics a tenant has, by name."""
        return await self._metrics.read(MetricNames, "list_metric_names", tenant_id=tenant_id)

    async def list_metric_partitions(self) -> MetricPartitions:
        """Return the months of metrics that the database holds."""
        return await self._metrics.read(MetricPartitions, "list_metric_partitions")

    async def list_metric_archives(self, *, only_open: bool = False) -> MetricArchives:
        """Return the months that had their time, with their files."""
        return await self._metrics.read(MetricArchives, "list_metric_archives", only_open=only_open)

    # -- personal and health information -----------------------------------------------------------

    async def record_phi_events(
        self, events: NewPhiEvents | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> RecordedPhiEvents:
        """Note what ``scan_phi`` found, masked."""
        return await self._desk.write(
            RecordedPhiEvents, "record_phi_events", NewPhiEvents, events, idempotency_key
        )

    async def list_phi_events(self, which: PhiEventFilter | Mapping[str, Any] | None = None) -> PhiEventPage:
        """Return a page of what scans found, newest first."""
        return await self._desk.list(PhiEventPage, "list_phi_events", PhiEventFilter, which)

    async def get_phi_counts(
        self, since: datetime, until: datetime, *, tenant_id: Id | None = None
    ) -> PhiCounts:
        """Return how much scans of a period found, by type and by day."""
        period = {"tenant_id": tenant_id, "from": since, "until": until}
        return await self._desk.read(PhiCounts, "get_phi_counts", payload=_texts(period))


@dataclass(frozen=True, slots=True)
class _Desk:
    """Calls of one part of the desk, which raise its error."""

    session: Session
    error: type[FrontdeskError]

    async def write(
        self,
        answer: type[S],
        function: str,
        kind: type[G],
        given: G | Mapping[str, Any],
        idempotency_key: str | None = None,
        *,
        only_given: bool = False,
    ) -> S:
        with raising(self.error):
            payload = jsonable(validated(kind, given), only_given=only_given)
            return answer.model_validate(
                await self.session.call(function, {"payload": payload}, idempotency_key=idempotency_key)
            )

    async def list(
        self, answer: type[S], function: str, kind: type[G], which: G | Mapping[str, Any] | None
    ) -> S:
        with raising(self.error):
            wanted = validated(kind, which or {})
            payload = wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
            return answer.model_validate(await self.session.call(function, {"payload": payload}))

    async def given(
        self, answer: type[S], function: str, kind: type[G], given: Mapping[str, Any], **arguments: Any
    ) -> S:
        with raising(self.error):
            arguments |= jsonable(validated(kind, given))
            return answer.model_validate(await self.session.call(function, arguments))

    async def read(self, answer: type[S], function: str, **arguments: Any) -> S:
        with raising(self.error):
            return answer.model_validate(await self.session.call(function, arguments))


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items() if value is not None}
