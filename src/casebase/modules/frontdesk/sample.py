"""A believable example to look at: some weeks of a front desk, told through the RPCs.

What happens is told in the order of its time, each while the connection's clock stands at its moment: a booking of last
Tuesday was made before, and of the holds that nobody confirmed some have run out.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from casebase.kernel.clock import known_zone
from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk import scoring
from casebase.modules.frontdesk.models import Feedback, Message
from casebase.modules.frontdesk.opening_hours import MAX_SLOTS, OpeningHours
from casebase.modules.frontdesk.phi import KnownNames, scan_phi

T = TypeVar("T")

AHEAD_DAYS: Final = 14
"""How many days to come can be booked."""

_RESOURCES: Final = ("Dr Okafor", "Dr Lindqvist", "Treatment room")
_FIRST: Final = (
    "Amara", "Bruno", "Chloe", "Daria", "Elif", "Farid", "Giulia", "Hugo", "Ines", "Jamal", "Kaori", "Liam", "Marta",
    "Nadia", "Omar", "Priya", "Rafael", "Sofia", "Tomas", "Yuki",
)  # fmt: skip
_LAST: Final = (
    "Aziz", "Berg", "Castillo", "Dubois", "Eriksen", "Fischer", "Haddad", "Ivanova", "Jansen", "Kovacs", "Lindholm",
    "Moreau", "Novak", "Okonkwo", "Park", "Rossi", "Silva", "Tanaka", "Weber", "Yilmaz",
)  # fmt: skip
_PRODUCTS: Final = (
    ("consultation", "First consultation", "80"),
    ("follow-up", "Follow-up visit", "45"),
    ("whitening", "Whitening, both rows", "320"),
    ("cleaning", "Cleaning", "95"),
    ("night-guard", "Night guard", "210"),
    ("brush-heads", "Brush heads, four", "18"),
    ("gift-card", "Gift card", "50"),
)
_TALK: Final = (
    ("Do you have anything on Thursday afternoon?", "Yes: at 14:00 and at 15:30 with Dr Lindqvist."),
    (
        "How much is a cleaning?",
        "A cleaning takes forty minutes. You find the price on our list, and pay afterwards.",
    ),
    ("Can I move my appointment to next week?", "Of course. Which day suits you?"),
    ("Where can I park?", "Behind the house, the entrance is in Mill Lane."),
    ("I still have not got my receipt.", "I have sent it again just now."),
    ("Is the treatment room accessible by wheelchair?", "It is, the lift is left of the entrance."),
)
_FEEDBACK: Final = (
    None,
    None,
    "Quick and friendly.",
    "I had to ask twice.",
    "Exactly what I needed, thank you!",
)
_WRITTEN: Final = (
    "Hello, it's {name}, you can reach me at {email} or on +44 20 7946 0958.",
    "Please tell {name} that the metformin is ready.",
    "I was born on 14 March 1985, does the plan cover me?",
    "My card is 4111 1111 1111 1111, please take the deposit from it.",
    "{name} has asthma, should we bring the inhaler?",
)
_READINGS: Final = (
    # name, its middle, how much it follows the day, and what it is tagged with
    ("chat.sessions", 6.0, 1.0, ("channel", ("web", "phone", "whatsapp"))),
    ("chat.latency_ms", 420.0, 0.4, ("channel", ("web", "phone", "whatsapp"))),
    ("page.visits", 30.0, 1.0, ("page", ("home", "prices", "book"))),
    ("api.latency_ms", 35.0, 0.2, ("route", ("book", "slots", "orders"))),
)
_EVERY: Final = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class _Customer:
    name: str
    email: str


async def tell(
    runtime: Runtime,
    tenant_id: UUID,
    days: int,
    *,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Write ``days`` days of a tenant's desk up to now, and slots for those to come; return how much of each.

    ``progress`` is told how many days have been told of.
    """
    # Direct, and alone: where its clock stands is a setting of the connection.
    async with await Database.connect(runtime.direct_url, pool_size=1) as database:
        story = _Story(runtime, database, tenant_id, Random(seed), seed)  # noqa: S311 - no secret
        await story.open(days)
        for back in range(days, -1, -1):
            await story.tell_day(back)
            progress(days - back)
        await story.close()
        return story.written


