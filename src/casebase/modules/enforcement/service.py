"""The typed client of the module's RPCs: ``cb.enforcement`` of a ``Casebase`` connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from casebase.kernel.db import Session
from casebase.kernel.payloads import jsonable, validated
from casebase.modules.enforcement.models import (
    ActionChange,
    Board,
    Bundle,
    Call,
    CallOutcome,
    CallPlan,
    CallTaskPage,
    Case,
    CasePage,
    ChangePage,
    ClearedOverride,
    ClosedCase,
    Closure,
    CopilotRequest,
    CountyList,
    CreatedJudgment,
    EnforcementSettings,
    Enrichment,
    Entity,
    ImportFile,
    ImportRowPage,
    ImportRun,
    ImportRunPage,
    IssuedSubpoena,
    JobRequest,
    LinkedEntity,
    MergedBundle,
    MovedCase,
    NewCase,
    NewEvent,
    NewJudgment,
    OverriddenTier,
    OverrideEnd,
    OverrideList,
    Payment,
    PipelinePage,
    PlannedCall,
    RecordedCall,
    RecordedPayment,
    ReviewedSubpoena,
    Scores,
    SettingsChange,
    StageChange,
    StagedRow,
    StagedRows,
    Subpoena,
    SubpoenaResponse,
    TierOverride,
    Timeline,
)
from casebase.modules.enforcement.payloads import docket_arguments, payload_of

G = TypeVar("G", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)
Id = UUID | str

Sla = Literal["breached", "met"]
CaseFilter = Literal["open", "satisfied", "uncollectible", "withdrawn", "closed"]
Entry = Literal["event", "history", "task", "action"]
RowStatus = Literal["staged", "created", "known", "rejected"]


class Client:
    """Enforce judgments as the principal of a session.

    What is given may be a model or a mapping of its fields; a wrong one raises ``InvalidInputError`` naming each field.
    The RPCs' refusals are ``RpcError`` with the codes of ``docs/modules/enforcement-rpcs.md``. With an
    ``idempotency_key`` a write that is repeated within 24 hours answers as the first time.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- cases -------------------------------------------------------------------------------------

    async def open_case(
        self, case: NewCase | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> UUID:
        """Open the enforcement of a judgment and return the case's id; ``case_already_open`` for a second one."""
        return UUID(await self._write("open_enforcement_case", NewCase, case, idempotency_key))

    async def close_case(
        self, case_id: Id, closure: Closure | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> ClosedCase:
        """End a case, and with it its open actions and tasks."""
        answer = await self._write(
            "close_enforcement_case", Closure, closure, idempotency_key, case_id=case_id
        )
        return ClosedCase.model_validate(answer)

    async def set_stage(
        self, case_id: Id, change: StageChange | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> MovedCase:
        """Move a case; ``stage_goes_back`` for an earlier stage without ``override``."""
        answer = await self._write(
            "set_enforcement_stage", StageChange, change, idempotency_key, case_id=case_id
        )
        return MovedCase.model_validate(answer)

    async def log_event(
        self, case_id: Id, event: NewEvent | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> UUID:
        """Write what happened to a case and return the event's id."""
        return UUID(
            await self._write("log_enforcement_event", NewEvent, event, idempotency_key, case_id=case_id)
        )

    async def queue_action(
        self, case_id: Id, action: ActionChange | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> UUID:
        """Open a workflow, or bring the open one of its type to another status; return its id."""
        return UUID(
            await self._write(
                "queue_enforcement_action", ActionChange, action, idempotency_key, case_id=case_id
            )
        )

    async def record_payment(
        self,
        payment: Payment | Mapping[str, Any],
        *,
        case_id: Id | None = None,
        judgment_id: Id | None = None,
        idempotency_key: str | None = None,
    ) -> RecordedPayment:
        """Record money received on the open case, named by its own id or its judgment's.

        Raises ``RpcError``: ``payment_exceeds_balance``, ``payment_already_recorded`` for a source's known reference.
        """
        answer = await self._write(
            "record_enforcement_payment",
            Payment,
            payment,
            idempotency_key,
            case_id=case_id,
            judgment_id=judgment_id,
        )
        return RecordedPayment.model_validate(answer)

    async def override_tier(
        self, case_id: Id, override: TierOverride | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> OverriddenTier:
        """Set a case's tier by hand until a time within a year."""
        answer = await self._write(
            "override_enforcement_tier", TierOverride, override, idempotency_key, case_id=case_id
        )
        return OverriddenTier.model_validate(answer)

    async def clear_override(
        self, case_id: Id, end: OverrideEnd | Mapping[str, Any] | None = None
    ) -> ClearedOverride:
        """Let a case's score decide its tier again."""
        answer = await self._write(
            "clear_enforcement_override", OverrideEnd, end or OverrideEnd(), None, case_id=case_id
        )
        return ClearedOverride.model_validate(answer)

    async def issue_subpoena(
        self, case_id: Id, subpoena: Subpoena | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> IssuedSubpoena:
        """Write that a subpoena was issued, with its document and the task of its response."""
        answer = await self._write("issue_subpoena", Subpoena, subpoena, idempotency_key, case_id=case_id)
        return IssuedSubpoena.model_validate(answer)

    async def record_subpoena_response(
        self,
        case_id: Id,
        response: SubpoenaResponse | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> ReviewedSubpoena:
        """Write what a subpoena brought, and plan its review."""
        answer = await self._write(
            "record_subpoena_response", SubpoenaResponse, response, idempotency_key, case_id=case_id
        )
        return ReviewedSubpoena.model_validate(answer)

    # -- reading -----------------------------------------------------------------------------------

    async def list_pipeline(
        self,
        *,
        tier: str | None = None,
        stage: str | None = None,
        county: str | None = None,
        state: str | None = None,
        sla: Sla | None = None,
        search: str | None = None,
        cursor: str | None = None,
        page_size: int = 50,
        tenant_id: UUID | None = None,
    ) -> PipelinePage:
        """Return a page of what to work on, the highest tier first; the stage ``none`` is judgments without a case."""
        arguments = {
            "tier": tier,
            "stage": stage,
            "county": county,
            "state": state,
            "sla": sla,
            "search": search,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        }
        return await self._read(PipelinePage, "list_priority_pipeline", **arguments)

    async def list_counties(self, tenant_id: UUID | None = None) -> CountyList:
        """Return the states and counties that a tenant's dockets are in."""
        return await self._read(CountyList, "list_pipeline_counties", tenant_id=tenant_id)

    async def list_cases(
        self,
        *,
        status: CaseFilter | None = None,
        search: str | None = None,
        cursor: str | None = None,
        page_size: int = 50,
        tenant_id: UUID | None = None,
    ) -> CasePage:
        """Return a page of a tenant's cases, the latest first; the status ``closed`` is each of the three ends."""
        arguments = {
            "status": status,
            "search": search,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        }
        return await self._read(CasePage, "list_enforcement_cases", **arguments)

    async def get_case(self, case_id: Id) -> Case:
        """Return one case with all that belongs to it."""
        return await self._read(Case, "get_enforcement_case", case_id=case_id)

    async def list_timeline(
        self,
        case_id: Id,
        *,
        kinds: Sequence[Entry] | None = None,
        cursor: str | None = None,
        page_size: int = 50,
    ) -> Timeline:
        """Return a page of what was written to a case, newest first."""
        return await self._read(
            Timeline,
            "list_enforcement_timeline",
            case_id=case_id,
            kinds=None if kinds is None else list(kinds),
            cursor=cursor,
            page_size=page_size,
        )

    async def get_board(self, tenant_id: UUID | None = None) -> Board:
        """Return a tenant's open cases counted by tier and stage."""
        return await self._read(Board, "get_enforcement_board", tenant_id=tenant_id)

    async def list_history(
        self, *, cursor: str | None = None, page_size: int = 50, tenant_id: UUID | None = None
    ) -> ChangePage:
        """Return a page of all that was changed on a tenant's cases."""
        return await self._read(
            ChangePage, "list_enforcement_history", cursor=cursor, page_size=page_size, tenant_id=tenant_id
        )

    async def list_overrides(self, tenant_id: UUID | None = None) -> OverrideList:
        """Return the tiers that were set by hand."""
        return await self._read(OverrideList, "list_tier_overrides", tenant_id=tenant_id)

    # -- calls -------------------------------------------------------------------------------------

    async def list_call_tasks(
        self, *, cursor: str | None = None, page_size: int = 50, tenant_id: UUID | None = None
    ) -> CallTaskPage:
        """Return a page of the call desk: what is due first, the highest tier's first."""
        return await self._read(
            CallTaskPage, "list_call_tasks", cursor=cursor, page_size=page_size, tenant_id=tenant_id
        )

    async def open_call(self, task_id: Id) -> Call:
        """Return all that a caller needs for a call, its numbers too; that somebody looked is kept."""
        return await self._read(Call, "open_call_task", task_id=task_id)

    async def log_call(
        self,
        plaintiff_id: Id,
        outcome: CallOutcome | Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> RecordedCall:
        """Take down a call; ``call_frequency_exceeded`` for a follow-up that 12 CFR 1006.14(b)(2) forbids."""
        answer = await self._session.call(
            "log_call_outcome",
            payload_of(validated(CallOutcome, outcome), plaintiff_id=plaintiff_id),
            idempotency_key=idempotency_key,
        )
        return RecordedCall.model_validate(answer)

    async def schedule_call(
        self, plaintiff_id: Id, plan: CallPlan | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> PlannedCall:
        """Plan a call to a plaintiff, under the same rule."""
        answer = await self._write(
            "schedule_call", CallPlan, plan, idempotency_key, plaintiff_id=plaintiff_id
        )
        return PlannedCall.model_validate(answer)

    # -- judgments and what is learned of them -----------------------------------------------------

    async def create_judgment(
        self, judgment: NewJudgment | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> CreatedJudgment:
        """Record a judgment with its parties and docket; ``docket_already_known`` for one that is there."""
        answer = await self._write("create_judgment", NewJudgment, judgment, idempotency_key)
        return CreatedJudgment.model_validate(answer)

    async def insert_or_get_entity(self, entity: Entity | Mapping[str, Any]) -> LinkedEntity:
        """Have a person or company exactly once and link who is it; service role only."""
        return LinkedEntity.model_validate(await self._write("insert_or_get_entity", Entity, entity, None))

    async def set_enrichment(self, docket_id: Id, enrichment: Enrichment | Mapping[str, Any]) -> None:
        """Keep what enrichment found of a docket; service role only."""
        await self._session.call(
            "set_case_enrichment", docket_arguments(docket_id, validated(Enrichment, enrichment))
        )

    async def set_scores(self, docket_id: Id, scores: Scores | Mapping[str, Any]) -> None:
        """Keep a docket's scores and tier; service role only."""
        await self._session.call("set_case_scores", docket_arguments(docket_id, validated(Scores, scores)))

    async def merge_bundle(self, docket_id: Id, bundle: Bundle | Mapping[str, Any]) -> MergedBundle:
        """Merge what a vendor knows of a debtor; service role only."""
        document = jsonable(validated(Bundle, bundle)) | {"case_id": str(docket_id)}
        return await self._read(MergedBundle, "upsert_enrichment_bundle", bundle=document)

    # -- imports -----------------------------------------------------------------------------------

    async def start_import(self, file: ImportFile | Mapping[str, Any]) -> ImportRun:
        """Begin, or find again, the import of an export; service role only."""
        return ImportRun.model_validate(await self._write("start_simplicity_import", ImportFile, file, None))

    async def add_rows(
        self, import_run_id: Id, rows: Sequence[StagedRow], *, is_last: bool | None = None
    ) -> ImportRun:
        """Stage at most 5000 rows of an export; a row number that is there already is left; service role only."""
        staged = StagedRows(rows=tuple(rows), is_last=is_last)
        payload = jsonable(staged) | {"import_run_id": str(import_run_id)}
        return await self._read(ImportRun, "add_simplicity_rows", payload=payload)

    async def process_import(self, import_run_id: Id) -> ImportRun:
        """Make judgments of the next staged rows; again while ``is_more``; service role only."""
        return await self._read(ImportRun, "process_simplicity_imports", import_run_id=import_run_id)

    async def list_imports(
        self, *, cursor: str | None = None, page_size: int = 50, tenant_id: UUID | None = None
    ) -> ImportRunPage:
        """Return a page of a tenant's import runs, latest first."""
        return await self._read(
            ImportRunPage, "list_import_runs", cursor=cursor, page_size=page_size, tenant_id=tenant_id
        )

    async def list_import_rows(
        self,
        import_run_id: Id,
        *,
        status: RowStatus | None = None,
        cursor: int | None = None,
        page_size: int = 50,
    ) -> ImportRowPage:
        """Return a page of a run's rows, the rejected ones with their reasons."""
        return await self._read(
            ImportRowPage,
            "list_import_rows",
            import_run_id=import_run_id,
            status=status,
            cursor=cursor,
            page_size=page_size,
        )

    # -- workers and settings ----------------------------------------------------------------------

    async def queue_job(self, job: JobRequest | Mapping[str, Any]) -> int:
        """Queue a job for a worker and return its id; its own ``idempotency_key`` answers the first one's."""
        return int(await self._write("queue_job", JobRequest, job, None))

    async def request_copilot(self, case_id: Id, requested_by: str | None = None) -> int:
        """Ask the copilot for a note on a case and return the job's id; the note comes with ``get_case``."""
        arguments = jsonable(CopilotRequest(requested_by=requested_by)) | {"case_id": case_id}
        return int(await self._session.call("request_case_copilot", arguments))

    async def get_settings(self, tenant_id: UUID | None = None) -> EnforcementSettings:
        """Return what a tenant decided for itself; for its owners and admins, and the service."""
        return await self._read(EnforcementSettings, "get_enforcement_settings", tenant_id=tenant_id)

    async def set_settings(self, change: SettingsChange | Mapping[str, Any]) -> EnforcementSettings:
        """Decide for a tenant and return all its settings; for its owners and admins, and the service."""
        answer = await self._write("set_enforcement_settings", SettingsChange, change, None)
        return EnforcementSettings.model_validate(answer)

    # -- the two ways of a call --------------------------------------------------------------------

    async def _write(
        self, function: str, kind: type[G], given: G | Mapping[str, Any], key: str | None, **ids: Any
    ) -> Any:
        payload = payload_of(validated(kind, given), **ids)
        return await self._session.call(function, {"payload": payload}, idempotency_key=key)

    async def _read(self, kind: type[S], function: str, **arguments: Any) -> S:
        return kind.model_validate(await self._session.call(function, arguments))
