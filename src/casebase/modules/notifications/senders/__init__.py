"""Who takes a notification to its person: a log, Apprise's services, or a program of one's own."""

from __future__ import annotations

from casebase.kernel.addresses import split_urls
from casebase.kernel.config import Settings
from casebase.modules.notifications.senders.apprise import AppriseSender
from casebase.modules.notifications.senders.log import LogSender
from casebase.modules.notifications.senders.port import (
    Device,
    PushMessage,
    PushSender,
    Receipt,
    SenderError,
    SenderRefusedError,
    SenderUnavailableError,
)
from casebase.modules.notifications.senders.webhook import WebhookSender

__all__ = [
    "AppriseSender",
    "Device",
    "LogSender",
    "PushMessage",
    "PushSender",
    "Receipt",
    "SenderError",
    "SenderRefusedError",
    "SenderUnavailableError",
    "WebhookSender",
    "sender_of",
]


def sender_of(settings: Settings) -> PushSender:
    """Return the sender that the settings name, else the log."""
    if settings.push_urls is not None:
        return AppriseSender(split_urls(settings.push_urls))
    if settings.push_webhook_url is not None:
        return WebhookSender(settings.push_webhook_url, settings.push_webhook_secrets, settings.clock)
    return LogSender()
