"""The sender of an installation that names no other: says that it would have sent, and not what."""

from __future__ import annotations

import structlog

from casebase.modules.notifications.senders.port import PushMessage, Receipt

_log = structlog.get_logger(__name__)


class LogSender:
    """Write one line a notification, of ids alone."""

    wants_email = False

    async def send(self, message: PushMessage) -> Receipt:
        """Log it; see ``PushSender``."""
        _log.info(
            "notification_logged",
            notification_id=str(message.key),
            scenario_type=message.scenario_type,
            devices=len(message.devices),
        )
        return Receipt()
