"""Whatever is done to cases, by whomever and in whatever order: what always holds holds.

Hypothesis plays the callers. The model knows which calls must be refused, and why; a refused one changes no row.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, People
from tests.enforcement.judgments import Judgment
from tests.support import machines

STAGES = ("pre_enforcement", "asset_search", "bank_levy", "garnishment", "marshal", "payment")
LAST_STATUSES = ("completed", "cancelled")
EVENTS = (
    "asset_search_requested",
    "bank_levy_filed",
    "bank_levy_released",
    "garnishment_served",
    "marshal_result",
    "note",
)


@dataclass
class Case:
    """A case as the model expects it."""

    id: str
    balance: Decimal
    stage: str = "pre_enforcement"
    status: str = "open"
    actions: dict[str, str] = field(default_factory=dict)


@dataclass
class Work:
    """A judgment and its cases, the latest last."""

    judgment: Judgment
    due: Decimal
    cases: list[Case] = field(default_factory=list)

    @property
    def case_id(self) -> str:
        return self.cases[-1].id

    @property
    def open_case(self) -> Case | None:
        return self.cases[-1] if self.cases and self.cases[-1].status == "open" else None


@dataclass(frozen=True)
class World(machines.World):
    api: Database
    people: People
    make_judgment: MakeJudgment


WHICH = st.integers(0, 1)
# Mostly those who may: a history made of refusals alone is short.
WHO = st.sampled_from(["operator"] * 12 + ["admin", "member", "other_operator", "stranger"])
# None, or one of the plaintiff's tasks, open or ended, whichever there are.
TASK = st.none() | st.integers(0, 50)
# Whoever may not act for a plaintiff is refused for that alone.
REFUSED: dict[str, set[str | None]] = {
    "member": {"operator_required"},
    "other_operator": {"plaintiff_not_found"},
    "stranger": {"plaintiff_not_found"},
}
CENTS = st.integers(1, 60_000).map(lambda cents: Decimal(cents) / 100)


class Enforcement(RuleBasedStateMachine):
    """Two judgments, and every operation on their cases."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.works: list[Work] = []
        self.references: set[str] = set()

    @initialize()
    def two_cases(self) -> None:
        for amount in ("1000.00", "250.50"):
            work = Work(self.world.do(self.world.make_judgment(amount=amount)), Decimal(amount))
            self.works.append(work)
        for which in range(2):
            self.opens(which, "operator")

    # What callers do

    @rule(which=WHICH, who=WHO)
    def opens(self, which: int, who: str) -> None:
        work = self.works[which]
        refusal = "case_already_open" if work.open_case else None if work.due else "nothing_due"
        opened = self.ask(
            who,
            "open_enforcement_case",
            {"judgment_id": str(work.judgment.id)},
            refusal,
            "judgment_not_found",
        )
        if opened:
            work.cases.append(Case(opened, work.due))

    @rule(which=WHICH, who=WHO, stage=st.sampled_from(STAGES), override=st.booleans())
    def stages(self, which: int, who: str, stage: str, override: bool) -> None:
        work = self.works[which]
        case = work.open_case
        goes_back = case is not None and STAGES.index(stage) < STAGES.index(case.stage)
        payload = {"case_id": work.case_id, "stage": stage, "override": override}
        refusal = "stage_goes_back" if goes_back and not override else None
        if self.ask_of_open(work, who, "set_enforcement_stage", payload, refusal) and case:
            case.stage = stage

    @rule(which=WHICH, who=WHO, kind=st.sampled_from(EVENTS), task=TASK)
    def logs(self, which: int, who: str, kind: str, task: int | None) -> None:
        work = self.works[which]
        payload = {"case_id": work.case_id, "event_kind": kind, "document_path": f"filings/{uuid4()}.pdf"}
        refusal = None
        if (found := self.task_of(work, task)) is not None:
            payload["related_task_id"], task_kind, status, case_id = found
            refusal = {"open": "invalid_input" if task_kind == "call" else None}.get(status, "task_closed")
            if case_id not in (None, work.case_id):
                refusal = "task_not_found"
        if kind in ("note", "bank_levy_released"):  # a closed case takes these too
            self.ask(who, "log_enforcement_event", payload, refusal)
        else:
            self.ask_of_open(work, who, "log_enforcement_event", payload, refusal)

    @rule(
        which=WHICH,
        who=WHO,
        action=st.sampled_from(["garnishment", "subpoena"]),
        status=st.sampled_from(["planned", "served", "completed", "cancelled"]),
    )
    def acts(self, which: int, who: str, action: str, status: str) -> None:
        work = self.works[which]
        case = work.open_case
        ends_nothing = case is not None and action not in case.actions and status in LAST_STATUSES
        payload = {"case_id": work.case_id, "action_type": action, "status": status}
        refusal = "action_not_open" if ends_nothing else None
        if self.ask_of_open(work, who, "queue_enforcement_action", payload, refusal) and case:
            case.actions[action] = status
            if status in LAST_STATUSES:
                del case.actions[action]

    @rule(which=WHICH, who=WHO, amount=CENTS, reference=st.integers(0, 20), by_judgment=st.booleans())
    def pays(self, which: int, who: str, amount: Decimal, reference: int, by_judgment: bool) -> None:
        work = self.works[which]
        case = work.open_case
        # Each run's judgments are new, but its tenant is not: a reference is one of this run.
        code = f"{self.works[0].judgment.id}-{reference}"
        refusal = None
        if code in self.references:
            refusal = "payment_already_recorded"
        elif case and amount > case.balance:
            refusal = "payment_exceeds_balance"
        named = {"judgment_id": str(work.judgment.id)} if by_judgment else {"case_id": work.case_id}
        payload = {**named, "amount": float(amount), "source": "wire", "reference": code}
        unknown = "judgment_not_found" if by_judgment else "case_not_found"
        if self.ask_of_open(work, who, "record_enforcement_payment", payload, refusal, unknown) and case:
            case.balance -= amount
            work.due -= amount
            self.references.add(code)

    @rule(which=WHICH, who=WHO)
    def issues_a_subpoena(self, which: int, who: str) -> None:
        work = self.works[which]
        case = work.open_case
        is_out = case is not None and case.actions.get("subpoena") in ("issued", "partly_complied")
        payload = {"case_id": work.case_id, "document_path": f"filings/{uuid4()}.pdf"}
        refusal = "subpoena_already_issued" if is_out else None
        if self.ask_of_open(work, who, "issue_subpoena", payload, refusal) and case:
            case.actions["subpoena"] = "issued"

    @rule(which=WHICH, who=WHO, outcome=st.sampled_from(["complied", "partly_complied", "not_complied"]))
    def answers_the_subpoena(self, which: int, who: str, outcome: str) -> None:
        work = self.works[which]
        case = work.open_case
        awaited = ("issued", "partly_complied", "not_complied")
        is_out = case is not None and case.actions.get("subpoena") in awaited
        payload = {"case_id": work.case_id, "outcome": outcome}
        refusal = None if is_out else "subpoena_not_issued"
        if self.ask_of_open(work, who, "record_subpoena_response", payload, refusal) and case:
            case.actions["subpoena"] = outcome
            if outcome == "complied":
                del case.actions["subpoena"]

    @rule(
        which=WHICH,
        who=WHO,
        outcome=st.sampled_from(["no_answer", "reached_warm", "callback", "bad_number", "do_not_call"]),
        days=st.none() | st.integers(1, 20),
        task=TASK,
    )
    def calls(self, which: int, who: str, outcome: str, days: int | None, task: int | None) -> None:
        # Whether a next call is allowed has tests of its own; here it must leave the cases alone.
        work = self.works[which]
        is_last = outcome in ("bad_number", "do_not_call")
        due_at = None if days is None or is_last else (datetime.now(UTC) + timedelta(days=days)).isoformat()
        arguments = {
            "plaintiff_id": str(work.judgment.plaintiff_id),
            "outcome": outcome,
            "follow_up_at": due_at,
        }
        allowed: set[str | None] = {None, "call_frequency_exceeded", "do_not_call"}
        if (found := self.task_of(work, task)) is not None:
            arguments["task_id"], kind, status, _ = found
            if kind != "call":
                allowed = {"task_not_found"}
            elif status != "open":
                allowed = {"task_closed"}
        self.answer(who, "log_call_outcome", arguments, REFUSED.get(who, allowed))

    @rule(which=WHICH, who=WHO, days=st.integers(1, 40))
    def plans_a_call(self, which: int, who: str, days: int) -> None:
        work = self.works[which]
        if work.open_case:
            due_at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
            payload = {
                "plaintiff_id": str(work.judgment.plaintiff_id),
                "case_id": work.case_id,
                "due_at": due_at,
            }
            allowed = {None, "call_frequency_exceeded", "do_not_call"}
            self.answer(who, "schedule_call", {"payload": payload}, REFUSED.get(who, allowed))

    @rule(which=WHICH, who=WHO, tier=st.none() | st.sampled_from(["tier0", "tier3"]))
    def overrides(self, which: int, who: str, tier: str | None) -> None:
        work = self.works[which]
        if tier is None:
            self.ask_of_open(work, who, "clear_enforcement_override", {"case_id": work.case_id})
        else:
            until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
            payload = {
                "case_id": work.case_id,
                "tier": tier,
                "expires_at": until,
                "note": "a house is for sale",
            }
            self.ask_of_open(work, who, "override_enforcement_tier", payload)

    @rule(which=WHICH, who=WHO, status=st.sampled_from(["satisfied", "uncollectible", "withdrawn"]))
    def closes(self, which: int, who: str, status: str) -> None:
        work = self.works[which]
        case = work.open_case
        payload = {"case_id": work.case_id, "status": status}
        if self.ask_of_open(work, who, "close_enforcement_case", payload) and case:
            case.status, case.stage = status, "closed"
            case.actions.clear()

    # What always holds

    @invariant()
    def a_judgment_has_at_most_one_open_case(self) -> None:
        assert (
            self.found(
                "select judgment_id from enforcement_cases where judgment_id = any ($1) and closed_at is null "
                "group by judgment_id having count(*) > 1"
            )
            == []
        )

    @invariant()
    def a_balance_is_what_it_began_with_less_its_payments(self) -> None:
        assert (
            self.found(
                """
                select c.id::text from enforcement_cases c where c.judgment_id = any ($1)
                and c.current_balance <> c.opening_balance - (
                    select coalesce(sum(p.amount), 0) from enforcement_payments p where p.enforcement_case_id = c.id)
                union all
                select j.id::text from judgments j where j.id = any ($1)
                and j.balance_due <> j.judgment_amount - (
                    select coalesce(sum(p.amount), 0) from enforcement_payments p where p.judgment_id = j.id)
                """
            )
            == []
        )

    @invariant()
    def each_change_of_stage_has_one_history_row_and_one_event(self) -> None:
        changed = self.found(
            """
            select h.enforcement_case_id::text, h.delta -> 'current_stage' ->> 'from', h.delta -> 'current_stage' ->> 'to'
            from enforcement_history h join enforcement_cases c on c.id = h.enforcement_case_id
            where c.judgment_id = any ($1) and h.delta ? 'current_stage' and h.change <> 'opened'
            order by h.enforcement_case_id, h.position
            """
        )
        told = self.found(
            """
            select e.enforcement_case_id::text, e.payload ->> 'from', e.payload ->> 'to'
            from enforcement_events e join enforcement_cases c on c.id = e.enforcement_case_id
            where c.judgment_id = any ($1) and e.event_kind = 'case_stage_changed'
            order by e.enforcement_case_id, e.position
            """
        )
        assert changed == told
        for case in self.cases:
            steps = [(before, after) for case_id, before, after in told if case_id == case.id]
            path = ["pre_enforcement", *(after for _, after in steps)]
            assert [before for before, _ in steps] == path[:-1]
            assert case.stage == path[-1]

    @invariant()
    def a_closed_case_awaits_nothing(self) -> None:
        assert (
            self.found(
                """
                select c.id from enforcement_cases c where c.judgment_id = any ($1) and c.closed_at is not null and (
                    c.next_action_at is not null
                    or exists (select from enforcement_actions a where a.enforcement_case_id = c.id and a.closed_at is null)
                    or exists (select from plaintiff_tasks t where t.enforcement_case_id = c.id and t.status = 'open'))
                """
            )
            == []
        )

    @invariant()
    def a_task_that_an_event_or_a_call_names_is_ended(self) -> None:
        assert (
            self.found(
                """
                select t.id from judgments j join plaintiff_tasks t on t.plaintiff_id = j.plaintiff_id
                where j.id = any ($1) and t.status <> 'done' and (
                    exists (select from enforcement_events e where e.related_task_id = t.id)
                    or exists (select from plaintiff_call_attempts a where a.task_id = t.id))
                """
            )
            == []
        )

    @invariant()
    def a_response_is_awaited_of_an_open_subpoena_alone(self) -> None:
        assert (
            self.found(
                """
                select t.id from judgments j join plaintiff_tasks t on t.plaintiff_id = j.plaintiff_id
                where j.id = any ($1) and t.kind = 'subpoena_response' and t.status = 'open' and not exists (
                    select from enforcement_actions a
                    where a.enforcement_case_id = t.enforcement_case_id and a.action_type = 'subpoena' and a.closed_at is null)
                """
            )
            == []
        )

    @invariant()
    def the_cases_are_as_the_callers_left_them(self) -> None:
        rows = self.found(
            """
            select c.id::text, c.status::text, c.current_stage, c.current_balance, array(
                select a.action_type || ' ' || a.status from enforcement_actions a
                where a.enforcement_case_id = c.id and a.closed_at is null order by 1)
            from enforcement_cases c where c.judgment_id = any ($1)
            """
        )
        assert sorted(rows) == sorted(
            (
                c.id,
                c.status,
                c.stage,
                c.balance,
                sorted(f"{kind} {status}" for kind, status in c.actions.items()),
            )
            for c in self.cases
        )

    # How it asks

    @property
    def cases(self) -> list[Case]:
        return [case for work in self.works for case in work.cases]

    def task_of(self, work: Work, choice: int | None) -> tuple[str, str, str, str | None] | None:
        """A task of the judgment's plaintiff: id, kind, status and case; those that are open come first."""
        if choice is None:
            return None
        tasks = self.world.do(
            self.world.owner.fetch(
                "select id::text, kind, status::text, enforcement_case_id::text from plaintiff_tasks "
                "where plaintiff_id = $1 order by status <> 'open', created_at, id limit 5",
                work.judgment.plaintiff_id,
            )
        )
        return tuple(tasks[choice % len(tasks)]) if tasks else None

    def found(self, query: str) -> list[tuple[Any, ...]]:
        ids = [work.judgment.id for work in self.works]
        return [tuple(row) for row in self.world.do(self.world.owner.fetch(query, ids))]

    def ask_of_open(
        self,
        work: Work,
        who: str,
        function: str,
        payload: dict[str, Any],
        refusal: str | None = None,
        unknown: str = "case_not_found",
    ) -> Any:
        """Ask for what only an open case takes."""
        if not work.open_case:
            refusal = "case_closed"
        return self.ask(who, function, payload, refusal, unknown)

    def ask(
        self,
        who: str,
        function: str,
        payload: dict[str, Any],
        refusal: str | None,
        unknown: str = "case_not_found",
    ) -> Any:
        """Call, expecting the refusal; whoever may not act is refused for that alone."""
        expected = {"member": "operator_required", "other_operator": unknown, "stranger": unknown}.get(
            who, refusal
        )
        return self.answer(who, function, {"payload": payload}, {expected})

    def answer(self, who: str, function: str, arguments: dict[str, Any], expected: set[str | None]) -> Any:
        principal: Principal = getattr(self.world.people, who)
        before = None if expected == {None} else self.everything()
        answer, refused = None, None
        try:
            answer = self.world.do(self.world.api.session(principal).call(function, arguments))
        except RpcError as error:
            refused = error.code
        assert refused in expected, f"{function} as {who}: {refused or answer}"
        if refused:
            assert self.everything() == before
        return answer

    def everything(self) -> list[tuple[Any, ...]]:
        """All that is written of the two judgments."""
        return self.found(
            """
            with mine as (select id from enforcement_cases where judgment_id = any ($1)),
                 their as (select plaintiff_id as id from judgments where id = any ($1))
            select r from (
                select t::text from judgments t where t.id = any ($1)
                union all select t::text from plaintiffs t where t.id in (select id from their)
                union all select t::text from enforcement_cases t where t.id in (select id from mine)
                union all select t::text from enforcement_events t where t.enforcement_case_id in (select id from mine)
                union all select t::text from enforcement_history t where t.enforcement_case_id in (select id from mine)
                union all select t::text from enforcement_actions t where t.enforcement_case_id in (select id from mine)
                union all select t::text from enforcement_documents t where t.enforcement_case_id in (select id from mine)
                union all select t::text from enforcement_payments t where t.enforcement_case_id in (select id from mine)
                union all select t::text from plaintiff_tasks t where t.plaintiff_id in (select id from their)
                union all select t::text from plaintiff_call_attempts t where t.plaintiff_id in (select id from their)
                union all select t::text from plaintiff_status_history t where t.plaintiff_id in (select id from their)
            ) rows (r) order by r
            """
        )


async def test_what_always_holds_holds(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    world = World(asyncio.get_running_loop(), owner, api, people, make_judgment)
    await machines.play(lambda: Enforcement(world), examples=25, steps=40)
