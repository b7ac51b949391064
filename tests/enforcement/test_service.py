"""``cb.enforcement``: the typed client understands every answer of the RPCs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from casebase.app import Casebase
from casebase.kernel.db import Database, Session
from casebase.kernel.errors import InvalidInputError, RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement.enums import ActionType, CaseStatus, EventKind, PriorityLevel
from casebase.modules.enforcement.models import (
    Bundle,
    BundleAsset,
    CallOutcome,
    CallPlan,
    Closure,
    Docket,
    Enrichment,
    NewCase,
    NewEvent,
    NewJudgment,
    Party,
    Payment,
    Scores,
    StageChange,
    StagedRow,
    TierOverride,
)
from casebase.modules.enforcement.service import Client
from tests.enforcement.conftest import People

JUDGMENT = NewJudgment(
    plaintiff=Party(name="Harbor Supply LLC", kind="company", phone="(212) 555-0134"),
    debtor=Party(name="Jordan Quillfeather"),
    docket=Docket(case_number="CV-2024-118", county="Kings", state="NY"),
    judgment_amount=Decimal("9000.10"),
    priority_level=PriorityLevel.HIGH,
)


@pytest.fixture
def enforcement(service: Session) -> Client:
    return Client(service)


def test_the_connection_has_it_as_an_attribute(runtime: Runtime) -> None:
    assert isinstance(Casebase(runtime).enforcement, Client)


async def test_a_cases_whole_life(enforcement: Client) -> None:
    judgment = await enforcement.create_judgment(JUDGMENT)
    score = {"collectability_score": Decimal("72.5"), "collectability_tier": "tier2"}
    parts = dict.fromkeys(
        ("identity_score", "contactability_score", "asset_score", "recency_amount_score", "adverse_penalty"),
        Decimal(40),
    )
    await enforcement.set_scores(judgment.case_id, Scores.model_validate(score | parts))
    await enforcement.set_enrichment(
        judgment.case_id, Enrichment.model_validate(score | {"summary": "A bank"})
    )
    merged = await enforcement.merge_bundle(
        judgment.case_id,
        Bundle(source="vendor", assets=(BundleAsset(kind="bank", description="First Bank"),)),
    )
    assert merged.assets.inserted == 1

    case_id = await enforcement.open_case(NewCase(judgment_id=judgment.judgment_id))
    await enforcement.request_copilot(case_id)
    moved = await enforcement.set_stage(case_id, StageChange(stage="bank_levy", note="Account known"))
    assert (moved.previous_stage, moved.is_changed) == ("pre_enforcement", True)
    await enforcement.log_event(case_id, NewEvent(event_kind=EventKind.NOTE, payload={"text": "Answered"}))
    await enforcement.queue_action(case_id, {"action_type": "bank_levy", "status": "filed"})
    issued = await enforcement.issue_subpoena(case_id, {"document_path": "court/subpoena-1.pdf"})
    assert (await enforcement.record_subpoena_response(case_id, {})).action_id == issued.action_id
    week = datetime.now(UTC) + timedelta(days=7)
    await enforcement.override_tier(
        case_id, TierOverride(tier="tier3", expires_at=week, note="Knows the bank")
    )
    [override] = (await enforcement.list_overrides()).items
    assert (override.tier_override, override.score_tier) == ("tier3", "tier2")
    assert (await enforcement.clear_override(case_id)).tier == "tier2"
    paid = await enforcement.record_payment(
        Payment(amount=Decimal("1000.05"), source="check"), judgment_id=judgment.judgment_id
    )
    assert paid.balance == Decimal("8000.05")
    ended = await enforcement.close_case(case_id, Closure(status="uncollectible"))
    assert (ended.status, ended.cancelled_actions) == (CaseStatus.UNCOLLECTIBLE, ("bank_levy",))

    whole = await enforcement.get_case(case_id)
    assert whole.may_act
    assert whole.docket is not None
    assert whole.docket.collectability_score == Decimal("72.5")
    assert {action.action_type for action in whole.actions} == {ActionType.BANK_LEVY, ActionType.SUBPOENA}
    assert (whole.judgment.balance_due, whole.payments[0].amount) == (Decimal("8000.05"), Decimal("1000.05"))
    [item] = (await enforcement.list_cases(status="closed", search=whole.case.reference)).items
    assert (item.case_id, item.status, item.current_balance) == (case_id, ended.status, Decimal("8000.05"))
    first = await enforcement.list_timeline(case_id, page_size=3)
    second = await enforcement.list_timeline(case_id, page_size=3, cursor=first.next_cursor)
    assert not {entry.entry_id for entry in first.items} & {entry.entry_id for entry in second.items}


async def test_the_pipeline_and_its_counts(enforcement: Client) -> None:
    judgment = await enforcement.create_judgment(JUDGMENT)
    [item] = (await enforcement.list_pipeline(state="NY", stage="none")).items
    assert (item.rank, item.case_id, item.priority_level) == (1, None, PriorityLevel.HIGH)
    await enforcement.open_case({"judgment_id": str(judgment.judgment_id)})
    assert [(place.state, place.county) for place in (await enforcement.list_counties()).items] == [
        ("NY", "Kings")
    ]
    assert (await enforcement.get_board()).total.current_balance == Decimal("9000.1")
    assert [change.change for change in (await enforcement.list_history()).items] == ["opened"]


async def test_calls(enforcement: Client) -> None:
    plaintiff_id = (await enforcement.create_judgment(JUDGMENT)).plaintiff_id
    soon = datetime.now(UTC) + timedelta(minutes=1)
    planned = await enforcement.schedule_call(plaintiff_id, CallPlan(due_at=soon))
    [task] = (await enforcement.list_call_tasks()).items
    assert task.task_id == planned.task_id
    call = await enforcement.open_call(task.task_id)
    assert [number.value for number in call.numbers] == ["(212) 555-0134"]
    assert "555" not in repr(call.numbers)
    logged = await enforcement.log_call(
        plaintiff_id, CallOutcome(outcome="voicemail", task_id=task.task_id), idempotency_key="call-1"
    )
    assert (logged.outcome, logged.follow_up) == ("left_voicemail", None)


async def test_an_import(enforcement: Client) -> None:
    run = await enforcement.start_import({"file_name": "export.csv", "file_sha256": "ab" * 32})
    row = {
        "case_number": "CV-2024-119",
        "plaintiff_name": "Harbor Supply LLC",
        "defendant_name": "Casey Brandywine",
        "judgment_amount": "8000",
    }
    await enforcement.add_rows(run.import_run_id, [StagedRow(row_number=1, raw=row)], is_last=True)
    done = await enforcement.process_import(run.import_run_id)
    assert (done.created, done.is_more) == (1, False)
    [listed] = (await enforcement.list_imports()).items
    assert listed.status == "finished"
    [made] = (await enforcement.list_import_rows(run.import_run_id, status="created")).items
    assert made.judgment_id is not None
    entity = await enforcement.insert_or_get_entity({"kind": "company", "name": "Harbor Supply LLC"})
    assert not entity.is_new


async def test_settings_and_jobs(enforcement: Client) -> None:
    changed = await enforcement.set_settings({"calls_per_window": 5})
    assert changed == await enforcement.get_settings()
    job = {"kind": "outreach", "idempotency_key": "k1"}
    assert await enforcement.queue_job(job) == await enforcement.queue_job(job)


class TestRefusals:
    async def test_a_wrong_field_is_named_without_its_value(self, enforcement: Client) -> None:
        with pytest.raises(InvalidInputError) as refused:
            await enforcement.set_stage(uuid4(), {"stage": "Not A Word 4711"})
        assert refused.value.detail["errors"][0]["field"] == "stage"
        assert "4711" not in str(refused.value.detail)

    async def test_one_plaintiff_is_wanted(self, enforcement: Client) -> None:
        both = JUDGMENT.model_dump() | {"plaintiff_id": uuid4()}
        with pytest.raises(InvalidInputError):
            await enforcement.create_judgment(both)

    async def test_the_databases_refusals_keep_their_code(self, api: Database, people: People) -> None:
        with pytest.raises(RpcError) as refused:
            await Client(api.session(people.member)).get_settings()
        assert refused.value.status == 403
        with pytest.raises(RpcError) as missing:
            await Client(api.session(people.operator)).get_case(uuid4())
        assert (missing.value.code, missing.value.status) == ("case_not_found", 404)
