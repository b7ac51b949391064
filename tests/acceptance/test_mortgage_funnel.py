"""A borrower's whole way, from the form to the day their consent ends, through the doors that everybody has.

The product runs as its users run it (``casebase up``); what is done to it is HTTP and commands, and what it did is read
from its API, its webhooks, its export and its own search for what is left of a person.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests.acceptance.product import casebase, environment, started
from tests.mortgage.leads import lead
from tests.support.pdfs import letter, text_of
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")

CHAT_SECRET = "whsec_" + "Y2hhdCBzeXN0ZW0ncyBzZWNyZXQgb2YgdGhlIHRlc3Rz"
NAME, EMAIL, PHONE, NRIC = "Kavitha Subramaniam", "kavitha.s@example.com", "+65 9777 4321", "S1234567D"
TRACES = (NAME, "Kavitha", "Subramaniam", EMAIL, PHONE, "97774321", NRIC)
PUBLISHING = {"consent.purposes": ["advice", "publishing"]}
CONTACT = {"contact.name": NAME, "contact.email": EMAIL, "contact.phone": PHONE}
MOVED = {"from": "draft", "to": "active"}


class Funnel:
    """The product's API as a service sees it, with the signed door of the chat system."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self._service = {"Authorization": f"Bearer {token}"}

    async def open(self, changes: Mapping[str, Any]) -> str:
        response = await self.http.post("/v1/mortgage/leads", json=lead(changes))
        assert response.status_code == 201, response.text
        return str(response.json()["case_id"])

    async def case(self, case_id: str) -> dict[str, Any]:
        response = await self.http.get(f"/v1/mortgage/cases/{case_id}", headers=self._service)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def timeline(self, case_id: str) -> list[tuple[str, dict[str, Any]]]:
        """The events from the first to the latest."""
        events = (await self.case(case_id))["events"]
        return [(event["event_type"], event["payload"]) for event in reversed(events)]

    async def latest(self, case_id: str) -> tuple[str, dict[str, Any]]:
        return (await self.timeline(case_id))[-1]

    async def is_advised(self, case_id: str) -> bool:
        return bool((await self.case(case_id))["calculations"])

    async def post(self, path: str, status: int = 201, **request: Any) -> Any:
        headers = self._service | request.pop("headers", {})
        response = await self.http.post(f"/v1/mortgage{path}", headers=headers, **request)
        assert response.status_code == status, response.text
        return response.json()

    async def record(self, case_id: str, event_type: str, **payload: Any) -> None:
        await self.post(f"/cases/{case_id}/events", json={"event_type": event_type, "payload": payload})

    async def get(self, path: str) -> Any:
        response = await self.http.get(f"/v1/mortgage{path}", headers=self._service)
        assert response.status_code == 200, response.text
        return response.json()

    async def chat(self, message_id: str, event: Mapping[str, Any], *, alter: bool = False) -> httpx.Response:
        """Send what the chat system sends; altered, as somebody in between would."""
        body = json.dumps({"event_type": "chat", **event})
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(CHAT_SECRET).sign(message_id, now, body),
        }
        content = body.replace("borrower", "broker") if alter else body
        return await self.http.post("/v1/mortgage/chat-events", content=content, headers=headers)


@pytest.fixture
def env(tmp_path: Path, database: str, api_url: str) -> dict[str, str]:
    return environment(
        tmp_path / "home",
        database_url=database,
        api_database_url=api_url,
        public_rate_limit="1000000/minute",
        chat_webhook_secret=CHAT_SECRET,
        webhook_allow_private="true",
    )


@pytest.fixture
async def funnel(env: dict[str, str]) -> AsyncIterator[Funnel]:
    with started("up", "--port", "0", env=env) as running:
        token = casebase("token", "create", "--role", "service_role", env=env).stdout.strip()
        async with await running.client() as http:
            yield Funnel(http, token)


