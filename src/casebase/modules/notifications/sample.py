"""A believable example to look at: mentors over a season, nudged day by day, made through the RPCs alone.

The days are told in order, each on a runtime whose clock stands there: who joins, who is active, what the rules find
and what the worker sends of it lies in the past as it would have happened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from casebase.kernel.db import Principal
from casebase.kernel.errors import CasebaseError
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.runtime import Runtime

At = Callable[[timedelta], AbstractAsyncContextManager[Runtime]]
"""Opens a runtime whose clock is moved by an offset."""
Join = Callable[[timedelta, str], Awaitable[UUID]]
"""Makes a member of the organisation, of this e-mail, who joined then."""

OLDEST_DAY: Final = 91
QUEUE: Final = "notifications_dispatch"

_FIRST: Final = (
    "Anders", "Berit", "Camilla", "Dag", "Elin", "Fredrik", "Guro", "Henrik", "Ingrid", "Jonas", "Kari", "Lars",
    "Marit", "Nils", "Oda", "Petter", "Ragnhild", "Sindre", "Tuva", "Vegard",
)  # fmt: skip
_LAST: Final = (
    "Aas", "Berg", "Dahl", "Eide", "Foss", "Haugen", "Lie", "Moen", "Nygaard", "Solberg", "Strand", "Vik",
)  # fmt: skip
_KINDS: Final = ("conversation", "home_visit", "group_meeting", "phone_call")
_CERTIFICATIONS: Final = ("First aid", "Peer mentor, level 1", "Peer mentor, level 2", "Safe conversations")
_PATTERNS: Final = ("busy", "steady", "steady", "steady", "fading", "fading", "returning", "returning", "new")


class SampleRefusedError(CasebaseError):
    """Something real would be sent, or told as sent, with the invented notifications."""

    code = "sample_refused"
    status = 409


@dataclass(slots=True)
class _Mentor:
    """One person's luck: when they join, on which days they are active, and what they decide."""

    email: str
    joins: int
    active: frozenset[int]
    is_reader: bool
    is_away_at_night: bool
    certification: tuple[str, int] | None
    """Of what, and in how many days from now it expires."""
    user_id: UUID | None = field(default=None)

    @property
    def principal(self) -> Principal:
        return Principal("authenticated", sub=self.user_id)


