"""Take in signed webhooks (Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature).

The signature stands for a token. It is checked before anything else is read of the message, so what was altered on
its way is refused as that, whatever it has become.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request

from casebase.kernel.errors import CasebaseError, UnauthenticatedError
from casebase.kernel.http.body import read_body, require_json, strict_json

MAX_BYTES: Final = 64 * 1024
_ID: Final = re.compile(r"[!-~]{1,200}")


class WebhookSignatureError(UnauthenticatedError):
    """The webhook's signature is missing, wrong, or older than five minutes."""

    code = "webhook_signature_invalid"


class WebhookNotConfiguredError(CasebaseError):
    """No secret is set for this webhook, so nobody's signature can be checked."""

    code = "webhook_not_configured"
    status = 503


class SignedMessage(NamedTuple):
    """A message whose signature is right: its sender's id for it, and its JSON."""

    id: str
    content: Any

    @property
    def idempotency_key(self) -> str:
        """The key under which repeating the message has no second effect."""
        return f"webhook:{self.id}"


async def receive(request: Request, secrets: Sequence[str]) -> SignedMessage:
    """Return a request's message, signed with any of ``secrets``; several are for rotating them.

    The route's path must be one of its module's ``uploads``: the message is read here, at most 64 KiB of it.
    Raises ``WebhookNotConfiguredError`` (503), ``WebhookSignatureError`` (401), ``BodyTooLargeError`` (413), and for a
    right signature ``UnsupportedMediaTypeError`` (415) and ``MalformedJsonError`` (400).
    """
    if not secrets:
        raise WebhookNotConfiguredError(hint="Set CASEBASE_CHAT_WEBHOOK_SECRET to the sender's secret.")
    headers = dict(request.scope["headers"])
    body = await read_body(headers, request.receive, MAX_BYTES)
    message_id = verify(body, request.headers, secrets)
    require_json(headers)
    return SignedMessage(message_id, strict_json(body)[1])


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> str:
    """Return the message's id if its signature is right; raise ``WebhookSignatureError`` if not.

    The signature covers id, time and body. ``headers`` are looked up in lower case.
    """
    named = {name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    if _ID.fullmatch(named["webhook-id"]):
        for secret in secrets:
            try:
                Webhook(secret).verify(body, named, json_parse=False)
            except (WebhookVerificationError, ValueError):  # a header or a body may be anything at all
                continue
            return named["webhook-id"]
    raise WebhookSignatureError(hint="Sign webhook-id.webhook-timestamp.body with the shared secret.")