async def test_from_the_form_to_the_day_consent_ends(
    funnel: Funnel, hook: Receiver, env: dict[str, str], tmp_path: Path
) -> None:
    added = casebase("webhook", "add", hook.url, "--event", "mortgage.*", "--json", env=env)
    webhook_secret = json.loads(added.stdout)["secret"]
    assert casebase("mortgage", "settings", "--reveal", env=env).returncode == 0

    # Form: a case of its own, masked, and advised by a worker.
    case_id = await funnel.open(CONTACT | PUBLISHING)
    assert (await funnel.case(case_id))["initials"] == "KS"
    await eventually(lambda: funnel.is_advised(case_id))
    form, calculation = await funnel.timeline(case_id)
    assert form[0] == "lead_form"
    assert (form[1]["input_version"], form[1]["purposes"]) == (1, ["advice", "publishing"])
    assert calculation[0] == "calculation"
    advice = (await funnel.case(case_id))["recommendation"]
    assert calculation[1]["recommendation"] == advice
    assert (await funnel.case(case_id))["status"] == "draft"

    # Chat, by signed webhook: ties the conversation, moves the case; altered it is refused, repeated it is the same.
    said = f"I am {NAME}, NRIC {NRIC}, call {PHONE} or write to {EMAIL}"
    first = {
        "case_id": case_id,
        "conversation_id": "chat-1",
        "payload": {"author": "borrower", "message": said},
    }
    assert (await funnel.chat("msg_1", first, alter=True)).status_code == 401
    answers = [await funnel.chat("msg_1", first) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["event_id"] == answers[1].json()["event_id"]
    follow = {"conversation_id": "chat-1", "payload": {"author": "borrower", "message": "What would I save?"}}
    assert (await funnel.chat("msg_2", follow)).json()["case_id"] == case_id
    *_, started_chat, went_on = await funnel.timeline(case_id)
    assert (started_chat[0], started_chat[1]["is_start"], started_chat[1]["moved"]) == ("chat", True, MOVED)
    assert not any(trace.lower() in json.dumps(started_chat).lower() for trace in TRACES)
    assert went_on == ("chat", {"author": "borrower", "message": "What would I save?"})
    assert (await funnel.case(case_id))["status"] == "active"

    # Reveal: the AI's context knows of it.
    await funnel.record(case_id, "reveal", packages=[{"bank": "UOB", "total_cost": 91000}])
    assert await funnel.latest(case_id) == ("reveal", {"packages": [{"bank": "Bank G", "total_cost": 91000}]})
    context = await funnel.get(f"/cases/{case_id}/context")
    assert context["calculations"]["recommendation"] == advice
    assert "counter_offer" not in context

    # Quote: by the borrower's own bank, so it is a counter-offer; an actual rate is refused; its letter is kept masked.
    leak = {"event_type": "bank_quote", "payload": {"bank": "DBS", "note": "they offer 2.85% fixed"}}
    refusal = await funnel.post(f"/cases/{case_id}/events", 422, json=leak)
    assert refusal["code"] == "rate_leak"
    await funnel.record(case_id, "bank_quote", bank="Standard Chartered", monthly_instalment=3120.5)
    assert await funnel.latest(case_id) == ("bank_quote", {"bank": "Bank E", "monthly_instalment": 3120.5})
    assert "#counter_offer" in {tag["tag"] for tag in (await funnel.case(case_id))["tags"]}
    assert "counter_offer" in await funnel.get(f"/cases/{case_id}/context")
    letterhead = [f"Dear {NAME}", f"your NRIC {NRIC}, your telephone {PHONE}", "we are pleased to offer"]
    document = await funnel.post(
        f"/cases/{case_id}/documents?doc_type=bank_quote",
        content=letter(letterhead),
        headers={"content-type": "application/octet-stream"},
    )
    received = await funnel.latest(case_id)
    assert (received[0], received[1]["doc_type"], received[1]["is_masked"]) == (
        "doc_received",
        "bank_quote",
        True,
    )
    address = f"/v1/mortgage/documents/{document['document_id']}/content"
    kept = await funnel.http.get(address, headers=funnel._service)
    assert kept.status_code == 200
    assert text_of(kept.content).strip() == ""
    assert (await funnel.latest(case_id))[0] == "admin_view"

    # Follow-up, signature, outcome: once, and the case is closed.
    await funnel.record(case_id, "follow_up", channel="phone")
    await funnel.record(case_id, "signed", bank="UOB", loan_amount=750000)
    outcome = {
        "decision": "refinance",
        "decision_reason": "lower_total_cost",
        "hurdles": ["documents"],
        "bank": "UOB",
        "loan_quantum": 750000,
        "notes": f"{NAME} is content",
    }
    await funnel.post(f"/cases/{case_id}/outcome", json=outcome)
    assert (await funnel.post(f"/cases/{case_id}/outcome", 409, json=outcome))["code"] == "case_closed"
    closed = await funnel.latest(case_id)
    assert (closed[0], closed[1]["bank"], closed[1]["decision"]) == ("outcome", "Bank G", "refinance")
    assert closed[1]["moved"] == {"from": "active", "to": "closed"}

    # Export: withheld while the case is alone, published with four like it, and nobody is in it.
    export = tmp_path / "pseo"
    assert casebase("mortgage", "export-pseo", "--out", str(export), env=env).returncode == 0
    assert (export / "cases.jsonl").read_text() == ""
    for number in range(4):
        alike = await funnel.open(PUBLISHING | {"contact.email": f"borrower{number}@example.com"})
        await eventually(lambda case_id=alike: funnel.is_advised(case_id))
        await funnel.post(f"/cases/{alike}/outcome", json=outcome | {"notes": "done"})
    done = casebase("mortgage", "export-pseo", "--out", str(export), "--yes", env=env)
    assert done.returncode == 0, done.stderr
    published = [json.loads(line) for line in (export / "cases.jsonl").read_text().splitlines()]
    assert len(published) == 5
    assert published[0]["decision_reason"] == "lower_total_cost"
    texts = " ".join(file.read_text() for file in export.rglob("*") if file.is_file()).lower()
    assert not any(trace.lower() in texts for trace in (*TRACES, case_id, "uob", "standard chartered"))

    # Expiry: six days on the contact, the words and the files are gone; what is masked stays.
    before = await funnel.timeline(case_id)
    expired = casebase("retention", "run", env=env | {"CASEBASE_CLOCK_OFFSET": "P6D"})
    assert expired.returncode == 0, expired.stderr
    after = await funnel.timeline(case_id)
    assert [kind for kind, _ in after] == [
        *("lead_form", "calculation", "chat", "chat", "reveal", "bank_quote", "doc_received", "admin_view"),
        *("follow_up", "signed", "outcome", "consent_expired"),
    ]
    assert [kind for kind, _ in before] == [kind for kind, _ in after[:-1]]
    assert after[-1][1]["reason"] == "lapsed"
    assert after[2][1].get("moved") == MOVED
    assert "message" not in after[2][1]
    assert dict(after)["bank_quote"] == {"bank": "Bank E", "monthly_instalment": 3120.5}
    gone = await funnel.http.get(address, headers=funnel._service)
    assert gone.status_code == 404
    searched = casebase("verify", "leaks", "--file", "-", env=env, stdin="\n".join(TRACES))
    assert searched.returncode == 0, searched.stdout
    again = casebase("mortgage", "export-pseo", "--out", str(export), "--yes", env=env)
    assert again.returncode == 0, again.stderr
    assert len((export / "cases.jsonl").read_text().splitlines()) == 5

    # Webhooks: each event of the timeline, verified, once, with nobody's words.
    async def is_told() -> bool:
        return any(request.json["type"] == "mortgage.consent_expired" for request in about(case_id))

    def about(subject: str) -> list[Any]:
        return [request for request in hook.received if request.json["data"]["subject_id"] == subject]

    await eventually(is_told)
    await eventually(lambda: _count(about(case_id), len(after)))
    for request in hook.received:
        Webhook(webhook_secret).verify(request.body, request.headers)
    told = sorted(request.json["type"].removeprefix("mortgage.") for request in about(case_id))
    assert told == sorted(kind for kind, _ in after)
    assert len({request.headers["webhook-id"] for request in hook.received}) == len(hook.received)
    sent = " ".join(request.body.decode() for request in hook.received).lower()
    assert not any(trace.lower() in sent for trace in (*TRACES, "uob", "what would i save"))


async def _count(found: list[Any], wanted: int) -> bool:
    return len(found) >= wanted
