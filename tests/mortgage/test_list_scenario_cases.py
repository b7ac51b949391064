"""``list_scenario_cases``: filters, order and pages."""

from __future__ import annotations

from typing import Any

import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from casebase.modules.mortgage.models.case import reference_of


async def listed(service: Session, **arguments: Any) -> list[dict[str, Any]]:
    answer = await service.call("list_scenario_cases", arguments)
    items = answer["items"]
    assert isinstance(items, list)
    return items


async def every_page(service: Session, **arguments: Any) -> list[str]:
    """The ids of all pages of two, in order."""
    found: list[str] = []
    cursor = None
    while True:
        answer = await service.call("list_scenario_cases", {**arguments, "page_size": 2, "cursor": cursor})
        found += [item["case_id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


class TestAnItem:
    async def test_tells_what_a_list_shows(self, service: Session, open_case: Any, advise_case: Any) -> None:
        opened = await open_case()
        await advise_case(opened)
        (item,) = await listed(service)
        assert item["case_id"] == opened["case_id"]
        assert (item["initials"], item["status"], item["current_bank_mask"]) == ("TWLR", "draft", "Bank E")
        assert item["recommendation"] in ("stay", "reprice", "refinance")
        assert item["loan_amount"] == 750000.5

    async def test_has_no_recommendation_before_the_advice(self, service: Session, open_case: Any) -> None:
        await open_case()
        (item,) = await listed(service)
        assert item["recommendation"] is None


class TestFilters:
    async def test_narrow_by_status_and_recommendation(
        self, service: Session, open_case: Any, advise_case: Any
    ) -> None:
        advised, draft = await open_case(), await open_case()
        await advise_case(advised)
        (item,) = [i for i in await listed(service) if i["recommendation"]]
        assert item["case_id"] == advised["case_id"]
        assert [i["case_id"] for i in await listed(service, recommendation=item["recommendation"])] == [
            advised["case_id"]
        ]
        assert {i["case_id"] for i in await listed(service, status="draft")} == {
            advised["case_id"],
            draft["case_id"],
        }
        assert [i["case_id"] for i in await listed(service, recommendation="none")] == [draft["case_id"]]
        assert await listed(service, status="closed") == []

    async def test_find_by_initials_in_any_case(self, service: Session, open_case: Any) -> None:
        found = await open_case(changes={"contact.name": "Goh Mei Hua"})
        await open_case()
        for search in ("GMH", "gmh", " gmh "):
            assert [item["case_id"] for item in await listed(service, search=search)] == [found["case_id"]]

    async def test_find_by_reference_or_its_beginning(self, service: Session, open_case: Any) -> None:
        opened = await open_case()
        reference = reference_of(opened["case_id"])
        for search in (reference, reference.lower(), reference[:6]):
            assert opened["case_id"] in [item["case_id"] for item in await listed(service, search=search)]

    @pytest.mark.parametrize("search", ["%", "M-%", "_", "' or true --", "rachel.tan@example.com"])
    async def test_take_a_search_literally(self, service: Session, open_case: Any, search: str) -> None:
        await open_case()
        assert await listed(service, search=search) == []


class TestPages:
    @pytest.mark.parametrize("sort", ["created_at", "-created_at", "net_savings", "-net_savings"])
    async def test_show_each_case_once_in_order(self, service: Session, open_case: Any, sort: str) -> None:
        opened = {(await open_case())["case_id"] for _ in range(5)}
        walked = await every_page(service, sort=sort)
        assert len(walked) == 5
        assert set(walked) == opened
        assert walked == [item["case_id"] for item in await listed(service, sort=sort)]

    async def test_newest_come_first_unless_told(self, service: Session, open_case: Any) -> None:
        opened = [(await open_case())["case_id"] for _ in range(3)]
        assert [item["case_id"] for item in await listed(service)] == opened[::-1]

    async def test_do_not_shift_when_a_case_is_opened(self, service: Session, open_case: Any) -> None:
        opened = [(await open_case())["case_id"] for _ in range(4)]
        first = await service.call("list_scenario_cases", {"page_size": 2})
        await open_case()
        second = await service.call("list_scenario_cases", {"page_size": 2, "cursor": first["next_cursor"]})
        assert [item["case_id"] for item in first["items"] + second["items"]] == opened[::-1]

    async def test_refuse_a_cursor_of_another_sort(self, service: Session, open_case: Any) -> None:
        for _ in range(2):
            await open_case()
        first = await service.call("list_scenario_cases", {"page_size": 1})
        with pytest.raises(RpcError) as refused:
            await listed(service, sort="net_savings", cursor=first["next_cursor"])
        assert [(e["field"], e["rule"]) for e in refused.value.detail["errors"]] == [("cursor", "pattern")]

    @pytest.mark.parametrize(
        ("argument", "value", "rule"),
        [
            ("status", "open", "enum"),
            ("recommendation", "sell", "enum"),
            ("sort", "initials", "enum"),
            ("page_size", 0, "minimum"),
            ("page_size", 201, "maximum"),
            ("cursor", "zz", "pattern"),
            ("cursor", "00ff", None),
            ("search", "x" * 81, "maxLength"),
        ],
    )
    async def test_refuse_bad_arguments(
        self, service: Session, argument: str, value: Any, rule: str | None
    ) -> None:
        with pytest.raises(RpcError) as refused:
            await listed(service, **{argument: value})
        assert refused.value.code == "invalid_input"
        assert refused.value.status in (400, 422)
        if rule is not None:
            assert [(e["field"], e["rule"]) for e in refused.value.detail["errors"]] == [(argument, rule)]


class TestTenancy:
    async def test_staff_see_their_tenant_alone(self, api: Database, open_case: Any, people: Any) -> None:
        ours = await open_case()
        theirs = await open_case(changes={"tenant_id": str(people.other_tenant)})
        for person, case in ((people.admin, ours), (people.broker, ours), (people.other_admin, theirs)):
            assert [item["case_id"] for item in await listed(api.session(person))] == [case["case_id"]]

    async def test_a_service_names_the_tenant(self, service: Session, open_case: Any, people: Any) -> None:
        theirs = await open_case(changes={"tenant_id": str(people.other_tenant)})
        assert await listed(service) == []
        found = await listed(service, tenant_id=people.other_tenant)
        assert [item["case_id"] for item in found] == [theirs["case_id"]]

    @pytest.mark.parametrize("who", ["stranger", "member", "other_admin"])
    async def test_nobody_else_may_ask(self, api: Database, people: Any, open_case: Any, who: str) -> None:
        await open_case()
        arguments = {"tenant_id": people.default_tenant} if who == "other_admin" else {}
        with pytest.raises(RpcError) as refused:
            await listed(api.session(getattr(people, who)), **arguments)
        assert (refused.value.status, refused.value.code) == (403, "forbidden")
