"""How nudges are sent is as the guide says: Apprise takes its addresses, and its message is the one that is posted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from uuid import UUID

import apprise
import pytest

from casebase.modules.notifications.senders import Device, PushMessage, WebhookSender
from tests.notifications.dispatching import SECRET
from tests.support.receiver import receiver
from tests.support.requires import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "nudges.md").read_text("utf-8")
ADDRESSES = re.findall(r"^\| .+ \| `(\w+://.+)` \|$", GUIDE, re.MULTILINE)
FILLED = {"{token}": "c3Y%3Adevice_token", "{email}": "ada%40example.com", "{user_id}": str(UUID(int=7))}
NAMED = {
    "<project>": "my-project",
    "<user>": "casebase",
    "<password>": "secret",
    "<smtp host>": "smtp.example.com",
    "<address>": "nudges@example.com",
    "<bot token>": "xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_apprise_understands_the_guides_addresses(address: str) -> None:
    assert any(place in address for place in FILLED)
    for place, value in (FILLED | NAMED).items():
        address = address.replace(place, value)
    assert apprise.Apprise.instantiate(address) is not None


async def test_what_is_posted_has_the_guides_shape() -> None:
    [printed] = re.findall(r"^\{\"type\".*?\}\}$", GUIDE, re.MULTILINE | re.DOTALL)
    shown = json.loads(printed)
    now = datetime.now(UTC)
    message = PushMessage(
        key=UUID(int=1),
        organization_id=UUID(int=2),
        user_id=UUID(int=3),
        scenario_type="milestone",
        milestone_value=50,
        triggered_at=now,
        opened_at=now,
        language="nb",
        title="En milepæl",
        body="Du har 50 aktiviteter bak deg. Tusen takk!",
        email=None,
        devices=(Device(token="c3Y:device_token", platform="android"),),
    )
    async with receiver() as hook:
        await WebhookSender(hook.url, (SECRET,)).send(message)
    [posted] = hook.received
    headers = re.search(r"^POST /nudges.*?\n\n", GUIDE, re.MULTILINE | re.DOTALL)
    assert headers is not None
    assert set(re.findall(r"^([a-z-]+): ", headers[0], re.MULTILINE)) <= posted.headers.keys()
    assert posted.json.keys() == shown.keys()
    assert posted.json["data"].keys() == shown["data"].keys()
    assert posted.json["data"]["devices"][0].keys() == shown["data"]["devices"][0].keys()
    for field in ("type", "scenario_type", "milestone_value", "language", "title", "body"):
        assert (posted.json | posted.json["data"])[field] == (shown | shown["data"])[field]
