"""The port between a notification and whatever brings it to a device, a mailbox or a chat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from casebase.kernel.errors import CasebaseError


class SenderError(CasebaseError):
    """The sender did not bring the notification to anybody."""

    is_final = False
    """Whether trying again is in vain."""

    def __init__(self, *, retry_after_s: int | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class SenderUnavailableError(SenderError):
    """The service behind the sender did not take the notification now; it is tried again."""

    code = "push_unavailable"
    status = 502


class SenderRefusedError(SenderError):
    """The service behind the sender will never take this notification."""

    code = "push_refused"
    status = 502
    is_final = True


class Device(BaseModel):
    """Where one push goes."""

    model_config = ConfigDict(frozen=True)
    token: str = Field(repr=False)
    platform: Literal["android", "ios", "web"]


class PushMessage(BaseModel):
    """A notification as it is sent: the words, and the only place where they stand beside addresses."""

    model_config = ConfigDict(frozen=True)
    key: UUID
    """The notification's id, the same at every attempt and resend: by it a receiver knows a repeat."""
    organization_id: UUID
    user_id: UUID
    scenario_type: str
    milestone_value: int | None
    triggered_at: datetime
    opened_at: datetime
    language: str
    title: str = Field(repr=False)
    body: str = Field(repr=False)
    email: str | None = Field(repr=False)
    devices: tuple[Device, ...] = Field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: how many targets took it, and which tokens its devices no longer have."""

    taken: int = 1
    revoked_tokens: Collection[str] = ()


class PushSender(Protocol):
    """Whoever brings notifications to people."""

    @property
    def wants_email(self) -> bool:
        """Whether it needs the person's e-mail; without it the address does not leave the database."""
        ...

    async def send(self, message: PushMessage) -> Receipt:
        """Hand over a message; a receipt of none taken means that its person has nothing it could be sent to.

        It may be called again with the same ``key``, after a crash too, and is to make one notification of that where
        its service can. Raises ``SenderUnavailableError`` for what may pass, ``SenderRefusedError`` for what will not.
        """
        ...
