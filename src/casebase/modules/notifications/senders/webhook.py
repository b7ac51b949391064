"""Post notifications to a program of one's own, by Standard Webhooks (https://www.standardwebhooks.com).

The address is the operator's, so it may be inside their network, unlike those that tenants name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from casebase.kernel.clock import Clock
from casebase.kernel.delivery.outbound import signed_headers
from casebase.modules.notifications.senders.port import (
    PushMessage,
    Receipt,
    SenderRefusedError,
    SenderUnavailableError,
)

_MAX_BYTES: Final = 64 * 1024
_FINAL: Final = frozenset({400, 413, 422})
"""What is said of the message itself. Anything else may be mended where it goes, or in the settings."""


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Post ``{type, timestamp, data}``, signed, with the notification's id as ``webhook-id`` and ``Idempotency-Key``.

    Any 2xx means that it was taken. The answer may name ``{"revoked_tokens": […]}``, which are not sent to again.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    clock: Clock = field(default_factory=Clock)
    timeout_s: float = 20.0
    wants_email = False

    async def send(self, message: PushMessage) -> Receipt:
        """Post it; see ``PushSender``."""
        body = _body(message)
        headers = signed_headers(message.key, body, self.secrets, self.clock.now())
        headers["idempotency-key"] = str(message.key)
        answer = b""
        try:
            # The client's limits are per read: a receiver could drip its answer for ever.
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(timeout=self.timeout_s, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self.url, content=body.encode(), headers=headers) as response,
            ):
                if response.status_code in _FINAL:
                    raise SenderRefusedError
                if not response.is_success:
                    raise SenderUnavailableError(retry_after_s=_retry_after_s(response.headers))
                async for part in response.aiter_bytes():
                    answer += part
                    if len(answer) > _MAX_BYTES:
                        break
        except (TimeoutError, OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise SenderUnavailableError from error
        return _receipt(answer, message)


def _body(message: PushMessage) -> str:
    return json.dumps(
        {
            "type": "scenario_notification",
            "timestamp": message.triggered_at.isoformat(),
            "data": {
                "notification_id": str(message.key),
                "organization_id": str(message.organization_id),
                "user_id": str(message.user_id),
                "scenario_type": message.scenario_type,
                "milestone_value": message.milestone_value,
                "language": message.language,
                "title": message.title,
                "body": message.body,
                "devices": [device.model_dump() for device in message.devices],
            },
        },
        ensure_ascii=False,
    )


def _receipt(answer: bytes, message: PushMessage) -> Receipt:
    """Read which tokens are revoked; whatever else a receiver says, it has taken the message."""
    tokens = {device.token for device in message.devices}
    revoked = {token for token in _named(answer) if isinstance(token, str)} & tokens
    # Its only devices are gone, so nobody got it. Whoever has none is known to the receiver in another way.
    return Receipt(taken=len(tokens - revoked) if tokens else 1, revoked_tokens=sorted(revoked))


def _named(answer: bytes) -> list[Any]:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return []
    named = said.get("revoked_tokens") if isinstance(said, dict) else None
    return named if isinstance(named, list) else []


def _retry_after_s(headers: Mapping[str, str]) -> int | None:
    """Return the seconds the receiver asks for; a date, or an absurd number, is none."""
    said = headers.get("retry-after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else None
