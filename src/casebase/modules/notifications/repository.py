"""Who was notified of what, and when: the specification's repository, for services with rules of their own.

The module's own engine asks about a batch of people in one statement, and never about one person at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.notifications.enums import ScenarioType
from casebase.modules.notifications.errors import ScenarioRepositoryException
from casebase.modules.notifications.models import NewScenarioNotification, ScenarioNotification, SentTime

_SENT_TIMES = TypeAdapter(tuple[SentTime, ...])
_NOTIFICATIONS = TypeAdapter(tuple[ScenarioNotification, ...])
_IDS = TypeAdapter(frozenset[UUID])

Id = UUID | str
Scenario = ScenarioType | str


@asynccontextmanager
async def _typed_failures() -> AsyncIterator[None]:
    """Raise whatever fails inside as a ``ScenarioRepositoryException``."""
    try:
        yield
    except ScenarioRepositoryException:
        raise
    # A ValueError is what JSON cannot hold, or an answer that is not understood; a TypeError what is no value at all.
    except (CasebaseError, ValueError, TypeError) as error:
        raise ScenarioRepositoryException(error) from error


class ScenarioNotificationRepository:
    """Write and look up notifications as the service.

    ``database`` is the pool, or a session of whoever the service calls as. A notification that failed does not count as
    sent; a pending one does. Without an organisation those of every organisation count. Each method is one query, for
    however many people, and every failure is a ``ScenarioRepositoryException`` with the code of what is behind it.
    """

    def __init__(self, database: Database | Session) -> None:
        self._session = database if isinstance(database, Session) else database.session(SERVICE)

    async def insert_notification(
        self,
        notification: NewScenarioNotification | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> ScenarioNotification:
        """Write a notification and return it; a pending one is sent by a worker.

        Codes: ``cooldown_active``, ``milestone_already_written``, ``certification_already_told``,
        ``notification_already_written`` where there is one already, ``member_not_found``, ``organization_not_found``,
        ``invalid_input``.
        """
        async with _typed_failures():
            payload = jsonable(validated(NewScenarioNotification, notification))
            answer = await self._session.call(
                "insert_scenario_notification", {"payload": payload}, idempotency_key=idempotency_key
            )
            return ScenarioNotification.model_validate(answer)

    async def get_last_sent_at(
        self, user_id: Id, scenario_type: Scenario, *, organization_id: Id | None = None
    ) -> datetime | None:
        """Return when somebody last got a notification of a scenario; ``None`` if they never did."""
        times = await self.get_last_sent_times((user_id,), scenario_type, organization_id=organization_id)
        return next(iter(times.values()), None)

    async def get_last_sent_times(
        self, user_ids: Collection[Id], scenario_type: Scenario, *, organization_id: Id | None = None
    ) -> dict[UUID, datetime]:
        """Return when each of up to 100,000 people last got one; who never did is not in it."""
        async with _typed_failures():
            answer = await self._session.call(
                "list_last_sent_times",
                {
                    "user_ids": list(user_ids),
                    "scenario_type": scenario_type,
                    "organization_id": organization_id,
                },
            )
            return {item.user_id: item.last_sent_at for item in _SENT_TIMES.validate_python(answer["items"])}

    async def has_been_sent_since_threshold(
        self,
        user_id: Id,
        scenario_type: Scenario,
        cutoff: datetime,
        *,
        organization_id: Id | None = None,
    ) -> bool:
        """Tell whether somebody got a notification of a scenario at the cutoff or later."""
        sent = await self.have_been_sent_since_threshold(
            (user_id,), scenario_type, cutoff, organization_id=organization_id
        )
        return bool(sent)

    async def have_been_sent_since_threshold(
        self,
        user_ids: Collection[Id],
        scenario_type: Scenario,
        cutoff: datetime,
        *,
        organization_id: Id | None = None,
    ) -> frozenset[UUID]:
        """Return who of up to 100,000 people got one at the cutoff or later; the cutoff is an aware time."""
        async with _typed_failures():
            if not isinstance(cutoff, datetime) or cutoff.tzinfo is None:
                error = {
                    "field": "cutoff",
                    "rule": "timezone",
                    "message": "must be a time with its time zone",
                }
                raise InvalidInputError(detail={"errors": [error]})
            answer = await self._session.call(
                "list_sent_since_threshold",
                {
                    "user_ids": list(user_ids),
                    "scenario_type": scenario_type,
                    "cutoff": cutoff,
                    "organization_id": organization_id,
                },
            )
            return _IDS.validate_python(answer["user_ids"])

    async def get_milestone_record(self, user_id: Id, milestone_value: int) -> ScenarioNotification | None:
        """Return somebody's notification of a milestone, the only one ever, whatever became of it; else ``None``."""
        records = await self.get_milestone_records((user_id,), milestone_value)
        return next(iter(records.values()), None)

    async def get_milestone_records(
        self, user_ids: Collection[Id], milestone_value: int
    ) -> dict[UUID, ScenarioNotification]:
        """Return the notification of a milestone of each of up to 100,000 people who have one."""
        async with _typed_failures():
            answer = await self._session.call(
                "list_milestone_records", {"user_ids": list(user_ids), "milestone_value": milestone_value}
            )
            return {record.user_id: record for record in _NOTIFICATIONS.validate_python(answer["items"])}
