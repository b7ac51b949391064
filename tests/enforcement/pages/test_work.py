"""What operators do on a case: each form does what it says, once, and says what is wrong where it is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.pages.reading import PDF, ROOT, read, submit, text_of
from tests.support.rows import all_rows

SOON = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
PROOF = {"document_path": ("writ.pdf", PDF, "application/pdf")}


@pytest.fixture
async def case_id(open_case: Any) -> str:
    opened: str = await open_case()
    return opened


@pytest.mark.parametrize(
    ("work", "fields", "files", "shown"),
    [
        ("stage", {"stage": "asset_search", "note": "Searching."}, None, "Pre enforcement → Asset search"),
        ("event", {"event_kind": "note", "note": "Rang the clerk."}, None, "Rang the clerk."),
        ("event", {"event_kind": "bank_levy_filed", "name": "First Bank"}, PROOF, "Bank levy filed"),
        ("action", {"action_type": "garnishment", "status": "drafted"}, None, "Drafted"),
        ("payment", {"amount": "$1,250.50", "source": "check", "reference": "C-17"}, None, "$11,249.50"),
        ("subpoena", {"recipient": "First Bank"}, PROOF, "Subpoena issued"),
        ("tier", {"tier": "tier3", "expires_at": SOON, "note": "New employer."}, None, "New employer."),
        ("call", {"due_at": f"{SOON}T14:30"}, None, "Call about"),
        ("close", {"status": "withdrawn", "note": "They settled it."}, None, "They settled it."),
    ],
)
async def test_does_what_its_form_says(
    operator: httpx.AsyncClient, case_id: str, work: str, fields: dict[str, str], files: Any, shown: str
) -> None:
    done = await submit(operator, f"/cases/{case_id}/{work}", files=files, **fields)
    assert done.status_code == 303, text_of(done.text)
    text = await read(operator, f"/cases/{case_id}")
    assert shown in text
    assert "enforcement_operator.default@example.com" in text


@pytest.mark.parametrize(
    ("work", "fields", "field", "said"),
    [
        ("stage", {"stage": "nowhere"}, "stage", "Must be one of"),
        ("event", {"event_kind": "bank_levy_filed"}, "document_path", "Is missing: this kind of event"),
        ("event", {"event_kind": "note", "occurred_at": "soon"}, "occurred_at", "Must be"),
        (
            "action",
            {"action_type": "bank_levy", "status": "not a word"},
            "status",
            "Must be a snake_case word",
        ),
        ("payment", {"amount": "20000", "source": "check"}, "amount", "More than is still due"),
        ("payment", {"amount": "-1", "source": "check"}, "amount", "Must be"),
        *(
            ("payment", {"amount": amount, "source": "check"}, "amount", "Must be")
            for amount in ("much", "nan", "inf", "-Infinity", "1e999")
        ),
        ("event", {"event_kind": "note", "amount": "nan"}, "amount", "Must be"),
        ("subpoena", {"recipient": "First Bank"}, "document_path", "Is missing"),
        (
            "tier",
            {"tier": "tier3", "expires_at": "2020-01-01", "note": "x"},
            "expires_at",
            "Must lie in the future",
        ),
        ("call", {"due_at": "2020-01-01T10:00"}, "due_at", "Must be within a year"),
        ("call", {"due_at": "whenever"}, "due_at", "Must be"),
        ("close", {"status": "open"}, "status", "Must be one of"),
    ],
)
async def test_says_what_is_wrong_at_its_field(
    operator: httpx.AsyncClient,
    owner: asyncpg.Connection,
    case_id: str,
    work: str,
    fields: dict[str, str],
    field: str,
    said: str,
) -> None:
    before = await all_rows(owner)
    refused = await submit(operator, f"/cases/{case_id}/{work}", **fields)
    assert refused.status_code in (409, 422)
    assert said in refused.text.split(f'id="error-{field}">')[1].split("<")[0]
    assert await all_rows(owner) == before


async def test_an_earlier_stage_wants_a_tick(operator: httpx.AsyncClient, case_id: str) -> None:
    path = f"/cases/{case_id}/stage"
    assert (await submit(operator, path, stage="marshal")).status_code == 303
    refused = await submit(operator, path, stage="asset_search")
    assert refused.status_code == 409
    assert "Tick below to go back" in text_of(refused.text)
    assert (await submit(operator, path, stage="asset_search", override="true")).status_code == 303


async def test_a_form_sent_twice_counts_once(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
) -> None:
    path = f"{ROOT}/cases/{case_id}/payment"
    html = (await operator.get(path)).text
    token, once = (html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf_token", "once"))
    fields = {"csrf_token": token, "once": once, "amount": "100", "source": "cash"}
    for _ in range(2):
        assert (await operator.post(path, data=fields)).status_code == 303
    assert await owner.fetchval("select count(*) from enforcement_payments") == 1


async def test_a_file_kept_before_a_refusal_can_be_chosen(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
) -> None:
    path = f"/cases/{case_id}/payment"
    refused = await submit(operator, path, amount="99999", source="check", files=PROOF)
    assert refused.status_code == 409
    (document_id,) = await owner.fetchrow("select id from enforcement_documents")
    assert f'value="{document_id}" selected' in refused.text
    done = await submit(operator, path, amount="10", source="check", document_path=str(document_id))
    assert done.status_code == 303, text_of(done.text)
    assert await owner.fetchval("select document_path is not null from enforcement_payments")
    assert (
        await owner.fetchval("select count(*) from enforcement_history where change = 'document_opened'") == 0
    )


async def test_a_document_of_another_case_cannot_be_chosen(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, open_case: Any, case_id: str
) -> None:
    other = await open_case()
    for case in (case_id, other):
        added = await submit(
            operator,
            f"/cases/{case}/documents",
            doc_kind="writ",
            files={"file": ("writ.pdf", PDF, "application/pdf")},
        )
        assert added.status_code == 303
    theirs = await owner.fetchval(
        "select id::text from enforcement_documents where enforcement_case_id::text = $1", other
    )
    before = await all_rows(owner)
    refused = await submit(
        operator, f"/cases/{case_id}/payment", amount="10", source="check", document_path=theirs
    )
    assert refused.status_code == 422
    assert "Must be one of the case" in refused.text.split('id="error-document_path">')[1].split("<")[0]
    assert await all_rows(owner) == before


async def test_an_answer_to_a_subpoena_ends_its_wait(operator: httpx.AsyncClient, case_id: str) -> None:
    assert (await submit(operator, f"/cases/{case_id}/subpoena", files=PROOF)).status_code == 303
    assert "Record the answer" in await read(operator, f"/cases/{case_id}")
    answered = await submit(
        operator, f"/cases/{case_id}/response", outcome="complied", note="Two statements."
    )
    assert answered.status_code == 303, text_of(answered.text)
    text = await read(operator, f"/cases/{case_id}")
    assert "Subpoena complied" in text
    assert "Record the answer" not in text


async def test_a_tier_is_chosen_by_its_number_and_what_it_means(
    operator: httpx.AsyncClient, case_id: str
) -> None:
    text = await read(operator, f"/cases/{case_id}/tier")
    assert "Tier 3 · strategic, above 80" in text
    assert "Tier 0 · monitor, below 30" in text


async def test_an_override_is_ended(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
) -> None:
    await submit(operator, f"/cases/{case_id}/tier", tier="tier3", expires_at=SOON, note="New employer.")
    assert await owner.fetchval("select tier from enforcement_cases") == "tier3"
    assert (await submit(operator, f"/cases/{case_id}/tier-by-score")).status_code == 303
    assert await owner.fetchval("select tier_override from enforcement_cases") is None


async def test_a_document_is_kept_and_handed_out(
    operator: httpx.AsyncClient, member: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
) -> None:
    file = {"file": ("writ.pdf", PDF, "application/pdf")}
    added = await submit(
        operator, f"/cases/{case_id}/documents", doc_kind="writ", title="The writ", files=file
    )
    assert added.status_code == 303, text_of(added.text)
    document_id: UUID = await owner.fetchval("select id from enforcement_documents")
    assert "The writ" in await read(member, f"/cases/{case_id}")
    kept = await member.get(f"{ROOT}/documents/{document_id}")
    assert kept.content == PDF
    assert kept.headers["content-disposition"].startswith("attachment")
    assert "Document opened" in await read(operator, f"/cases/{case_id}?timeline=changes")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "Is missing"),
        (("a.pdf", b"not one", "application/pdf"), "This is no PDF, PNG or JPEG."),
    ],
)
async def test_a_file_that_cannot_be_kept_is_told_so(
    operator: httpx.AsyncClient, case_id: str, file: Any, said: str
) -> None:
    files = {"file": file} if file else None
    refused = await submit(operator, f"/cases/{case_id}/documents", doc_kind="writ", files=files)
    assert refused.status_code in (415, 422)
    assert said in refused.text.split('id="error-file">')[1].split("<")[0]


async def test_the_copilot_is_asked_once(
    operator: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str
) -> None:
    html = (await operator.get(f"{ROOT}/cases/{case_id}")).text
    button = html.split(f'action="{ROOT}/cases/{case_id}/copilot"')[1]
    fields = {
        name: button.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf_token", "once")
    }
    for _ in range(2):
        asked = await operator.post(f"{ROOT}/cases/{case_id}/copilot", data=fields)
        assert asked.status_code == 303
    assert await owner.fetchval("select count(*) from pgmq.q_case_copilot") == 1
    assert "appears here by itself" in text_of(
        (await operator.get(asked.headers["location"].split("#")[0])).text
    )


@pytest.mark.parametrize("work", ["stage", "payment", "close", "tier", "event"])
async def test_members_may_not(
    member: httpx.AsyncClient, owner: asyncpg.Connection, case_id: str, work: str
) -> None:
    before = await all_rows(owner)
    fields = {"stage": "marshal", "amount": "5", "source": "cash", "status": "withdrawn", "tier": "tier1",
              "expires_at": SOON, "note": "x", "event_kind": "note"}  # fmt: skip
    assert (await submit(member, f"/cases/{case_id}/{work}", **fields)).status_code == 403
    assert await all_rows(owner) == before


async def test_a_closed_case_says_so(operator: httpx.AsyncClient, service: Session, case_id: str) -> None:
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    refused = await submit(operator, f"/cases/{case_id}/payment", amount="5", source="cash")
    assert refused.status_code == 409
    assert "The case is closed" in text_of(refused.text)


async def test_only_known_work_has_a_page(operator: httpx.AsyncClient, case_id: str) -> None:
    assert (await operator.get(f"{ROOT}/cases/{case_id}/drop")).status_code == 404
