"""Send through Apprise: FCM, e-mail, Slack and a hundred services more, one address for each."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import structlog

from casebase.kernel.delivery.targets import TargetUrlError, notify
from casebase.modules.notifications.senders.port import PushMessage, Receipt, SenderUnavailableError

# Quoting does not keep what is filled in together: Apprise unquotes it, and reads a comma or a quote as the end of one
# target, a # as a topic of many devices. People name their devices and e-mails themselves, so only what can mean one
# target is filled in.
_SAFE_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]*")
_SAFE_EMAIL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AppriseSender:
    """Fill in templates of addresses and notify each.

    One with ``{token}`` becomes an address for every device, one with ``{email}`` one if the person has an e-mail.
    It is sent once one of them took it: Apprise does not say what became of the others, and sending again would be a
    second notification to who has it.
    """

    templates: tuple[str, ...] = field(repr=False)

    @property
    def wants_email(self) -> bool:
        """Whether an address has a place for the e-mail."""
        return any("{email}" in template for template in self.templates)

    async def send(self, message: PushMessage) -> Receipt:
        """Notify every address; see ``PushSender``."""
        urls = [url for template in self.templates for url in urls_of(template, message)]
        if not urls:
            return Receipt(taken=0)
        taken = await asyncio.gather(*(_is_taken(url, message) for url in urls))
        if not any(taken):
            raise SenderUnavailableError
        return Receipt(taken=sum(taken))


async def _is_taken(url: str, message: PushMessage) -> bool:
    try:
        return await notify(url, title=message.title, body=message.body)
    except TargetUrlError:
        # Others may have taken it: to fail for this one would tell them again.
        _log.warning("push_address_refused", notification_id=str(message.key))
        return False


def urls_of(template: str, message: PushMessage) -> list[str]:
    """Return the addresses that a template makes: none for an e-mail or token that could be read as somebody else's."""
    known = {"{user_id}": str(message.user_id), "{key}": str(message.key)}
    if "{email}" in template:
        if not _SAFE_EMAIL.fullmatch(message.email or ""):
            return []
        known["{email}"] = message.email or ""
    for place, value in known.items():
        template = template.replace(place, quote(value, safe=""))
    if "{token}" not in template:
        return [template]
    tokens = [device.token for device in message.devices if _SAFE_TOKEN.fullmatch(device.token)]
    return [template.replace("{token}", quote(token, safe="")) for token in tokens]
