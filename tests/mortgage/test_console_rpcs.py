"""What staff do on cases: views, edits alone and in bulk, unmasking, saved filters, pages of the timeline."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Principal, Session
from casebase.kernel.errors import CasebaseError
from tests.mortgage.leads import CONTACT

NIL = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def broker(api: Database, people: Any) -> Session:
    return api.session(people.broker)


async def events(owner: asyncpg.Connection, event_type: str) -> list[dict[str, Any]]:
    rows = await owner.fetch(
        "select payload_json from scenario_events where event_type = $1::scenario_event_type order by position",
        event_type,
    )
    return [json.loads(row["payload_json"]) for row in rows]


async def edit(session: Session, case_id: str, **change: Any) -> Any:
    return await session.call("edit_scenario_case", {"payload": {"case_id": case_id, "edit": change}})


async def code_of(call: Any) -> tuple[int, str]:
    with pytest.raises(CasebaseError) as refused:
        await call
    return refused.value.status, refused.value.code


class TestViewing:
    async def test_leaves_one_event_a_person_in_five_minutes(
        self, owner: asyncpg.Connection, api: Database, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        for person in (people.broker, people.broker, people.admin):
            case = await api.session(person).call("view_scenario_case", {"case_id": opened["case_id"]})
            assert case["initials"] == "TWLR"
        actors = [event["actor"] for event in await events(owner, "admin_view")]
        assert actors == [f"staff:{people.broker.sub}", f"staff:{people.admin.sub}"]

    async def test_later_is_another_view(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        await broker.call("view_scenario_case", {"case_id": opened["case_id"]})
        await owner.execute(
            "alter table scenario_events disable trigger user;"
            "update scenario_events set occurred_at = occurred_at - interval '6 minutes';"
            "alter table scenario_events enable trigger user"
        )
        await broker.call("view_scenario_case", {"case_id": opened["case_id"]})
        assert len(await events(owner, "admin_view")) == 2

    async def test_of_another_tenants_case_finds_and_writes_nothing(
        self, owner: asyncpg.Connection, api: Database, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        for person in (people.other_admin, people.member, people.stranger):
            call = api.session(person).call("view_scenario_case", {"case_id": opened["case_id"]})
            assert await code_of(call) == (404, "case_not_found")
        assert await events(owner, "admin_view") == []


class TestEditing:
    async def test_writes_what_changed_with_its_event(
        self, owner: asyncpg.Connection, broker: Session, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        done = await edit(
            broker,
            opened["case_id"],
            notes="Wants to wait.",
            next_review_at="2026-12-24T09:00:00+08:00",
            add_tags=["#waits"],
            status="active",
        )
        assert set(done["changes"]) == {"notes", "next_review_at", "tags", "status"}
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        assert (case["notes"], case["status"]) == ("Wants to wait.", "active")
        assert case["next_review_at"].startswith("2026-12-24T01:00:00")
        assert {"tag": "#waits", "source": "manual"} in case["tags"]
        (event,) = await events(owner, "admin_edit")
        assert event["actor"] == f"staff:{people.broker.sub}"
        assert event["changes"]["notes"] == [None, "Wants to wait."]
        assert event["moved"] == {"from": "draft", "to": "active"}

    async def test_empties_with_null_and_leaves_alone_what_is_absent(
        self, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        await edit(broker, opened["case_id"], notes="One.", next_review_at="2026-12-24T09:00:00Z")
        await edit(broker, opened["case_id"], notes=None)
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        assert case["notes"] is None
        assert case["next_review_at"] is not None

    async def test_of_nothing_leaves_no_event(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        assert (await edit(broker, opened["case_id"], status=None, add_tags=[]))["changes"] == {}
        assert await events(owner, "admin_edit") == []

    async def test_keeps_a_heuristic_tags_source(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        await owner.execute(
            "insert into scenario_tags (case_id, tag, source) values ($1, '#preemptive', 'heuristic') "
            "on conflict do nothing",
            opened["case_id"],
        )
        await edit(broker, opened["case_id"], add_tags=["#b", "#a"])
        await edit(broker, opened["case_id"], remove_tags=["#b"])
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        assert case["tags"] == [
            {"tag": "#a", "source": "manual"},
            {"tag": "#preemptive", "source": "heuristic"},
        ]

    async def test_masks_personal_data_in_notes(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        told = f"{CONTACT['name']} at {CONTACT['email']} or {CONTACT['phone']}, S1234567D, with DBS Bank"
        await edit(broker, opened["case_id"], notes=told)
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        for hidden in (*CONTACT.values(), "S1234567D", "DBS"):
            assert hidden not in case["notes"]
            assert hidden not in str(await events(owner, "admin_edit"))

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"notes": "x" * 8001}, "edit.notes"),
            ({"next_review_at": "infinity"}, "edit.next_review_at"),
            ({"next_review_at": "10000-01-01T00:00:00Z"}, "edit.next_review_at"),
            ({"status": "closed"}, "edit.status"),
            ({"add_tags": ["no hash"]}, "edit.add_tags[0]"),
            ({"add_tags": ["#fine", "#rachel_tan"]}, "edit.add_tags[1]"),
            ({"add_tags": ["#from_dbs"]}, "edit.add_tags[0]"),
            ({"add_tags": ["#wife_8234_5678"]}, "edit.add_tags[0]"),
            ({"surprise": 1}, "edit.surprise"),
        ],
    )
    async def test_refuses_what_does_not_fit_and_changes_nothing(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any, change: Any, field: str
    ) -> None:
        opened = await open_case()
        before = await owner.fetchval("select to_jsonb(c)::text from scenario_cases c")
        with pytest.raises(CasebaseError) as refused:
            await edit(broker, opened["case_id"], **change)
        assert (refused.value.status, refused.value.detail["errors"][0]["field"]) == (422, field)
        assert await owner.fetchval("select to_jsonb(c)::text from scenario_cases c") == before
        assert await events(owner, "admin_edit") == []

    @pytest.mark.parametrize(
        "tag", ["#fixed_2_35_pct", "#rate_2_35", "#at_235_bps", "#two_point_five_percent"]
    )
    async def test_a_tag_tells_no_rate(self, broker: Session, open_case: Any, tag: str) -> None:
        opened = await open_case()
        assert await code_of(edit(broker, opened["case_id"], add_tags=[tag])) == (422, "rate_leak")
        payload = {"case_ids": [opened["case_id"]], "edit": {"add_tags": [tag]}}
        assert await code_of(broker.call("bulk_edit_scenario_cases", {"payload": payload})) == (
            422,
            "rate_leak",
        )

    async def test_of_a_case_that_changed_meanwhile_is_refused(self, broker: Session, open_case: Any) -> None:
        opened = await open_case()
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        payload = {"case_id": opened["case_id"], "if_updated_at": case["updated_at"]}
        await broker.call("edit_scenario_case", {"payload": {**payload, "edit": {"notes": "First."}}})
        second = broker.call("edit_scenario_case", {"payload": {**payload, "edit": {"notes": "Second."}}})
        assert await code_of(second) == (409, "case_changed")
        case = await broker.call("get_scenario_case", {"case_id": opened["case_id"]})
        assert case["notes"] == "First."

    async def test_is_for_staff_of_the_tenant(
        self, owner: asyncpg.Connection, api: Database, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        for person in (people.other_admin, people.member, people.stranger):
            call = edit(api.session(person), opened["case_id"], notes="Mine.")
            assert await code_of(call) == (404, "case_not_found")
        assert (await code_of(edit(api.session(ANON), opened["case_id"], notes="Mine.")))[0] in (401, 403)
        assert await owner.fetchval("select notes from scenario_cases") is None


class TestEditingInBulk:
    async def test_previews_exactly_what_it_then_does(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        ids = [(await open_case())["case_id"] for _ in range(3)]
        await edit(broker, ids[0], add_tags=["#autumn"])
        payload = {"case_ids": ids, "edit": {"add_tags": ["#autumn"]}}
        preview = await broker.call("bulk_edit_scenario_cases", {"payload": payload})
        assert (preview["is_preview"], preview["changed_count"], preview["unchanged_count"]) == (True, 2, 1)
        assert await owner.fetchval("select count(*) from scenario_tags where tag = '#autumn'") == 1
        done = await broker.call("bulk_edit_scenario_cases", {"payload": {**payload, "is_preview": False}})
        assert done["items"] == preview["items"]
        assert await owner.fetchval("select count(*) from scenario_tags where tag = '#autumn'") == 3
        assert len(await events(owner, "admin_edit")) == 3

    async def test_is_all_or_nothing(
        self, owner: asyncpg.Connection, broker: Session, people: Any, open_case: Any
    ) -> None:
        ours = (await open_case())["case_id"]
        theirs = (await open_case(changes={"tenant_id": str(people.other_tenant)}))["case_id"]
        for other in (theirs, NIL):
            payload = {"case_ids": [ours, other], "edit": {"status": "active"}, "is_preview": False}
            call = broker.call("bulk_edit_scenario_cases", {"payload": payload})
            assert await code_of(call) == (404, "case_not_found")
        assert await owner.fetchval("select count(*) from scenario_cases where status = 'active'") == 0

    async def test_refuses_labels_that_tell_of_a_person(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        payload = {"case_ids": [opened["case_id"]], "edit": {"add_tags": ["#rachel"]}, "is_preview": False}
        call = broker.call("bulk_edit_scenario_cases", {"payload": payload})
        assert await code_of(call) == (422, "invalid_input")
        assert await owner.fetchval("select count(*) from scenario_tags where tag = '#rachel'") == 0

    async def test_refuses_a_preview_that_is_neither_true_nor_false(self, broker: Session) -> None:
        payload = {"case_ids": [NIL], "edit": {"status": "active"}, "is_preview": "perhaps"}
        call = broker.call("bulk_edit_scenario_cases", {"payload": payload})
        assert await code_of(call) == (422, "invalid_input")

    @pytest.mark.parametrize("case_ids", [[], [NIL] * 201, ["nonsense"]])
    async def test_refuses_none_and_too_many(self, broker: Session, case_ids: list[str]) -> None:
        payload = {"case_ids": case_ids, "edit": {"status": "active"}}
        call = broker.call("bulk_edit_scenario_cases", {"payload": payload})
        assert await code_of(call) == (422, "invalid_input")


class TestUnmasking:
    async def test_gives_the_contact_and_keeps_the_reason(
        self, owner: asyncpg.Connection, broker: Session, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        reason = f"Calling {CONTACT['name']} about the valuation"
        found = await broker.call("unmask_scenario_case", {"case_id": opened["case_id"], "reason": reason})
        assert {key: found[key] for key in CONTACT} == CONTACT
        (event,) = await events(owner, "admin_view")
        assert event["is_unmasked"] is True
        assert event["actor"] == f"staff:{people.broker.sub}"
        assert event["reason"].endswith("about the valuation")
        assert CONTACT["name"] not in event["reason"]

    @pytest.mark.parametrize("reason", ["", "   short   ", None, "x" * 501])
    async def test_wants_a_reason(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any, reason: str | None
    ) -> None:
        opened = await open_case()
        call = broker.call("unmask_scenario_case", {"case_id": opened["case_id"], "reason": reason})
        assert await code_of(call) == (422, "invalid_input")
        assert await events(owner, "admin_view") == []

    async def test_is_not_for_operators_or_other_tenants(
        self, owner: asyncpg.Connection, api: Database, people: Any, open_case: Any
    ) -> None:
        opened = await open_case()
        operator = await owner.fetchval(
            "insert into auth.users (email) values ('operator@staff.example') returning id"
        )
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'operator')",
            people.default_tenant,
            operator,
        )
        asked = {"case_id": opened["case_id"], "reason": "a good enough reason"}
        call = api.session(Principal("authenticated", sub=operator)).call("unmask_scenario_case", asked)
        assert await code_of(call) == (403, "forbidden")
        call = api.session(people.other_admin).call("unmask_scenario_case", asked)
        assert await code_of(call) == (404, "case_not_found")
        assert await events(owner, "admin_view") == []

    async def test_of_an_erased_contact_says_so(
        self, owner: asyncpg.Connection, broker: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        await owner.execute("update leads set name = null, email = null, phone = null, erased_at = now()")
        asked = {"case_id": opened["case_id"], "reason": "a good enough reason"}
        assert await code_of(broker.call("unmask_scenario_case", asked)) == (410, "contact_erased")


class TestSavedFilters:
    async def test_are_kept_replaced_and_forgotten(self, broker: Session, people: Any) -> None:
        tenant = {"tenant_id": people.default_tenant}
        for status in ("draft", "active"):
            payload = {**tenant, "name": "Mine", "query": {"status": status}}
            kept = await broker.call("save_case_filter", {"payload": payload})
        assert await broker.call("list_case_filters", tenant) == [
            {"filter_id": kept["filter_id"], "name": "Mine", "query": {"status": "active"}}
        ]
        await broker.call("delete_case_filter", {"filter_id": kept["filter_id"]})
        assert await broker.call("list_case_filters", tenant) == []

    async def test_are_their_owners_alone(self, api: Database, broker: Session, people: Any) -> None:
        tenant = {"tenant_id": people.default_tenant}
        payload = {**tenant, "name": "Mine", "query": {"status": "draft"}}
        kept = await broker.call("save_case_filter", {"payload": payload})
        colleague = api.session(people.admin)
        assert await colleague.call("list_case_filters", tenant) == []
        call = colleague.call("delete_case_filter", {"filter_id": kept["filter_id"]})
        assert await code_of(call) == (404, "filter_not_found")

    async def test_need_a_staff_role_in_the_tenant(self, api: Database, people: Any) -> None:
        payload = {"tenant_id": people.default_tenant, "name": "Mine", "query": {}}
        for person in (people.other_admin, people.member, people.stranger):
            call = api.session(person).call("save_case_filter", {"payload": payload})
            assert await code_of(call) == (403, "forbidden")

    async def test_refuse_unknown_filters(self, broker: Session, people: Any) -> None:
        payload = {"tenant_id": people.default_tenant, "name": "Mine", "query": {"email": "a@b.example"}}
        assert await code_of(broker.call("save_case_filter", {"payload": payload})) == (422, "invalid_input")


class TestFindingCases:
    @pytest.fixture
    async def cases(self, owner: asyncpg.Connection, broker: Session, open_case: Any) -> list[str]:
        """One plain, one tagged with a review due, one whose consent ends soon, one closed as lost."""
        ids = [(await open_case())["case_id"] for _ in range(4)]
        await edit(broker, ids[1], add_tags=["#x"], next_review_at="2020-01-01T00:00:00Z")
        await owner.execute(
            "update consents set until = now() + interval '3 hours' where id = "
            "(select consent_id from scenario_cases where id = $1)",
            ids[2],
        )
        await owner.execute("insert into scenario_outcomes (case_id, decision) values ($1, 'lost')", ids[3])
        await owner.execute(
            "update scenario_cases set status = 'closed', closed_at = now(), created_at = '2026-02-28T16:30:00Z' "
            "where id = $1",
            ids[3],
        )
        return ids

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"tag": "#x"}, [1]),
            ({"tag": "#y"}, []),
            ({"review": "due"}, [1]),
            ({"consent": "expiring"}, [2]),
            ({"consent": "ended"}, []),
            ({"decision": "lost"}, [3]),
            ({"decision": "stay"}, []),
            ({"opened_on": "2026-03-01"}, [3]),
            ({"opened_on": "2026-02-28"}, []),
            ({"tag": "#x", "status": "closed"}, []),
        ],
    )
    async def test_by_what_staff_ask_for(
        self, broker: Session, cases: list[str], filters: dict[str, str], found: list[int]
    ) -> None:
        listed = await broker.call("list_scenario_cases", filters)
        assert [item["case_id"] for item in listed["items"]] == [cases[i] for i in found]


class TestTheTimeline:
    async def test_is_read_page_by_page_and_by_kind(self, broker: Session, open_case: Any) -> None:
        opened = await open_case()
        for n in range(5):
            await edit(broker, opened["case_id"], notes=f"Note {n}")
        seen: list[str] = []
        cursor = None
        while True:
            found = await broker.call(
                "list_scenario_events", {"case_id": opened["case_id"], "page_size": 2, "cursor": cursor}
            )
            seen += [event["event_type"] for event in found["items"]]
            if (cursor := found["next_cursor"]) is None:
                break
        assert seen == ["admin_edit"] * 5 + ["lead_form"]
        found = await broker.call(
            "list_scenario_events", {"case_id": opened["case_id"], "event_types": ["lead_form"]}
        )
        assert [event["event_type"] for event in found["items"]] == ["lead_form"]

    async def test_of_another_tenant_is_not_found(self, api: Database, people: Any, open_case: Any) -> None:
        opened = await open_case()
        call = api.session(people.other_admin).call("list_scenario_events", {"case_id": opened["case_id"]})
        assert await code_of(call) == (404, "case_not_found")

    async def test_refuses_a_damaged_cursor(self, broker: Session, open_case: Any) -> None:
        opened = await open_case()
        call = broker.call("list_scenario_events", {"case_id": opened["case_id"], "cursor": "nonsense"})
        assert await code_of(call) == (422, "invalid_input")


class TestTheStaffOfACase:
    async def test_are_named_to_their_colleagues_alone(
        self, api: Database, people: Any, open_case: Any, broker: Session
    ) -> None:
        opened = await open_case()
        named = await broker.call("list_case_staff", {"case_id": opened["case_id"]})
        assert f"staff:{people.admin.sub}" in named
        assert f"staff:{people.other_admin.sub}" not in named
        call = api.session(people.other_admin).call("list_case_staff", {"case_id": opened["case_id"]})
        assert await code_of(call) == (404, "case_not_found")
