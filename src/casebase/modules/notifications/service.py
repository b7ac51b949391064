"""The typed client of the module's RPCs: ``cb.notifications`` of a ``Casebase`` connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from casebase.kernel.db import Session
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.notifications.enums import DeliveryStatus, Platform, ScenarioType
from casebase.modules.notifications.models import (
    Device,
    DeviceToken,
    DueCounts,
    DueNotificationPage,
    Evaluation,
    EvaluationRequest,
    EvaluationRunPage,
    KeptCertifications,
    MyCertification,
    MyNotificationPage,
    NewActivities,
    NewCertifications,
    NotificationOverview,
    NotificationSettings,
    NotificationSettingsChange,
    Preferences,
    PreferencesChange,
    QueuedEvaluations,
    ReadNotification,
    Recipient,
    RecordedActivities,
    RemovedCertification,
    ResendRequest,
    Resent,
    RevokedDevice,
    RevokedToken,
    ScenarioConfig,
    ScenarioConfigChange,
    SentNotificationPage,
)

G = TypeVar("G", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)
Id = UUID | str
Scenario = ScenarioType | str

_CERTIFICATIONS = TypeAdapter(tuple[MyCertification, ...])


class Client:
    """Nudge people, and let them decide about it, as the principal of a session.

    What is given may be a model or a mapping of its fields; a wrong one raises ``InvalidInputError`` naming each field.
    The RPCs' refusals are ``RpcError`` with the codes of ``docs/modules/notifications-rpcs.md``. With an
    ``idempotency_key`` a write that is repeated within 24 hours answers as the first time.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- for oneself -------------------------------------------------------------------------------

    async def list_mine(self, *, before: datetime | None = None, limit: int = 20) -> MyNotificationPage:
        """Return the caller's notifications before a moment, newest first; ``next_before`` goes on."""
        return await self._read(MyNotificationPage, "list_my_notifications", before=before, limit=limit)

    async def mark_read(self, notification_id: Id) -> ReadNotification:
        """Keep when the caller first read a notification; ``notification_not_found`` for another's."""
        return await self._read(ReadNotification, "mark_notification_read", id=notification_id)

    async def get_preferences(self) -> Preferences:
        """Return what the caller wants of each scenario."""
        return await self._read(Preferences, "get_notification_preferences")

    async def set_preferences(
        self, change: PreferencesChange | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Preferences:
        """Decide what the caller wants: what is absent stays, null gives it back to the organisation."""
        return await self._write(
            Preferences, "set_notification_preferences", PreferencesChange, change, idempotency_key
        )

    async def register_device(self, token: str, platform: Platform | str) -> Device:
        """Have pushes sent to a device of the caller; call it at every start of an app."""
        given = validated(DeviceToken, {"token": token, "platform": platform})
        return await self._read(Device, "register_device_token", **jsonable(given))

    async def revoke_device(self, token: str) -> RevokedDevice:
        """Have no more pushes sent to a device of the caller; ``device_not_found`` for another's."""
        given = validated(RevokedToken, {"token": token})
        return await self._read(RevokedDevice, "revoke_device_token", **jsonable(given))

    async def list_my_certifications(self) -> tuple[MyCertification, ...]:
        """Return what the caller is certified for, the soonest to expire first."""
        return _CERTIFICATIONS.validate_python(await self._session.call("list_my_certifications"))

    # -- facts -------------------------------------------------------------------------------------

    async def record_activities(
        self, activities: NewActivities | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> RecordedActivities:
        """Record what people did, the caller or, for who administers an organisation, its members."""
        return await self._write(
            RecordedActivities, "record_activities", NewActivities, activities, idempotency_key
        )

    async def set_certifications(
        self, certifications: NewCertifications | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> KeptCertifications:
        """Set until which day people are certified; a new day begins the reminders anew."""
        return await self._write(
            KeptCertifications, "set_certifications", NewCertifications, certifications, idempotency_key
        )

    async def remove_certification(self, certification_id: Id) -> RemovedCertification:
        """Remove a certification, and with it its reminders to come."""
        return await self._read(
            RemovedCertification, "remove_certification", certification_id=certification_id
        )

    # -- for who administers an organisation -------------------------------------------------------

    async def get_overview(
        self, *, organization_id: Id | None = None, from_day: date | None = None, to_day: date | None = None
    ) -> NotificationOverview:
        """Return what an organisation's people were told in a period, by default the last 30 days."""
        return await self._read(
            NotificationOverview,
            "get_notification_overview",
            organization_id=organization_id,
            from_day=from_day,
            to_day=to_day,
        )

    async def list_notifications(
        self,
        *,
        organization_id: Id | None = None,
        scenario_type: Scenario | None = None,
        delivery_status: DeliveryStatus | str | None = None,
        user_id: Id | None = None,
        cursor: str | None = None,
        page_size: int = 50,
    ) -> SentNotificationPage:
        """Return a page of an organisation's notifications, newest first."""
        return await self._read(
            SentNotificationPage,
            "list_scenario_notifications",
            organization_id=organization_id,
            scenario_type=scenario_type,
            delivery_status=delivery_status,
            user_id=user_id,
            cursor=cursor,
            page_size=page_size,
        )

    async def list_due(
        self,
        *,
        organization_id: Id | None = None,
        scenario_type: Scenario | None = None,
        outcome: str | None = None,
        cursor: Id | None = None,
        page_size: int = 50,
    ) -> DueNotificationPage:
        """Return a page of who is due now, and what an evaluation would do; nothing is written."""
        return await self._read(
            DueNotificationPage,
            "list_due_notifications",
            organization_id=organization_id,
            scenario_type=scenario_type,
            outcome=outcome,
            cursor=cursor,
            page_size=page_size,
        )

    async def count_due(self, *, organization_id: Id | None = None) -> DueCounts:
        """Return what an evaluation would do now, in numbers; nothing is written."""
        return await self._read(DueCounts, "count_due_notifications", organization_id=organization_id)

    async def get_recipient(self, user_id: Id, *, organization_id: Id | None = None) -> Recipient:
        """Return how one of an organisation's people stands with its rules."""
        return await self._read(
            Recipient, "get_notification_recipient", user_id=user_id, organization_id=organization_id
        )

    async def list_runs(
        self, *, organization_id: Id | None = None, cursor: str | None = None, page_size: int = 50
    ) -> EvaluationRunPage:
        """Return a page of an organisation's evaluations, latest first."""
        return await self._read(
            EvaluationRunPage,
            "list_evaluation_runs",
            organization_id=organization_id,
            cursor=cursor,
            page_size=page_size,
        )

    async def request_evaluation(
        self, organization_id: Id, scenario_types: Sequence[Scenario] | None = None
    ) -> QueuedEvaluations:
        """Have an organisation evaluated by a worker; within the same minute it is the same job."""
        return await self._read(
            QueuedEvaluations,
            "request_scenario_evaluation",
            organization_id=organization_id,
            scenario_types=scenario_types,
        )

    async def resend_failed(
        self, request: ResendRequest | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Resent:
        """Send failed notifications again, the same rows under the same keys; while ``is_more``, call again."""
        return await self._write(
            Resent, "resend_failed_notifications", ResendRequest, request, idempotency_key
        )

    async def get_config(self, *, organization_id: Id | None = None) -> ScenarioConfig:
        """Return an organisation's rules."""
        return await self._read(ScenarioConfig, "get_scenario_config", organization_id=organization_id)

    async def set_config(
        self, change: ScenarioConfigChange | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> ScenarioConfig:
        """Decide a rule of an organisation and return all."""
        return await self._write(
            ScenarioConfig, "set_scenario_config", ScenarioConfigChange, change, idempotency_key
        )

    async def get_settings(self, *, organization_id: Id | None = None) -> NotificationSettings:
        """Return what holds for an organisation's people who decided nothing themselves."""
        return await self._read(
            NotificationSettings, "get_notification_settings", organization_id=organization_id
        )

    async def set_settings(
        self, change: NotificationSettingsChange | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> NotificationSettings:
        """Decide for an organisation's people who decided nothing themselves."""
        return await self._write(
            NotificationSettings,
            "set_notification_settings",
            NotificationSettingsChange,
            change,
            idempotency_key,
        )

    # -- for services ------------------------------------------------------------------------------

    async def evaluate(self, request: EvaluationRequest | Mapping[str, Any] | None = None) -> Evaluation:
        """Find who is due and write their notifications with their jobs; with ``dry_run`` count only."""
        return await self._write(
            Evaluation, "evaluate_scenarios", EvaluationRequest, request or EvaluationRequest(), None
        )

    async def _write(
        self, answer: type[S], function: str, kind: type[G], given: G | Mapping[str, Any], key: str | None
    ) -> S:
        # Only what was given: what is absent stays, and null means something.
        payload = jsonable(validated(kind, given), only_given=True)
        return answer.model_validate(
            await self._session.call(function, {"payload": payload}, idempotency_key=key)
        )

    async def _read(self, kind: type[S], function: str, **arguments: Any) -> S:
        return kind.model_validate(await self._session.call(function, arguments))
