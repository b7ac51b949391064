"""What the tests of judgments, scores and imports send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from casebase.kernel.db import Session
from tests.enforcement.judgments import Judgment

SCORES = {
    "p_identity_score": 80,
    "p_contactability_score": 55.5,
    "p_asset_score": 40,
    "p_recency_amount_score": 66.67,
    "p_adverse_penalty": 10,
    "p_collectability_score": 61.25,
    "p_collectability_tier": "tier2",
}


def judgment(**changes: Any) -> dict[str, Any]:
    """A payload of ``create_judgment``; a change of None leaves a field out."""
    payload = {
        "plaintiff": {"name": "Harbor Supply LLC", "phone": "(212) 555-0170", "email": "ar@harbor.example"},
        "debtor": {
            "name": "Jordan Quillfeather",
            "phone": "(646) 555-0148",
            "address": "12 Quince Alley, Brooklyn",
        },
        "docket": {"case_number": "cv-1042/24", "court": "CIVIL COURT", "county": "KINGS", "state": "NY"},
        "judgment_amount": 12500.5,
        "judgment_date": "2024-03-05",
        **changes,
    }
    return {name: value for name, value in payload.items() if value is not None}


async def set_scores(service: Session, docket_id: UUID, score: float, tier: str) -> None:
    """Give a docket a score and its tier."""
    await service.call(
        "set_case_scores",
        {
            **SCORES,
            "p_case_id": docket_id,
            "p_collectability_score": score,
            "p_collectability_tier": tier,
        },
    )


def bundle(of: Judgment, **changes: Any) -> dict[str, Any]:
    """A vendor's bundle about a judgment's debtor."""
    return {
        "case_id": str(of.docket_id),
        "source": "vendor",
        "contacts": [
            {"kind": "phone", "value": "+1 646 555 0199", "confidence": 0.9},
            {"kind": "email", "value": "JQ@Quill.example", "label": "home"},
        ],
        "assets": [
            {"kind": "employer", "description": "Pelican Freight, Inc.", "confidence": 0.8},
            {"kind": "bank", "description": "Checking account", "estimated_value": 1200.5},
        ],
        **changes,
    }


def simplicity(number: int, **changes: Any) -> dict[str, Any]:
    """A staged row as ``add_simplicity_rows`` takes it; a change of None leaves a field out."""
    raw = {
        "case_number": f"CV-{number:06}/24",
        "court": "Civil Court",
        "county": "Kings",
        "state": "NY",
        "judgment_date": "2024-03-05",
        "judgment_amount": "12500.00",
        "plaintiff_name": "Harbor Supply LLC",
        "defendant_name": f"Jordan Quillfeather {number}",
        "defendant_phone": "646-555-0148",
        **changes,
    }
    return {"row_number": number, "raw": {name: value for name, value in raw.items() if value is not None}}


async def start_import(service: Session, digest: str = "a" * 64, **changes: Any) -> str:
    """Start a run and return its id."""
    payload = {"file_name": "export.csv", "file_sha256": digest, **changes}
    run = await service.call("start_simplicity_import", {"payload": payload})
    run_id: str = run["import_run_id"]
    return run_id


async def stage(service: Session, run_id: str, *rows: dict[str, Any], is_last: bool = True) -> Any:
    """Stage rows; unless told otherwise they are the file's last."""
    return await service.call(
        "add_simplicity_rows", {"payload": {"import_run_id": run_id, "rows": rows, "is_last": is_last}}
    )


async def process(service: Session, run_id: str) -> Any:
    """Process a run to its end and return what it says of itself."""
    while (run := await service.call("process_simplicity_imports", {"import_run_id": run_id}))["is_more"]:
        pass
    return run