async def tell(
    at: At,
    join: Join,
    organization_id: UUID,
    count: int,
    *,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Make ``count`` mentors and their season; return how many notifications came of it.

    ``progress`` is told how many days have passed. Raises ``SampleRefusedError`` where a sender is named, or where
    other notifications wait for one: the days' worker would take them too.
    """
    luck = Random(seed)  # noqa: S311 - no secret
    mentors = [_mentor(luck, f"{seed:x}{number}") for number in range(count)]
    told = 0
    for day in range(OLDEST_DAY, -1, -1):
        offset = -timedelta(days=day)
        for mentor in mentors:
            if mentor.joins == day:
                mentor.user_id = await join(offset, mentor.email)
        async with at(offset) as runtime:
            if day == OLDEST_DAY:
                await _require_quiet(runtime)
            told += await _live(runtime, organization_id, mentors, day, luck)
        progress(OLDEST_DAY - day + 1)
    return told


async def _require_quiet(runtime: Runtime) -> None:
    if runtime.settings.push_urls is not None or runtime.settings.push_webhook_url is not None:
        raise SampleRefusedError("A sender is configured: what is invented would be sent.")
    queues = await Queues(runtime.database).list_queues()
    if any(
        queue.queue == QUEUE and queue.ready + queue.delayed + queue.running + queue.retrying
        for queue in queues
    ):
        raise SampleRefusedError("Other notifications wait to be sent. Take a database of its own.")


async def _live(
    runtime: Runtime, organization_id: UUID, mentors: list[_Mentor], day: int, luck: Random
) -> int:
    """Tell one day: facts, evaluation, what somebody decides in between, sending, reading."""
    service, today = runtime.session(), runtime.clock.now().date()
    named = {"organization_id": str(organization_id)}
    for mentor in mentors:
        if mentor.joins == day:
            await _settle_in(runtime, named, mentor)
    active = [m for m in mentors if day in m.active and m.user_id is not None]
    if active:
        activities = [
            {"user_id": str(m.user_id), "activity_date": today.isoformat(), "kind": luck.choice(_KINDS)}
            for m in active
        ]
        await service.call("record_activities", {"payload": {**named, "activities": activities}})
    reply = await service.call("evaluate_scenarios", {"payload": named})
    if luck.random() < 0.15:
        await _change_a_mind(runtime, organization_id, luck)
    await Worker(runtime, [QUEUE]).drain()
    for mentor in luck.sample(mentors, min(3, len(mentors))):
        if mentor.is_reader and mentor.user_id is not None:
            await _read(runtime, mentor)
    return sum(outcomes.get("notified", 0) for outcomes in reply["scenarios"].values())


async def _settle_in(runtime: Runtime, named: dict[str, str], mentor: _Mentor) -> None:
    own = runtime.session(mentor.principal)
    device = {"token": f"sample-{mentor.user_id}", "platform": "android"}
    await own.call("register_device_token", device)
    if mentor.is_away_at_night:
        wishes = [
            {"scenario_type": "inactivity", "enabled": True, "quiet_from": "21:00", "quiet_until": "08:00"}
        ]
        await own.call("set_notification_preferences", {"payload": {"preferences": wishes}})
    if mentor.certification is not None:
        name, days = mentor.certification
        expires_on = runtime.clock.now().date() + timedelta(days=mentor.joins + days)
        held = {"user_id": str(mentor.user_id), "name": name, "expires_on": expires_on.isoformat()}
        await runtime.session().call("set_certifications", {"payload": {**named, "certifications": [held]}})


async def _change_a_mind(runtime: Runtime, organization_id: UUID, luck: Random) -> None:
    """Have somebody switch a scenario off between the evaluation and the sending."""
    waiting = await runtime.session().call(
        "list_scenario_notifications", {"organization_id": organization_id, "delivery_status": "pending"}
    )
    if waiting["items"]:
        item = luck.choice(waiting["items"])
        wish: dict[str, Any] = {"scenario_type": item["scenario_type"], "enabled": False}
        person = Principal("authenticated", sub=UUID(item["user_id"]))
        await runtime.session(person).call(
            "set_notification_preferences", {"payload": {"preferences": [wish]}}
        )


async def _read(runtime: Runtime, mentor: _Mentor) -> None:
    own = runtime.session(mentor.principal)
    for item in (await own.call("list_my_notifications", {"limit": 10}))["items"]:
        if item["read_at"] is None:
            await own.call("mark_notification_read", {"id": item["notification_id"]})


def _mentor(luck: Random, mark: str) -> _Mentor:
    pattern = luck.choice(_PATTERNS)
    joins = luck.randint(5, 25) if pattern == "new" else OLDEST_DAY - luck.choice((0, 0, 0, 3, 9, 14))
    share = {"busy": 0.8, "steady": luck.uniform(0.15, 0.45)}.get(pattern, 0.3)
    last, again = 0, -1
    if pattern in ("fading", "returning"):
        last = luck.randint(40, 75)
        again = last - luck.randint(32, 38) if pattern == "returning" else -1
    active = frozenset(
        day for day in range(joins, -1, -1) if (day >= last or day <= again) and luck.random() < share
    )
    return _Mentor(
        email=f"{luck.choice(_FIRST)}.{luck.choice(_LAST)}.{mark}@example.com".lower(),
        joins=joins,
        active=active,
        is_reader=luck.random() < 0.6,
        is_away_at_night=luck.random() < 0.1,
        certification=(luck.choice(_CERTIFICATIONS), luck.randint(-20, 70)) if luck.random() < 0.5 else None,
    )
