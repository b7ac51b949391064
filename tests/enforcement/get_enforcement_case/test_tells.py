"""One call tells a console everything about a case, and whether the reader may act on it."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


async def test_the_whole_case_is_told(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="900.00", county="Queens")
    case_id = await open_case(judgment, notes="Ask for the ledger.")
    await service.call(
        "queue_enforcement_action",
        {"payload": {"case_id": case_id, "action_type": "bank_levy", "status": "prepared"}},
    )
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "bank_levy"}})
    await service.call(
        "record_enforcement_payment",
        {"payload": {"case_id": case_id, "amount": 100, "source": "check", "reference": "C-1"}},
    )
    told = await service.call("get_enforcement_case", {"case_id": case_id})

    assert told["may_act"] is True
    case = told["case"]
    assert (case["case_id"], case["current_stage"], case["current_balance"], case["is_breached"]) == (
        case_id, "bank_levy", 800.0, False,
    )  # fmt: skip
    assert case["days_in_stage"] == 0
    assert told["judgment"]["judgment_id"] == str(judgment.id)
    assert told["judgment"]["defendant_mask"] == "JQ"
    assert (told["docket"]["docket_id"], told["docket"]["county"]) == (str(judgment.docket_id), "Queens")
    assert told["plaintiff"] == {
        "plaintiff_id": str(judgment.plaintiff_id), "name": "Harbor Supply LLC", "status": "new",
    }  # fmt: skip
    entered = {stage["stage"]: stage["entered_at"] is not None for stage in told["stages"]}
    assert list(entered.items()) == [
        ("pre_enforcement", True), ("asset_search", False), ("bank_levy", True), ("garnishment", False),
        ("marshal", False), ("payment", False), ("closed", False),
    ]  # fmt: skip
    [action] = told["actions"]
    assert (action["action_type"], action["status"], action["closed_at"]) == ("bank_levy", "prepared", None)
    [payment] = told["payments"]
    assert (payment["amount"], payment["balance_after"], payment["reference"]) == (100.0, 800.0, "C-1")
    assert (told["documents"], told["tasks"], told["copilot"]) == ([], [], None)


async def test_neither_debtor_nor_storage_key_is_told(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await owner.execute(
        "insert into enforcement_documents (tenant_id, enforcement_case_id, doc_kind, storage_path, uploaded_by) "
        "select tenant_id, id, 'writ', 'old-store/secret-key.pdf', 'test' from enforcement_cases"
    )
    told = str(await service.call("get_enforcement_case", {"case_id": case_id}))
    assert "writ" in told
    for hidden in (DEBTOR, DEBTOR_PHONE, "secret-key"):
        assert hidden not in told


async def test_members_read_without_the_note_of_the_copilot(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await owner.execute(
        "insert into case_copilot_outputs (tenant_id, enforcement_case_id, job_id, model, is_extractive, summary, "
        "requested_by, requested_at) select tenant_id, id, n, 'm', true, 'Note ' || n, 'test', now() "
        "from enforcement_cases, generate_series(1, 2) n"
    )
    await owner.execute(
        "update case_copilot_outputs set created_at = now() + interval '1 hour' where job_id = 2"
    )
    acting = await api.session(people.operator).call("get_enforcement_case", {"case_id": case_id})
    assert (acting["may_act"], acting["copilot"]["summary"]) == (True, "Note 2")
    reading = await api.session(people.member).call("get_enforcement_case", {"case_id": case_id})
    assert (reading["may_act"], reading["copilot"]) == (False, None)
    assert reading["case"] == acting["case"]


@pytest.mark.parametrize("function", ["get_enforcement_case", "list_enforcement_timeline"])
async def test_another_tenants_case_is_not_found(
    api: Database, service: Session, people: People, open_case: OpenCase, function: str
) -> None:
    case_id = await open_case()
    readers = [api.session(person) for person in (people.other_operator, people.stranger)]
    for session, wanted in [(reader, case_id) for reader in readers] + [(service, str(uuid4()))]:
        with pytest.raises(RpcError) as refused:
            await session.call(function, {"case_id": wanted})
        assert (refused.value.status, refused.value.code) == (404, "case_not_found")
        assert refused.value.detail["field"] == "case_id"