class _Story:
    """The desk while it is told of."""

    def __init__(
        self, runtime: Runtime, database: Database, tenant_id: UUID, luck: Random, seed: int
    ) -> None:
        self.written = dict.fromkeys(("slots", "bookings", "orders", "scores", "metrics", "PHI events"), 0)
        self._runtime = runtime
        self._database = database
        self._service: Session = database.session(SERVICE)
        self._tenant = {"tenant_id": str(tenant_id)}
        self._luck = luck
        self._now = runtime.clock.now()
        self._customers = [
            _Customer(f"{first} {last}", f"{first}.{last}.{seed:x}@example.com".lower())
            for first, last in luck.sample([(f, name) for f in _FIRST for name in _LAST], 120)
        ]
        self._names = KnownNames([customer.name for customer in self._customers])
        self._where = ZoneInfo("UTC")
        self._slots: dict[int, list[tuple[str, datetime]]] = {}

    async def open(self, days: int) -> None:
        """Make the price list, and the slots of all days."""
        first = self._now - timedelta(days=days)
        await self._at(first - timedelta(days=1))
        settings = await self._service.call("get_frontdesk_settings", self._tenant)
        self._where = known_zone(settings["time_zone"])
        await self._call(
            "set_products",
            products=[{"sku": sku, "name": name, "unit_price": price} for sku, name, price in _PRODUCTS],
        )
        hours = OpeningHours(
            _RESOURCES,
            first_day=first.astimezone(self._where).date(),
            last_day=(self._now + timedelta(days=AHEAD_DAYS)).astimezone(self._where).date(),
            weekdays=frozenset(range(5)),
            opens=time(9),
            closes=time(17),
            minutes=40,
            pause=(time(12), time(13)),
        )
        for batch in _batches(hours.slots(self._where), MAX_SLOTS):
            slots = [
                {
                    "resource": slot.resource,
                    "starts_at": slot.starts_at.isoformat(),
                    "ends_at": slot.ends_at.isoformat(),
                }
                for slot in batch
            ]
            added = await self._call("add_slots", slots=slots)
            self.written["slots"] += added["added"]
            for slot, kept in zip(batch, added["slots"], strict=True):
                back = (self._today - slot.starts_at.astimezone(self._where).date()).days
                self._slots.setdefault(back, []).append((kept["slot_id"], slot.starts_at))

    async def tell_day(self, back: int) -> None:
        """Tell what happened so many days ago, in order."""
        for moment, happens in sorted(self._events(back), key=lambda event: event[0]):
            if moment < self._now:
                await self._at(moment)
                await happens(moment)

    async def close(self) -> None:
        """Write what was measured, and let time do what a worker would."""
        await self._at(self._now)
        for batch in _batches(self._readings(max(self._slots)), 10_000):
            recorded = await self._call("record_metrics", metrics=list(batch))
            self.written["metrics"] += recorded["recorded"]
        while (await self._service.call("maintain_metric_partitions"))["is_more"]:
            pass
        while (await self._service.call("roll_up_metrics", {"batch_limit": 2000}))["is_more"]:
            pass
        while await self._service.call("expire_holds", {"batch_limit": 1000}) == 1000:
            pass

    def _events(self, back: int) -> Iterator[tuple[datetime, Callable[[datetime], Awaitable[None]]]]:
        begins = datetime.combine(self._today - timedelta(days=back), time(7), self._where)
        is_weekend = begins.weekday() >= 5

        def during_the_day(count: int) -> Iterator[datetime]:
            for _ in range(count // 3 if is_weekend else count):
                yield begins + timedelta(seconds=self._luck.triangular(0, 14 * 3600))

        # Who comes today booked before; today the days to come are taken.
        for ahead in range(AHEAD_DAYS + 1):
            for slot_id, starts_at in self._slots.get(back - ahead, ()):
                if self._luck.random() < 0.35 / (ahead + 2):
                    moment = begins + timedelta(seconds=self._luck.triangular(0, 10 * 3600))
                    if moment < starts_at:
                        yield moment, partial(self._book, slot_id)
        for moment in during_the_day(self._luck.randint(4, 9)):
            yield moment, self._order
        for moment in during_the_day(self._luck.randint(6, 14)):
            yield moment, self._score
        for moment in during_the_day(self._luck.randint(1, 4)):
            yield moment, self._scan

    async def _book(self, slot_id: str, at: datetime) -> None:
        customer = self._luck.choice(self._customers)
        who = {"user_name": customer.name, "user_email": customer.email}
        try:
            booked = await self._call("book_slot", **who, slot_id=slot_id)
        except RpcError as refused:
            if refused.code != "slot_unavailable":
                raise
            return
        self.written["bookings"] += 1
        booking = {"booking_id": booked["booking_id"]}
        if self._luck.random() < 0.9:
            await self._at(min(at + timedelta(seconds=self._luck.randint(20, 600)), self._now))
            await self._service.call("confirm_booking", booking)
            if self._luck.random() < 0.12:
                await self._service.call("cancel_booking", booking)

    async def _order(self, at: datetime) -> None:
        customer = self._luck.choice(self._customers)
        items = [
            {"sku": sku, "quantity": self._luck.choice((1, 1, 1, 2))}
            for sku, _, _ in self._luck.sample(_PRODUCTS, self._luck.choice((1, 1, 2, 3)))
        ]
        method = self._luck.choice(("card", "card", "bank_transfer"))
        made = await self._call(
            "create_order", items=items, customer_email=customer.email, payment_method=method
        )
        self.written["orders"] += 1
        status = self._luck.choices(("completed", "failed", "cancelled", None), (80, 6, 6, 8))[0]
        # What nobody paid for is pending for a while, and then given up.
        if status is None and self._now - at > timedelta(days=3):
            status = "cancelled"
        if status:
            await self._at(min(at + timedelta(minutes=self._luck.randint(1, 20)), self._now))
            settled: dict[str, Any] = {"order_id": made["order_id"], "status": status}
            if status == "completed":
                settled["transaction_id"] = f"tx_{self._luck.randrange(16**10):010x}"
            await self._service.call("set_order_status", settled)

    async def _score(self, at: datetime) -> None:
        luck = self._luck
        messages: list[Message] = []
        for question, answer in luck.sample(_TALK, luck.randint(1, 5)):
            messages += (
                Message(role="user", content=question),
                Message(role="assistant", content=answer, is_error=luck.random() < 0.06),
            )
        rating = luck.choices((None, 1, 2, 3, 4, 5), (40, 3, 5, 10, 22, 20))[0]
        text = luck.choice(_FEEDBACK) if rating else None
        made = scoring.score(
            messages, Feedback(rating=rating, is_resolved=luck.choice((True, True, True, None, False)))
        )
        await self._call(
            "score_conversation",
            session_id=f"chat-{at:%Y%m%d}-{luck.randrange(16**8):08x}",
            score=made.score,
            version=made.version,
            measures=made.measures,
            **({"feedback": text} if text else {}),
        )
        self.written["scores"] += 1

    async def _scan(self, at: datetime) -> None:
        customer = self._luck.choice(self._customers)
        text = self._luck.choice(_WRITTEN).format(name=customer.name, email=customer.email)
        action = self._luck.choices(("masked", "blocked", "alerted"), (8, 1, 0))[0]
        found = scan_phi(text, names=self._names).findings
        events = [
            {"phi_type": f.phi_type, "masked_value": f.masked_value, "context": f.context, "score": f.score}
            for f in found
        ]
        if events:
            session_id = f"chat-{at:%Y%m%d}-{self._luck.randrange(16**8):08x}"
            await self._call("record_phi_events", session_id=session_id, action_taken=action, events=events)
            self.written["PHI events"] += len(events)

    def _readings(self, days: int) -> Iterator[dict[str, Any]]:
        moment = self._now - timedelta(days=days)
        while moment < self._now:
            local = moment.astimezone(self._where)
            # Busiest at two in the afternoon, and a third as much at weekends.
            day = (
                max(0.04, math.sin(math.pi * (local.hour + local.minute / 60 - 6) / 16))
                if local.hour >= 6
                else 0.04
            )
            busy = day * (0.35 if local.weekday() >= 5 else 1.0)
            for name, middle, follows, (tag, values) in _READINGS:
                value = middle * (1 - follows + follows * busy) * self._luck.lognormvariate(0, 0.3)
                yield {
                    "name": name,
                    "value": round(value, 1) if name.endswith("_ms") else round(value),
                    "tags": {tag: self._luck.choice(values)},
                    "at": moment.isoformat(),
                }
            moment += _EVERY

    @property
    def _today(self) -> date:
        return self._now.astimezone(self._where).date()

    async def _at(self, moment: datetime) -> None:
        offset = moment - self._runtime.clock.now() + self._runtime.settings.clock_offset
        await self._database.pool.execute(
            "select set_config('casebase.clock_offset', $1, false)", f"{offset.total_seconds()} seconds"
        )

    async def _call(self, function: str, **fields: Any) -> Any:
        return await self._service.call(function, {"payload": {**self._tenant, **fields}})


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
