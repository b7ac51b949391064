"""Who takes a notification to its person: a log, Apprise's services, or a program of one's own."""

from __future__ import annotations

from casebase.kernel.addresses import is_private_on_the_way
from casebase.kernel.config import Settings
from casebase.kernel.errors import ConfigurationError
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
    """Return the sender that the settings name, else the log; raise ``ConfigurationError`` for two, or half of one."""
    urls, webhook_url = settings.push_urls, settings.push_webhook_url
    if urls is not None and webhook_url is not None:
        raise ConfigurationError("CASEBASE_PUSH_URLS and CASEBASE_PUSH_WEBHOOK_URL are both set; one sends.")
    if urls is not None:
        return AppriseSender.of(urls)
    if webhook_url is None:
        return LogSender()
    if not is_private_on_the_way(webhook_url):
        raise ConfigurationError("CASEBASE_PUSH_WEBHOOK_URL must be https: devices' tokens go there.")
    if not settings.push_webhook_secrets:
        raise ConfigurationError("CASEBASE_PUSH_WEBHOOK_URL is set without CASEBASE_PUSH_WEBHOOK_SECRET.")
    return WebhookSender(webhook_url, settings.push_webhook_secrets, settings.clock)
