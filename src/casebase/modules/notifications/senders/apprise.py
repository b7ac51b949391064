"""Send through Apprise: FCM, e-mail, Slack and a hundred services more, one address for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import quote

from pydantic import SecretStr

from casebase.kernel.delivery.targets import notify, split_urls
from casebase.kernel.errors import ConfigurationError
from casebase.modules.notifications.senders.port import PushMessage, Receipt, SenderUnavailableError

_WHOM: Final = ("{token}", "{email}", "{user_id}")


@dataclass(frozen=True, slots=True)
class AppriseSender:
    """Fill in templates of addresses and notify each.

    One with ``{token}`` becomes an address for every device, one with ``{email}`` one if the person has an e-mail.
    It is sent once one of them took it: Apprise does not say what became of the others, and sending again would be a
    second notification to who has it.
    """

    templates: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, urls: SecretStr) -> Self:
        """Read the setting; raise ``ConfigurationError`` for an address that would tell everybody's news to one."""
        templates = split_urls(urls)
        if not templates or not all(any(place in url for place in _WHOM) for url in templates):
            raise ConfigurationError(
                "Every address of CASEBASE_PUSH_URLS needs a place for whom: {token}, {email} or {user_id}."
            )
        return cls(templates)

    @property
    def wants_email(self) -> bool:
        """Whether an address has a place for the e-mail."""
        return any("{email}" in template for template in self.templates)

    async def send(self, message: PushMessage) -> Receipt:
        """Notify every address; see ``PushSender``."""
        urls = [url for template in self.templates for url in _filled(template, message)]
        if not urls:
            return Receipt(taken=0)
        taken = await asyncio.gather(*(notify(url, title=message.title, body=message.body) for url in urls))
        if not any(taken):
            raise SenderUnavailableError
        return Receipt(taken=sum(taken))


def _filled(template: str, message: PushMessage) -> list[str]:
    """Return the addresses that a template makes; what is filled in cannot end its place in the address."""
    known = {"{user_id}": str(message.user_id), "{key}": str(message.key)}
    if "{email}" in template:
        if not message.email:
            return []
        known["{email}"] = message.email
    for place, value in known.items():
        template = template.replace(place, quote(value, safe=""))
    if "{token}" not in template:
        return [template]
    return [template.replace("{token}", quote(device.token, safe="")) for device in message.devices]
