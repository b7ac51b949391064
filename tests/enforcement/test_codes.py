"""What cannot be masked is refused when it tells of somebody, and numbers of courts, banks and archives are let through."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.enforcement.enrichment_calls import judgment, process, simplicity, stage, start_import
from tests.support.refusals import refusal, wrong_fields

PERSONAL = [
    "Jordan Quillfeather",
    "QUILLFEATHER",
    "jordan_quillfeather",
    "quillfeather's",
    "646-555-0148",
    "6465550148",
    "1_646_555_0148",
    "(212) 555-0187",
    "212 555 0187",
    "078-05-1120",
    "078.05.1120",
    "078_05_1120",
    "4111-1111-1111-1111",
]
DOCKETS = [
    "CV-012345-24/KI",
    "2024-55512",
    "012345/2019",
    "653221/2020",
    "1:24-cv-01234-ABC",
    "2023-CA-001234-O",
    "50-2023-CA-001234-XXXX-MB",
    "22STCV12345",
    "S123456",
    "BC654321",
    "D-1-GN-24-001234",
    "2018 L 001234",
    "19-2-12345-6 SEA",
    "CIVDS2012345",
    "#24-1042",
    "24-0123456",
    "61234567",
    "2125550199/24",
    "No. 3:19-bk-31234 (Ch. 7)",
]
ADDRESSES = [
    "levies/2026-01-15/served_0012.pdf",
    "exhibits/a-0001-012345.png",
    "scans/20260115_093000.pdf",
    "x/81234567",
]


@pytest.mark.parametrize("number", DOCKETS)
async def test_a_docket_is_taken(owner: asyncpg.Connection, service: Session, number: str) -> None:
    await service.call("create_judgment", {"payload": judgment(docket={"case_number": number})})
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1, case_number=number, defendant_name="Jordan Quillfeather"))
    assert (await process(service, run_id))["created"] == 1
    assert await owner.fetchval("select array_agg(distinct case_number) from judgments.cases") == [
        number.upper()
    ]


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("field", ["case_number", "court"])
async def test_a_docket_that_tells_of_the_debtor_is_not(
    owner: asyncpg.Connection, service: Session, field: str, text: str
) -> None:
    docket = {"case_number": "1/24", field: f"A7 {text.replace(chr(39), '/')}"}
    error = await refusal(owner, service, "create_judgment", judgment(docket=docket))
    assert wrong_fields(error) == [f"docket.{field}"]
    run_id = await start_import(service)
    row = simplicity(1, defendant_name="Jordan Quillfeather", **docket)
    await stage(service, run_id, row)
    assert (await process(service, run_id))["rejected"] == 1
    assert await owner.fetchval("select reasons from enforcement.import_rows") == [
        f"{field}: must tell of nobody"
    ]


@pytest.mark.parametrize(
    ("debtor", "court", "county", "is_taken"),
    [
        ("Ann Johnson", "Johnson County Court", "Johnson", True),
        ("Ann Johnson", "Johnson County Court", "Johnson County", True),
        ("Jane Court", "Civil Court", "Kings", True),
        ("Kings Plumbing LLC", "Civil Court of Kings", "Kings", True),
        ("Ann Johnson", "Civil Court, re Johnson", "Kings", False),
        ("Ann Johnson", "Civil Court", "Ann Johnson", False),
        ("Ann Johnson", "Civil Court", "re Johnson", False),
        ("Kings Plumbing LLC", "Kings Plumbing LLC", "Kings", False),
    ],
)
async def test_a_place_may_be_called_as_people_are(
    service: Session, debtor: str, court: str, county: str, is_taken: bool
) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1, defendant_name=debtor, court=court, county=county))
    assert (await process(service, run_id))["created"] == is_taken


@pytest.mark.parametrize("text", PERSONAL)
async def test_a_path_that_tells_of_somebody_is_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, text: str
) -> None:
    event = {"case_id": await open_case(), "event_kind": "note", "document_path": f"levies/{text}.pdf"}
    error = await refusal(owner, service, "log_enforcement_event", event)
    assert wrong_fields(error) == ["document_path"]
    mistyped = await refusal(owner, service, "log_enforcement_event", {**event, "document_path": "../x"})
    assert error.detail == mistyped.detail


@pytest.mark.parametrize("path", ADDRESSES)
async def test_a_path_that_tells_of_nobody_is_kept(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, path: str
) -> None:
    event = {"case_id": await open_case(), "event_kind": "note", "document_path": path}
    await service.call("log_enforcement_event", {"payload": event})
    assert await owner.fetchval("select storage_path from enforcement_documents") == path


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": "078-05-1120"},
        {"reference": "wire_quillfeather"},
        {"reference": "6465550148"},
        {"source": "jordan_quillfeather"},
        {"source": "by_quillfeather"},
        {"source": "tel_646_555_0148"},
    ],
)
async def test_a_payment_is_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any]
) -> None:
    payment = {"case_id": await open_case(), "amount": 1, "source": "wire", **changes}
    error = await refusal(owner, service, "record_enforcement_payment", payment)
    assert wrong_fields(error) == [*changes]
    mistyped = dict.fromkeys(changes, "a b!")
    malformed = await refusal(owner, service, "record_enforcement_payment", payment | mistyped)
    assert error.detail == malformed.detail


@pytest.mark.parametrize(
    "reference", ["81234567", "2024-55512", "CK#1042", "0012345678", "FT26015BX9KQ", "ch_3PqL8x"]
)
async def test_a_payment_is_recorded(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, reference: str
) -> None:
    payment = {"case_id": await open_case(), "amount": 1, "source": "wire", "reference": reference}
    await service.call("record_enforcement_payment", {"payload": payment})
    assert await owner.fetchval("select reference from enforcement_payments") == reference


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("export.csv", "export.csv"),
        ("Simplicity export (2) 2026-11-21.CSV", "Simplicity export (2) 2026-11-21.csv"),
        ("Jonathan Quimbleton.csv", "[name].csv"),
        ("judgments_quimbleton.csv", "[name].csv"),
        ("for jq@quill.example.csv", "[name].csv"),
        ("212-555-0187.csv", "[name].csv"),
        ("2125550187.csv", "[name].csv"),
        ("078_05_1120.csv", "[name].csv"),
        ("Quimbleton", "[name]"),
    ],
)
async def test_a_file_keeps_a_name_that_only_says_what_it_is(service: Session, name: str, kept: str) -> None:
    run = await service.call(
        "start_simplicity_import", {"payload": {"file_name": name, "file_sha256": "a" * 64}}
    )
    assert run["file_name"] == kept
